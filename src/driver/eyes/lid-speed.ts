import { blinkParameters } from './blink.js';

/**
 * How fast the lids fell and rose in the movement in progress: the largest change of relative openness between two
 * frames, in open eyes per second. Lids fall within 100 ms, so that only cameras from 60 Hz up see anything of it,
 * and even those underrate the peak (published amplitude-velocity ratios come from 250 to 500 Hz).
 */
export interface LidSpeed {
  readonly lastT: number | null;
  readonly lastRatio: number;
  readonly lowest: number;
  readonly fallingPerS: number;
  readonly risingPerS: number;
}

export const initialLidSpeed: LidSpeed = {
  lastT: null,
  lastRatio: 1,
  lowest: Number.POSITIVE_INFINITY,
  fallingPerS: 0,
  risingPerS: 0,
};

/** One measured frame. @param resting the lids are open and not on their way down: a new movement begins after it */
export function stepLidSpeed(speed: LidSpeed, t: number, ratio: number, resting: boolean): LidSpeed {
  const elapsedMs = speed.lastT === null ? Number.POSITIVE_INFINITY : t - speed.lastT;
  const still = { lastT: t, lastRatio: ratio, lowest: ratio, fallingPerS: 0, risingPerS: 0 };
  if (resting || elapsedMs <= 0 || elapsedMs > blinkParameters.maxHoleMs) return still;
  const perS = ((ratio - speed.lastRatio) * 1000) / elapsedMs;
  const deeper = ratio < speed.lowest;
  return {
    lastT: t,
    lastRatio: ratio,
    lowest: deeper ? ratio : speed.lowest,
    fallingPerS: Math.max(speed.fallingPerS, -perS),
    // Lids that fall on after a first small rise have not begun to reopen.
    risingPerS: deeper ? 0 : Math.max(speed.risingPerS, perS),
  };
}
