import type { CanFrames } from '../../can/frames.js';
import type { Clock } from '../../runtime/clock.js';

/** Waits about `ms`, or less when something wakes it; injected so that tests need no real time. */
export type Wait = (ms: number) => Promise<void>;

/** How long frames may be held back, so that a busy log isn't played frame by frame. */
const grainMs = 20;
/** A hole in a log longer than this is jumped over: nobody waits for an hour of parking. */
const longestWaitMs = 5000;

/** A wait is never longer, so that a stop or a pause is seen soon. */
const longestSleepMs = 200;

interface Anchor {
  readonly wallMs: number;
  readonly logMs: number;
}

/**
 * Plays a log at its own speed, or a multiple of it. Deadlines are counted from one anchor, so that no error adds up;
 * a pause, a hole in the log or a clock that went back sets a new one.
 */
export class Player {
  #anchor: Anchor | undefined;
  #newestMs = Number.NaN;
  #newestWallMs = 0;
  #paused = false;
  #wake: (() => void) | undefined;

  constructor(
    /** Infinity: as fast as it goes; `live`: as they come, and a pause holds nothing back. */
    private readonly speed: number | 'live',
    private readonly clock: Clock,
    private readonly wait: Wait,
  ) {}

  /** The bus's time now, ms; NaN before the first frame. */
  get nowMs(): number {
    if (this.speed === 'live') return this.#newestMs + (this.clock.now() - this.#newestWallMs);
    if (this.#anchor === undefined || this.#paused || this.speed === Infinity) return this.#newestMs;
    return Math.max(this.#newestMs, this.#logTime(this.#anchor, this.speed));
  }

  get paused(): boolean {
    return this.#paused;
  }

  set paused(paused: boolean) {
    if (paused === this.#paused) return;
    this.#paused = paused;
    this.#anchor = undefined;
    this.#wake?.();
  }

  /** Hands on all frames when they are due. Ends early, without an error, when `stop` is aborted. */
  async play(
    log: AsyncIterable<CanFrames>,
    take: (frames: CanFrames, from: number, to: number) => void,
    stop: AbortSignal,
  ): Promise<void> {
    for await (const frames of log) {
      for (let from = 0; from < frames.count && !stop.aborted;) {
        await this.#due(frames.t[from], stop);
        const to = this.#dueUntil(frames, from);
        take(frames, from, to);
        this.#newestMs = frames.t[to - 1];
        this.#newestWallMs = this.clock.now();
        from = to;
      }
      if (stop.aborted) return;
      // Lets keys and timers in between batches also when nothing waits.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #logTime(anchor: Anchor, speed: number): number {
    return anchor.logMs + (this.clock.now() - anchor.wallMs) * speed;
  }

  async #due(t: number, stop: AbortSignal): Promise<void> {
    while (!stop.aborted && this.speed !== 'live') {
      if (this.#paused) {
        await this.#resumed(stop);
        continue;
      }
      if (this.speed === Infinity) return;
      const isHole = t - this.#newestMs > longestWaitMs || t < this.#newestMs;
      if (this.#anchor === undefined || (isHole && this.#anchor.logMs !== t)) {
        this.#anchor = { wallMs: this.clock.now(), logMs: t };
      }
      const leftMs = (t - this.#logTime(this.#anchor, this.speed)) / this.speed;
      if (leftMs <= 0) return;
      await this.wait(Math.min(Math.max(leftMs, grainMs), longestSleepMs));
    }
  }

  /** At least one frame, then all that are due too. */
  #dueUntil(frames: CanFrames, from: number): number {
    if (this.speed === 'live' || this.speed === Infinity || this.#anchor === undefined) return frames.count;
    const now = this.#logTime(this.#anchor, this.speed);
    let to = from + 1;
    while (to < frames.count && frames.t[to] <= now && frames.t[to] >= frames.t[to - 1]) to += 1;
    return to;
  }

  #resumed(stop: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        stop.removeEventListener('abort', done);
        this.#wake = undefined;
        resolve();
      };
      this.#wake = done;
      stop.addEventListener('abort', done, { once: true });
    });
  }
}
