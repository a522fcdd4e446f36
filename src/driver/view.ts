import { meanOpenness, type FaceObservation, type FaceSeen } from '../camera/observation.js';
import { initialBlinkState, stepBlink, type BlinkEvent, type BlinkState } from './eyes/blink.js';
import { closureRatio } from './eyes/closure.js';
import { looksAway, initialGlance, stepGlance, type Glance, type RoadLimits } from './gaze/eyes-on-road.js';
import { seenClosureMs, stepEyeClosure, stepUnseenClosure, type EyeClosure } from './eyes/eye-closure.js';
import { fastEnoughForBlinks, initialFrameRate, stepFrameRate, type FrameRate } from './frame-rate.js';
import type { UnknownReason } from './measured.js';
import {
  initialNeutralPose,
  neutralDirection,
  stepNeutralPose,
  type Direction,
  type Neutral,
  type NeutralLimits,
  type NeutralPose,
} from './gaze/neutral-pose.js';
import {
  calibrationShare,
  initialBaseline,
  stepBaseline,
  type OpennessBaseline,
} from './eyes/openness-baseline.js';
import {
  initialPerclos,
  nothingMeasured,
  perclosOver,
  stepPerclos,
  type PerclosSample,
  type PerclosState,
  type PerclosWindow,
} from './eyes/perclos.js';
import type { Policy } from './policy/policy.js';

/** What is remembered of the driver as seen by the camera. */
export interface View {
  readonly frameRate: FrameRate;
  readonly baseline: OpennessBaseline;
  readonly blink: BlinkState;
  readonly closure: EyeClosure | null;
  readonly closureCount: number;
  readonly perclos: PerclosState;
  /** PERCLOS over the policy's short and long windows, as of the newest observation. */
  readonly shortWindow: PerclosWindow;
  readonly longWindow: PerclosWindow;
  readonly neutral: NeutralPose;
  readonly gazeNeutral: NeutralPose;
  /** The neutral direction as learnt so far. */
  readonly zero: Neutral | null;
  readonly glance: Glance;
  /** Since when the driver has been looking ahead with open eyes (blinks do not count). */
  readonly forwardSinceMs: number | null;
  readonly lastObservationMs: number | null;
  readonly lastReadableMs: number | null;
  readonly lastFaceMs: number | null;
  readonly lastMeasuredMs: number | null;
  readonly unreadable: UnknownReason | null;
  readonly unmeasured: UnknownReason | null;
  /** What the newest frame itself showed. */
  readonly frame: ViewedFrame | null;
}

/** One frame as measured against what is known of this driver; null or a reason where it could not be. */
export interface ViewedFrame {
  readonly t: number;
  readonly number: number;
  readonly openness: number | null;
  readonly closure: number | null;
  readonly eyesClosed: boolean | null;
  readonly eyesReason: UnknownReason;
  /** Head direction relative to the learnt neutral pose. */
  readonly head: Direction | null;
  readonly looking: 'ahead' | 'away' | 'unknown';
  readonly headReason: UnknownReason;
}

export const initialView: View = {
  frameRate: initialFrameRate,
  baseline: initialBaseline,
  blink: initialBlinkState,
  closure: null,
  closureCount: 0,
  perclos: initialPerclos,
  shortWindow: nothingMeasured,
  longWindow: nothingMeasured,
  neutral: initialNeutralPose,
  gazeNeutral: initialNeutralPose,
  zero: null,
  glance: initialGlance,
  forwardSinceMs: null,
  lastObservationMs: null,
  lastReadableMs: null,
  lastFaceMs: null,
  lastMeasuredMs: null,
  unreadable: null,
  unmeasured: null,
  frame: null,
};

export interface ViewContext {
  readonly policy: Policy;
  /** Fast enough to be looking ahead mostly. */
  readonly driving: boolean;
  /** The zero of head pose that the camera's mount implies. */
  readonly mount: Direction;
}

export interface ViewStep {
  readonly view: View;
  readonly blink?: BlinkEvent;
}

/** A face gone for longer than this may come back as another one: the eye baseline is learnt anew. */
const newFaceAfterMs = 10_000;

/** Share of the calibration done, 0 to 1: eye baseline and neutral direction. */
export function viewCalibration(view: View): number {
  const eyes = calibrationShare(view.baseline);
  return view.zero === null ? Math.min(0.99, eyes) : eyes;
}

/** One observation, later than the last one. */
export function stepView(view: View, observation: FaceObservation, context: ViewContext): ViewStep {
  const step = stepObservation(view, observation, context);
  const { perclos } = step.view;
  const p = context.policy.values;
  const shortWindow = perclosOver(perclos, p['drowsy.shortWindowMs']);
  const longWindow = perclosOver(perclos, p['drowsy.longWindowMs']);
  return { ...step, view: { ...step.view, shortWindow, longWindow } };
}

