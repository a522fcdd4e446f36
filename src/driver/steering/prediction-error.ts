/**
 * What steering entropy counts: how far the wheel is from where its last three positions lead (Nakayama et al.
 * 1999, SAE 1999-01-0892; Boer 2000). Angles are means over 150 ms; the prediction is a Taylor expansion of second
 * order: p(n) = a(n-1) + d + (d - d') / 2 with d = a(n-1) - a(n-2) and d' = a(n-2) - a(n-3).
 */
export interface PredictionError {
  /** Samples of the mean in progress. */
  readonly sum: number;
  readonly count: number;
  /** The last three means, newest first. */
  readonly past: readonly number[];
}

export const initialPredictionError: PredictionError = { sum: 0, count: 0, past: [] };

/** Grid samples in one mean. */
export const samplesPerMean = 3;

/** One sample on the grid. @returns `errorDeg` is null but for every third sample, from the fourth mean on */
export function stepPredictionError(
  error: PredictionError,
  angleDeg: number,
): { readonly error: PredictionError; readonly errorDeg: number | null } {
  const sum = error.sum + angleDeg;
  const count = error.count + 1;
  if (count < samplesPerMean) return { error: { ...error, sum, count }, errorDeg: null };
  const mean = sum / count;
  const past = [mean, ...error.past.slice(0, 2)];
  if (error.past.length < 3) return { error: { sum: 0, count: 0, past }, errorDeg: null };
  const [a1, a2, a3] = error.past;
  const d = a1 - a2;
  const predicted = a1 + d + (d - (a2 - a3)) / 2;
  return { error: { sum: 0, count: 0, past }, errorDeg: mean - predicted };
}

/** Limits of the nine classes, in multiples of alpha. */
const limits = [-5, -2.5, -1, -0.5, 0.5, 1, 2.5, 5] as const;

export const entropyClasses = limits.length + 1;

/** The class, 0 to 8, of an error against this driver's own `alphaDeg`. */
export function errorClass(errorDeg: number, alphaDeg: number): number {
  const ratio = errorDeg / alphaDeg;
  const at = limits.findIndex((limit) => ratio < limit);
  return at < 0 ? limits.length : at;
}

/** Steering entropy, 0 to 1 (logarithm to the base of nine classes); NaN of nothing. */
export function entropyOf(counts: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < counts.length; i++) total += counts[i];
  if (total === 0) return Number.NaN;
  let entropy = 0;
  for (let i = 0; i < counts.length; i++) {
    const share = counts[i] / total;
    if (share > 0) entropy -= share * Math.log(share);
  }
  return entropy / Math.log(entropyClasses);
}
