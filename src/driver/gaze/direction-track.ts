import type { FaceSeen } from '../../camera/observation.js';
import type { UnknownReason } from '../measured.js';
import type { Policy } from '../policy/policy.js';
import { initialGlance, looksAway, stepGlance, type Glance, type RoadLimits } from './eyes-on-road.js';
import {
  initialNeutralPose,
  neutralDirection,
  stepNeutralPose,
  type Direction,
  type Neutral,
  type NeutralLimits,
  type NeutralPose,
} from './neutral-pose.js';

/** What is remembered of where the driver looks. */
export interface DirectionTrack {
  readonly neutral: NeutralPose;
  readonly gazeNeutral: NeutralPose;
  /** The neutral direction as learnt so far. */
  readonly zero: Neutral | null;
  readonly glance: Glance;
}

export const initialDirection: DirectionTrack = {
  neutral: initialNeutralPose,
  gazeNeutral: initialNeutralPose,
  zero: null,
  glance: initialGlance,
};

export type Looking = 'ahead' | 'away' | 'unknown';

export interface DirectionStep {
  readonly direction: DirectionTrack;
  /** Head direction relative to the learnt neutral pose. */
  readonly head: Direction | null;
  readonly looking: Looking;
  /** Why it is not known, where it is not. */
  readonly reason: UnknownReason;
}

export interface DirectionContext {
  readonly policy: Policy;
  /** Fast enough to be looking ahead mostly. */
  readonly driving: boolean;
  /** The zero of head pose that the camera's mount implies. */
  readonly mount: Direction;
  /** The lids are open, so the irises can be believed. */
  readonly eyesOpen: boolean;
  /** A head that nods with closed eyes is not looking anywhere, so it teaches nothing. */
  readonly nodding: boolean;
}

/** One frame with a face and a sound image. */
export function stepDirection(
  direction: DirectionTrack,
  face: FaceSeen,
  context: DirectionContext,
): DirectionStep {
  const { policy, mount, driving, nodding } = context;
  const { yawDeg, pitchDeg } = face.head;
  if (!Number.isFinite(yawDeg) || !Number.isFinite(pitchDeg))
    return stepUnknownDirection(direction, face.t, 'headPoseInvalid', policy);

  const limits = neutralLimits(policy);
  const neutral = nodding
    ? direction.neutral
    : stepNeutralPose(direction.neutral, face.t, face.head, driving, limits);
  const zero = neutralDirection(neutral, limits, mount);
  const gaze = usableGaze(face, context);
  const gazeNeutral =
    gaze === null || nodding
      ? direction.gazeNeutral
      : stepNeutralPose(direction.gazeNeutral, face.t, gaze, driving, limits);
  if (zero === null)
    return stepUnknownDirection({ ...direction, neutral, gazeNeutral }, face.t, 'calibrating', policy);

  const head = { yawDeg: yawDeg - zero.yawDeg, pitchDeg: pitchDeg - zero.pitchDeg };
  const gazeZero = neutralDirection(gazeNeutral, limits, mount);
  const gazeOffset =
    gaze !== null && gazeZero?.learned === true
      ? { yawDeg: gaze.yawDeg - gazeZero.yawDeg, pitchDeg: gaze.pitchDeg - gazeZero.pitchDeg }
      : null;
  const wasOff = direction.glance.offSinceMs !== null;
  const away = looksAway(head, gazeOffset, wasOff, zero.learned, roadLimits(policy));
  const looking = away ? 'away' : 'ahead';
  return {
    direction: { neutral, gazeNeutral, zero, glance: glanceAt(direction, face.t, looking, policy) },
    head,
    looking,
    reason: 'calibrating',
  };
}

/** One frame that does not tell where the driver looks. */
export function stepUnknownDirection(
  direction: DirectionTrack,
  t: number,
  reason: UnknownReason,
  policy: Policy,
): DirectionStep {
  const glance = glanceAt(direction, t, 'unknown', policy);
  return { direction: { ...direction, glance }, head: null, looking: 'unknown', reason };
}

function glanceAt(direction: DirectionTrack, t: number, looking: Looking, policy: Policy): Glance {
  const p = policy.values;
  return stepGlance(
    direction.glance,
    t,
    looking,
    p['longDistraction.flickerMs'],
    p['closure.unseenHoldMs'],
  );
}

function usableGaze(face: FaceSeen, { eyesOpen, policy }: DirectionContext): Direction | null {
  const { azimuthDeg, elevationDeg, confidence } = face.gaze;
  if (!eyesOpen || !(confidence >= policy.values['road.gazeMinConfidence'])) return null;
  if (!Number.isFinite(azimuthDeg) || !Number.isFinite(elevationDeg)) return null;
  return { yawDeg: azimuthDeg, pitchDeg: elevationDeg };
}

function neutralLimits(policy: Policy): NeutralLimits {
  const p = policy.values;
  return {
    learnedMs: p['neutral.learnedMs'],
    memoryMs: p['neutral.memoryMs'],
    maxYawDeg: p['neutral.maxYawDeg'],
    maxPitchDeg: p['neutral.maxPitchDeg'],
  };
}

function roadLimits(policy: Policy): RoadLimits {
  const p = policy.values;
  return {
    yawDeg: p['road.yawLimitDeg'],
    pitchDownDeg: p['road.pitchDownLimitDeg'],
    pitchUpDeg: p['road.pitchUpLimitDeg'],
    gazeAzimuthDeg: p['road.gazeAzimuthLimitDeg'],
    gazeDownDeg: p['road.gazeDownLimitDeg'],
    returnFactor: p['road.returnFactor'],
    uncalibratedFactor: p['road.uncalibratedFactor'],
  };
}
