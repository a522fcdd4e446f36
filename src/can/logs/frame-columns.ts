import { invalidArgument } from '../../runtime/errors.js';
import type { ColumnArguments } from '../can-addon.js';
import type { CanFrames } from '../frames.js';

const maximumPayload = 64;
const defaultBatchFrames = 4096;

/** Columns that a native log parser appends to, used again for every batch. */
export class FrameColumns {
  /** What every native `parse` takes after its input. */
  readonly arguments: ColumnArguments;
  readonly #capacity: number;
  /** Frames and data bytes in the columns, bytes consumed by the last call. */
  readonly #progress = new Uint32Array(4);
  #taken = 0;

  /**
   * @param batchFrames frames that fit, 1 to 1,000,000; 4096 unless told
   * @throws VigilError `INVALID_ARGUMENT`
   */
  constructor(batchFrames = defaultBatchFrames) {
    if (!Number.isInteger(batchFrames) || batchFrames < 1 || batchFrames > 1_000_000) {
      throw invalidArgument('batchFrames', 'a whole number from 1 to 1000000', batchFrames);
    }
    this.#capacity = batchFrames;
    this.arguments = [
      new Float64Array(batchFrames),
      new Uint32Array(batchFrames),
      new Uint8Array(batchFrames),
      new Uint8Array(batchFrames),
      new Uint8Array(batchFrames),
      new Uint32Array(batchFrames),
      new Uint8Array(batchFrames * maximumPayload),
      this.#progress,
    ];
  }

  /** Bytes that the last `parse` used up. */
  get consumed(): number {
    return this.#progress[2];
  }

  /** What else the last `parse` had to say, where it says something. */
  get status(): number {
    return this.#progress[3];
  }

  get isFull(): boolean {
    return this.#progress[0] === this.#capacity;
  }

  get isEmpty(): boolean {
    return this.#progress[0] === 0;
  }

  /** Frames so far, those taken and those in the columns. */
  get frames(): number {
    return this.#taken + this.#progress[0];
  }

  /** A copy of the frames in the columns, which are empty then. */
  take(): CanFrames {
    const count = this.#progress[0];
    const bytes = this.#progress[1];
    const [t, id, flags, channel, length, offset, data] = this.arguments;
    this.#taken += count;
    this.#progress.fill(0);
    return {
      count,
      t: t.slice(0, count),
      id: id.slice(0, count),
      flags: flags.slice(0, count),
      channel: channel.slice(0, count),
      length: length.slice(0, count),
      offset: offset.slice(0, count),
      data: data.slice(0, bytes),
    };
  }
}
