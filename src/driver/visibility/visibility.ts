import { meanOpenness, type FaceObservation, type FaceSeen } from '../../camera/observation.js';
import type { SeatWindow } from '../../camera/seat-window.js';
import type { UnknownReason } from '../measured.js';
import type { Policy } from '../policy/policy.js';
import {
  learnContrast,
  lookOf,
  noUsualContrast,
  type EyeLook,
  type EyesLook,
  type UsualContrast,
} from './eye-look.js';
import {
  faultReasons,
  faultSeverity,
  noFault,
  stepFault,
  type Fault,
  type FaultReason,
  type FaultTrack,
} from './fault.js';
import { imageFault, isFrozen } from './image-fault.js';
import { visibilityLimits } from './limits.js';
import { initialStillLids, lidsStandStill, stepStillLids, type StillLids } from './still-lids.js';

/** How well the camera has been seeing the driver: when it last did, and why it does not. */
export interface Visibility {
  readonly lastObservationMs: number | null;
  readonly lastReadableMs: number | null;
  readonly lastFaceMs: number | null;
  /** Last frame that said something about eyes or, looking away, about the head. */
  readonly lastMeasuredMs: number | null;
  /** Why the newest frame was unreadable; null when it was readable. */
  readonly unreadable: UnknownReason | null;
  /** Why the newest face could not be measured; null when it could. */
  readonly unmeasured: UnknownReason | null;
  /** What is in the way, the gravest first. */
  readonly faults: readonly Fault[];
  /** Something is in the way of seeing this driver as well as usual. */
  readonly nonNominal: boolean;
  readonly tracks: Readonly<Partial<Record<FaultReason, FaultTrack>>>;
  readonly lids: StillLids;
  readonly usual: UsualContrast;
  /** When an open eye was last seen for certain. */
  readonly lastSeenOpenMs: number | null;
  /** When the lids that are down now were seen to come down; null while they are up, or were never seen to. */
  readonly closingSinceMs: number | null;
}

export const initialVisibility: Visibility = {
  lastObservationMs: null,
  lastReadableMs: null,
  lastFaceMs: null,
  lastMeasuredMs: null,
  unreadable: null,
  unmeasured: null,
  faults: [],
  nonNominal: false,
  tracks: {},
  lids: initialStillLids,
  usual: noUsualContrast,
  lastSeenOpenMs: null,
  closingSinceMs: null,
};

/** A face gone for longer than this may come back as another one. */
const forgetAfterMs = 10_000;

/** What each frame says about a cause: it shows, it does not, or (absent) the frame cannot tell. */
type Evidence = Partial<Record<FaultReason, boolean | null>>;

const imageReasons = [
  'cameraCovered',
  'imageTooDark',
  'imageSaturated',
  'imageUniform',
  'outOfFocus',
] as const;

/** One frame, before anything was measured on it. */
export function seeFrame(
  visibility: Visibility,
  observation: FaceObservation,
  policy: Policy,
  seat: SeatWindow | null = null,
): Visibility {
  const { t } = observation;
  if (observation.kind === 'unreadable') {
    return { ...visibility, lastObservationMs: t, unreadable: observation.reason };
  }
  const wrong = imageFault(observation, policy);
  // Black and white pictures do not change either.
  const frozen = wrong === null && isFrozen(observation);
  const evidence: Evidence = { imageFrozen: frozen };
  // One cause hides the others; a picture may be on the edge between two.
  for (const reason of imageReasons) evidence[reason] = wrong === null ? false : wrong === reason || null;
  if (observation.kind === 'face') {
    const seen = { ...visibility, lastObservationMs: t, lastReadableMs: t, lastFaceMs: t, unreadable: null };
    const { lastObservationMs, lastFaceMs } = visibility;
    if (wrong !== null || frozen) return withEvidence(seen, t, lastObservationMs, evidence);
    const returned = lastFaceMs !== null && t - lastFaceMs > forgetAfterMs;
    const usual = returned ? noUsualContrast : visibility.usual;
    const closing = isClosing(visibility, t);
    const look = lookOf(observation, usual, closing);
    const learnt = learnContrast(usual, observation, look, t - (lastObservationMs ?? t));
    const face = faceEvidence(observation, look, seat, closing);
    const open = look.both === 'seen' && meanOpenness(observation.eyes) >= visibilityLimits.eye.halfOpen;
    const lastSeenOpenMs = open ? t : visibility.lastSeenOpenMs;
    return withEvidence({ ...seen, usual: learnt, lastSeenOpenMs }, t, lastObservationMs, {
      ...evidence,
      ...face,
    });
  }
  // A picture in which nothing can be seen is no proof that nobody is there.
  const reason = wrong ?? (frozen ? 'imageFrozen' : null);
  const next: Visibility = {
    ...visibility,
    lastObservationMs: t,
    lastReadableMs: reason === null ? t : visibility.lastReadableMs,
    unreadable: reason,
    unmeasured: reason ?? 'noFace',
  };
  return withEvidence(next, t, visibility.lastObservationMs, evidence);
}

/** The lids were seen to come down, not so long ago that a sleeper would not have been warned by now. */
function isClosing({ closingSinceMs }: Visibility, t: number): boolean {
  return closingSinceMs !== null && t - closingSinceMs <= visibilityLimits.eye.closingMs;
}

