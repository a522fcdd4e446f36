import { meanOpenness, type FaceObservation, type FaceSeen } from '../camera/observation.js';
import type { SeatWindow } from '../camera/seat-window.js';
import {
  initialCorroboration,
  stepCorroboration,
  type Corroboration,
} from './corroboration/corroboration.js';
import type { BlinkEvent } from './eyes/blink.js';
import { initialDownGlance, stepDownGlance, type DownGlance } from './eyes/down-glance.js';
import { seenClosureMs } from './eyes/eye-closure.js';
import { evidentOpenness } from './eyes/eye-evidence.js';
import {
  forgetEyes,
  initialEyesTrack,
  stepEyes,
  stepEyesTime,
  stepUnseenEyes,
  type EyesTrack,
} from './eyes/eyes-track.js';
import { initialPerclos, perclosMeasures, type PerclosPair } from './eyes/perclos-measures.js';
import { calibrationShare } from './eyes/openness-baseline.js';
import { fastEnoughForBlinks, initialFrameRate, stepFrameRate, type FrameRate } from './frame-rate.js';
import {
  forgetDirection,
  initialDirection,
  stepDirection,
  stepUnknownDirection,
  type DirectionContext,
  type DirectionTrack,
  type Looking,
} from './gaze/direction-track.js';
import type { Direction } from './gaze/neutral-pose.js';
import type { UnknownReason } from './measured.js';
import type { Policy } from './policy/policy.js';
import {
  initialVisibility,
  judgeFace,
  seeFrame,
  seeLids,
  seeMeasured,
  type Visibility,
} from './visibility/visibility.js';

/** What is remembered of the driver as seen by the camera. */
export interface View {
  readonly frameRate: FrameRate;
  readonly visibility: Visibility;
  readonly eyes: EyesTrack;
  readonly direction: DirectionTrack;
  readonly corroboration: Corroboration;
  readonly downGlance: DownGlance;
  /** Since when the driver has been looking ahead with open eyes (blinks do not count). */
  readonly forwardSinceMs: number | null;
  /** What the newest frame itself showed. */
  readonly frame: ViewedFrame | null;
  /** PERCLOS over both windows, as of the newest frame. */
  readonly perclos: PerclosPair;
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
  readonly looking: Looking;
  readonly headReason: UnknownReason;
}

export const initialView: View = {
  frameRate: initialFrameRate,
  visibility: initialVisibility,
  eyes: initialEyesTrack,
  direction: initialDirection,
  corroboration: initialCorroboration,
  downGlance: initialDownGlance,
  forwardSinceMs: null,
  frame: null,
  perclos: initialPerclos,
};

export interface ViewContext extends Omit<DirectionContext, 'eyesOpen' | 'nodding'> {
  /** What is usual for this driver is not to be learnt now. */
  readonly drowsy: boolean;
  /** Another driver may have sat down: nothing learnt before this frame holds. */
  readonly newDriver: boolean;
  /** Where in the image the driver's face belongs; null for anywhere. */
  readonly seat?: SeatWindow | null;
}

export interface ViewStep {
  readonly view: View;
  readonly blink: BlinkEvent | null;
}

/** Share of the calibration done, 0 to 1: eye baseline and neutral direction. */
export function viewCalibration(view: View): number {
  const eyes = calibrationShare(view.eyes.baseline);
  return view.direction.zero === null ? Math.min(0.99, eyes) : eyes;
}

/** One observation, later than the last one. */
export function stepView(view: View, observation: FaceObservation, context: ViewContext): ViewStep {
  const { view: seen, blink } = seeObservation(view, observation, context);
  return { view: { ...seen, perclos: perclosMeasures(seen, context.policy) }, blink };
}

function seeObservation(view: View, observation: FaceObservation, context: ViewContext): ViewStep {
  const { t } = observation;
  const visibility = seeFrame(view.visibility, observation, context.policy, context.seat);
  switch (observation.kind) {
    case 'unreadable':
      return { view: unseen({ ...view, visibility }, observation, observation.reason, context), blink: null };
    case 'noFace': {
      const frameRate = stepFrameRate(view.frameRate, t);
      return {
        view: unseen({ ...view, visibility, frameRate }, observation, 'noFace', context),
        blink: null,
      };
    }
    case 'face': {
      const eyes = context.newDriver ? forgetEyes(view.eyes) : view.eyes;
      const direction = context.newDriver ? forgetDirection(view.direction) : view.direction;
      const frameRate = stepFrameRate(view.frameRate, t);
      return stepFace({ ...view, visibility, frameRate, eyes, direction }, observation, context);
    }
  }
}

