import { OnnxSession } from '../../runtime/onnx-session.js';
import { requireModel } from '../../runtime/models.js';

/** Samples at 16 kHz between two embeddings: 80 ms. */
export const wakeHop = 1280;
/** Milliseconds between two embeddings. */
export const wakeHopMs = 80;
/** Numbers in an embedding. */
export const embeddingSize = 96;

/** Samples that the first of the 8 new mel frames reaches back: three steps of 10 ms. */
const lookBack = 480;
/** Numbers of one mel frame, frames that an embedding sees, and those that 80 ms bring. */
export const melBands = 32;
export const melFrames = 76;
export const newFrames = 8;
/** The network was trained on samples on the scale of 16-bit integers. */
const fullScale = 32_767;

/** Log-mel frames, 8 for each 80 ms. */
export class MelFrames {
  readonly silentFrame: Float32Array;
  readonly #mel: OnnxSession;
  /** `lookBack` samples of the hop before, then those of this one. */
  readonly #audio = new Float32Array(lookBack + wakeHop);
  readonly #result = new Float32Array(newFrames * melBands);

  /** @throws VigilError `MODEL_NOT_BUILT`, `MODEL_HASH_MISMATCH`, or an error of the session */
  constructor() {
    this.#mel = new OnnxSession(requireModel('wake_mel').path);
    this.silentFrame = this.next(new Float32Array(wakeHop)).slice(0, melBands);
  }

  /** As after silence. */
  reset(): void {
    this.#audio.fill(0);
  }

  /**
   * @param hop the next 80 ms at 16 kHz, -1 to 1
   * @returns 8 frames one after the other; written over by the next call
   */
  next(hop: Float32Array): Float32Array {
    for (let i = 0; i < wakeHop; i++) this.#audio[lookBack + i] = hop[i] * fullScale;
    this.#mel.run([this.#audio], [this.#result]);
    this.#audio.copyWithin(0, wakeHop);
    // Decibels as the embedding network was trained on them.
    for (let i = 0; i < this.#result.length; i++) this.#result[i] = this.#result[i] / 10 + 2;
    return this.#result;
  }
}

/**
 * What speech sounds like, as one embedding of 96 numbers each 80 ms; each sees the last 0.76 s. Audio is always cut at
 * the same multiples of 80 ms, so pieces of any size give the same numbers as the whole. Starts as after long silence.
 * Runs on the caller's thread: about 1.3 ms of CPU time per 80 ms of audio.
 */
export class WakeFeatures {
  /** The embedding of silence: what every window begins with. */
  readonly silence: Float32Array;
  readonly #mel = new MelFrames();
  readonly #embedding: OnnxSession;
  readonly #hop = new Float32Array(wakeHop);
  /** The last 76 frames, oldest first. */
  readonly #frames = new Float32Array(melFrames * melBands);
  #filled = 0;

  /** @throws VigilError `MODEL_NOT_BUILT`, `MODEL_HASH_MISMATCH`, or an error of the sessions */
  constructor() {
    this.#embedding = new OnnxSession(requireModel('wake_embedding').path);
    this.reset();
    this.silence = this.#embed();
  }

  /** Forgets what it heard: as after long silence. */
  reset(): void {
    this.#mel.reset();
    this.#filled = 0;
    for (let frame = 0; frame < melFrames; frame++) this.#frames.set(this.#mel.silentFrame, frame * melBands);
  }

  /**
   * @param samples 16 kHz, -1 to 1, any number of them
   * @returns the embeddings of the hops that these complete, oldest first
   */
  push(samples: Float32Array): Float32Array[] {
    const out: Float32Array[] = [];
    for (let at = 0; at < samples.length;) {
      const take = Math.min(wakeHop - this.#filled, samples.length - at);
      this.#hop.set(samples.subarray(at, at + take), this.#filled);
      at += take;
      this.#filled += take;
      if (this.#filled < wakeHop) break;
      this.#filled = 0;
      this.#frames.copyWithin(0, newFrames * melBands);
      this.#frames.set(this.#mel.next(this.#hop), (melFrames - newFrames) * melBands);
      out.push(this.#embed());
    }
    return out;
  }

  #embed(): Float32Array {
    const result = new Float32Array(embeddingSize);
    this.#embedding.run([this.#frames], [result]);
    return result;
  }
}
