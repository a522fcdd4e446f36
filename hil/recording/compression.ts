import type { Chunk, DecompressHandlers } from '@mcap/core';
import { compress, decompress } from '../../src/runtime/zstd.js';

/** How the chunks of a recording are compressed; `''` is MCAP's name for not at all. */
export type Compression = 'zstd' | '';

/** Level 1: JPEG does not shrink at any level, and CAN batches hardly more at higher ones. */
const zstdLevel = 1;

export function chunkCompressor(
  compression: Compression,
): (chunk: Uint8Array) => { compression: string; compressedData: Uint8Array } {
  if (compression === '') return (chunk) => ({ compression: '', compressedData: chunk });
  return (chunk) => ({ compression: 'zstd', compressedData: compress(chunk, zstdLevel) });
}

export const decompressHandlers: DecompressHandlers = {
  zstd: (data, size) => decompress(data, Number(size)),
};

/** The content of a chunk whose compression `isReadableCompression`. */
export function decompressed(chunk: Chunk): Uint8Array {
  return chunk.compression === 'zstd'
    ? decompress(chunk.records, Number(chunk.uncompressedSize))
    : chunk.records;
}

export function isReadableCompression(compression: string): boolean {
  return compression === '' || Object.hasOwn(decompressHandlers, compression);
}
