import { embeddingSize } from '../features.js';
import { headHidden, headInputs, scoreHead, type WakeHead } from '../head.js';
import type { Random } from './random.js';

export interface Windows {
  /** Windows of `headInputs` numbers that end with the phrase. */
  readonly positive: readonly Float32Array[];
  readonly negative: readonly Float32Array[];
}

export interface Fit {
  readonly head: Omit<WakeHead, 'phrase' | 'threshold'>;
  /** Passes over the data of the head that was kept. */
  readonly epochs: number;
}

// Own names: some loaders look an imported one up at every use, which the loops below would feel.
const [inputs, units, perFrame] = [headInputs, headHidden, embeddingSize];

const mostEpochs = 40;
/** Stops when so many passes brought nothing for the held-out voices. */
const patience = 8;
const batchSize = 64;
const rate = 1e-3;
const decay = 1e-4;
const inputNoise = 0.15;
const inputDropout = 0.1;
const hiddenDropout = 0.3;
/** Negatives of a pass: the hardest of all and so many others, as multiples of the positives. */
const hardShare = 1;
const otherShare = 2;
/** The hardest are looked for again after so many passes. */
const searchEvery = 3;

interface Parameters {
  readonly weights: Float32Array;
  readonly biases: Float32Array;
  readonly outWeights: Float32Array;
  readonly outBias: Float32Array;
}

/**
 * Fits a head by Adam (Kingma and Ba 2015) on cross-entropy, with noise on the inputs and dropout; keeps the weights with
 * the smallest balanced cross-entropy on `heldOut`.
 * @param onEpoch is told each pass and the best loss so far
 */
export function fitHead(
  training: Windows,
  heldOut: Windows,
  random: Random,
  onEpoch: (epoch: number, loss: number) => void = () => undefined,
): Fit {
  const { mean, deviation } = statistics([...training.positive, ...training.negative]);
  const parameters = start(random);
  const adam = new Adam(parameters);
  const headNow = (): Fit['head'] => ({
    mean,
    deviation,
    weights: parameters.weights.slice(),
    biases: parameters.biases.slice(),
    outWeights: parameters.outWeights.slice(),
    outBias: parameters.outBias[0],
  });
  let best: Fit = { head: headNow(), epochs: 0 };
  let bestLoss = Number.POSITIVE_INFINITY;
  let hard: Float32Array[] = [];
  for (let epoch = 1; epoch <= mostEpochs && epoch - best.epochs <= patience; epoch++) {
    if (epoch % searchEvery === 0)
      hard = hardest(headNow(), training.negative, hardShare * training.positive.length);
    const others = random.shuffled(training.negative).slice(0, otherShare * training.positive.length);
    const samples = random.shuffled([
      ...training.positive.map((window) => ({ window, wanted: 1 })),
      ...[...hard, ...others].map((window) => ({ window, wanted: 0 })),
    ]);
    for (let at = 0; at < samples.length; at += batchSize)
      step(samples.slice(at, at + batchSize), parameters, adam, { mean, deviation }, random);
    const head = headNow();
    const loss = balancedLoss(head, heldOut);
    if (loss < bestLoss) {
      bestLoss = loss;
      best = { head, epochs: epoch };
    }
    onEpoch(epoch, bestLoss);
  }
  return best;
}

function score(head: Fit['head'], window: Float32Array): number {
  return scoreHead({ ...head, phrase: '', threshold: 1 }, window);
}

function hardest(head: Fit['head'], windows: readonly Float32Array[], count: number): Float32Array[] {
  return windows
    .map((window) => ({ window, score: score(head, window) }))
    .filter((entry) => entry.score > 0.01)
    .sort((a, b) => b.score - a.score)
    .slice(0, count)
    .map(({ window }) => window);
}

function balancedLoss(head: Fit['head'], { positive, negative }: Windows): number {
  const loss = (windows: readonly Float32Array[], wanted: number): number =>
    windows.reduce((sum, window) => {
      const p = score(head, window);
      return sum - Math.log(Math.max(1e-6, wanted === 1 ? p : 1 - p));
    }, 0) / Math.max(1, windows.length);
  return loss(positive, 1) + loss(negative, 0);
}

