import { addAngle, emptyAngleMedian, medianDeg, weakened, type AngleMedian } from './angle-median.js';
import { gazeLimits } from './limits.js';

/**
 * Where this driver's head points while driving straight on, as this camera sees it. Head pose from one camera
 * has an unknown zero (mount, seat, face shape), so "eyes on road" is judged relative to it.
 *
 * Learnt while driving; until enough of that has been seen, also (with a fifth of the weight) while slow or
 * standing, so that there is a direction to judge by from the first second on.
 */
export interface NeutralPose {
  readonly yaw: AngleMedian;
  readonly pitch: AngleMedian;
  /** Time learnt while driving. */
  readonly drivingMs: number;
  /** All time learnt. */
  readonly seenMs: number;
  readonly lastT: number | null;
}

export interface NeutralLimits {
  readonly learnedMs: number;
  readonly memoryMs: number;
  /** The learnt pose stays within these of the mount's own zero. */
  readonly maxYawDeg: number;
  readonly maxPitchDeg: number;
}

export interface Direction {
  readonly yawDeg: number;
  readonly pitchDeg: number;
}

export interface Neutral extends Direction {
  /** Enough driving was seen; before that the limits around it are wider. */
  readonly learned: boolean;
}

export const initialNeutralPose: NeutralPose = {
  yaw: emptyAngleMedian,
  pitch: emptyAngleMedian,
  drivingMs: 0,
  seenMs: 0,
  lastT: null,
};

const maxSampleMs = 200;
const firstSampleMs = 1000 / 30;
const standingWeight = 0.2;
/** The least that makes a direction: as long as the eye baseline needs. */
const knownAfterMs = 900;

/** One frame with a measured head. @param driving fast enough to be looking ahead mostly (an unknown speed counts as driving) */
export function stepNeutralPose(
  neutral: NeutralPose,
  t: number,
  head: Direction,
  driving: boolean,
  limits: NeutralLimits,
): NeutralPose {
  const elapsed = neutral.lastT === null ? firstSampleMs : t - neutral.lastT;
  const ms = Math.min(maxSampleMs, Math.max(0, elapsed));
  if (!driving && neutral.drivingMs >= limits.learnedMs) return { ...neutral, lastT: t };
  const weight = driving ? ms : ms * standingWeight;
  return {
    yaw: addAngle(neutral.yaw, head.yawDeg, weight, limits.memoryMs),
    pitch: addAngle(neutral.pitch, head.pitchDeg, weight, limits.memoryMs),
    drivingMs: neutral.drivingMs + (driving ? ms : 0),
    seenMs: neutral.seenMs + ms,
    lastT: t,
  };
}

/** The neutral direction; null while too little was seen. @param mount the mount's own zero, 0/0 if unknown */
export function neutralDirection(
  neutral: NeutralPose,
  limits: NeutralLimits,
  mount: Direction,
): Neutral | null {
  if (neutral.seenMs < knownAfterMs) return null;
  return {
    yawDeg: clampAround(medianDeg(neutral.yaw), mount.yawDeg, limits.maxYawDeg),
    pitchDeg: clampAround(medianDeg(neutral.pitch), mount.pitchDeg, limits.maxPitchDeg),
    learned: neutral.drivingMs >= limits.learnedMs,
  };
}

/** Another driver may sit there: the zero stays as a first guess that a second of looking ahead outvotes. */
export function forgetNeutralPose(neutral: NeutralPose): NeutralPose {
  const { forgottenMs } = gazeLimits;
  return {
    ...neutral,
    yaw: weakened(neutral.yaw, forgottenMs),
    pitch: weakened(neutral.pitch, forgottenMs),
    drivingMs: 0,
    seenMs: Math.min(neutral.seenMs, forgottenMs),
  };
}

/** Share of the learning done, 0 to 1. */
export function neutralShare(neutral: NeutralPose, { learnedMs }: Pick<NeutralLimits, 'learnedMs'>): number {
  return Math.min(1, neutral.drivingMs / learnedMs);
}

function clampAround(value: number, centre: number, reach: number): number {
  return Math.min(centre + reach, Math.max(centre - reach, value));
}
