/**
 * Weighted median of an angle with slow forgetting: one-degree bins, interpolated, constant memory. A median, because a
 * driver looks ahead most of the time and a glance, however far, must not move the neutral direction.
 */
export interface AngleMedian {
  readonly weights: Float64Array;
  readonly total: number;
  /** Weight added since the bins were last faded. */
  readonly unfaded: number;
}

const rangeDeg = 90;
const binDeg = 1;
const bins = (2 * rangeDeg) / binDeg;
/** Fading touches every bin, so it is done in steps of this much added weight (ms). */
const fadeEvery = 1000;

export const emptyAngleMedian: AngleMedian = { weights: new Float64Array(bins), total: 0, unfaded: 0 };

/** @param weight ms the angle stands for @param memoryMs time constant of forgetting, in added weight */
export function addAngle(
  median: AngleMedian,
  angleDeg: number,
  weight: number,
  memoryMs: number,
): AngleMedian {
  const bin = Math.min(bins - 1, Math.max(0, Math.floor((angleDeg + rangeDeg) / binDeg)));
  const weights = median.weights.slice();
  weights[bin] += weight;
  const unfaded = median.unfaded + weight;
  const total = median.total + weight;
  if (unfaded < fadeEvery) return { weights, total, unfaded };
  const keep = Math.exp(-unfaded / memoryMs);
  for (let i = 0; i < bins; i++) weights[i] *= keep;
  return { weights, total: total * keep, unfaded: 0 };
}

/** The same median with less behind it: what is added from now on counts for more. */
export function weakened(median: AngleMedian, total: number): AngleMedian {
  if (median.total <= total) return median;
  const share = total / median.total;
  return { weights: median.weights.map((weight) => weight * share), total, unfaded: median.unfaded * share };
}

/** Degrees; NaN when empty. */
export function medianDeg(median: AngleMedian): number {
  if (median.total <= 0) return Number.NaN;
  let below = 0;
  const half = median.total / 2;
  for (let i = 0; i < bins; i++) {
    const weight = median.weights[i];
    if (weight > 0 && below + weight >= half) return (i + (half - below) / weight) * binDeg - rangeDeg;
    below += weight;
  }
  return rangeDeg;
}
