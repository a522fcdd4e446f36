import type { FileHandle } from 'node:fs/promises';
import type { IReadable, IWritable } from '@mcap/core';
import { VigilError, messageOf } from '../../src/runtime/errors.js';

/** Appends to a file that it does not own. Every write is complete before its promise resolves. */
export class FileSink implements IWritable {
  readonly #handle: FileHandle;
  /** Bytes after which what was written is forced to the medium; Infinity leaves it to the system. */
  readonly #syncEveryBytes: number;
  #position = 0;
  #unsynced = 0;

  constructor(handle: FileHandle, syncEveryBytes: number) {
    this.#handle = handle;
    this.#syncEveryBytes = syncEveryBytes;
  }

  position(): bigint {
    return BigInt(this.#position);
  }

  async write(buffer: Uint8Array): Promise<void> {
    let written = 0;
    while (written < buffer.length) {
      const { bytesWritten } = await this.#handle.write(
        buffer,
        written,
        buffer.length - written,
        this.#position,
      );
      written += bytesWritten;
      this.#position += bytesWritten;
    }
    this.#unsynced += written;
    if (this.#unsynced < this.#syncEveryBytes) return;
    await this.#handle.datasync();
    this.#unsynced = 0;
  }
}

/** Bytes by position: a file, or a file with a rebuilt end. */
export interface ByteSource extends IReadable {
  readonly length: number;
  readAt(offset: number, length: number): Promise<Uint8Array>;
}

/** The first `length` bytes of a file that it does not own, followed by `tail`. */
export class FileSource implements ByteSource {
  readonly length: number;
  readonly #handle: FileHandle;
  readonly #fileLength: number;
  readonly #tail: Uint8Array;

  constructor(handle: FileHandle, fileLength: number, tail: Uint8Array = new Uint8Array(0)) {
    this.#handle = handle;
    this.#fileLength = fileLength;
    this.#tail = tail;
    this.length = fileLength + tail.length;
  }

  size(): Promise<bigint> {
    return Promise.resolve(BigInt(this.length));
  }

  read(offset: bigint, size: bigint): Promise<Uint8Array> {
    return this.readAt(Number(offset), Number(size));
  }

  /** @throws VigilError `RECORDING_CORRUPT` when the range lies outside, `RECORDING_UNREADABLE` when the system fails */
  async readAt(offset: number, length: number): Promise<Uint8Array> {
    if (offset < 0 || length < 0 || offset + length > this.length) {
      throw new VigilError(
        'RECORDING_CORRUPT',
        `Expected ${length} bytes at ${offset} in the recording but it has ${this.length}.`,
      );
    }
    const bytes = new Uint8Array(length);
    const fromFile = Math.max(0, Math.min(length, this.#fileLength - offset));
    await this.#fill(bytes.subarray(0, fromFile), offset);
    const tailStart = offset + fromFile - this.#fileLength;
    if (fromFile < length) bytes.set(this.#tail.subarray(tailStart, tailStart + length - fromFile), fromFile);
    return bytes;
  }

  async #fill(bytes: Uint8Array, offset: number): Promise<void> {
    let read = 0;
    while (read < bytes.length) {
      let bytesRead: number;
      try {
        ({ bytesRead } = await this.#handle.read(bytes, read, bytes.length - read, offset + read));
      } catch (error) {
        throw new VigilError(
          'RECORDING_UNREADABLE',
          `Expected to read the recording at ${offset + read} but it failed: ${messageOf(error)}.`,
          '',
          {},
          { cause: error },
        );
      }
      if (bytesRead === 0) {
        throw new VigilError(
          'RECORDING_CORRUPT',
          `Expected more of the recording at ${offset + read} but it was cut off while being read.`,
        );
      }
      read += bytesRead;
    }
  }
}
