import { VigilError } from '../runtime/errors.js';
import { FrameFlag, type CanFrames } from './frames.js';

const maximumPayload = 64;

/** Collects frames one by one into columns. For sources that come frame by frame; logs fill columns natively. */
export class FrameBatchBuilder {
  #count = 0;
  #bytes = 0;
  #capacity: number;
  #t: Float64Array;
  #id: Uint32Array;
  #flags: Uint8Array;
  #channel: Uint8Array;
  #length: Uint8Array;
  #offset: Uint32Array;
  #data: Uint8Array;

  constructor(capacity = 256) {
    this.#capacity = Math.max(1, capacity);
    this.#t = new Float64Array(this.#capacity);
    this.#id = new Uint32Array(this.#capacity);
    this.#flags = new Uint8Array(this.#capacity);
    this.#channel = new Uint8Array(this.#capacity);
    this.#length = new Uint8Array(this.#capacity);
    this.#offset = new Uint32Array(this.#capacity);
    this.#data = new Uint8Array(this.#capacity * 8 + maximumPayload);
  }

  get count(): number {
    return this.#count;
  }

  /**
   * Appends a frame; the payload is copied.
   * @param t milliseconds
   * @param flags bits of `FrameFlag`
   * @throws VigilError `CAN_FRAME_INVALID` when no bus could carry the frame
   */
  add(t: number, id: number, payload: Uint8Array, flags = 0, channel = 0): void {
    const highest =
      (flags & FrameFlag.extended) !== 0 ? 0x1fffffff : (flags & FrameFlag.error) !== 0 ? 0x1fffffff : 0x7ff;
    const most = (flags & FrameFlag.fd) !== 0 ? maximumPayload : 8;
    if (!Number.isInteger(id) || id < 0 || id > highest || payload.length > most) {
      throw new VigilError(
        'CAN_FRAME_INVALID',
        `Expected an identifier from 0 to ${highest} and at most ${most} bytes but received identifier ${id} and ` +
          `${payload.length} bytes.`,
        'Set FrameFlag.extended for 29-bit identifiers and FrameFlag.fd for more than 8 bytes.',
      );
    }
    if (this.#count === this.#capacity) this.#growRows();
    if (this.#bytes + payload.length > this.#data.length)
      this.#data = grown(this.#data, this.#data.length * 2);
    const row = this.#count++;
    this.#t[row] = t;
    this.#id[row] = id;
    this.#flags[row] = flags;
    this.#channel[row] = channel;
    this.#length[row] = payload.length;
    this.#offset[row] = this.#bytes;
    this.#data.set(payload, this.#bytes);
    this.#bytes += payload.length;
  }

  /** The frames so far as columns of their own, and an empty builder again. */
  take(): CanFrames {
    const count = this.#count;
    const frames: CanFrames = {
      count,
      t: this.#t.slice(0, count),
      id: this.#id.slice(0, count),
      flags: this.#flags.slice(0, count),
      channel: this.#channel.slice(0, count),
      length: this.#length.slice(0, count),
      offset: this.#offset.slice(0, count),
      data: this.#data.slice(0, this.#bytes),
    };
    this.#count = 0;
    this.#bytes = 0;
    return frames;
  }

  #growRows(): void {
    const capacity = this.#capacity * 2;
    this.#t = grown(this.#t, capacity);
    this.#id = grown(this.#id, capacity);
    this.#flags = grown(this.#flags, capacity);
    this.#channel = grown(this.#channel, capacity);
    this.#length = grown(this.#length, capacity);
    this.#offset = grown(this.#offset, capacity);
    this.#capacity = capacity;
  }
}

function grown<T extends Float64Array | Uint32Array | Uint8Array>(array: T, length: number): T {
  const larger = new (array.constructor as new (length: number) => T)(length);
  larger.set(array);
  return larger;
}
