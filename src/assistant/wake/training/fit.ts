import { embeddingSize } from '../features.js';
import { convolved, headFrames, lastFrames, layers, layerSize, type HeadMember } from '../head.js';
import { Adam, Parameters } from './parameters.js';
import type { Random } from './random.js';

/** Windows of one utterance: those that begin with the embeddings of these numbers. */
export interface Stretch {
  /** Standardised, one after the other. */
  readonly embeddings: Float32Array;
  /** One after the other. */
  readonly hops: readonly number[];
}

export interface Training {
  /** Windows that end with the phrase. */
  readonly positive: readonly Stretch[];
  /** Other speech, and noise. */
  readonly ordinary: readonly Stretch[];
  /** What is easily mistaken for the phrase, parts of it among them. */
  readonly near: readonly Stretch[];
}

/** Windows that are learnt from together: neighbours share most of the work. */
const together = 5;
const batchSize = 24;
const inputNoise = 0.15;
const inputDropout = 0.1;
/** Of the sums of the first and of the last layer. */
const sumDropout = 0.2;
/** Of a pass, as multiples of the positive ones: others by chance, and the hardest. */
const shares = { ordinary: 2, near: 0.8, hardOrdinary: 1, hardNear: 0.5 };
/** The hardest are looked for again after so many passes. */
const searchEvery = 3;
/** The weights that are kept are a moving mean of those of about so many steps (Polyak and Juditsky 1992). */
const averagedSteps = 300;
/** Only weights of the last third of the passes are candidates. */
const settledShare = 2 / 3;

/** Up to five neighbouring windows. */
interface Piece {
  readonly embeddings: Float32Array;
  readonly hop: number;
  readonly count: number;
}

export interface Fitted {
  readonly member: HeadMember;
  /** Passes over the data of the member that was kept. */
  readonly passes: number;
}

/**
 * Fits one member on cross-entropy, with noise on the inputs and dropout.
 * @param merit of a member on what it does not learn from; the one with the largest is kept, the later of equals
 */
export function fitMember(
  training: Training,
  passes: number,
  merit: (member: HeadMember) => number,
  random: Random,
): Fitted {
  const parameters = Parameters.random(random);
  const mean = parameters.copy();
  const gradients = Parameters.zeros();
  const adam = new Adam(parameters);
  const noise = Float32Array.from({ length: 1 << 15 }, () => inputNoise * random.normal());
  const positive = piecesOf(training.positive);
  const ordinary = piecesOf(training.ordinary);
  const near = piecesOf(training.near);
  const share = (pieces: readonly Piece[], part: number): Piece[] =>
    pieces.length === 0
      ? []
      : Array.from({ length: Math.round(part * positive.length) }, () => random.pick(pieces));
  let hard: Piece[] = [];
  let best: Fitted | undefined;
  let bestMerit = -Infinity;
  let steps = 0;
  for (let pass = 1; pass <= passes; pass++) {
    if (pass % searchEvery === 0)
      hard = [
        ...hardest(mean, training.ordinary, shares.hardOrdinary * positive.length),
        ...hardest(mean, training.near, shares.hardNear * positive.length),
      ];
    const negative = [...share(ordinary, shares.ordinary), ...share(near, shares.near), ...hard];
    const samples = random.shuffled([
      ...positive.map((piece) => ({ piece, wanted: 1 })),
      ...negative.map((piece) => ({ piece, wanted: 0 })),
    ]);
    const rate = 1.5e-3 * (0.52 + 0.48 * Math.cos((Math.PI * (pass - 1)) / passes));
    for (let at = 0; at < samples.length; at += batchSize) {
      const batch = samples.slice(at, at + batchSize);
      for (const { piece, wanted } of batch)
        learn(noisy(piece, noise, random), wanted, piece.count * batch.length, parameters, gradients, random);
      adam.move(gradients, rate);
      steps++;
      mean.approach(parameters, Math.max(1 / averagedSteps, 1 / (steps + 1)));
    }
    if (pass < settledShare * passes) continue;
    const member = mean.member();
    const now = merit(member);
    if (now >= bestMerit) [best, bestMerit] = [{ member, passes: pass }, now];
  }
  return best ?? { member: mean.member(), passes };
}

function piecesOf(stretches: readonly Stretch[]): Piece[] {
  const pieces: Piece[] = [];
  for (const { embeddings, hops } of stretches)
    for (let at = 0; at < hops.length; at += together)
      pieces.push({ embeddings, hop: hops[at], count: Math.min(together, hops.length - at) });
  return pieces;
}

