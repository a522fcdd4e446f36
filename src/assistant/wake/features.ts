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
const melBands = 32;
const melFrames = 76;
const newFrames = 8;
/** The network was trained on samples on the scale of 16-bit integers. */
const fullScale = 32_767;

/**
 * What speech sounds like, as one embedding of 96 numbers each 80 ms; each sees the last 0.76 s. Audio is always cut at
 * the same multiples of 80 ms, so pieces of any size give the same numbers as the whole. Starts as after long silence.
 * Runs on the caller's thread: about 2.5 ms of CPU time per 80 ms of audio.
 */
export class WakeFeatures {
  /** The embedding of silence: what every window begins with. */
  readonly silence: Float32Array;
  readonly #mel: OnnxSession;
  readonly #embedding: OnnxSession;
  /** `lookBack` samples of the hop before, then those of this one so far. */
  readonly #audio = new Float32Array(lookBack + wakeHop);
  readonly #newMel = new Float32Array(newFrames * melBands);
  /** The last 76 frames, oldest first. */
  readonly #frames = new Float32Array(melFrames * melBands);
  readonly #silentFrame: Float32Array;
  #filled = 0;

  /** @throws VigilError `MODEL_NOT_BUILT`, `MODEL_HASH_MISMATCH`, or an error of the sessions */
  constructor() {
    this.#mel = new OnnxSession(requireModel('wake_mel').path);
    this.#embedding = new OnnxSession(requireModel('wake_embedding').path);
    this.#mel.run([this.#audio], [this.#newMel]);
    this.#silentFrame = this.#newMel.slice(0, melBands).map(scaled);
    this.reset();
    this.silence = this.#embed();
  }

  /** Forgets what it heard: as after long silence. */
  reset(): void {
    this.#audio.fill(0);
    this.#filled = 0;
    for (let frame = 0; frame < melFrames; frame++) this.#frames.set(this.#silentFrame, frame * melBands);
  }

  /**
   * @param samples 16 kHz, -1 to 1, any number of them
   * @returns the embeddings of the hops that these complete, oldest first
   */
  push(samples: Float32Array): Float32Array[] {
    const out: Float32Array[] = [];
    for (let at = 0; at < samples.length;) {
      const take = Math.min(wakeHop - this.#filled, samples.length - at);
      const to = lookBack + this.#filled;
      for (let i = 0; i < take; i++) this.#audio[to + i] = samples[at + i] * fullScale;
      at += take;
      this.#filled += take;
      if (this.#filled === wakeHop) out.push(this.#hop());
    }
    return out;
  }

  #hop(): Float32Array {
    this.#mel.run([this.#audio], [this.#newMel]);
    this.#audio.copyWithin(0, wakeHop);
    this.#filled = 0;
    this.#frames.copyWithin(0, newFrames * melBands);
    this.#frames.set(this.#newMel.map(scaled), (melFrames - newFrames) * melBands);
    return this.#embed();
  }

  #embed(): Float32Array {
    const result = new Float32Array(embeddingSize);
    this.#embedding.run([this.#frames], [result]);
    return result;
  }
}

/** Decibels as the embedding network was trained on them. */
function scaled(decibels: number): number {
  return decibels / 10 + 2;
}
