import { nativeCall } from '../runtime/errors.js';
import { canAddon, type NativeDecodePlan } from './can-addon.js';
import type { DbcDatabase } from './dbc.js';
import { compileDecodePlan, type DecodePlan } from './decode-plan.js';
import { DecodedBatch, type BatchLayout } from './decoded-batch.js';
import type { CanFrames } from './frames.js';

export interface CanDecoderOptions {
  /** Decode only frames of this channel; all when absent. */
  readonly channel?: number;
}

/**
 * Decodes batches of frames by a plan, in C++. Keeps scratch memory that grows to the largest batch; belongs to
 * the thread that made it.
 */
export class CanDecoder {
  readonly #native: NativeDecodePlan;
  readonly #layout: BatchLayout;

  constructor(
    readonly plan: DecodePlan,
    options: CanDecoderOptions = {},
  ) {
    this.#layout = {
      messages: plan.messages,
      columns: plan.messages.map((message) => new Map(message.signals.map((signal, i) => [signal.name, i]))),
    };
    this.#native = nativePlan(plan, options.channel);
  }

  static of(database: DbcDatabase, options: CanDecoderOptions = {}): CanDecoder {
    return new CanDecoder(compileDecodePlan(database), options);
  }

  /**
   * Physical values (raw * factor + offset, in doubles) of all signals of all frames in the batch.
   * @param recycle a batch whose arrays are no longer needed; they are overwritten when large enough
   * @throws VigilError `CAN_FRAMES_INVALID` when an offset or length points outside `frames.data`,
   * `INVALID_ARGUMENT` when a column has the wrong type or fewer than `frames.count` elements
   */
  decode(frames: CanFrames, recycle?: DecodedBatch): DecodedBatch {
    const rows = new Uint32Array(this.plan.messages.length);
    const truncated = new Uint32Array(this.plan.messages.length);
    const passed = new Uint32Array(3);
    const { count, t, id, flags, channel, length, offset, data } = frames;
    const [times, values] = nativeCall(() =>
      this.#native.decode(
        count,
        t,
        id,
        flags,
        channel,
        length,
        offset,
        data,
        rows,
        truncated,
        passed,
        recycle?.times,
        recycle?.values,
      ),
    );
    return new DecodedBatch(this.#layout, rows, truncated, times, values, passed[0], passed[1], passed[2]);
  }
}

/** The plan in native memory. @throws VigilError `NATIVE_NOT_BUILT`, `NATIVE_LOAD_FAILED`, `INVALID_ARGUMENT` */
export function nativePlan(plan: DecodePlan, channel = -1): NativeDecodePlan {
  return nativeCall(
    () =>
      new (canAddon().DecodePlan)(
        plan.key,
        plan.messageBytes,
        plan.signalStart,
        plan.firstBit,
        plan.bitLength,
        plan.kind,
        plan.factor,
        plan.offset,
        plan.switchIndex,
        plan.rangeStart,
        plan.rangeLow,
        plan.rangeHigh,
        channel,
      ),
  );
}