function stepObservation(view: View, observation: FaceObservation, context: ViewContext): ViewStep {
  const { t } = observation;
  const { policy } = context;
  if (observation.kind === 'unreadable') {
    const { reason } = observation;
    return { view: { ...unseen(view, t, observation.frame, reason, policy), unreadable: reason } };
  }
  const frameRate = stepFrameRate(view.frameRate, t);
  const readable: View = { ...view, frameRate, lastReadableMs: t, unreadable: null };
  if (observation.kind === 'noFace') {
    return { view: { ...unseen(readable, t, observation.frame, 'noFace', policy), unmeasured: 'noFace' } };
  }
  return stepFace(readable, observation, context);
}

/** Time passed without an observation. */
export function stepViewTime(view: View, now: number, policy: Policy): View {
  const closure = holdClosure(view.closure, now, policy);
  const silent =
    view.lastObservationMs !== null && now - view.lastObservationMs > policy.values['health.cameraSilentMs'];
  const forwardSinceMs = silent ? null : view.forwardSinceMs;
  return closure === view.closure && forwardSinceMs === view.forwardSinceMs
    ? view
    : { ...view, closure, forwardSinceMs };
}

function holdClosure(closure: EyeClosure | null, now: number, policy: Policy): EyeClosure | null {
  return stepUnseenClosure(
    closure,
    now,
    policy.values['microsleep.closureMs'],
    policy.values['closure.unseenHoldMs'],
  );
}

function unseen(view: View, t: number, number: number, reason: UnknownReason, policy: Policy): View {
  const p = policy.values;
  return {
    ...view,
    closure: holdClosure(view.closure, t, policy),
    perclos: stepPerclos(
      view.perclos,
      t,
      { kind: 'unmeasured' },
      p['perclos.blinkMs'],
      p['drowsy.longWindowMs'],
    ),
    glance: stepGlance(view.glance, t, 'unknown', p['longDistraction.flickerMs'], p['closure.unseenHoldMs']),
    forwardSinceMs: null,
    lastObservationMs: t,
    frame: {
      t,
      number,
      openness: null,
      closure: null,
      eyesClosed: null,
      eyesReason: reason,
      head: null,
      looking: 'unknown',
      headReason: reason,
    },
  };
}

function stepFace(view: View, face: FaceSeen, context: ViewContext): ViewStep {
  const { t } = face;
  const p = context.policy.values;
  const returned = view.lastFaceMs !== null && t - view.lastFaceMs > newFaceAfterMs;
  const before: View = returned ? { ...view, baseline: initialBaseline, blink: initialBlinkState } : view;
  const imageFault = imageFaultOf(face, context.policy);
  const mean = meanOpenness(face.eyes);
  const openness = imageFault === null && Number.isFinite(mean) ? Math.max(0, mean) : null;

  const eyes = stepEyes(before, t, openness, context.policy);
  const direction = stepDirection(eyes.view, face, imageFault, context);
  const { looking } = direction;
  const closure = eyes.view.closure;
  const longClosed = seenClosureMs(closure) >= p['perclos.blinkMs'];
  const measured = openness !== null || looking === 'away';
  const ahead = looking === 'ahead' && openness !== null && !longClosed;
  const next: View = {
    ...eyes.view,
    neutral: direction.neutral,
    gazeNeutral: direction.gazeNeutral,
    zero: direction.zero,
    glance: stepGlance(before.glance, t, looking, p['longDistraction.flickerMs'], p['closure.unseenHoldMs']),
    forwardSinceMs: ahead ? (before.forwardSinceMs ?? t) : null,
    lastObservationMs: t,
    lastFaceMs: t,
    lastMeasuredMs: measured ? t : before.lastMeasuredMs,
    unmeasured: measured ? null : (imageFault ?? 'eyesNotMeasurable'),
    frame: {
      t,
      number: face.frame,
      openness,
      closure: eyes.closure,
      eyesClosed: eyes.eyesClosed,
      eyesReason: imageFault ?? (openness === null ? 'eyesNotMeasurable' : 'calibrating'),
      head: direction.head,
      looking,
      headReason: imageFault ?? direction.reason,
    },
  };
  return eyes.blink === undefined ? { view: next } : { view: next, blink: eyes.blink };
}

interface EyesStep extends ViewStep {
  readonly closure: number | null;
  readonly eyesClosed: boolean | null;
}

