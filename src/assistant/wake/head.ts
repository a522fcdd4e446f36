import { embeddingSize } from './features.js';

/** Embeddings that a head looks at: 12 x 80 ms and the 0.68 s that the first one reaches back beyond that, 1.64 s. */
export const headFrames = 12;
export const headInputs = headFrames * embeddingSize;
/** Sums of each layer at each place in time. */
export const layerSize = 32;
/** Layers over time without padding: 12 embeddings become 12, 10, then 6 places. */
export const layers = [
  { inputs: embeddingSize, taps: 1, dilation: 1 },
  { inputs: layerSize, taps: 3, dilation: 1 },
  { inputs: layerSize, taps: 3, dilation: 2 },
] as const;
export const lastFrames = 6;

/**
 * One of the small networks of a head: three layers of 32 rectified sums that are the same at each place in time, then
 * one output from the last six places. About 10 000 numbers: a phrase is heard alike wherever in the window it lies, and
 * there is little room to learn voices by heart.
 */
export interface HeadMember {
  /** By layer: row by sum, each of `taps` x `inputs`, oldest first. */
  readonly weights: readonly Float32Array[];
  readonly biases: readonly Float32Array[];
  /** 6 x 32, oldest first. */
  readonly outWeights: Float32Array;
  readonly outBias: number;
}

/** Says how much the last 1.64 s sound like one phrase: the mean of its members. */
export interface WakeHead {
  /** Lower case, words separated by one space. */
  readonly phrase: string;
  /** From this score on, the phrase was said, whoever is asked or not. */
  readonly threshold: number;
  /** From this score on, it may have been said: for a second opinion. At most `threshold`. */
  readonly candidate: number;
  /** Of the training embeddings, which are standardised with them; 96 each. */
  readonly mean: Float32Array;
  readonly deviation: Float32Array;
  readonly members: readonly HeadMember[];
}

/** Windows whose log-odds are averaged: one alone is noisy. */
export const smoothedWindows = 3;

/**
 * Log-odds that the phrase ends with each window, natural logarithm, before smoothing.
 * @param embeddings of 12 or more hops, one after the other, oldest first; each window begins one hop later
 */
export function logOdds(
  { mean, deviation, members }: Pick<WakeHead, 'mean' | 'deviation' | 'members'>,
  embeddings: Float32Array,
): Float32Array {
  const frames = embeddings.length / embeddingSize;
  const out = new Float32Array(Math.max(0, frames - headFrames + 1));
  const standard = embeddings.map((value, i) => {
    const at = i % embeddingSize;
    return (value - mean[at]) / deviation[at];
  });
  if (out.length === 0) return out;
  for (const { weights, biases, outWeights, outBias } of members) {
    let values: Float32Array = standard;
    layers.forEach((_, layer) => {
      values = convolved(values, layer, weights[layer], biases[layer]);
    });
    for (let window = 0; window < out.length; window++) {
      let odds = outBias;
      const first = window * layerSize;
      for (let i = 0; i < outWeights.length; i++) odds += outWeights[i] * values[first + i];
      out[window] += odds / members.length;
    }
  }
  return out;
}

// Own names: some loaders look an imported or exported one up at every use, which loops feel.
const size = layerSize;

/** Rectified sums of one layer at every place it fits. @param values place by place */
export function convolved(
  values: Float32Array,
  layer: number,
  weights: Float32Array,
  biases: Float32Array,
): Float32Array {
  const { inputs, taps, dilation } = layers[layer];
  const span = (taps - 1) * dilation;
  const out = new Float32Array((values.length / inputs - span) * size);
  for (let to = 0; to < out.length; to++) {
    const place = Math.floor(to / size);
    const unit = to % size;
    let total = biases[unit];
    for (let tap = 0; tap < taps; tap++) {
      const row = (unit * taps + tap) * inputs;
      const first = (place + tap * dilation) * inputs;
      for (let i = 0; i < inputs; i++) total += weights[row + i] * values[first + i];
    }
    out[to] = total > 0 ? total : 0;
  }
  return out;
}

/** Means of each value and up to two before it. */
export function smoothed(values: Float32Array): Float32Array {
  return values.map((_, at) => {
    const from = Math.max(0, at - smoothedWindows + 1);
    let sum = 0;
    for (let i = from; i <= at; i++) sum += values[i];
    return sum / (at - from + 1);
  });
}

/** A score from 0 to 1. */
export function scoreOf(odds: number): number {
  return 1 / (1 + Math.exp(-odds));
}

/** Scores of a whole recording's windows, one each 80 ms. @param embeddings as for `logOdds` */
export function scoresOf(head: WakeHead, embeddings: Float32Array): number[] {
  return Array.from(smoothed(logOdds(head, embeddings)), scoreOf);
}

/**
 * Embeddings of a recording as `logOdds` wants them: preceded by 11 of silence, so that a window ends with each.
 * @param silence the embedding of silence
 */
export function afterSilence(embeddings: Float32Array, silence: Float32Array): Float32Array {
  const before = headInputs - embeddingSize;
  const out = new Float32Array(before + embeddings.length);
  for (let at = 0; at < before; at += embeddingSize) out.set(silence, at);
  out.set(embeddings, before);
  return out;
}
