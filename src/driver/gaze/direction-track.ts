import type { Box, FaceSeen } from '../../camera/observation.js';
import type { UnknownReason } from '../measured.js';
import type { Policy } from '../policy/policy.js';
import { genericCabin, type Cabin } from './cabin.js';
import { eyesDown } from './down-gaze.js';
import { initialGlance, looksAway, stepGlance, type Glance, type RoadLimits } from './eyes-on-road.js';
import type { GlanceFacts } from './glance-facts.js';
import { glanceFacts, initialGlanceTrack, stepGlanceTrack, type GlanceTrack } from './glance-track.js';
import { gazeLimits } from './limits.js';
import { lineOfSight, type EyesSeen, type GazeSighted, type LineOfSight } from './line-of-sight.js';
import type { Looking } from './look.js';
import {
  forgetNeutralPose,
  initialNeutralPose,
  neutralDirection,
  neutralShare,
  stepNeutralPose,
  type Direction,
  type Neutral,
  type NeutralLimits,
  type NeutralPose,
} from './neutral-pose.js';
import { drivesStraight, type Course } from './straight.js';
import type { CameraMount } from './vehicle-frame.js';
import { offRoadDeg, zoneAt } from './zones.js';

export type { Looking } from './look.js';

/** What is remembered of where the driver looks. */
export interface DirectionTrack {
  readonly neutral: NeutralPose;
  readonly gazeNeutral: NeutralPose;
  /** The neutral direction as learnt so far. */
  readonly zero: Neutral | null;
  readonly glance: Glance;
  /** Where the newest frame's look went, in the vehicle frame; null when it does not say. */
  readonly sight: LineOfSight | null;
  readonly eyes: EyesSeen | null;
  readonly glances: GlanceTrack;
  /** What policies judge by, as of the newest frame. */
  readonly facts: GlanceFacts;
  /** Share of the zero learnt, 0 to 1. */
  readonly calibration: number;
}

export const initialDirection: DirectionTrack = {
  neutral: initialNeutralPose,
  gazeNeutral: initialNeutralPose,
  zero: null,
  glance: initialGlance,
  sight: null,
  eyes: null,
  glances: initialGlanceTrack,
  facts: glanceFacts(initialGlanceTrack, initialGlance, 0),
  calibration: 0,
};

export interface DirectionStep {
  readonly direction: DirectionTrack;
  /** Head direction relative to the learnt neutral pose. */
  readonly head: Direction | null;
  readonly looking: Looking;
  /** Why it is not known, where it is not. */
  readonly reason: UnknownReason;
}

/** What any frame is judged in, also one without a face. */
export interface LookContext {
  readonly policy: Policy;
  /** Where things are in the cabin; default the generic left-hand drive car. */
  readonly cabin?: Cabin;
}

export interface DirectionContext extends LookContext {
  /** Fast enough to be looking ahead mostly. */
  readonly driving: boolean;
  /** The vehicle's course, where the caller knows it: the zero is then learnt on straight road only. */
  readonly course?: Course;
  /** The zero of head pose that the camera's mount implies. */
  readonly mount: CameraMount;
  /** The lids are open, so the irises can be believed. */
  readonly eyesOpen: boolean;
  /** By how much of this driver's open eye the lids are lowered; null or absent where that is not known. */
  readonly lidsLowered?: number | null;
  /** A head that nods with closed eyes is not looking anywhere, so it teaches nothing. */
  readonly nodding: boolean;
  /** Nor does a drowsy driver's, which sinks. */
  readonly drowsy?: boolean;
}

