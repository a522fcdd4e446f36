/**
 * Time is an input. `now()` is milliseconds (double) on the drive's monotonic clock; a replay injects the
 * recording's clock, a test a virtual one. No stage reads a clock by itself.
 */
export interface Clock {
  now(): number;
}

/** The machine's monotonic clock, for live operation, pacing and diagnostics only. */
export const monotonicClock: Clock = { now: () => performance.now() };
