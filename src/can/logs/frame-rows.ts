import type { CanFrames } from '../frames.js';

const maximumPayload = 64;

/** Columns that a reader fills row by row. The payload of the next row goes into `data` from `end` on first. */
export class FrameRows {
  readonly #capacity: number;
  readonly #t: Float64Array;
  readonly #id: Uint32Array;
  readonly #flags: Uint8Array;
  readonly #channel: Uint8Array;
  readonly #length: Uint8Array;
  readonly #offset: Uint32Array;
  #count = 0;
  #total = 0;
  /** Has room for a whole payload at `end`. */
  readonly data: Uint8Array;
  end = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#t = new Float64Array(capacity);
    this.#id = new Uint32Array(capacity);
    this.#flags = new Uint8Array(capacity);
    this.#channel = new Uint8Array(capacity);
    this.#length = new Uint8Array(capacity);
    this.#offset = new Uint32Array(capacity);
    this.data = new Uint8Array(capacity * maximumPayload);
  }

  get count(): number {
    return this.#count;
  }

  get isFull(): boolean {
    return this.#count === this.#capacity;
  }

  /** Rows so far, those taken included. */
  get total(): number {
    return this.#total;
  }

  /** Ends the row whose `length` payload bytes have been written at `end`. @param t milliseconds */
  add(t: number, id: number, flags: number, channel: number, length: number): void {
    const row = this.#count++;
    this.#total += 1;
    this.#t[row] = t;
    this.#id[row] = id;
    this.#flags[row] = flags;
    this.#channel[row] = channel;
    this.#length[row] = length;
    this.#offset[row] = this.end;
    this.end += length;
  }

  /** A copy of the rows; none are left then. */
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
      data: this.data.slice(0, this.end),
    };
    this.#count = 0;
    this.end = 0;
    return frames;
  }
}
