/** A piece of sound, one channel. */
export interface PcmChunk {
  /** Drive clock of the first sample, ms. */
  readonly t: number;
  /** Hz. */
  readonly rate: number;
  /** -1 to 1. */
  readonly samples: Float32Array;
}

/** Lowest level that is told, dB below full scale: digital silence has no logarithm. */
export const silenceDb = -100;

/** Level of some samples, dB below full scale (root mean square). */
export function levelDb(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  if (samples.length === 0 || !(sum > 0)) return silenceDb;
  return Math.max(silenceDb, 10 * Math.log10(sum / samples.length));
}
