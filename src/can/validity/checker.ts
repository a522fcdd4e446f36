import { invalidArgument, nativeCall } from '../../runtime/errors.js';
import { canAddon, type NativeValidityPlan } from '../can-addon.js';
import type { CanFrames } from '../frames.js';
import type { ValidityPlan } from './compile.js';

/** Verdict codes of a batch (`Verdict`). Views into the checker's memory: good until its next batch. */
export interface BatchVerdicts {
  /** One per frame, in the order of the frames. */
  readonly frames: Uint8Array;
  /** The same ones message after message, as a decoded batch orders its rows. */
  readonly rows: Uint8Array;
  /** How many rows each message of the plan has. */
  readonly counts: Uint32Array;
}

/**
 * Checks batches of frames natively, and keeps each message's counter from batch to batch. Belongs to the thread
 * that made it.
 */
export class ValidityChecker {
  readonly #native: NativeValidityPlan;
  readonly #indices: ReadonlyMap<string, number>;
  #frames = new Uint8Array(0);
  #rows = new Uint8Array(0);

  /** @param channel check only frames of this channel; all when absent */
  constructor(
    readonly plan: ValidityPlan,
    channel?: number,
  ) {
    this.#indices = new Map(plan.messages.map(({ name }, i) => [name, i]));
    this.#native = nativeCall(
      () => new (canAddon().ValidityPlan)(plan.key, plan.rules, plan.resyncMs, plan.lists, channel ?? -1),
    );
  }

  /**
   * @throws VigilError `CAN_FRAMES_INVALID` when an offset or length points outside `frames.data`,
   * `INVALID_ARGUMENT` when a column has the wrong type or fewer than `frames.count` elements
   */
  check({ count, t, id, flags, channel, length, offset, data }: CanFrames): BatchVerdicts {
    if (this.#frames.length < count) {
      this.#frames = new Uint8Array(count);
      this.#rows = new Uint8Array(count);
    }
    const counts = new Uint32Array(this.plan.messages.length);
    const [verdicts, rows] = [this.#frames.subarray(0, count), this.#rows.subarray(0, count)];
    nativeCall(() =>
      this.#native.check(count, t, id, flags, channel, length, offset, data, verdicts, rows, counts),
    );
    return { frames: verdicts, rows, counts };
  }

  /**
   * Writes counter and checksum into a payload, for senders.
   * @param counter how many of the message were sent before, modulo 2^32; the rule takes it modulo its counter
   * @throws VigilError `INVALID_ARGUMENT` when the message has no rule or the payload is too short
   */
  protect(message: string, payload: Uint8Array, counter: number): void {
    const index = this.#indices.get(message);
    if (index === undefined) throw invalidArgument('message', 'a message of the plan', message);
    nativeCall(() => this.#native.protect(index, payload, counter));
  }

  /** Forgets every counter, as before the first frame. */
  reset(): void {
    this.#native.reset();
  }
}
