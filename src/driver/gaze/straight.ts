import { gazeLimits } from './limits.js';

/** What of the vehicle says that the driver looks straight ahead; null where it is not known. */
export interface Course {
  readonly speedKmh: number | null;
  /** Positive to the left. */
  readonly steeringAngleDeg: number | null;
}

/**
 * Whether looking ahead is looking along the car's own axis: fast enough, and the wheel about its middle where its
 * angle is known. An unknown speed counts as driving.
 */
export function drivesStraight({ speedKmh, steeringAngleDeg }: Course): boolean {
  if (speedKmh !== null && speedKmh < gazeLimits.straightMinSpeedKmh) return false;
  return steeringAngleDeg === null || Math.abs(steeringAngleDeg) <= gazeLimits.straightSteeringDeg;
}
