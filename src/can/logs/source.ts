import { mkdtemp, open, rm, stat, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VigilError, messageOf } from '../../runtime/errors.js';
import { compressionOf, gunzipped, unzstded, type LogCompression } from './compressed.js';
import type { LogSource, RandomAccess } from './log-format.js';

const pieceBytes = 256 * 1024;
const headBytes = 64 * 1024;

async function reading<T>(path: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    if (error instanceof VigilError) throw error;
    throw new VigilError(
      'FILE_UNREADABLE',
      `Expected a readable log at ${path} but reading failed: ${messageOf(error)}.`,
      'Check the path and its permissions.',
      { path },
      { cause: error },
    );
  }
}

/** The file's bytes as they are; one buffer for all pieces. */
async function* filePieces(
  path: string,
  noteRead: (bytes: number) => void = () => undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const handle = await reading(path, () => open(path, 'r'));
  try {
    const buffer = new Uint8Array(pieceBytes);
    for (;;) {
      const { bytesRead } = await reading(path, () => handle.read(buffer, 0, buffer.length));
      if (bytesRead === 0) return;
      noteRead(bytesRead);
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

class FileAccess implements RandomAccess {
  constructor(
    readonly path: string,
    readonly size: number,
    readonly handle: FileHandle,
  ) {}

  read(position: number, length: number): Promise<Uint8Array> {
    return reading(this.path, async () => {
      const wanted = Math.max(0, Math.min(length, this.size - position));
      const bytes = new Uint8Array(wanted);
      let held = 0;
      while (held < wanted) {
        const { bytesRead } = await this.handle.read(bytes, held, wanted - held, position + held);
        if (bytesRead === 0) break;
        held += bytesRead;
      }
      return bytes.subarray(0, held);
    });
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}

class FileSource implements LogSource {
  #damage: string | null = null;
  #bytesRead = 0;

  constructor(
    readonly path: string,
    readonly fileBytes: number,
    readonly compression: LogCompression,
    readonly head: Uint8Array,
  ) {}

  get damage(): string | null {
    return this.#damage;
  }

  get bytesRead(): number {
    return this.#bytesRead;
  }

  stream(): AsyncGenerator<Uint8Array, void, undefined> {
    const note = (damage: string) => (this.#damage = damage);
    const pieces = filePieces(this.path, (bytes) => (this.#bytesRead += bytes));
    if (this.compression === 'gzip') return gunzipped(pieces, note);
    return this.compression === 'zstd' ? unzstded(pieces, note) : pieces;
  }

  async randomAccess(): Promise<RandomAccess> {
    if (this.compression === 'none') {
      return reading(this.path, async () => {
        const handle = await open(this.path, 'r');
        return new FileAccess(this.path, (await handle.stat()).size, handle);
      });
    }
    return this.#unpacked();
  }

  /** A temporary file without a name, which goes away with its handle however the program ends. */
  async #unpacked(): Promise<RandomAccess> {
    const folder = await mkdtemp(join(tmpdir(), 'vigil-log-'));
    let handle: FileHandle | undefined;
    try {
      handle = await open(join(folder, 'log'), 'w+');
      await rm(folder, { recursive: true });
      let size = 0;
      for await (const piece of this.stream()) {
        for (let at = 0; at < piece.length;) {
          at += (await handle.write(piece, at, piece.length - at)).bytesWritten;
        }
        size += piece.length;
      }
      return new FileAccess(this.path, size, handle);
    } catch (error) {
      await handle?.close();
      await rm(folder, { recursive: true, force: true });
      throw error instanceof VigilError ? error : unpackingFailed(this.path, error);
    }
  }
}

function unpackingFailed(path: string, error: unknown): VigilError {
  return new VigilError(
    'LOG_UNPACK_FAILED',
    `Expected room for the unpacked content of ${path} in ${tmpdir()} but writing failed: ${messageOf(error)}.`,
    'Free some space, or point TMPDIR at a larger disk.',
    { path },
    { cause: error },
  );
}

/** The first bytes of a stream, copied. */
async function firstBytes(stream: AsyncIterable<Uint8Array>, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let held = 0;
  for await (const piece of stream) {
    const part = piece.subarray(0, length - held);
    bytes.set(part, held);
    held += part.length;
    if (held === length) break;
  }
  return bytes.subarray(0, held);
}

/**
 * A file as the formats see it: bytes without compression, read in pieces. Never holds more than a few pieces, however
 * long the file is.
 * @throws VigilError `FILE_UNREADABLE`
 */
export async function openSource(path: string): Promise<LogSource> {
  const { size } = await reading(path, () => stat(path));
  const compression = compressionOf(await firstBytes(filePieces(path), 16));
  const opening = new FileSource(path, size, compression, new Uint8Array());
  return new FileSource(path, size, compression, await firstBytes(opening.stream(), headBytes));
}
