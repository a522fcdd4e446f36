/**
 * What one blink is for the drowsiness model, and what this driver's blinks are like while awake: the model sees every
 * blink as its distance from them, in their own standard deviations.
 */
export interface BlinkFeatures {
  /** Blinks per minute of measured time, over the last two minutes of it. */
  readonly frequencyPerMin: number;
  /** Depth against the driver's open eye, 0 to 1. */
  readonly amplitude: number;
  readonly durationMs: number;
  /** Mean speed of reopening, in open eyes per second. */
  readonly openingPerS: number;
}

export const blinkFeatureNames = ['frequencyPerMin', 'amplitude', 'durationMs', 'openingPerS'] as const;

export type BlinkFeatureName = (typeof blinkFeatureNames)[number];

interface Moments {
  readonly mean: number;
  readonly variance: number;
}

export interface BlinkReference {
  readonly n: number;
  readonly moments: Readonly<Record<BlinkFeatureName, Moments>>;
}

const none: Moments = { mean: 0, variance: 0 };

export const initialBlinkReference: BlinkReference = {
  n: 0,
  moments: { frequencyPerMin: none, amplitude: none, durationMs: none, openingPerS: none },
};

export const blinkReferenceParameters = {
  /** Fewer blinks have no standard deviation worth dividing by. Two minutes at the usual 15 to 20 a minute. */
  minBlinks: 30,
  /** Measured time of the trip that is taken for alert. Drivers set off at least as awake as they go on (assumption). */
  learnMs: 8 * 60_000,
  /** Longer closures do not belong to waking (Johns 2003). */
  longMs: 500,
  /**
   * Means of awake people, so that one who sets off half asleep is not his own standard: awake blinks last 100 to 200 ms
   * from lid to lid, 400 at most (Johns 2003: 111 +- 51 ms closed). The other ranges are wide engineering choices.
   */
  mean: {
    frequencyPerMin: [2, 40],
    amplitude: [0.4, 1],
    durationMs: [80, 300],
    openingPerS: [2, 20],
  },
  /**
   * Smallest deviations. Durations come in steps of one frame, a uniform error of 33 ms / sqrt(12) at 30 Hz; a driver
   * with machine-like blinks must not turn one frame more into an event.
   */
  minDeviation: { frequencyPerMin: 2, amplitude: 0.04, durationMs: 20, openingPerS: 0.6 },
} as const satisfies {
  minBlinks: number;
  learnMs: number;
  longMs: number;
  mean: Record<BlinkFeatureName, readonly [number, number]>;
  minDeviation: Record<BlinkFeatureName, number>;
};

/** Learns from one blink of the alert period (Welford's update); long closures teach nothing. */
export function learnBlink(reference: BlinkReference, blink: BlinkFeatures): BlinkReference {
  if (blink.durationMs >= blinkReferenceParameters.longMs) return reference;
  const n = reference.n + 1;
  const add = (name: BlinkFeatureName): Moments => {
    const { mean, variance } = reference.moments[name];
    const delta = blink[name] - mean;
    const next = mean + delta / n;
    return { mean: next, variance: variance + (delta * (blink[name] - next) - variance) / n };
  };
  return {
    n,
    moments: {
      frequencyPerMin: add('frequencyPerMin'),
      amplitude: add('amplitude'),
      durationMs: add('durationMs'),
      openingPerS: add('openingPerS'),
    },
  };
}

/** Distance of a blink from the driver's usual ones, in clamped standard deviations. */
export function normalised(reference: BlinkReference, blink: BlinkFeatures, name: BlinkFeatureName): number {
  const p = blinkReferenceParameters;
  const { mean, variance } = reference.moments[name];
  const [low, high] = p.mean[name];
  const centre = Math.min(high, Math.max(low, mean));
  return (blink[name] - centre) / Math.max(p.minDeviation[name], Math.sqrt(variance));
}
