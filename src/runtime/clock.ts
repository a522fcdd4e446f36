/**
 * Time is an input. `now()` is milliseconds (double) on the drive's monotonic clock; a replay injects the
 * recording's clock, a test a virtual one. No stage reads a clock by itself.
 */
export interface Clock {
  now(): number;
}

/**
 * The machine's monotonic clock (CLOCK_MONOTONIC, since boot), the same in all threads and in the kernel's stamps, and
 * untouched by steps of the wall clock. For live operation, pacing and diagnostics only.
 */
export const monotonicClock: Clock = {
  now: () => {
    const [seconds, nanoseconds] = process.hrtime();
    return seconds * 1000 + nanoseconds / 1e6;
  },
};
