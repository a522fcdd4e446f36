import { requireModel } from '../../runtime/models.js';
import { OnnxSession } from '../../runtime/onnx-session.js';
import { embeddingSize, MelFrames, melBands, melFrames, newFrames, wakeHop } from './features.js';

/** Windows of one run of the network. */
const runWindows = 25;
const runFrames = melFrames + newFrames * (runWindows - 1);

/**
 * The embeddings of whole recordings, the same numbers as `WakeFeatures` gives for their streams: 25 at once, without
 * computing again what their windows share, in a quarter of the time.
 */
export class WholeFeatures {
  /** The embedding of silence: what every window begins with. */
  readonly silence: Float32Array;
  readonly #mel = new MelFrames();
  readonly #embedding: OnnxSession;
  readonly #frames = new Float32Array(runFrames * melBands);
  readonly #result = new Float32Array(embeddingSize * runWindows);

  /** @throws VigilError `MODEL_NOT_BUILT`, `MODEL_HASH_MISMATCH`, or an error of the sessions */
  constructor() {
    this.#embedding = new OnnxSession(requireModel('wake_embedding_long').path);
    this.silence = this.embed(new Float32Array(wakeHop)).slice();
  }

  /**
   * @param audio 16 kHz, -1 to 1; what does not fill its last 80 ms is not heard
   * @returns embeddings one after the other, 96 numbers for each 80 ms; as after long silence
   */
  embed(audio: Float32Array): Float32Array {
    const hops = Math.floor(audio.length / wakeHop);
    const before = melFrames - newFrames;
    // Silence before, and after to fill the last run.
    const runs = Math.ceil(hops / runWindows);
    const frames = new Float32Array((runs * runWindows * newFrames + before) * melBands);
    for (let at = 0; at < frames.length; at += melBands) frames.set(this.#mel.silentFrame, at);
    this.#mel.reset();
    for (let hop = 0; hop < hops; hop++)
      frames.set(
        this.#mel.next(audio.subarray(hop * wakeHop, (hop + 1) * wakeHop)),
        (before + hop * newFrames) * melBands,
      );
    const out = new Float32Array(hops * embeddingSize);
    for (let run = 0; run < runs; run++) {
      const from = run * runWindows * newFrames * melBands;
      this.#frames.set(frames.subarray(from, from + this.#frames.length));
      this.#embedding.run([this.#frames], [this.#result]);
      const count = Math.min(runWindows, hops - run * runWindows);
      for (let window = 0; window < count; window++)
        for (let i = 0; i < embeddingSize; i++)
          out[(run * runWindows + window) * embeddingSize + i] = this.#result[i * runWindows + window];
    }
    return out;
  }
}