/** One frame with a face and a sound image. */
export function stepDirection(
  direction: DirectionTrack,
  face: FaceSeen,
  context: DirectionContext,
): DirectionStep {
  const { policy, mount } = context;
  const { t, head: seen, box } = face;
  if (!Number.isFinite(seen.yawDeg) || !Number.isFinite(seen.pitchDeg))
    return stepUnknownDirection(direction, t, 'headPoseInvalid', context);

  const limits = neutralLimits(policy);
  const gaze = usableGaze(face, context);
  const { neutral, gazeNeutral } = learn(direction, t, seen, gaze, context, limits);
  const zero = neutralDirection(neutral, limits, mount);
  const learnt = { ...direction, neutral, gazeNeutral, calibration: neutralShare(neutral, limits) };
  if (zero === null) return stepUnknownDirection(learnt, t, 'calibrating', context);

  const { rollDeg = 0 } = mount;
  const gazeZero = neutralDirection(gazeNeutral, limits, mount);
  const head = { yawDeg: seen.yawDeg - zero.yawDeg, pitchDeg: seen.pitchDeg - zero.pitchDeg };
  let sighted: GazeSighted | null = null;
  let gazeOffset: Direction | null = null;
  if (gaze !== null && gazeZero?.learned === true) {
    const pitchDeg = gaze.pitchDeg - gazeZero.pitchDeg;
    const down = eyesDown(pitchDeg - head.pitchDeg, context.lidsLowered ?? null);
    gazeOffset = { yawDeg: gaze.yawDeg - gazeZero.yawDeg, pitchDeg: head.pitchDeg + down.elevationDeg };
    sighted = {
      seen: { yawDeg: gaze.yawDeg, pitchDeg: gazeZero.pitchDeg + gazeOffset.pitchDeg },
      zero: { yawDeg: gazeZero.yawDeg, pitchDeg: gazeZero.pitchDeg, rollDeg },
      gain: down.gain,
    };
  }
  const { sight, eyes } = lineOfSight(
    t,
    { seen, zero: { yawDeg: zero.yawDeg, pitchDeg: zero.pitchDeg, rollDeg } },
    sighted,
    zero.learned ? direction.eyes : null,
  );
  const wasOff = direction.glance.offSinceMs !== null;
  const away =
    looksAway(head, gazeOffset, wasOff, zero.learned, roadLimits(policy)) ||
    (sight.source !== 'head' && eyesOffRoad(sight, direction, context));
  const looking = away ? 'away' : 'ahead';
  const tracked = withLook({ ...learnt, zero, eyes }, { t, looking, sight, head, box }, context);
  return { direction: tracked, head, looking, reason: 'calibrating' };
}

/** One frame that does not tell where the driver looks. */
export function stepUnknownDirection(
  direction: DirectionTrack,
  t: number,
  reason: UnknownReason,
  context: LookContext,
): DirectionStep {
  const unknown = { t, looking: 'unknown', sight: null, head: null, box: null } as const;
  return { direction: withLook(direction, unknown, context), head: null, looking: 'unknown', reason };
}

/** Another driver may sit there: what was learnt of this one's zero becomes a first guess. */
export function forgetDirection(direction: DirectionTrack): DirectionTrack {
  return {
    ...direction,
    neutral: forgetNeutralPose(direction.neutral),
    gazeNeutral: forgetNeutralPose(direction.gazeNeutral),
    eyes: null,
    calibration: 0,
    glances: { ...direction.glances, place: null },
  };
}

function learn(
  direction: DirectionTrack,
  t: number,
  head: Direction,
  gaze: Direction | null,
  { course, driving, nodding, drowsy = false }: DirectionContext,
  limits: NeutralLimits,
): Pick<DirectionTrack, 'neutral' | 'gazeNeutral'> {
  const { neutral, gazeNeutral } = direction;
  if (nodding || drowsy) return { neutral, gazeNeutral };
  const straight = course === undefined ? driving : drivesStraight(course);
  return {
    neutral: stepNeutralPose(neutral, t, head, straight, limits),
    gazeNeutral: gaze === null ? gazeNeutral : stepNeutralPose(gazeNeutral, t, gaze, straight, limits),
  };
}

interface NewLook {
  readonly t: number;
  readonly looking: Looking;
  readonly sight: LineOfSight | null;
  readonly head: Direction | null;
  readonly box: Box | null;
}

function withLook(direction: DirectionTrack, look: NewLook, { policy, cabin }: LookContext): DirectionTrack {
  const p = policy.values;
  const flickerMs = p['longDistraction.flickerMs'];
  const unseenMs = p['closure.unseenHoldMs'];
  const glance = stepGlance(direction.glance, look.t, look.looking, flickerMs, unseenMs);
  const glances = stepGlanceTrack(
    direction.glances,
    { ...look, glance, learned: direction.zero?.learned ?? false },
    {
      cabin: cabin ?? genericCabin(),
      unseenMs,
      uncalibratedFactor: p['road.uncalibratedFactor'],
      windowMs: p['vats.windowMs'],
      resetMs: p['vats.resetMs'],
      flickerMs,
    },
  );
  return { ...direction, glance, sight: look.sight, glances, facts: glanceFacts(glances, glance, flickerMs) };
}

/** The eyes alone have left the road view: out of it, or into another zone, by more than the hysteresis. */
function eyesOffRoad(sight: LineOfSight, { glance, glances }: DirectionTrack, context: LookContext): boolean {
  const cabin = context.cabin ?? genericCabin();
  const wasOff = glance.offSinceMs !== null;
  if (offRoadDeg(sight.direction, cabin) > (wasOff ? 0 : gazeLimits.zoneHysteresisDeg)) return true;
  const last = wasOff ? glances.zone : 'roadAhead';
  return zoneAt(sight.direction, cabin, last, sight.uncertaintyDeg).zone !== 'roadAhead';
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
