import type { Direction } from './neutral-pose.js';

/** Limits in degrees from the neutral direction (yaw to either side, pitch down and up). */
export interface RoadLimits {
  readonly yawDeg: number;
  readonly pitchDownDeg: number;
  readonly pitchUpDeg: number;
  readonly gazeAzimuthDeg: number;
  readonly gazeDownDeg: number;
  /** Limits shrink by this factor for the way back: hysteresis. */
  readonly returnFactor: number;
  /** Limits grow by this factor while the neutral direction is not yet learnt. */
  readonly uncalibratedFactor: number;
}

/**
 * Whether the driver looks away from the road. The head decides; gaze can add a look away that the head does
 * not make, and is given only when it is confident and its own neutral direction is learnt.
 * @param offset head direction minus neutral
 * @param gazeOffset gaze direction minus its neutral, null when not to be used
 * @param wasOff the previous decision
 */
export function looksAway(
  offset: Direction,
  gazeOffset: Direction | null,
  wasOff: boolean,
  learned: boolean,
  limits: RoadLimits,
): boolean {
  const factor = (learned ? 1 : limits.uncalibratedFactor) * (wasOff ? limits.returnFactor : 1);
  if (Math.abs(offset.yawDeg) > limits.yawDeg * factor) return true;
  if (offset.pitchDeg < -limits.pitchDownDeg * factor || offset.pitchDeg > limits.pitchUpDeg * factor)
    return true;
  if (gazeOffset === null) return false;
  return (
    Math.abs(gazeOffset.yawDeg) > limits.gazeAzimuthDeg * factor ||
    gazeOffset.pitchDeg < -limits.gazeDownDeg * factor
  );
}

/** Time spent looking away without a real look back. */
export interface Glance {
  /** Start of the look away in progress. */
  readonly offSinceMs: number | null;
  /** Start of the forward look in progress. */
  readonly onSinceMs: number | null;
  /** Since when the direction has not been measurable. */
  readonly unknownSinceMs: number | null;
  /** Length of the look away at the newest frame. */
  readonly offMs: number;
}

export const initialGlance: Glance = { offSinceMs: null, onSinceMs: null, unknownSinceMs: null, offMs: 0 };

/**
 * One frame. A look back shorter than `flickerMs` does not end the look away. A face lost while looking away is
 * still away (the driver turned further); one lost while looking ahead says nothing, and both for at most
 * `unseenMs`.
 */
export function stepGlance(
  glance: Glance,
  t: number,
  looking: 'ahead' | 'away' | 'unknown',
  flickerMs: number,
  unseenMs: number,
): Glance {
  if (looking === 'away') {
    const offSinceMs = glance.offSinceMs ?? t;
    return { offSinceMs, onSinceMs: null, unknownSinceMs: null, offMs: t - offSinceMs };
  }
  if (looking === 'ahead') {
    const onSinceMs = glance.onSinceMs ?? t;
    const over = glance.offSinceMs === null || t - onSinceMs >= flickerMs;
    if (over) return { offSinceMs: null, onSinceMs, unknownSinceMs: null, offMs: 0 };
    return { ...glance, onSinceMs, unknownSinceMs: null };
  }
  const unknownSinceMs = glance.unknownSinceMs ?? t;
  const away = glance.offSinceMs !== null && glance.onSinceMs === null && t - unknownSinceMs <= unseenMs;
  if (!away) return { offSinceMs: null, onSinceMs: null, unknownSinceMs, offMs: 0 };
  return { ...glance, unknownSinceMs, offMs: t - glance.offSinceMs };
}
