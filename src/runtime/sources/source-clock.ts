const steepest = 200e-6;
const jumpMs = 1000;
/** The drift is told from the lowest differences of windows this long, at most so many of them. */
const windowMs = 10_000;
const windows = 12;

/** How a source's own clock stands to the drive's. */
export interface ClockEstimate {
  /** Added to the source's stamps, ms; undefined before the first. */
  readonly offsetMs: number | undefined;
  /** How much faster (positive) the drive's clock runs, parts per million; undefined for the first 30 s. */
  readonly driftPpm: number | undefined;
  /** How often the source's clock was set anew. */
  readonly jumps: number;
}

interface Window {
  readonly stampMs: number;
  readonly differenceMs: number;
}

/**
 * Maps a source's own stamps onto our monotonic clock. The difference of arrival and stamp is the clocks' offset plus the
 * way's delay, which is never negative: the least difference is the best offset. It may rise by 200 ppm, so that
 * a clock that runs slow is followed (the same method as `HardwareClock` in native/can/socketcan_stamps.h). A step of
 * the wall clock changes nothing here: neither side reads it.
 */
export class SourceClock {
  #offset: number | undefined;
  #last = 0;
  #jumps = 0;
  #lows: Window[] = [];
  #low: Window | undefined;
  #windowEnd = 0;

  /**
   * The item's time on our clock, ms; never after its arrival.
   * @param stampMs on the source's clock
   * @param arrivalMs on ours
   */
  map(stampMs: number, arrivalMs: number): number {
    const difference = arrivalMs - stampMs;
    const elapsed = stampMs - this.#last;
    if (this.#offset === undefined) {
      this.#offset = difference;
    } else if (elapsed < -jumpMs || difference - this.#offset > jumpMs) {
      this.#offset = difference;
      this.#jumps += 1;
      this.#lows = [];
      this.#low = undefined;
    } else {
      this.#offset = Math.min(difference, this.#offset + Math.max(0, elapsed) * steepest);
    }
    this.#last = stampMs;
    this.#watchDrift({ stampMs, differenceMs: difference });
    return stampMs + this.#offset;
  }

  estimate(): ClockEstimate {
    return { offsetMs: this.#offset, driftPpm: slopePpm(this.#lows), jumps: this.#jumps };
  }

  /** One lowest difference for each window of the source's time. */
  #watchDrift(now: Window): void {
    if (this.#low === undefined || now.stampMs >= this.#windowEnd) {
      if (this.#low !== undefined) this.#lows = [...this.#lows, this.#low].slice(-windows);
      this.#low = now;
      this.#windowEnd = now.stampMs + windowMs;
    } else if (now.differenceMs < this.#low.differenceMs) {
      this.#low = now;
    }
  }
}

/** Least squares through the windows' lowest differences, parts per million; undefined below three. */
function slopePpm(lows: readonly Window[]): number | undefined {
  if (lows.length < 3) return undefined;
  const mean = (of: (window: Window) => number): number =>
    lows.reduce((sum, window) => sum + of(window), 0) / lows.length;
  const stamp = mean(({ stampMs }) => stampMs);
  const difference = mean(({ differenceMs }) => differenceMs);
  const covariance = mean((low) => (low.stampMs - stamp) * (low.differenceMs - difference));
  const variance = mean((low) => (low.stampMs - stamp) ** 2);
  return (covariance / variance) * 1e6;
}
