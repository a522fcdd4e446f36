import { gazeLimits } from './limits.js';

/**
 * Eyes that look down are hardly seen to: the lids go along, hide the iris's lower and upper rim, and the mesh draws the
 * iris's centre to the middle of what is left. So a look down by the eyes alone reads as a third of itself. The rest is put
 * back where the lids agree, which never rise in a look down.
 *
 * Lids that come down by themselves (a squint, laughter, drowsiness) pull the reading down a little, too: what they
 * explain is not a look. In between the reading is what it was, so eyes that are lowered further never read as less.
 */
export interface EyesDown {
  /** Eyes in the head against their own zero, degrees, positive up. */
  readonly elevationDeg: number;
  /** How many times as uncertain as the reading it is. */
  readonly gain: number;
}

/**
 * @param elevationDeg as read: eyes in the head against their own zero, positive up
 * @param lowered by how much of this driver's open eye the lids are lowered; negative wider; null where unknown
 */
export function eyesDown(elevationDeg: number, lowered: number | null): EyesDown {
  const p = gazeLimits;
  if (lowered === null || !(elevationDeg < 0)) return { elevationDeg, gain: 1 };
  const agree = Math.min(1, Math.max(0, (lowered - p.lidsRaised) / (p.lidsAgree - p.lidsRaised)));
  const look = Math.min(0, elevationDeg + p.lidsPullDeg * Math.max(0, lowered));
  const missing = (1 / p.downShown - 1) * agree * look;
  const down = Math.max(Math.min(elevationDeg, -p.downReachDeg), elevationDeg + missing);
  return { elevationDeg: down, gain: down / elevationDeg };
}
