import { VigilError } from '../../src/runtime/errors.js';

/** The few parts of protobuf's wire format that the CAN batch codec needs; numbers up to 2^53. */

/** Signed to unsigned, small magnitudes staying small: 0, -1, 1, -2 -> 0, 1, 2, 3. */
export function zigzag(value: number): number {
  return ((value << 1) ^ (value >> 31)) >>> 0;
}

function varintBytes(value: number): number {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x20_0000 ? 3 : value < 0x1000_0000 ? 4 : 5;
}

/** Bytes that the first `count` 32-bit values take as varints. */
export function packedVarintBytes(values: Uint32Array, count: number): number {
  let bytes = 0;
  for (let i = 0; i < count; i++) bytes += varintBytes(values[i]);
  return bytes;
}

/** Appends to a buffer whose capacity the caller has worked out. */
export class WireWriter {
  readonly #buffer: Uint8Array;
  #end = 0;

  constructor(capacity: number) {
    this.#buffer = new Uint8Array(capacity);
  }

  varint(value: number): this {
    let rest = value;
    while (rest >= 0x80) {
      this.#buffer[this.#end++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#buffer[this.#end++] = rest;
    return this;
  }

  tag(field: number, type: number): this {
    return this.varint(field * 8 + type);
  }

  bytes(value: Uint8Array): this {
    this.varint(value.length);
    this.#buffer.set(value, this.#end);
    this.#end += value.length;
    return this;
  }

  /** A packed repeated field of 32-bit values; `bytes` is its size from `packedVarintBytes`. */
  packed(values: Uint32Array, count: number, bytes: number): this {
    this.varint(bytes);
    const buffer = this.#buffer;
    let end = this.#end;
    for (let i = 0; i < count; i++) {
      let rest = values[i];
      while (rest >= 0x80) {
        buffer[end++] = (rest & 0x7f) | 0x80;
        rest >>>= 7;
      }
      buffer[end++] = rest;
    }
    this.#end = end;
    return this;
  }

  /** The bytes written; shares memory with the writer. */
  finish(): Uint8Array {
    return this.#buffer.subarray(0, this.#end);
  }
}

/** Reads a message that may come from a damaged file: every step is checked against the end. */
export class WireReader {
  readonly #buffer: Uint8Array;
  #offset = 0;

  constructor(buffer: Uint8Array) {
    this.#buffer = buffer;
  }

  get done(): boolean {
    return this.#offset >= this.#buffer.length;
  }

  varint(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      if (this.done || scale > 2 ** 49) throw truncated();
      const byte = this.#buffer[this.#offset++];
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
  }

  tag(): { number: number; type: number } {
    const tag = this.varint();
    return { number: Math.floor(tag / 8), type: tag % 8 };
  }

  bytes(): Uint8Array {
    const length = this.varint();
    return this.#take(length);
  }

  /** All values up to the end; the message holds nothing but 32-bit varints. */
  packed(): Uint32Array {
    // A varint ends with the one byte below 0x80, so the count is known before reading.
    let count = 0;
    for (let i = this.#offset; i < this.#buffer.length; i++) if (this.#buffer[i] < 0x80) count++;
    const values = new Uint32Array(count);
    for (let i = 0; i < count; i++) values[i] = this.varint();
    if (!this.done) throw truncated();
    return values;
  }

  /** Steps over a field that the reader does not know. */
  skip(type: number): void {
    if (type === 0) this.varint();
    else if (type === 1) this.#take(8);
    else if (type === 2) this.bytes();
    else if (type === 5) this.#take(4);
    else throw truncated();
  }

  #take(length: number): Uint8Array {
    const end = this.#offset + length;
    if (end > this.#buffer.length) throw truncated();
    const taken = this.#buffer.subarray(this.#offset, end);
    this.#offset = end;
    return taken;
  }
}

function truncated(): VigilError {
  return new VigilError(
    'RECORDING_CORRUPT',
    'Expected a protobuf message but its bytes end early or make no sense.',
  );
}