/** Per number of an embedding, over all frames: a phrase may begin at any of them. */
function statistics(windows: readonly Float32Array[]): { mean: Float32Array; deviation: Float32Array } {
  const sums = new Float64Array(perFrame);
  const squares = new Float64Array(perFrame);
  for (const window of windows) {
    for (let i = 0; i < inputs; i++) {
      sums[i % perFrame] += window[i];
      squares[i % perFrame] += window[i] * window[i];
    }
  }
  const n = (windows.length * inputs) / perFrame;
  const deviationAt = (i: number): number =>
    Math.sqrt(Math.max(0, squares[i] / n - (sums[i] / n) ** 2)) + 1e-3;
  return {
    mean: Float32Array.from({ length: inputs }, (_, i) => sums[i % perFrame] / n),
    deviation: Float32Array.from({ length: inputs }, (_, i) => deviationAt(i % perFrame)),
  };
}

/** He et al. 2015. */
function start(random: Random): Parameters {
  const normal = (length: number, deviation: number): Float32Array =>
    Float32Array.from({ length }, () => deviation * random.normal());
  return {
    weights: normal(units * inputs, Math.sqrt(2 / inputs)),
    biases: new Float32Array(units),
    outWeights: normal(units, Math.sqrt(2 / units)),
    outBias: new Float32Array(1),
  };
}

class Adam {
  readonly gradients: Parameters;
  readonly #first: Parameters;
  readonly #second: Parameters;
  #steps = 0;

  constructor(private readonly parameters: Parameters) {
    const zeros = (): Parameters => ({
      weights: new Float32Array(parameters.weights.length),
      biases: new Float32Array(parameters.biases.length),
      outWeights: new Float32Array(parameters.outWeights.length),
      outBias: new Float32Array(1),
    });
    this.gradients = zeros();
    this.#first = zeros();
    this.#second = zeros();
  }

  /** Moves the parameters against the gradients and clears these. */
  move(): void {
    this.#steps++;
    const firstScale = 1 / (1 - 0.9 ** this.#steps);
    const secondScale = 1 / (1 - 0.999 ** this.#steps);
    for (const name of ['weights', 'biases', 'outWeights', 'outBias'] as const) {
      const values = this.parameters[name];
      const gradients = this.gradients[name];
      const first = this.#first[name];
      const second = this.#second[name];
      const shrink = name === 'weights' || name === 'outWeights' ? decay : 0;
      for (let i = 0; i < values.length; i++) {
        const g = gradients[i] + shrink * values[i];
        first[i] = 0.9 * first[i] + 0.1 * g;
        second[i] = 0.999 * second[i] + 0.001 * g * g;
        values[i] -= (rate * first[i] * firstScale) / (Math.sqrt(second[i] * secondScale) + 1e-8);
      }
      gradients.fill(0);
    }
  }
}

const input = new Float32Array(inputs);
const hidden = new Float32Array(units);

function step(
  batch: readonly { readonly window: Float32Array; readonly wanted: number }[],
  { weights, biases, outWeights, outBias }: Parameters,
  adam: Adam,
  { mean, deviation }: { readonly mean: Float32Array; readonly deviation: Float32Array },
  random: Random,
): void {
  const { gradients } = adam;
  for (const { window, wanted } of batch) {
    for (let i = 0; i < inputs; i++) {
      const kept = random.uniform() >= inputDropout;
      // A uniform deviate of this width has the deviation `inputNoise`.
      const noise = inputNoise * Math.sqrt(12) * (random.uniform() - 0.5);
      input[i] = kept ? ((window[i] - mean[i]) / deviation[i] + noise) / (1 - inputDropout) : 0;
    }
    let sum = outBias[0];
    for (let unit = 0; unit < units; unit++) {
      hidden[unit] = 0;
      if (random.uniform() < hiddenDropout) continue;
      let total = biases[unit];
      const row = unit * inputs;
      for (let i = 0; i < inputs; i++) total += weights[row + i] * input[i];
      if (total <= 0) continue;
      hidden[unit] = total / (1 - hiddenDropout);
      sum += outWeights[unit] * hidden[unit];
    }
    const slope = (1 / (1 + Math.exp(-sum)) - wanted) / batch.length;
    gradients.outBias[0] += slope;
    for (let unit = 0; unit < units; unit++) {
      if (hidden[unit] === 0) continue;
      gradients.outWeights[unit] += slope * hidden[unit];
      const back = (slope * outWeights[unit]) / (1 - hiddenDropout);
      gradients.biases[unit] += back;
      const row = unit * inputs;
      for (let i = 0; i < inputs; i++) gradients.weights[row + i] += back * input[i];
    }
  }
  adam.move();
}
