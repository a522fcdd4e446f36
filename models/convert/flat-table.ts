import { ByteBuffer } from 'flatbuffers';
import { VigilError } from '../../src/runtime/errors.js';

/** A flatbuffer vector: where its elements start and how many there are. */
interface VectorSpan {
  readonly start: number;
  readonly length: number;
}

/**
 * One flatbuffer table read by field position, without generated code. The TFLite schema only ever appends
 * fields, so positions are stable. `ByteBuffer` returns zeros past the end of its bytes; every access here is
 * bounds-checked first, so that a truncated file is an error and not a model of zeros.
 */
export class FlatTable {
  private constructor(
    private readonly buffer: ByteBuffer,
    private readonly position: number,
  ) {}

  /** The root table. @throws VigilError `MODEL_SOURCE_INVALID` */
  static root(bytes: Uint8Array): FlatTable {
    const buffer = new ByteBuffer(bytes);
    need(buffer, 0, 4);
    return new FlatTable(buffer, buffer.readUint32(0)).checked();
  }

  has(field: number): boolean {
    return this.at(field) !== 0;
  }

  uint8(field: number, fallback = 0): number {
    const at = this.at(field, 1);
    return at === 0 ? fallback : this.buffer.readUint8(at);
  }

  int32(field: number, fallback = 0): number {
    const at = this.at(field, 4);
    return at === 0 ? fallback : this.buffer.readInt32(at);
  }

  string(field: number): string {
    return new TextDecoder().decode(this.bytes(field));
  }

  table(field: number): FlatTable | undefined {
    const at = this.at(field, 4);
    return at === 0 ? undefined : new FlatTable(this.buffer, at + this.buffer.readUint32(at)).checked();
  }

  tables(field: number): FlatTable[] {
    const { start, length } = this.vector(field, 4);
    return Array.from({ length }, (_, index) => {
      const at = start + 4 * index;
      return new FlatTable(this.buffer, at + this.buffer.readUint32(at)).checked();
    });
  }

  int32s(field: number): number[] {
    const { start, length } = this.vector(field, 4);
    return Array.from({ length }, (_, index) => this.buffer.readInt32(start + 4 * index));
  }

  /** A view into the file, not a copy. */
  bytes(field: number): Uint8Array {
    const { start, length } = this.vector(field, 1);
    return this.buffer.bytes().subarray(start, start + length);
  }

  private vector(field: number, elementBytes: number): VectorSpan {
    const at = this.at(field, 4);
    if (at === 0) return { start: 0, length: 0 };
    const start = at + this.buffer.readUint32(at);
    need(this.buffer, start, 4);
    const length = this.buffer.readUint32(start);
    need(this.buffer, start + 4, length * elementBytes);
    return { start: start + 4, length };
  }

  /** Absolute position of a field, 0 where the table leaves it out. */
  private at(field: number, bytes = 1): number {
    const offset = this.buffer.__offset(this.position, 4 + 2 * field);
    if (offset === 0) return 0;
    need(this.buffer, this.position + offset, bytes);
    return this.position + offset;
  }

  private checked(): this {
    need(this.buffer, this.position, 4);
    const vtable = this.position - this.buffer.readInt32(this.position);
    need(this.buffer, vtable, 4);
    need(this.buffer, vtable, this.buffer.readUint16(vtable));
    return this;
  }
}

function need(buffer: ByteBuffer, start: number, length: number): void {
  if (start >= 0 && start + length <= buffer.capacity()) return;
  throw new VigilError(
    'MODEL_SOURCE_INVALID',
    `Expected ${length} bytes at offset ${start} of a flatbuffer of ${buffer.capacity()} bytes but it ends before.`,
    'The file is cut off or is no flatbuffer; install the package it comes from again.',
    { start, length, capacity: buffer.capacity() },
  );
}
