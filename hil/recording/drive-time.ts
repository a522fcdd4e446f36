/**
 * The drive's clock, as MCAP sees it: whole nanoseconds from the start of the drive. Everywhere else time is
 * milliseconds as a double. The conversion is exact both ways for whole nanoseconds up to 2^52 ns (52 days).
 */

/** Nanoseconds in a millisecond. */
export const nsPerMs = 1e6;

/** The longest drive whose stamps keep their nanoseconds, ms. */
export const longestDriveMs = 2 ** 52 / nsPerMs;

/** ms -> whole ns as a double; exact within `longestDriveMs`. */
export function wholeNs(ms: number): number {
  return Math.round(ms * nsPerMs);
}

/** ms -> ns as MCAP wants it. */
export function toNs(ms: number): bigint {
  return BigInt(wholeNs(ms));
}

/** ns -> ms, the nearest double. */
export function fromNs(ns: bigint): number {
  return Number(ns) / nsPerMs;
}

/** Field values of google.protobuf.Timestamp. */
export interface Timestamp {
  readonly seconds: number;
  readonly nanos: number;
}

export function toTimestamp(ms: number): Timestamp {
  const ns = wholeNs(ms);
  const seconds = Math.floor(ns / 1e9);
  return { seconds, nanos: ns - seconds * 1e9 };
}

export function fromTimestamp({ seconds, nanos }: Timestamp): number {
  return (seconds * 1e9 + nanos) / nsPerMs;
}
