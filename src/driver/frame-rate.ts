/** Measured rate of readable frames: an exponential mean of the interval with a time constant of one second. */
export interface FrameRate {
  readonly lastT: number | null;
  readonly meanIntervalMs: number | null;
}

export const initialFrameRate: FrameRate = { lastT: null, meanIntervalMs: null };

const timeConstantMs = 1000;

/** Blinks last 100 to 400 ms; half of them are missed at 10 Hz, one in twenty at 30 Hz. */
export const blinkCountMinHz = 15;

/** A camera set to exactly the minimum rate jitters around it; 3 % below still counts as that rate. */
const toleratedShare = 0.97;

export function stepFrameRate(rate: FrameRate, t: number): FrameRate {
  if (rate.lastT === null) return { lastT: t, meanIntervalMs: null };
  const interval = t - rate.lastT;
  if (interval <= 0) return rate;
  if (rate.meanIntervalMs === null) return { lastT: t, meanIntervalMs: interval };
  const share = 1 - Math.exp(-interval / timeConstantMs);
  return { lastT: t, meanIntervalMs: rate.meanIntervalMs + share * (interval - rate.meanIntervalMs) };
}

/** Hz; null before the second frame. */
export function rateHz(rate: FrameRate): number | null {
  return rate.meanIntervalMs === null ? null : 1000 / rate.meanIntervalMs;
}

export function fastEnoughForBlinks(rate: FrameRate): boolean {
  const hz = rateHz(rate);
  return hz !== null && hz >= blinkCountMinHz * toleratedShare;
}
