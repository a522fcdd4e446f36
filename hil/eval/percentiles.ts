import { randomUniform } from '../demo/noise.js';
import type { Interval } from './wilson.js';

/** A percentile with its 95 % interval by resampling. */
export interface Percentile extends Interval {
  readonly value: number;
}

const resamples = 400;

/** The smallest value that `share` of all do not exceed; NaN for none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

export function percentileOver(values: readonly number[], share: number): Percentile {
  const random = randomUniform(values.length);
  const drawn = Array.from({ length: values.length === 0 ? 0 : resamples }, () =>
    percentile(
      values.map(() => values[Math.floor(random() * values.length)]),
      share,
    ),
  );
  return { value: percentile(values, share), low: percentile(drawn, 0.025), high: percentile(drawn, 0.975) };
}
