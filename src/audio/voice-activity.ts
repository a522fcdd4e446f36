import { nativeCall } from '../runtime/errors.js';
import { requireModel } from '../runtime/models.js';
import { onnxRuntimeLibrary } from '../runtime/native.js';
import { speechRate } from './resampler.js';
import { speechAddon, type NativeVoiceActivity } from './speech-addon.js';

/** New samples of one frame: 32 ms. */
export const voiceFrame = 512;

/** What is known about speech so far. */
export type VoiceState =
  /** Too little was heard for a judgement. */
  | { readonly kind: 'notReady'; readonly missingSamples: number }
  /** Of the newest whole frame, 0 to 1. */
  | { readonly kind: 'judged'; readonly probability: number };

/** Speech or not, frame by frame (Silero VAD v6, half a millisecond a frame on the calling thread). */
export class VoiceActivity {
  readonly #native: NativeVoiceActivity;
  #state: VoiceState = { kind: 'notReady', missingSamples: voiceFrame };

  /** @throws VigilError `MODEL_NOT_BUILT`, `MODEL_HASH_MISMATCH`, and those of the ONNX library */
  constructor() {
    const { path } = requireModel('silero_vad');
    this.#native = nativeCall(() => new (speechAddon().VoiceActivity)(onnxRuntimeLibrary(), path));
  }

  get state(): VoiceState {
    return this.#state;
  }

  /** Samples at 16 kHz, any number. Returns the probability of every frame that they complete. */
  push(samples: Float32Array): Float32Array {
    const probabilities = nativeCall(() => this.#native.push(samples));
    const newest = probabilities.at(-1);
    if (newest !== undefined) this.#state = { kind: 'judged', probability: newest };
    else if (this.#state.kind === 'notReady')
      this.#state = { kind: 'notReady', missingSamples: this.#native.missing() };
    return probabilities;
  }

  /** Forgets what was heard. */
  reset(): void {
    this.#native.reset();
    this.#state = { kind: 'notReady', missingSamples: voiceFrame };
  }
}

/** A stretch of samples, `to` excluded. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

// Thresholds of the Silero project: speech from one half on, over below a little less.
const speaking = 0.5;
const silent = 0.35;
const before = 0.25 * speechRate;
const after = 0.3 * speechRate;

/**
 * From the first to the last speech of a recording with a margin, as the recogniser likes it; undefined where no frame
 * sounds like speech.
 * @param probabilities of the recording's frames
 */
export function spokenStretch(probabilities: Float32Array, length: number): Stretch | undefined {
  const first = probabilities.findIndex((p) => p >= speaking);
  if (first < 0) return undefined;
  const last = probabilities.findLastIndex((p) => p >= silent);
  return {
    from: Math.max(0, first * voiceFrame - before),
    to: Math.min(length, (last + 1) * voiceFrame + after),
  };
}