/** Time passed without an observation. */
export function stepViewTime(view: View, now: number, policy: Policy): View {
  const eyes = stepEyesTime(view.eyes, now, policy);
  const { lastObservationMs } = view.visibility;
  const silent =
    lastObservationMs !== null && now - lastObservationMs > policy.values['health.cameraSilentMs'];
  const forwardSinceMs = silent ? null : view.forwardSinceMs;
  return eyes === view.eyes && forwardSinceMs === view.forwardSinceMs
    ? view
    : { ...view, eyes, forwardSinceMs };
}

function unseen(
  view: View,
  { t, frame }: FaceObservation,
  reason: UnknownReason,
  context: ViewContext,
): View {
  return {
    ...view,
    eyes: stepUnseenEyes(view.eyes, t, context.policy),
    direction: stepUnknownDirection(view.direction, t, reason, context).direction,
    corroboration: stepCorroboration(view.corroboration, t, { mouthOpening: null, head: null }),
    forwardSinceMs: null,
    frame: {
      t,
      number: frame,
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
  const { policy } = context;
  const verdict = judgeFace(view.visibility, face, policy);
  const mean = meanOpenness(verdict.usable);
  const seen = verdict.eyes === null && Number.isFinite(mean) ? Math.max(0, mean) : null;
  const own = { open: view.eyes.baseline.open, floor: view.eyes.blink.floor };
  const { yawDeg, pitchDeg } = face.head;
  const zero = view.direction.zero ?? { yawDeg: 0, pitchDeg: 0 };
  const pose = { yawDeg: yawDeg - zero.yawDeg, pitchDeg: pitchDeg - zero.pitchDeg };
  const evident = evidentOpenness(seen, own, verdict.usable, pose);
  const { state: downGlance, openness } = stepDownGlance(view.downGlance, t, {
    ...own,
    pitchDeg,
    openness: evident,
  });
  const fast = fastEnoughForBlinks(view.frameRate);

  const { eyes, closure, eyesClosed, blink } = stepEyes(view.eyes, t, openness, {
    policy,
    fast,
    drowsy: context.drowsy,
  });
  const nodding = seenClosureMs(eyes.closure) >= policy.values['perclos.blinkMs'];
  const eyesOpen = verdict.eyes === null && eyes.blink.lids.kind === 'open';
  const lidsLowered = seen === null || own.open === null ? null : 1 - seen / own.open;
  const { direction, head, looking, reason } =
    verdict.image === null
      ? stepDirection(view.direction, face, { ...context, eyesOpen, nodding, lidsLowered })
      : stepUnknownDirection(view.direction, t, verdict.image, context);

  const mouthSeen =
    verdict.image === null && !view.visibility.faults.some(({ reason: why }) => why === 'lowerFaceCovered');
  const measured = openness !== null || looking === 'away';
  const unmeasured = measured ? null : (verdict.eyes ?? 'eyesNotMeasurable');
  const ahead = looking === 'ahead' && openness !== null && !nodding;
  const next: View = {
    ...view,
    visibility: seeLids(
      seeMeasured(view.visibility, t, unmeasured),
      t,
      seen,
      eyes.blink.lids.kind === 'closed',
      fast,
    ),
    eyes,
    direction,
    downGlance,
    corroboration: stepCorroboration(view.corroboration, t, {
      mouthOpening: mouthSeen ? face.mouthOpening : null,
      head: head === null ? null : { pitchDeg: head.pitchDeg, rollDeg: face.head.rollDeg },
    }),
    forwardSinceMs: ahead ? (view.forwardSinceMs ?? t) : null,
    frame: {
      t,
      number: face.frame,
      openness: seen,
      closure,
      eyesClosed,
      eyesReason: verdict.eyes ?? (openness === null ? 'eyesNotMeasurable' : 'calibrating'),
      head,
      looking,
      headReason: reason,
    },
  };
  return { view: next, blink };
}
