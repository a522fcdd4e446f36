const drift = 200e-6;
const jumpMs = 1000;

/**
 * Maps the other end's stamps onto our clock. The difference of arrival and stamp is the clocks' offset plus the
 * way's delay, which is never negative: the least difference is the best offset. It may rise by 200 ppm, so that
 * a clock that runs slow is followed (the same method as `HardwareClock` in native/can/socketcan_stamps.h).
 */
export class StampClock {
  #offset: number | undefined;
  #last = 0;

  /** The frame's time on our clock, ms; never after its arrival. */
  map(stampMs: number, arrivalMs: number): number {
    const difference = arrivalMs - stampMs;
    const elapsed = stampMs - this.#last;
    if (this.#offset === undefined || elapsed < -jumpMs || difference - this.#offset > jumpMs) {
      this.#offset = difference;
    } else {
      this.#offset = Math.min(difference, this.#offset + Math.max(0, elapsed) * drift);
    }
    this.#last = stampMs;
    return stampMs + this.#offset;
  }
}
