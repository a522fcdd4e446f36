import type { DrowsinessProbabilities } from '../../src/driver/drowsiness/score.js';
import type { DrowsinessLabel } from './drowsiness-data.js';
import { groupBy } from './eye-score.js';
import type { Interval } from './wilson.js';

/** One video and what was said about it. */
export interface ScoredVideo {
  readonly subject: string;
  readonly label: DrowsinessLabel;
  readonly probabilities: DrowsinessProbabilities;
}

export interface DrowsinessFigures {
  /** Videos. */
  readonly n: number;
  readonly subjects: number;
  readonly videoAccuracy: number;
  readonly aucAlertDrowsy: number;
  readonly aucAlertLowVigilant: number;
  readonly aucLowVigilantDrowsy: number;
  /** Share of drowsy videos called rather drowsy than alert, and of alert videos called rather alert. */
  readonly sensitivity: number;
  readonly specificity: number;
  /** Mean negative logarithm of the true class's probability; 1.099 for a guess. */
  readonly crossEntropy: number;
}

export const classNames = ['alert', 'lowVigilant', 'drowsy'] as const;

function vector({ alert, lowVigilant, drowsy }: DrowsinessProbabilities): readonly [number, number, number] {
  return [alert, lowVigilant, drowsy];
}

export function calledClass({ probabilities }: ScoredVideo): DrowsinessLabel {
  const values = vector(probabilities);
  const best = Math.max(...values);
  return best === values[0] ? 0 : best === values[1] ? 1 : 2;
}

/** Probability of drowsy where only alert and drowsy are possible. */
export function drowsyAgainstAlert({ probabilities: { alert, drowsy } }: ScoredVideo): number {
  return drowsy / (alert + drowsy);
}

/** Area under the receiver operating curve: chance that a positive scores above a negative, ties half. NaN without both. */
export function auc(negatives: readonly number[], positives: readonly number[]): number {
  let above = 0;
  for (const positive of positives)
    for (const negative of negatives) above += positive > negative ? 1 : positive === negative ? 0.5 : 0;
  return above / (negatives.length * positives.length);
}

function aucBetween(videos: readonly ScoredVideo[], low: DrowsinessLabel, high: DrowsinessLabel): number {
  const score = (video: ScoredVideo): number => {
    const values = vector(video.probabilities);
    return values[high] / (values[low] + values[high]);
  };
  const of = (label: DrowsinessLabel) => videos.filter((video) => video.label === label).map(score);
  return auc(of(low), of(high));
}

function shareOf<T>(items: readonly T[], is: (item: T) => boolean): number {
  return items.filter(is).length / items.length;
}

export function drowsinessFigures(videos: readonly ScoredVideo[]): DrowsinessFigures {
  const losses = videos.map((video) => -Math.log(Math.max(1e-12, vector(video.probabilities)[video.label])));
  return {
    n: videos.length,
    subjects: new Set(videos.map(({ subject }) => subject)).size,
    videoAccuracy: shareOf(videos, (video) => calledClass(video) === video.label),
    aucAlertDrowsy: aucBetween(videos, 0, 2),
    aucAlertLowVigilant: aucBetween(videos, 0, 1),
    aucLowVigilantDrowsy: aucBetween(videos, 1, 2),
    sensitivity: shareOf(
      videos.filter(({ label }) => label === 2),
      (video) => drowsyAgainstAlert(video) >= 0.5,
    ),
    specificity: shareOf(
      videos.filter(({ label }) => label === 0),
      (video) => drowsyAgainstAlert(video) < 0.5,
    ),
    crossEntropy: losses.reduce((sum, loss) => sum + loss, 0) / losses.length,
  };
}

/** Rows: true class; columns: called class. */
export function confusion(videos: readonly ScoredVideo[]): number[][] {
  return classNames.map((_, label) =>
    classNames.map(
      (_, called) => videos.filter((video) => video.label === label && calledClass(video) === called).length,
    ),
  );
}

export interface CalibrationBin {
  /** Mean stated probability of drowsy against alert. */
  readonly stated: number;
  /** Share that was drowsy. */
  readonly found: number;
  readonly n: number;
}

/** Alert and drowsy videos in groups of equal size by the stated probability, lowest first. */
export function calibrationCurve(videos: readonly ScoredVideo[], groups = 5): CalibrationBin[] {
  const sorted = videos
    .filter(({ label }) => label !== 1)
    .map((video) => ({ stated: drowsyAgainstAlert(video), drowsy: video.label === 2 }))
    .sort((a, b) => a.stated - b.stated);
  return Array.from({ length: groups }, (_, group) => {
    const from = Math.round((group * sorted.length) / groups);
    const bin = sorted.slice(from, Math.round(((group + 1) * sorted.length) / groups));
    return {
      stated: bin.reduce((sum, { stated }) => sum + stated, 0) / bin.length,
      found: shareOf(bin, ({ drowsy }) => drowsy),
      n: bin.length,
    };
  }).filter(({ n }) => n > 0);
}

/** Mean distance of stated and found over the bins, weighted by their size. */
export function calibrationError(curve: readonly CalibrationBin[]): number {
  const n = curve.reduce((sum, bin) => sum + bin.n, 0);
  return curve.reduce((sum, bin) => sum + (bin.n / n) * Math.abs(bin.stated - bin.found), 0);
}

const resamples = 2000;

/** Uniform numbers in [0, 1) (mulberry32), so that intervals repeat. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * 95 % percentile bootstrap over subjects: each brings all their videos. `value` gets the resampled videos of all
 * `sets`, which are judgements of the same videos in the same order, so that differences are paired.
 */
export function subjectBootstrap(
  sets: readonly (readonly ScoredVideo[])[],
  value: (resampled: readonly (readonly ScoredVideo[])[]) => number,
): Interval {
  const indexed = sets[0].map(({ subject }, index) => ({ subject, index }));
  const groups = [...groupBy(indexed, ({ subject }) => subject).values()];
  if (groups.length < 5) return { low: Number.NaN, high: Number.NaN };
  const random = seeded(1);
  const found: number[] = [];
  for (let round = 0; round < resamples; round++) {
    const drawn = groups.flatMap(() => groups[Math.floor(random() * groups.length)]);
    const result = value(sets.map((set) => drawn.map(({ index }) => set[index])));
    if (!Number.isNaN(result)) found.push(result);
  }
  found.sort((a, b) => a - b);
  const at = (share: number) =>
    found[Math.min(found.length - 1, Math.floor(share * found.length))] ?? Number.NaN;
  return { low: at(0.025), high: at(0.975) };
}