/** The pieces with the largest scores, around them. */
function hardest(parameters: Parameters, stretches: readonly Stretch[], count: number): Piece[] {
  const found: { readonly piece: Piece; readonly odds: number }[] = [];
  for (const stretch of stretches) {
    const odds = parameters.oddsOf(stretch.embeddings);
    for (const piece of piecesOf([stretch])) {
      const most = Math.max(...odds.subarray(piece.hop, piece.hop + piece.count));
      if (most > -4) found.push({ piece, odds: most });
    }
  }
  return found
    .sort((a, b) => b.odds - a.odds)
    .slice(0, Math.round(count))
    .map(({ piece }) => piece);
}

/** A piece's embeddings with noise added and some numbers dropped. */
function noisy({ embeddings, hop, count }: Piece, noise: Float32Array, random: Random): Float32Array {
  const from = hop * embeddingSize;
  const start = random.below(noise.length);
  const mask = noise.length - 1;
  const out = new Float32Array((headFrames + count - 1) * embeddingSize);
  for (let i = 0; i < out.length; i++)
    out[i] = (embeddings[from + i] + noise[(start + i) & mask]) / (1 - inputDropout);
  // As many as dropout takes on average, anywhere.
  for (let i = 0; i < inputDropout * out.length; i++) out[random.below(out.length)] = 0;
  return out;
}

/** Adds one piece's part to the gradients. */
function learn(
  input: Float32Array,
  wanted: number,
  ofBatch: number,
  parameters: Parameters,
  into: Parameters,
  random: Random,
): void {
  const values: Float32Array[] = [input];
  layers.forEach((_, layer) => {
    const sums = convolved(values[layer], layer, parameters.weights(layer), parameters.biases(layer));
    values.push(hasDropout(layer) ? dropped(sums, random) : sums);
  });
  const last = values[layers.length];
  const { outWeights } = parameters;
  let back = new Float32Array(last.length);
  const windows = last.length / layerSize - lastFrames + 1;
  for (let window = 0; window < windows; window++) {
    const first = window * layerSize;
    let odds = parameters.outBias[0];
    for (let i = 0; i < outWeights.length; i++) odds += outWeights[i] * last[first + i];
    const slope = (1 / (1 + Math.exp(-odds)) - wanted) / ofBatch;
    into.outBias[0] += slope;
    for (let i = 0; i < outWeights.length; i++) {
      into.outWeights[i] += slope * last[first + i];
      back[first + i] += slope * outWeights[i];
    }
  }
  for (let layer = layers.length - 1; layer >= 0; layer--)
    back = backThrough(layer, values[layer], values[layer + 1], back, parameters.weights(layer), into);
}

function hasDropout(layer: number): boolean {
  return layer === 0 || layer === layers.length - 1;
}

function dropped(sums: Float32Array, random: Random): Float32Array {
  for (let i = 0; i < sums.length; i++)
    sums[i] = random.uniform() < sumDropout ? 0 : sums[i] / (1 - sumDropout);
  return sums;
}

/** Gradients of one layer. @returns the gradient of its inputs, empty for the first layer */
function backThrough(
  layer: number,
  values: Float32Array,
  results: Float32Array,
  slopes: Float32Array,
  weights: Float32Array,
  into: Parameters,
): Float32Array<ArrayBuffer> {
  const { inputs, taps, dilation } = layers[layer];
  const toWeights = into.weights(layer);
  const toBiases = into.biases(layer);
  const isFirst = layer === 0;
  const back = new Float32Array(isFirst ? 0 : values.length);
  for (let to = 0; to < results.length; to++) {
    // What was rectified, or dropped, passes nothing back.
    if (results[to] === 0) continue;
    const slope = hasDropout(layer) ? slopes[to] / (1 - sumDropout) : slopes[to];
    const place = Math.floor(to / layerSize);
    const unit = to % layerSize;
    toBiases[unit] += slope;
    for (let tap = 0; tap < taps; tap++) {
      const row = (unit * taps + tap) * inputs;
      const first = (place + tap * dilation) * inputs;
      for (let i = 0; i < inputs; i++) toWeights[row + i] += slope * values[first + i];
      if (isFirst) continue;
      for (let i = 0; i < inputs; i++) back[first + i] += slope * weights[row + i];
    }
  }
  return back;
}
