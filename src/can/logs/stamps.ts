import type { LogHeader } from './log-format.js';

/** Stamps in seconds from here on are dates (1973), not times of a drive. */
export const earliestDateSeconds = 100_000_000;
/** From here on they are neither (the year 5138): a stamp with more digits than that is damaged. */
const latestDateSeconds = 100_000_000_000;

const nanosecondsPerSecond = 1_000_000_000n;

/**
 * Where a log that stamps seconds since 1970 begins: the whole second of its first stamp, so that times from there are
 * small and nanoseconds stay exact; null when the stamp is no date.
 */
export function startOfDates(firstSeconds: number): bigint | null {
  const isDate = firstSeconds >= earliestDateSeconds && firstSeconds < latestDateSeconds;
  return isDate ? BigInt(Math.floor(firstSeconds)) * nanosecondsPerSecond : null;
}

/** Milliseconds from whole seconds and nanoseconds: the double nearest to them within a hundred days. */
export function millisecondsOf(seconds: number, nanoseconds: number): number {
  return (seconds * 1e9 + nanoseconds) / 1e6;
}

/** Nanoseconds of a frame's time; exact up to a hundred days. */
export function nanosecondsOf(t: number): number {
  return Math.round(t * 1e6);
}

/** A writer's clock: prints `seconds.fraction` of a frame's time. */
export class SecondsText {
  readonly #startSeconds: number;
  readonly #startNanoseconds: number;

  /** @param startNs added to every time; 0 for relative ones */
  constructor(startNs: bigint) {
    this.#startSeconds = Number(startNs / nanosecondsPerSecond);
    this.#startNanoseconds = Number(startNs % nanosecondsPerSecond);
  }

  /** Six digits after the point; nine where microseconds don't hold the time. @param t milliseconds from the start */
  text(t: number): string {
    const sum = nanosecondsOf(t) + this.#startNanoseconds;
    if (sum < 0 && this.#startSeconds === 0) return `-${this.text(-t)}`;
    const seconds = Math.floor(sum / 1e9);
    const nanoseconds = sum - seconds * 1e9;
    const whole = seconds + this.#startSeconds;
    return nanoseconds % 1000 === 0
      ? `${whole}.${(nanoseconds / 1000).toString().padStart(6, '0')}`
      : `${whole}.${nanoseconds.toString().padStart(9, '0')}`;
  }
}

/** The header's start rounded down to a whole millisecond (what dates in text hold), and what is left of it, ms. */
export function wholeMilliseconds(header: LogHeader): { startMs: number | null; restMs: number } {
  if (header.startNs === null) return { startMs: null, restMs: 0 };
  const startMs = header.startNs / 1_000_000n;
  return { startMs: Number(startMs), restMs: Number(header.startNs - startMs * 1_000_000n) / 1e6 };
}
