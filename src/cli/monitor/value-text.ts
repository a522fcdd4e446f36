import type { DbcSignal } from '../../can/dbc.js';

const mostDecimals = 6;

/** Decimals that write the step exactly, but no more than tell two neighbouring raw values apart. */
function decimalsOf(step: number): number {
  if (step === 0) return 0;
  const enough = Math.min(mostDecimals, Math.max(0, 1 - Math.floor(Math.log10(Math.abs(step)))));
  for (let decimals = 0; decimals < enough; decimals++) {
    const scaled = Math.abs(step) * 10 ** decimals;
    if (Math.abs(scaled - Math.round(scaled)) < 1e-6) return decimals;
  }
  return enough;
}

/**
 * A physical value with as many decimals as the signal resolves, so that a column of them doesn't dance: 0.01 per bit
 * gives two.
 */
export function valueText(signal: Pick<DbcSignal, 'rawType' | 'factor'>, value: number): string {
  const isFloat = signal.rawType === 'float32' || signal.rawType === 'float64';
  if (isFloat || !Number.isFinite(value)) return String(Number(value.toPrecision(6)));
  const tiny = Math.abs(signal.factor) > 0 && Math.abs(signal.factor) < 10 ** -mostDecimals;
  if (tiny || Math.abs(value) >= 1e15) return String(Number(value.toPrecision(9)));
  const text = value.toFixed(decimalsOf(signal.factor));
  return /^-0(\.0*)?$/.test(text) ? text.slice(1) : text;
}
