import { embeddingSize } from '../features.js';
import { lastFrames, layers, layerSize, logOdds, type HeadMember } from '../head.js';
import type { Random } from './random.js';

const [zero, one] = [new Float32Array(embeddingSize), new Float32Array(embeddingSize).fill(1)];

/** The numbers of a member while it learns, and things of the same shape. */
export class Parameters {
  /** All arrays: weights and biases of each layer in turn, output weights, output bias. */
  readonly all: readonly Float32Array[];

  private constructor(make: (length: number, deviation: number) => Float32Array) {
    const span = lastFrames * layerSize;
    this.all = [
      // He et al. 2015.
      ...layers.flatMap(({ inputs, taps }) => [
        make(layerSize * taps * inputs, Math.sqrt(2 / (taps * inputs))),
        make(layerSize, 0),
      ]),
      make(span, Math.sqrt(1 / span)),
      make(1, 0),
    ];
  }

  static random(random: Random): Parameters {
    return new Parameters((length, deviation) =>
      Float32Array.from({ length }, () => deviation * random.normal()),
    );
  }

  static zeros(): Parameters {
    return new Parameters((length) => new Float32Array(length));
  }

  copy(): Parameters {
    let next = 0;
    return new Parameters(() => this.all[next++].slice());
  }

  weights(layer: number): Float32Array {
    return this.all[2 * layer];
  }

  biases(layer: number): Float32Array {
    return this.all[2 * layer + 1];
  }

  get outWeights(): Float32Array {
    return this.all[2 * layers.length];
  }

  get outBias(): Float32Array {
    return this.all[2 * layers.length + 1];
  }

  /** So great a part of the way to others. */
  approach(others: Parameters, part: number): void {
    this.all.forEach((mine, k) => {
      const theirs = others.all[k];
      for (let i = 0; i < mine.length; i++) mine[i] += part * (theirs[i] - mine[i]);
    });
  }

  /** A copy, as a head has it. */
  member(): HeadMember {
    return {
      weights: layers.map((_, layer) => this.weights(layer).slice()),
      biases: layers.map((_, layer) => this.biases(layer).slice()),
      outWeights: this.outWeights.slice(),
      outBias: this.outBias[0],
    };
  }

  /** Log-odds of the windows of standardised embeddings. */
  oddsOf(embeddings: Float32Array): Float32Array {
    return logOdds({ mean: zero, deviation: one, members: [this.member()] }, embeddings);
  }
}

const decay = 2e-4;

/** The steps of Adam (Kingma and Ba 2015) with a little decay. */
export class Adam {
  readonly #first = Parameters.zeros();
  readonly #second = Parameters.zeros();
  #steps = 0;

  constructor(private readonly parameters: Parameters) {}

  /** Moves the parameters against the gradients and clears these. */
  move(gradients: Parameters, rate: number): void {
    this.#steps++;
    const firstScale = 1 / (1 - 0.9 ** this.#steps);
    const secondScale = 1 / (1 - 0.999 ** this.#steps);
    this.parameters.all.forEach((values, k) => {
      const [slopes, first, second] = [gradients.all[k], this.#first.all[k], this.#second.all[k]];
      for (let i = 0; i < values.length; i++) {
        const g = slopes[i] + decay * values[i];
        first[i] = 0.9 * first[i] + 0.1 * g;
        second[i] = 0.999 * second[i] + 0.001 * g * g;
        values[i] -= (rate * first[i] * firstScale) / (Math.sqrt(second[i] * secondScale) + 1e-8);
      }
      slopes.fill(0);
    });
  }
}
