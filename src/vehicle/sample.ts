import type { Quality } from './quality.js';
import type { SignalValue } from './value.js';

/** What is known of one signal. Immutable; the same object goes to every reader. */
export interface Sample {
  readonly path: string;
  /** Absent when nothing was ever received. A value that is not `valid` is the last or the refused one. */
  readonly value: SignalValue | undefined;
  /**
   * Drive clock, ms: when the value was measured (a stale sample keeps the time of its value), or when the
   * source said that it has none. -Infinity before anything was received.
   */
  readonly t: number;
  readonly quality: Quality;
  /** Why the quality is not `valid`; empty when it is. */
  readonly reason: string;
  /** Name of the writer; empty before anyone provides the signal. */
  readonly source: string;
}

/** How old a sample is at `now` (both drive clock, ms). Infinity when nothing was ever received. */
export function sampleAgeMs(sample: Sample, now: number): number {
  return now - sample.t;
}

/** The value when it may be relied on, else nothing. The one way to read without looking at the quality. */
export function validValue(sample: Sample): SignalValue | undefined {
  return sample.quality === 'valid' ? sample.value : undefined;
}
