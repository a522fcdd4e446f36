import type { BlinkEvent } from './blink.js';

/**
 * What this driver's blinks are like while awake: means and spreads of length and depth, and the interval between
 * blinks. Sleepy blinks are told from usual ones by their distance from it, since people differ more between each
 * other than one does over a day.
 */
export interface BlinkBaseline {
  /** Closures learnt from. */
  readonly n: number;
  /** Natural logarithm of the length in ms: lengths are skewed. */
  readonly logDuration: Moments;
  /** Depth against the open eye, 0 to 1. */
  readonly amplitude: Moments;
  /** Natural logarithm of the time between the beginnings of two closures, ms. */
  readonly logInterval: Moments;
  readonly lastStartMs: number | null;
}

export interface Moments {
  readonly n: number;
  readonly mean: number;
  readonly variance: number;
}

const noMoments: Moments = { n: 0, mean: 0, variance: 0 };

export const initialBlinkBaseline: BlinkBaseline = {
  n: 0,
  logDuration: noMoments,
  amplitude: noMoments,
  logInterval: noMoments,
  lastStartMs: null,
};

/** Enough closures to compare with: two minutes at the usual 15 to 20 a minute. */
export const blinkBaselineNeeds = 30;

/** From here on older closures fade, so that a baseline follows glasses put on and light, not sleepiness of an hour. */
const memoryClosures = 300;
/** Longer pauses (no face, eyes not measurable, staring) say nothing about the usual interval. */
const maxIntervalMs = 30_000;

/** Long closures do not belong to waking and are left out. */
export function addToBlinkBaseline(baseline: BlinkBaseline, event: BlinkEvent): BlinkBaseline {
  if (event.kind === 'long') return baseline;
  const { startMs, durationMs, minRatio } = event;
  const intervalMs = baseline.lastStartMs === null ? Number.NaN : startMs - baseline.lastStartMs;
  const paced = intervalMs > 0 && intervalMs <= maxIntervalMs;
  return {
    n: baseline.n + 1,
    logDuration: durationMs > 0 ? add(baseline.logDuration, Math.log(durationMs)) : baseline.logDuration,
    amplitude: add(baseline.amplitude, Math.min(1, Math.max(0, 1 - minRatio))),
    logInterval: paced ? add(baseline.logInterval, Math.log(intervalMs)) : baseline.logInterval,
    lastStartMs: startMs,
  };
}

/** Share learnt, 0 to 1. */
export function blinkBaselineShare(baseline: BlinkBaseline): number {
  return Math.min(1, baseline.n / blinkBaselineNeeds);
}

/** Welford's update while few were seen, then with a fixed weight: the newest `memoryClosures` or so count. */
function add({ n, mean, variance }: Moments, value: number): Moments {
  const count = Math.min(n + 1, memoryClosures);
  const delta = value - mean;
  const next = mean + delta / count;
  return { n: count, mean: next, variance: variance + (delta * (value - next) - variance) / count };
}
