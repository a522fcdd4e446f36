import type { Clock } from '../../runtime/clock.js';
import { VigilError, invalidArgument, messageOf } from '../../runtime/errors.js';
import type { CanFrame, CyclicCounters, CyclicMessage, CyclicSend } from './can-bus.js';
import { checkPayloads } from './frame-check.js';

const lateAfterMs = 1;
/** A timer of the event loop is no better than this. */
const shortestPeriodMs = 1;

/** What a cyclic send needs of the world; the bus gives the real ones. */
export interface SendTimers {
  readonly clock: Clock;
  setTimer(callback: () => void, delayMs: number): NodeJS.Timeout;
}

/**
 * Cyclic sending from the event loop, for buses that JavaScript writes itself. Deadlines are absolute, so that
 * lateness does not add up, but each frame is as late as the event loop; a SocketCAN bus has a thread for it.
 */
export class TimedSend implements CyclicSend {
  readonly done: Promise<CyclicCounters>;
  #settle: (counters: CyclicCounters) => void = () => undefined;
  #payloads: readonly Uint8Array[];
  readonly #length: number;
  #position = 0;
  #made = 0;
  #deadline: number;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #inFlight: Promise<void> = Promise.resolve();
  #counters = { sent: 0, failed: 0, late: 0, skipped: 0, maxLateMs: 0, lastError: '' };

  constructor(
    readonly message: CyclicMessage,
    readonly timers: SendTimers,
    readonly send: (frame: CanFrame) => Promise<void>,
    readonly forget: (send: TimedSend) => void,
  ) {
    if (!(message.periodMs >= shortestPeriodMs && message.periodMs <= 86_400_000)) {
      throw invalidArgument('periodMs', `a period from ${shortestPeriodMs} ms to a day`, message.periodMs);
    }
    this.#length = checkPayloads(message.payloads);
    this.#payloads = message.payloads;
    this.done = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.#deadline = timers.clock.now();
    this.#schedule();
  }

  counters(): CyclicCounters {
    return { ...this.#counters };
  }

  update(payloads: readonly Uint8Array[]): void {
    checkPayloads(payloads, this.#length);
    this.#payloads = payloads;
    this.#position = 0;
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.forget(this);
    void this.#inFlight.then(() => {
      this.#settle(this.counters());
    });
  }

  #schedule(): void {
    const delay = Math.max(0, this.#deadline - this.timers.clock.now());
    this.#timer = this.timers.setTimer(() => {
      this.#due();
    }, delay);
  }

  #due(): void {
    const { id, flags, periodMs, count } = this.message;
    const lateMs = this.timers.clock.now() - this.#deadline;
    // Timers round to milliseconds and may be early by a part of one.
    if (lateMs < -0.5) {
      this.#schedule();
      return;
    }
    const data = this.#payloads[this.#position];
    this.#position = (this.#position + 1) % this.#payloads.length;
    const counters = this.#counters;
    counters.sent += 1;
    counters.maxLateMs = Math.max(counters.maxLateMs, lateMs);
    if (lateMs > lateAfterMs) counters.late += 1;
    this.#inFlight = this.send({ id, flags, data }).catch((error: unknown) => {
      counters.sent -= 1;
      counters.failed += 1;
      counters.lastError = error instanceof VigilError ? error.code : messageOf(error);
    });
    const behind = Math.max(0, Math.floor(lateMs / periodMs));
    counters.skipped += behind;
    this.#deadline += (behind + 1) * periodMs;
    this.#made += 1;
    if (count !== undefined && this.#made >= count) this.stop();
    else this.#schedule();
  }
}
