import type { PcmChunk } from './pcm.js';
import type { Recording } from './wav.js';

/** A recording as a microphone would deliver it. @param startT drive clock of its beginning, ms */
export function* chunksOf({ rate, samples }: Recording, startT = 0, chunkMs = 20): Generator<PcmChunk> {
  const size = Math.max(1, Math.round((rate * chunkMs) / 1000));
  for (let at = 0; at < samples.length; at += size)
    yield { t: startT + (1000 * at) / rate, rate, samples: samples.subarray(at, at + size) };
}
