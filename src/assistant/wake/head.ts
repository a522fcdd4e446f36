import { embeddingSize } from './features.js';

/** Embeddings that a head looks at: 12 x 80 ms and the 0.68 s that the first one reaches back beyond that, 1.64 s. */
export const headFrames = 12;
export const headInputs = headFrames * embeddingSize;
export const headHidden = 48;

/** A small network that says how much the last 1.64 s sound like one phrase: 1152 inputs, 48 rectified sums, 1 output. */
export interface WakeHead {
  /** Lower case, words separated by one space. */
  readonly phrase: string;
  /** From this score on, the phrase was said. */
  readonly threshold: number;
  /** Of the training inputs, which are standardised with them; 1152 each. */
  readonly mean: Float32Array;
  readonly deviation: Float32Array;
  /** Row by hidden unit: 48 x 1152. */
  readonly weights: Float32Array;
  readonly biases: Float32Array;
  readonly outWeights: Float32Array;
  readonly outBias: number;
}

/**
 * How sure the head is that its phrase ends here, 0 to 1.
 * @param window the last 12 embeddings one after the other, oldest first
 */
export function scoreHead(head: WakeHead, window: Float32Array): number {
  const input = window.map((value, i) => (value - head.mean[i]) / head.deviation[i]);
  let sum = head.outBias;
  for (let unit = 0; unit < headHidden; unit++) {
    let total = head.biases[unit];
    const row = unit * headInputs;
    for (let i = 0; i < headInputs; i++) total += head.weights[row + i] * input[i];
    if (total > 0) sum += head.outWeights[unit] * total;
  }
  return 1 / (1 + Math.exp(-sum));
}

/**
 * The windows that end with each of the embeddings, which were preceded by silence.
 * @param silence the embedding of silence
 */
export function windowsOf(embeddings: readonly Float32Array[], silence: Float32Array): Float32Array[] {
  return embeddings.map((_, end) => {
    const window = new Float32Array(headInputs);
    for (let frame = 0; frame < headFrames; frame++) {
      const at = end - headFrames + 1 + frame;
      window.set(at < 0 ? silence : embeddings[at], frame * embeddingSize);
    }
    return window;
  });
}
