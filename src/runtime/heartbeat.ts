import { coreAddon } from './core-addon.js';
import { nativeCall } from './errors.js';

export interface HeartbeatOptions {
  /** Between two beats, ms. Default 50. */
  readonly periodMs?: number;
  /** No beat when the last sign of life is older than this, ms. Default 150: beats end within 200 ms of a stall. */
  readonly limitMs?: number;
  /** systemd's notification socket and the time within which its watchdog wants to hear of us, ms: told three times in it. */
  readonly watchdog?: { readonly socket: string; readonly withinMs: number };
  /** A Unix datagram socket of the head unit: gets the number of each beat as text. */
  readonly unitSocket?: string;
}

export interface HeartbeatCounters {
  readonly beats: number;
  /** Periods without a beat because there was no sign of life. */
  readonly missed: number;
  /** How often the beats stopped. */
  readonly stalls: number;
  /** Beats that nobody took. */
  readonly unsent: number;
  /** Since the last sign of life; NaN before the first. */
  readonly ageMs: number;
}

/**
 * Beats on a native thread for as long as `alive` keeps being called, and is silent within `limitMs + periodMs` when it
 * is not: a stalled loop can't say that it stalls. Close it.
 * @throws VigilError `INVALID_ARGUMENT` (a socket's path is too long)
 */
export class Heartbeat {
  readonly #native: InstanceType<ReturnType<typeof coreAddon>['Heartbeat']>;

  constructor({ periodMs = 50, limitMs = 150, watchdog, unitSocket = '' }: HeartbeatOptions = {}) {
    const { socket = '', withinMs = 0 } = watchdog ?? {};
    const every = Math.max(1, Math.floor(withinMs / 3 / periodMs));
    this.#native = nativeCall(
      () => new (coreAddon().Heartbeat)(periodMs, limitMs, socket, every, unitSocket),
    );
  }

  /** A sign of life: the graph took its tick. Costs a store to memory. */
  alive(): void {
    this.#native.alive();
  }

  /** @throws VigilError `HEARTBEAT_CLOSED` */
  counters(): HeartbeatCounters {
    return nativeCall(() => this.#native.counters());
  }

  /** No beat follows. Idempotent. */
  close(): void {
    this.#native.close();
  }
}