function faceEvidence(face: FaceSeen, look: EyesLook, seat: SeatWindow | null, closing: boolean): Evidence {
  const doubtful = closing && look.both === 'doubtful';
  return {
    eyesCovered: doubtful ? null : known(look.both, (both) => both === 'covered' || both === 'doubtful'),
    glare: known(look.both, (both) => both === 'blinded'),
    oneEyeCovered: oneEye(look, 'covered'),
    oneEyeGlare: oneEye(look, 'blinded'),
    lowerFaceCovered: lowerFaceCovered(face),
    wrongSeat: outsideSeat(face, seat),
    severalFaces: seat === null && face.faces !== undefined ? face.faces > 1 : null,
  };
}

function known(look: EyeLook, shows: (look: EyeLook) => boolean): boolean | null {
  return look === 'unknown' ? null : shows(look);
}

/** The other eye must be seen: what covers both is another cause. */
function oneEye({ left, right }: EyesLook, what: EyeLook): boolean | null {
  if (left === 'seen' && right === 'seen') return false;
  if (left === 'seen' || right === 'seen') return left === what || right === what ? true : null;
  return null;
}

function lowerFaceCovered({ lowerFace, head }: FaceSeen): boolean | null {
  const { maxYawDeg, maxPitchDeg } = visibilityLimits.eye;
  const turned = !(Math.abs(head.yawDeg) <= maxYawDeg && Math.abs(head.pitchDeg) <= maxPitchDeg);
  if (lowerFace === undefined || turned) return null;
  const { familiar, flatContrast } = visibilityLimits.lowerFace;
  return lowerFace.contrast < flatContrast || (lowerFace.familiarity ?? 1) < familiar;
}

function outsideSeat({ box, imageSize }: FaceSeen, seat: SeatWindow | null): boolean | null {
  if (seat === null || imageSize === undefined) return null;
  const x = (box.x + box.width / 2) / imageSize.width;
  const y = (box.y + box.height / 2) / imageSize.height;
  return !(x >= seat.left && x <= seat.right && y >= seat.top && y <= seat.bottom);
}

function withEvidence(
  visibility: Visibility,
  t: number,
  lastT: number | null,
  evidence: Evidence,
): Visibility {
  const elapsedMs = lastT === null ? 0 : t - lastT;
  const tracks: Partial<Record<FaultReason, FaultTrack>> = { ...visibility.tracks };
  let changed = false;
  for (const reason of faultReasons) {
    const seen = evidence[reason] ?? null;
    const before = tracks[reason] ?? noFault;
    const after = stepFault(before, reason, t, elapsedMs, seen);
    if (after === before) continue;
    tracks[reason] = after;
    changed = true;
  }
  if (!changed) return visibility;
  const faults = faultReasons.flatMap((reason): Fault[] => {
    const track = tracks[reason];
    if (track?.raised !== true || track.sinceMs === null) return [];
    return [{ reason, sinceMs: track.sinceMs, severity: faultSeverity[reason] }];
  });
  return { ...visibility, tracks, faults, nonNominal: faults.length > 0 };
}

export interface FaceVerdict {
  /** Why nothing can be measured on this frame; null when it is sound. */
  readonly image: UnknownReason | null;
  /** Why the eyes cannot be measured on it; null when they can. */
  readonly eyes: UnknownReason | null;
  /** The eyes, with no weight for one that is not seen. */
  readonly usable: FaceSeen['eyes'];
}

/** What may be measured on a frame with a face, after `seeFrame` has seen it. */
export function judgeFace(visibility: Visibility, face: FaceSeen, policy: Policy): FaceVerdict {
  const lost = visibility.faults.find(({ severity }) => severity === 'all');
  const image = imageFault(face, policy);
  // A picture that is only soft for a moment is measured: the head moves, the camera focuses.
  const wrong = image === null || image === 'outOfFocus' ? (lost?.reason ?? null) : image;
  const look = lookOf(face, visibility.usual, isClosing(visibility, face.t));
  const covered = visibility.faults.find(({ severity }) => severity === 'eyesLost');
  const now = look.both === 'covered' ? 'eyesCovered' : look.both === 'blinded' ? 'glare' : null;
  const { left, right } = face.eyes;
  return {
    image: wrong,
    eyes: wrong ?? now ?? covered?.reason ?? null,
    usable: {
      left: isSeen(look.left) ? left : { ...left, weight: 0 },
      right: isSeen(look.right) ? right : { ...right, weight: 0 },
    },
  };
}

function isSeen(look: EyeLook): boolean {
  return look !== 'covered' && look !== 'blinded';
}

/**
 * What came of measuring the face.
 * @param reason why it could not be measured; null when it was
 */
export function seeMeasured(visibility: Visibility, t: number, reason: UnknownReason | null): Visibility {
  if (reason === null) return { ...visibility, lastMeasuredMs: t, unmeasured: null };
  return { ...visibility, unmeasured: reason };
}

/**
 * What the lids did.
 * @param openness null when it was not measured
 * @param fast enough frames a second that no blink is missed
 */
export function seeLids(
  visibility: Visibility,
  t: number,
  openness: number | null,
  closed: boolean,
  fast: boolean,
): Visibility {
  const lids = stepStillLids(visibility.lids, t, openness, closed);
  const { lastSeenOpenMs } = visibility;
  const seenToClose =
    lastSeenOpenMs !== null && t - lastSeenOpenMs <= visibilityLimits.eye.seenBeforeMs ? t : null;
  const closingSinceMs = closed ? (visibility.closingSinceMs ?? seenToClose) : null;
  return withEvidence({ ...visibility, lids, closingSinceMs }, t, t, {
    eyesNotBlinking: lidsStandStill(lids, fast),
  });
}
