import { nativeCall } from '../runtime/errors.js';
import { speechAddon, type NativeResampler } from './speech-addon.js';

/** What every stage behind the microphone works with, Hz. */
export const speechRate = 16_000;

/**
 * Changes a stream's sample rate to 16 kHz. Sample k of the output lies at k / 16000 s of the input, and how the stream
 * is cut into pieces does not show. native/speech/resampler.h states the filter.
 */
export class Resampler {
  readonly #native: NativeResampler;

  /** @param inputRate Hz, 8000 to 192000. @throws VigilError `INVALID_ARGUMENT` */
  constructor(inputRate: number, outputRate = speechRate) {
    this.#native = nativeCall(() => new (speechAddon().Resampler)(inputRate, outputRate));
  }

  /** The output samples that these complete. */
  push(samples: Float32Array): Float32Array {
    return nativeCall(() => this.#native.push(samples));
  }

  /** The rest; the next stream begins. */
  finish(): Float32Array {
    return nativeCall(() => this.#native.finish());
  }
}

/** A whole recording at 16 kHz. @throws VigilError `INVALID_ARGUMENT` */
export function atSpeechRate(samples: Float32Array, rate: number): Float32Array {
  if (rate === speechRate) return samples;
  const resampler = new Resampler(rate);
  const parts = [resampler.push(samples), resampler.finish()];
  const out = new Float32Array(parts[0].length + parts[1].length);
  out.set(parts[0]);
  out.set(parts[1], parts[0].length);
  return out;
}
