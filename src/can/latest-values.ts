import { invalidArgument, nativeCall } from '../runtime/errors.js';
import type { NativeDecodePlan } from './can-addon.js';
import type { DecodePlan } from './decode-plan.js';
import { nativePlan, type CanDecoderOptions } from './decoder.js';
import type { CanFrames } from './frames.js';

/** Frames of a batch that changed no value. */
export interface PassedFrames {
  /** Identifier not in the plan. */
  readonly unknown: number;
  /** Remote and error frames. */
  readonly withoutData: number;
  readonly otherChannel: number;
  /** A verdict says that the frame must not be used. */
  readonly refused: number;
}

/**
 * The latest value of every signal of a plan, kept natively without building columns: for whoever wants the state
 * of the bus after a batch and not every value in it. Give it a plan of what is subscribed only (`subscribedPlan`).
 * Belongs to the thread that made it.
 */
export class LatestValues {
  /** Physical values in the order of the plan's signals; NaN before the first. Overwritten by `update`. */
  readonly values: Float64Array;
  /** Time of the frame each value is from, ms on the frames' clock; -Infinity before the first. */
  readonly t: Float64Array;
  /** Frames of each message in the last batch that counted, in the order of the plan's messages. */
  readonly seen: Uint32Array;
  /** Frames among them that were shorter than the database says; signals that did not fit keep their value. */
  readonly truncated: Uint32Array;
  readonly #native: NativeDecodePlan;
  readonly #passed = new Uint32Array(4);
  readonly #positions: ReadonlyMap<string, ReadonlyMap<string, number>>;

  constructor(
    readonly plan: DecodePlan,
    options: CanDecoderOptions = {},
  ) {
    const signals = plan.firstBit.length;
    this.values = new Float64Array(signals).fill(NaN);
    this.t = new Float64Array(signals).fill(-Infinity);
    this.seen = new Uint32Array(plan.messages.length);
    this.truncated = new Uint32Array(plan.messages.length);
    this.#positions = new Map(
      plan.messages.map((message, m) => [
        message.name,
        new Map(message.signals.map(({ name }, i) => [name, plan.signalStart[m] + i])),
      ]),
    );
    this.#native = nativePlan(plan, options.channel);
  }

  /**
   * Where a signal is in `values` and `t`.
   * @throws VigilError `INVALID_ARGUMENT` when the plan does not have it
   */
  indexOf(message: string, signal: string): number {
    const index = this.#positions.get(message)?.get(signal);
    if (index === undefined) throw invalidArgument('signal', 'a signal of the plan', `${message}.${signal}`);
    return index;
  }

  /**
   * Takes a batch; of several values of a signal the last in the batch's order stays.
   * @param verdicts one per frame, as `ValidityChecker.check` gives them: only usable frames count
   * @throws VigilError `CAN_FRAMES_INVALID` when an offset or length points outside `frames.data`,
   * `INVALID_ARGUMENT` when a column has the wrong type or fewer than `frames.count` elements. No value changes then.
   */
  update(frames: CanFrames, verdicts?: Uint8Array): PassedFrames {
    const { count, t, id, flags, channel, length, offset, data } = frames;
    const { seen, truncated, values } = this;
    const passed = this.#passed;
    const times = this.t;
    nativeCall(() => {
      this.#native.latest(
        count,
        t,
        id,
        flags,
        channel,
        length,
        offset,
        data,
        seen,
        truncated,
        passed,
        times,
        values,
        verdicts,
      );
    });
    return {
      unknown: passed[0],
      withoutData: passed[1],
      otherChannel: passed[2],
      refused: passed[3],
    };
  }
}
