/** Second-order Butterworth low-pass on a fixed grid (bilinear transform, direct form I), run forward only. */
export interface LowPass {
  /** The last two inputs and outputs, newest first; null before the first. */
  readonly memory: readonly [x1: number, x2: number, y1: number, y2: number] | null;
}

export interface LowPassCoefficients {
  readonly b0: number;
  readonly b1: number;
  readonly b2: number;
  readonly a1: number;
  readonly a2: number;
}

export const initialLowPass: LowPass = { memory: null };

/** @param cutoffHz where the gain is 1/sqrt(2); below half of @param rateHz */
export function lowPassCoefficients(cutoffHz: number, rateHz: number): LowPassCoefficients {
  const k = Math.tan((Math.PI * cutoffHz) / rateHz);
  const norm = 1 / (1 + Math.SQRT2 * k + k * k);
  const b0 = k * k * norm;
  return { b0, b1: 2 * b0, b2: b0, a1: 2 * (k * k - 1) * norm, a2: (1 - Math.SQRT2 * k + k * k) * norm };
}

/** The first sample is taken for the level of all before it. */
export function stepLowPass(
  filter: LowPass,
  x: number,
  { b0, b1, b2, a1, a2 }: LowPassCoefficients,
): { readonly filter: LowPass; readonly value: number } {
  const [x1, x2, y1, y2] = filter.memory ?? [x, x, x, x];
  const value = b0 * x + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2;
  return { filter: { memory: [x, x1, value, y1] }, value };
}
