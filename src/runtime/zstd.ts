import { coreAddon } from './core-addon.js';
import { nativeCall } from './errors.js';

/** One zstd frame holding `data`; level 1 (fast) to 19. */
export function compress(data: Uint8Array, level: number): Uint8Array {
  return nativeCall(() => coreAddon().zstdCompress(data, level));
}

/**
 * The content of one zstd frame, which must be exactly `size` bytes.
 * @throws VigilError `ZSTD_DAMAGED`
 */
export function decompress(data: Uint8Array, size: number): Uint8Array {
  return nativeCall(() => coreAddon().zstdDecompress(data, size));
}
