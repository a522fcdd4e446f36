import { gridMs } from './resampler.js';
import { initialLowPass, lowPassCoefficients, stepLowPass, type LowPass } from './low-pass.js';

/**
 * Steering wheel reversals: how often the wheel, freed of what is faster than steering, turns back by a gap or more
 * (Macdonald and Hoffmann 1980; SAE J2944). Both directions count. A larger gap finds the large late corrections of
 * sleepy drivers, a smaller one the small ones of attentive drivers; 2 degrees is the usual middle.
 */
export interface Reversals {
  readonly filter: LowPass;
  /** Which way the wheel is turning; null before it has moved by the gap. */
  readonly direction: 'left' | 'right' | null;
  /** Furthest angle in that direction; before there is one, the lowest and the highest angle. */
  readonly furthest: number;
  readonly lowest: number;
  readonly highest: number;
}

export const reversalParameters = { gapDeg: 2, cutoffHz: 0.6 } as const;

const coefficients = lowPassCoefficients(reversalParameters.cutoffHz, 1000 / gridMs);

export const initialReversals: Reversals = {
  filter: initialLowPass,
  direction: null,
  furthest: 0,
  lowest: Number.POSITIVE_INFINITY,
  highest: Number.NEGATIVE_INFINITY,
};

/** One sample on the grid; positive to the left. */
export function stepReversals(
  reversals: Reversals,
  angleDeg: number,
): { readonly reversals: Reversals; readonly reversed: boolean } {
  const { filter, value } = stepLowPass(reversals.filter, angleDeg, coefficients);
  const { gapDeg } = reversalParameters;
  const { direction, furthest } = reversals;
  if (direction === null) {
    const lowest = Math.min(reversals.lowest, value);
    const highest = Math.max(reversals.highest, value);
    const towards = value - lowest >= gapDeg ? 'left' : highest - value >= gapDeg ? 'right' : null;
    const next: Reversals = { filter, direction: towards, furthest: value, lowest, highest };
    return { reversals: next, reversed: false };
  }
  const sign = direction === 'left' ? 1 : -1;
  if (sign * (furthest - value) >= gapDeg) {
    const back = direction === 'left' ? 'right' : 'left';
    return { reversals: { ...reversals, filter, direction: back, furthest: value }, reversed: true };
  }
  const further = sign * (value - furthest) > 0 ? value : furthest;
  return { reversals: { ...reversals, filter, furthest: further }, reversed: false };
}