function stepEyes(view: View, t: number, openness: number | null, policy: Policy): EyesStep {
  const p = policy.values;
  const perclosOf = (sample: PerclosSample): PerclosState =>
    stepPerclos(view.perclos, t, sample, p['perclos.blinkMs'], p['drowsy.longWindowMs']);
  const { open } = view.baseline;
  if (openness === null || open === null) {
    const baseline = openness === null ? view.baseline : stepBaseline(view.baseline, t, openness, 'unknown');
    const closure = holdClosure(view.closure, t, policy);
    return {
      view: { ...view, baseline, closure, perclos: perclosOf({ kind: 'unmeasured' }) },
      closure: null,
      eyesClosed: null,
    };
  }
  const step = stepBlink(view.blink, t, openness / open, fastEnoughForBlinks(view.frameRate));
  const { lids, floor } = step.state;
  const closureCount = view.closureCount + 1;
  const closure = stepEyeClosure(
    view.closure,
    t,
    lids.kind === 'closed'
      ? { kind: 'closed', sinceMs: lids.sinceMs, deep: lids.shallowSinceMs === null }
      : { kind: 'open' },
    closureCount,
  );
  const ratio = closureRatio(openness, open, floor);
  const sample: PerclosSample =
    lids.kind === 'closed' && closure !== null
      ? {
          kind: 'closed',
          fullyClosed: ratio >= p['perclos.closedAt'],
          closureId: closure.id,
          closureMs: seenClosureMs(closure),
        }
      : { kind: 'open' };
  const next: View = {
    ...view,
    baseline: stepBaseline(view.baseline, t, openness, lids.kind),
    blink: step.state,
    closure,
    closureCount: closure?.id === closureCount ? closureCount : view.closureCount,
    perclos: perclosOf(sample),
  };
  const result = { view: next, closure: ratio, eyesClosed: lids.kind === 'closed' };
  return step.event === undefined ? result : { ...result, blink: step.event };
}

interface DirectionStep {
  readonly neutral: NeutralPose;
  readonly gazeNeutral: NeutralPose;
  readonly zero: Neutral | null;
  readonly head: Direction | null;
  readonly looking: 'ahead' | 'away' | 'unknown';
  readonly reason: UnknownReason;
}

function stepDirection(
  view: View,
  face: FaceSeen,
  imageFault: UnknownReason | null,
  context: ViewContext,
): DirectionStep {
  const { policy, mount, driving } = context;
  const limits = neutralLimits(policy);
  const { neutral: old, gazeNeutral: oldGaze } = view;
  const nothing = {
    neutral: old,
    gazeNeutral: oldGaze,
    zero: view.zero,
    head: null,
    looking: 'unknown',
  } as const;
  const { yawDeg, pitchDeg } = face.head;
  if (imageFault !== null) return { ...nothing, reason: imageFault };
  if (!Number.isFinite(yawDeg) || !Number.isFinite(pitchDeg))
    return { ...nothing, reason: 'headPoseInvalid' };

  // A head that nods with closed eyes is not looking anywhere, so it teaches nothing.
  const nodding = seenClosureMs(view.closure) >= policy.values['perclos.blinkMs'];
  const neutral = nodding ? old : stepNeutralPose(old, face.t, face.head, driving, limits);
  const zero = neutralDirection(neutral, limits, mount);
  const gaze = usableGaze(view, face, policy);
  const gazeNeutral =
    gaze === null || nodding ? oldGaze : stepNeutralPose(oldGaze, face.t, gaze, driving, limits);
  if (zero === null) return { ...nothing, neutral, gazeNeutral, reason: 'calibrating' };

  const head = { yawDeg: yawDeg - zero.yawDeg, pitchDeg: pitchDeg - zero.pitchDeg };
  const gazeZero = neutralDirection(gazeNeutral, limits, mount);
  const gazeOffset =
    gaze !== null && gazeZero?.learned === true
      ? { yawDeg: gaze.yawDeg - gazeZero.yawDeg, pitchDeg: gaze.pitchDeg - gazeZero.pitchDeg }
      : null;
  const wasOff = view.glance.offSinceMs !== null;
  const away = looksAway(head, gazeOffset, wasOff, zero.learned, roadLimits(policy));
  return { neutral, gazeNeutral, zero, head, looking: away ? 'away' : 'ahead', reason: 'calibrating' };
}

function usableGaze(view: View, face: FaceSeen, policy: Policy): Direction | null {
  const { azimuthDeg, elevationDeg, confidence } = face.gaze;
  const open = view.blink.lids.kind === 'open';
  if (!open || !(confidence >= policy.values['road.gazeMinConfidence'])) return null;
  if (!Number.isFinite(azimuthDeg) || !Number.isFinite(elevationDeg)) return null;
  return { yawDeg: azimuthDeg, pitchDeg: elevationDeg };
}

function imageFaultOf(face: FaceSeen, policy: Policy): UnknownReason | null {
  const { brightness, contrast, saturatedShare } = face.image;
  if (brightness < policy.values['health.minBrightness']) return 'imageTooDark';
  if (saturatedShare > policy.values['health.maxSaturatedShare']) return 'imageSaturated';
  return contrast < policy.values['health.minContrast'] ? 'imageUniform' : null;
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
