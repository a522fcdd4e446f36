import { deflateSync } from 'node:zlib';
import { FrameFlag, type CanFrames } from '../frames.js';
import {
  baseHeaderBytes,
  containerHeaderBytes,
  encodeBlfHeader,
  fileHeaderBytes,
  method,
  objectSignature,
  objectType,
} from './blf-layout.js';
import type { LogHeader, LogSink, LogWriter } from './log-format.js';

const containerBytes = 128 * 1024;
/** Base header, then flags, client, version and time stamp. */
const stampedHeaderBytes = 32;
const canBodyBytes = 16;
const errorBodyBytes = 32;
const fdBodyBytes = 84;
const largestObjectBytes = stampedHeaderBytes + fdBodyBytes + 3;

const nanosecondStamps = 2;
const extendedBit = 0x80000000;
const transmitBit = 1;
const remoteBit = 0x80;

/** Length codes above 8 stand for these payloads (ISO 11898-1). */
const longPayloads = [12, 16, 20, 24, 32, 48, 64];

/** The shortest length code that holds so many bytes. */
function lengthCode(length: number): number {
  return length <= 8 ? length : 9 + longPayloads.findIndex((bytes) => bytes >= length);
}

/**
 * Writes Vector's binary log: containers of 128 KiB packed by zlib, whole objects in each, stamps in nanoseconds from
 * the measurement's start. The header's counts are filled in at the end where the sink allows it.
 */
export class BlfWriter implements LogWriter {
  readonly #sink: LogSink;
  readonly #startMs: number | null;
  /** The header has whole milliseconds; what is below goes into every stamp. */
  readonly #startRemainderNs: number;
  readonly #content = Buffer.alloc(containerBytes + largestObjectBytes);
  readonly #reduced: Record<string, number> = {};
  #held = 0;
  #fileBytes = fileHeaderBytes;
  #unpackedBytes = fileHeaderBytes;
  #objects = 0;
  #lastMs = 0;

  private constructor(sink: LogSink, { startNs }: LogHeader) {
    this.#sink = sink;
    this.#startMs = startNs === null || startNs < 0n ? null : Number(startNs / 1_000_000n);
    this.#startRemainderNs = startNs === null || startNs < 0n ? 0 : Number(startNs % 1_000_000n);
  }

  static async create(sink: LogSink, header: LogHeader): Promise<BlfWriter> {
    const writer = new BlfWriter(sink, header);
    await sink.write(writer.#header());
    return writer;
  }

  get reduced(): Readonly<Record<string, number>> {
    return this.#reduced;
  }

  async write(frames: CanFrames): Promise<void> {
    for (let i = 0; i < frames.count; i++) {
      this.#add(frames, i);
      if (this.#held >= containerBytes) await this.#flush();
    }
  }

  async close(): Promise<void> {
    await this.#flush();
    await this.#sink.patch?.(0, this.#header());
  }

  #header(): Buffer {
    const closed = this.#objects > 0;
    return encodeBlfHeader({
      fileBytes: this.#fileBytes,
      unpackedBytes: this.#unpackedBytes,
      objects: this.#objects,
      startMs: this.#startMs,
      stopMs: this.#startMs === null || !closed ? null : this.#startMs + this.#lastMs,
    });
  }

  #add(frames: CanFrames, row: number): void {
    const flags = frames.flags[row];
    const direction = (flags & FrameFlag.transmitted) !== 0 ? transmitBit : 0;
    const id = (frames.id[row] | ((flags & FrameFlag.extended) !== 0 ? extendedBit : 0)) >>> 0;
    const remote = (flags & FrameFlag.remote) !== 0;
    const length = frames.length[row];
    const start = frames.offset[row];
    const payload = frames.data.subarray(start, start + (remote ? 0 : length));
    if ((flags & FrameFlag.error) !== 0) {
      if (direction !== 0) this.#reduce('direction of an error frame');
      if (length > 8 || (flags & FrameFlag.fd) !== 0) this.#reduce('error frame of CAN FD');
      const body = this.#object(objectType.canErrorExt, errorBodyBytes, frames, row);
      this.#content[body + 10] = Math.min(length, 8);
      this.#content.writeUInt32LE(id, body + 16);
      this.#content.set(payload.subarray(0, 8), body + 24);
    } else if ((flags & FrameFlag.fd) !== 0) {
      const body = this.#object(objectType.canFdMessage, fdBodyBytes, frames, row);
      this.#content[body + 2] = direction | (remote ? remoteBit : 0);
      this.#content[body + 3] = lengthCode(length);
      this.#content.writeUInt32LE(id, body + 4);
      this.#content[body + 13] =
        1 |
        ((flags & FrameFlag.bitRateSwitch) !== 0 ? 2 : 0) |
        ((flags & FrameFlag.errorStateIndicator) !== 0 ? 4 : 0);
      this.#content[body + 14] = length;
      this.#content.set(payload, body + 20);
    } else {
      const body = this.#object(objectType.canMessage, canBodyBytes, frames, row);
      this.#content[body + 2] = direction | (remote ? remoteBit : 0);
      this.#content[body + 3] = length;
      this.#content.writeUInt32LE(id, body + 4);
      this.#content.set(payload.subarray(0, 8), body + 8);
    }
  }

  /** Begins an object with its headers and channel; where its body begins. The body is zero. */
  #object(type: number, bodyBytes: number, frames: CanFrames, row: number): number {
    const at = this.#held;
    const size = stampedHeaderBytes + bodyBytes;
    const content = this.#content;
    content.fill(0, at, at + size);
    content.set(objectSignature, at);
    content.writeUInt16LE(stampedHeaderBytes, at + 4);
    content.writeUInt16LE(1, at + 6);
    content.writeUInt32LE(size, at + 8);
    content.writeUInt32LE(type, at + 12);
    content.writeUInt32LE(nanosecondStamps, at + 16);
    const t = frames.t[row];
    if (!(t >= 0)) this.#reduce('time before the start');
    const ns = t >= 0 ? Math.round(t * 1e6) + this.#startRemainderNs : 0;
    content.writeUInt32LE(ns % 0x100000000, at + 24);
    content.writeUInt32LE(Math.floor(ns / 0x100000000), at + 28);
    const body = at + stampedHeaderBytes;
    content.writeUInt16LE(frames.channel[row] + 1, body);
    // Every size used is a multiple of four: no padding.
    this.#held += size;
    this.#objects += 1;
    if (t > this.#lastMs) this.#lastMs = t;
    return body;
  }

  #reduce(what: string): void {
    this.#reduced[what] = (this.#reduced[what] ?? 0) + 1;
  }

  async #flush(): Promise<void> {
    if (this.#held === 0) return;
    const packed = deflateSync(this.#content.subarray(0, this.#held));
    const size = baseHeaderBytes + containerHeaderBytes + packed.length;
    const container = Buffer.alloc(size + (size % 4));
    container.set(objectSignature, 0);
    container.writeUInt16LE(baseHeaderBytes, 4);
    container.writeUInt16LE(1, 6);
    container.writeUInt32LE(size, 8);
    container.writeUInt32LE(objectType.container, 12);
    container.writeUInt16LE(method.zlib, baseHeaderBytes);
    container.writeUInt32LE(this.#held, baseHeaderBytes + 8);
    container.set(packed, baseHeaderBytes + containerHeaderBytes);
    await this.#sink.write(container);
    this.#fileBytes += container.length;
    this.#unpackedBytes += baseHeaderBytes + containerHeaderBytes + this.#held;
    this.#held = 0;
  }
}
