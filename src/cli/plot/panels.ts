import type { Series } from './collect.js';

/** Signals of one unit, which share a value axis. */
export interface Panel {
  /** Empty for numbers without a unit. */
  readonly unit: string;
  readonly series: readonly Series[];
  readonly lowest: number;
  readonly highest: number;
}

/** One panel per unit, in the order in which the units first appear. */
export function panelsOf(series: readonly Series[]): Panel[] {
  const byUnit = new Map<string, Series[]>();
  for (const one of series) {
    const unit = one.signal.unit.trim();
    byUnit.set(unit, [...(byUnit.get(unit) ?? []), one]);
  }
  return [...byUnit].map(([unit, members]) => ({
    unit,
    series: members,
    lowest: Math.min(...members.map(({ lowest }) => lowest)),
    highest: Math.max(...members.map(({ highest }) => highest)),
  }));
}

/** Named values and few-bit numbers jump; drawing a slope between two of them would show values that never were. */
export function isStepped({ signal }: Series): boolean {
  return signal.values.size > 0 || signal.length <= 3;
}

/** A hole this many periods long, and at least this long, is a hole in the curve. */
const missedPeriods = 10;
const shortestHoleMs = 1000;

/** A silence longer than this interrupts a curve, ms: nobody knows the value there. */
export function holeMs({ curve, samples }: Series): number {
  const span = curve.t[curve.t.length - 1] - curve.t[0];
  const period = samples > 1 ? span / (samples - 1) : 0;
  return Math.max(shortestHoleMs, missedPeriods * period);
}

/** The pieces of a curve between holes, as index ranges. */
export function unbrokenPieces(series: Series): (readonly [from: number, to: number])[] {
  const { t } = series.curve;
  const hole = holeMs(series);
  const pieces: (readonly [number, number])[] = [];
  let from = 0;
  for (let i = 1; i <= t.length; i++) {
    if (i < t.length && t[i] - t[i - 1] <= hole) continue;
    pieces.push([from, i]);
    from = i;
  }
  return pieces;
}
