import { entropyClasses, entropyOf, errorClass, samplesPerMean } from './prediction-error.js';
import { gridMs } from './resampler.js';

/**
 * This driver's usual prediction errors, learnt over the first minutes at speed and then left alone: alpha, within
 * which nine of ten of them lie, and the entropy they make with it. A histogram with a bin every tenth of a size.
 */
export interface EntropyBaseline {
  /** Errors seen per class of size; negative sizes first. */
  readonly sizes: Float64Array;
  readonly n: number;
  /** Null until learnt. */
  readonly learnt: { readonly alphaDeg: number; readonly entropy: number } | null;
}

const perDecade = 24;
const smallestDeg = 0.001;
const decades = 5;
const sizes = perDecade * decades;

/** Time at speed to learn from. Sources take 90 s to several minutes of attentive driving. */
export const entropyBaselineMs = 180_000;
const needed = entropyBaselineMs / (gridMs * samplesPerMean);

/** Sensors resolve 0.1 degrees or less coarsely: a smaller alpha would be the sensor's steps, not the driver. */
const minAlphaDeg = 0.1;

export const initialEntropyBaseline: EntropyBaseline = {
  sizes: new Float64Array(2 * sizes),
  n: 0,
  learnt: null,
};

export function entropyBaselineShare(baseline: EntropyBaseline): number {
  return baseline.learnt === null ? Math.min(0.99, baseline.n / needed) : 1;
}

/** Does nothing once learnt. */
export function addError(baseline: EntropyBaseline, errorDeg: number): EntropyBaseline {
  if (baseline.learnt !== null) return baseline;
  const counts = baseline.sizes.slice();
  counts[sizes * Number(errorDeg >= 0) + sizeOf(Math.abs(errorDeg))] += 1;
  const n = baseline.n + 1;
  return { sizes: counts, n, learnt: n < needed ? null : learn(counts, n) };
}

function learn(counts: Float64Array, n: number): { alphaDeg: number; entropy: number } {
  let size = 0;
  for (let below = 0; size < sizes; size++) {
    below += counts[size] + counts[sizes + size];
    if (below >= 0.9 * n) break;
  }
  const alphaDeg = Math.max(minAlphaDeg, degreesOf(size + 1));
  const classes = new Float64Array(entropyClasses);
  for (let i = 0; i < sizes; i++) {
    const middle = degreesOf(i + 0.5);
    classes[errorClass(-middle, alphaDeg)] += counts[i];
    classes[errorClass(middle, alphaDeg)] += counts[sizes + i];
  }
  return { alphaDeg, entropy: entropyOf(classes) };
}

function sizeOf(magnitudeDeg: number): number {
  const size = Math.floor(perDecade * Math.log10(magnitudeDeg / smallestDeg));
  return Math.min(sizes - 1, Math.max(0, size));
}

function degreesOf(size: number): number {
  return smallestDeg * 10 ** (size / perDecade);
}
