import type { Clock } from '../../src/runtime/clock.js';
import { Histogram, type LatencySnapshot } from '../../src/runtime/histogram.js';

/** Waits at least about `ms`; injected so that tests need no real time. */
export type Sleep = (ms: number) => Promise<void>;

export const timerSleep: Sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Timers have a grain of 1 ms: a message may leave this much early rather than burn the processor.
const grainMs = 1;

/**
 * Lets a replay follow the wall clock. Every deadline is counted from the first message, never from the previous
 * one, so that no error adds up. `speed` 1 is real time, 2 twice as fast.
 */
export class Pacer {
  readonly #lateness = new Histogram();
  #start: { readonly wallMs: number; readonly driveMs: number } | undefined;
  #lastLatenessMs = 0;

  constructor(
    private readonly speed: number,
    private readonly clock: Clock,
    private readonly sleep: Sleep,
  ) {}

  /** Resolves when drive time `t` (ms) has come. */
  async until(t: number): Promise<void> {
    this.#start ??= { wallMs: this.clock.now(), driveMs: t };
    const deadline = this.#start.wallMs + (t - this.#start.driveMs) / this.speed;
    for (let left = deadline - this.clock.now(); left >= grainMs; left = deadline - this.clock.now()) {
      await this.sleep(left);
    }
    this.#lastLatenessMs = Math.max(0, this.clock.now() - deadline);
    this.#lateness.record(this.#lastLatenessMs);
  }

  /** How late messages left. */
  lateness(): LatencySnapshot {
    return this.#lateness.read();
  }

  /** How late the newest message left, ms: what the replay is behind by. */
  get lastLatenessMs(): number {
    return this.#lastLatenessMs;
  }
}
