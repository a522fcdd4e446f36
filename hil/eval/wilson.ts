export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** 97.5 % point of the normal distribution. */
const z = 1.959964;

/** 95 % confidence interval of a share (Wilson 1927), which stays inside 0 to 1 for small numbers too. NaN for n = 0. */
export function wilson(successes: number, n: number): Interval {
  if (n === 0) return { low: Number.NaN, high: Number.NaN };
  const share = successes / n;
  const scale = 1 + (z * z) / n;
  const centre = (share + (z * z) / (2 * n)) / scale;
  const half = (z / scale) * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n));
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}
