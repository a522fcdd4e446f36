import { sha256Of } from '../../src/runtime/models.js';
import { randomUniform } from '../demo/noise.js';
import type { Noise } from './command-clips.js';
import type { Snr } from './command-score.js';
import { mixed } from './speech-mix.js';

/** A number that follows from a text, below 2^28. */
export function hashOf(text: string): number {
  return Number.parseInt(sha256Of(Buffer.from(text)).slice(0, 7), 16);
}

/**
 * Speech in one condition. Name, condition and seed choose which noise, and where it is cut.
 * @param noises not empty unless the condition is clean
 */
export function inNoise(
  speech: Float32Array,
  noises: readonly Noise[],
  name: string,
  snr: Snr,
  seed: number,
): { readonly audio: Float32Array; readonly noise: string | null } {
  if (snr === 'clean') return { audio: speech, noise: null };
  const random = randomUniform(1_000_003 * (seed + 100 * snr) + hashOf(name));
  const noise = noises[Math.floor(random() * noises.length)];
  return { audio: mixed(speech, noise.samples, snr, random), noise: noise.name };
}
