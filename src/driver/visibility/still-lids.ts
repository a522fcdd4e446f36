import { visibilityLimits } from './limits.js';

/** Openness since the lids last closed, or were last out of sight: count, mean and squares (Welford 1962). */
export interface StillLids {
  readonly sinceMs: number | null;
  readonly lastT: number;
  readonly count: number;
  readonly mean: number;
  readonly squares: number;
}

export const initialStillLids: StillLids = { sinceMs: null, lastT: 0, count: 0, mean: 0, squares: 0 };

/** Out of sight for longer than this, lids may have blinked. */
const maxHoleMs = 1000;

/**
 * One frame with a face. Living lids blink, and move with every glance; lids that a network makes up on dark
 * glasses or on a printed eye do neither.
 * @param openness null when it was not measured
 * @param closed whether the lids are closed
 */
export function stepStillLids(
  lids: StillLids,
  t: number,
  openness: number | null,
  closed: boolean,
): StillLids {
  if (openness === null) return t - lids.lastT > maxHoleMs ? initialStillLids : lids;
  if (closed) return { ...initialStillLids, lastT: t };
  const goesOn = lids.sinceMs !== null && t - lids.lastT <= maxHoleMs;
  const before = goesOn ? lids : initialStillLids;
  const count = before.count + 1;
  const off = openness - before.mean;
  const mean = before.mean + off / count;
  return {
    sinceMs: goesOn ? lids.sinceMs : t,
    lastT: t,
    count,
    mean,
    squares: before.squares + off * (openness - mean),
  };
}

/** @param fast enough frames a second that no blink is missed */
export function lidsStandStill({ sinceMs, lastT, count, mean, squares }: StillLids, fast: boolean): boolean {
  const { noBlinkMs, noiseSpread } = visibilityLimits.lids;
  if (!fast || sinceMs === null || lastT - sinceMs < noBlinkMs) return false;
  return Math.sqrt(squares / count) < noiseSpread * mean;
}
