import { createGunzip, type Gunzip } from 'node:zlib';
import { coreAddon } from '../../runtime/core-addon.js';
import { messageOf, nativeCall } from '../../runtime/errors.js';

export type LogCompression = 'none' | 'gzip' | 'zstd';

/** From the first bytes of the file. */
export function compressionOf(head: Uint8Array): LogCompression {
  if (head.length >= 3 && head[0] === 0x1f && head[1] === 0x8b && head[2] === 8) return 'gzip';
  if (head.length < 4) return 'none';
  const magic = head[0] | (head[1] << 8) | (head[2] << 16) | (head[3] << 24);
  // A skippable frame may come first.
  return magic >>> 0 === 0xfd2fb528 || (magic & ~0xf) >>> 0 === 0x184d2a50 ? 'zstd' : 'none';
}

/** gzip can blow up a thousandfold: this much at a time keeps what comes out below 16 MiB. */
const gzipPiece = 16 * 1024;
const zstdOutput = 1024 * 1024;

/** Where damage is noted: the data end early then, and what came before is sound. */
export type NoteDamage = (damage: string) => void;

/** The content of gzip data, members one after the other. Never throws for what the data hold. */
export async function* gunzipped(
  input: AsyncIterable<Uint8Array>,
  noteDamage: NoteDamage,
): AsyncGenerator<Uint8Array, void, undefined> {
  const gunzip = createGunzip({ chunkSize: 256 * 1024 });
  const ready: Uint8Array[] = [];
  let failure: Error | undefined;
  gunzip.on('data', (piece: Uint8Array) => ready.push(piece));
  gunzip.on('error', (error) => (failure ??= error));
  try {
    for await (const piece of input) {
      for (let at = 0; at < piece.length; at += gzipPiece) {
        failure ??= await fed(gunzip, piece.slice(at, at + gzipPiece));
        yield* ready.splice(0);
        // Bytes that are no further member end the content, as gzip itself has it.
        if (failure || gunzip.readableEnded) break;
      }
      if (failure || gunzip.readableEnded) break;
    }
    if (!failure && !gunzip.readableEnded) {
      failure = await ended(gunzip);
      yield* ready.splice(0);
    }
    if (!failure) return;
    const short = (failure as NodeJS.ErrnoException).code === 'Z_BUF_ERROR';
    noteDamage(
      short ? 'the gzip data end in the middle' : `the gzip data are damaged: ${messageOf(failure)}`,
    );
  } finally {
    gunzip.destroy();
  }
}

/** Resolves when the piece is through; with an error, or when nothing more is taken, the callback may never come. */
function fed(gunzip: Gunzip, piece: Uint8Array): Promise<Error | undefined> {
  return settled(gunzip, (done) => {
    gunzip.write(piece, done);
  });
}

function ended(gunzip: Gunzip): Promise<Error | undefined> {
  return settled(gunzip, () => {
    gunzip.end();
  });
}

function settled(
  gunzip: Gunzip,
  start: (done: (error?: Error | null) => void) => void,
): Promise<Error | undefined> {
  return new Promise((resolve) => {
    const done = (error?: Error | null): void => {
      for (const event of ['error', 'end', 'close']) gunzip.off(event, done);
      resolve(error ?? undefined);
    };
    for (const event of ['error', 'end', 'close']) gunzip.on(event, done);
    start(done);
  });
}

/** The content of zstd data, frames one after the other. Never throws for what the data hold. */
export async function* unzstded(
  input: AsyncIterable<Uint8Array>,
  noteDamage: NoteDamage,
): AsyncGenerator<Uint8Array, void, undefined> {
  const stream = new (coreAddon().ZstdStream)();
  const output = new Uint8Array(zstdOutput);
  const progress = new Uint32Array(3);
  let failure: unknown;
  for await (const piece of input) {
    for (let at = 0, full = false; at < piece.length || full;) {
      progress.fill(0);
      try {
        nativeCall(() => stream.decompress(piece, at, output, progress));
      } catch (error) {
        failure = error;
        break;
      }
      at += progress[0];
      full = progress[1] === output.length;
      if (progress[1] > 0) yield output.subarray(0, progress[1]);
    }
    if (failure !== undefined) break;
  }
  if (failure !== undefined) noteDamage(`the zstd data are damaged: ${messageOf(failure)}`);
  else if (progress[2] === 0) noteDamage('the zstd data end in the middle');
}
