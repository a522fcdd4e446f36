import { open, type FileHandle } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { VigilError, messageOf } from '../../runtime/errors.js';
import { compress } from '../../runtime/zstd.js';
import type { LogCompression } from './compressed.js';
import type { LogSink } from './log-format.js';

const pieceBytes = 1024 * 1024;
const zstdLevel = 3;

/** From the end of a file's name: `.gz`, `.zst`. */
export function compressionForName(path: string): LogCompression {
  if (/\.gz$/i.test(path)) return 'gzip';
  return /\.zst$/i.test(path) ? 'zstd' : 'none';
}

/**
 * A file to write. Compressed content is written as members (frames) of a megabyte, one after the other, which every
 * reader takes as one; nothing written can be overwritten then.
 */
export class FileSink implements LogSink {
  readonly path: string;
  readonly patch?: (position: number, bytes: Uint8Array) => Promise<void>;
  readonly #handle: FileHandle;
  readonly #compression: LogCompression;
  readonly #piece = new Uint8Array(pieceBytes);
  #held = 0;
  #written = 0;

  private constructor(path: string, handle: FileHandle, compression: LogCompression) {
    this.path = path;
    this.#handle = handle;
    this.#compression = compression;
    if (compression === 'none') this.patch = (position, bytes) => this.#overwrite(position, bytes);
  }

  /** @throws VigilError `OUTPUT_FAILED` */
  static async open(path: string, compression: LogCompression): Promise<FileSink> {
    return new FileSink(path, await writing(path, () => open(path, 'wx')), compression);
  }

  /** Bytes in the file. */
  get written(): number {
    return this.#written;
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      const part = bytes.subarray(at, at + pieceBytes - this.#held);
      this.#piece.set(part, this.#held);
      this.#held += part.length;
      at += part.length;
      if (this.#held === pieceBytes) await this.#flush();
    }
  }

  /** Writes what is left and closes the file. */
  async close(): Promise<void> {
    try {
      await this.#flush();
      await writing(this.path, () => this.#handle.sync());
    } finally {
      await this.#handle.close();
    }
  }

  async #flush(): Promise<void> {
    // An empty file is no gzip file: one member at least.
    if (this.#held === 0 && (this.#compression === 'none' || this.#written > 0)) return;
    const content = this.#piece.subarray(0, this.#held);
    this.#held = 0;
    await this.#put(this.#packed(content), this.#written);
  }

  #packed(content: Uint8Array): Uint8Array {
    if (this.#compression === 'gzip') return gzipSync(content);
    return this.#compression === 'zstd' ? compress(content, zstdLevel) : content;
  }

  async #overwrite(position: number, bytes: Uint8Array): Promise<void> {
    await this.#flush();
    await this.#put(bytes, position);
  }

  async #put(bytes: Uint8Array, position: number): Promise<void> {
    await writing(this.path, async () => {
      for (let at = 0; at < bytes.length;) {
        at += (await this.#handle.write(bytes, at, bytes.length - at, position + at)).bytesWritten;
      }
    });
    this.#written = Math.max(this.#written, position + bytes.length);
  }
}

async function writing<T>(path: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    throw new VigilError(
      'OUTPUT_FAILED',
      `Expected to write ${path} but it failed: ${messageOf(error)}.`,
      'Check the space that is left and the permissions of the folder.',
      { path },
      { cause: error },
    );
  }
}
