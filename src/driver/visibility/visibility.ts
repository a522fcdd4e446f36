import { meanOpenness, type FaceObservation, type FaceSeen } from '../../camera/observation.js';
import type { SeatWindow } from '../../camera/seat-window.js';
import type { UnknownReason } from '../measured.js';
import type { Policy } from '../policy/policy.js';
import {
  isHidden,
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
  type FaultSeverity,
  type FaultTrack,
} from './fault.js';
import { imageFault, isFrozen, learnDetail } from './image-fault.js';
import { visibilityLimits } from './limits.js';
import { learnSurroundings, surroundingsLook, type Surroundings } from './surroundings.js';
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
  /** Detail of the picture of this face while its eyes are seen open; null before that. */
  readonly usualDetail: number | null;
  /** What the newest face's eyes look like; null where its picture shows nothing. */
  readonly look: EyesLook | null;
  /** Of the open eyes; null before they were seen. */
  readonly surroundings: Surroundings | null;
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
  usualDetail: null,
  look: null,
  surroundings: null,
  lastSeenOpenMs: null,
  closingSinceMs: null,
};

/** A face gone for longer than this may come back as another one. */
const forgetAfterMs = 10_000;

/** What a frame says about a cause: it shows (true), it does not, or (null, absent) it cannot tell. */
type Evidence = Partial<Record<FaultReason, boolean | null>>;

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
  const wrong = imageFault(observation, policy, visibility.usualDetail);
  // Black and white pictures do not change either.
  const frozen = wrong === null && isFrozen(observation);
  const elapsedMs = t - (visibility.lastObservationMs ?? t);
  if (observation.kind === 'face')
    return wrong !== null || frozen
      ? seeHiddenFace(visibility, observation, elapsedMs, imageEvidence(wrong, frozen))
      : seeFace(visibility, observation, elapsedMs, seat);
  // A picture in which nothing can be seen is no proof that nobody is there.
  const reason = wrong ?? (frozen ? 'imageFrozen' : null);
  const { tracks, faults, nonNominal } = withEvidence(visibility, t, elapsedMs, imageEvidence(wrong, frozen));
  return {
    ...visibility,
    tracks,
    faults,
    nonNominal,
    lastObservationMs: t,
    lastReadableMs: reason === null ? t : visibility.lastReadableMs,
    unreadable: reason,
    unmeasured: reason ?? 'noFace',
    look: null,
  };
}

/** A face in a picture that shows nothing. */
function seeHiddenFace(
  visibility: Visibility,
  { t }: FaceSeen,
  elapsedMs: number,
  evidence: Evidence,
): Visibility {
  const { tracks, faults, nonNominal } = withEvidence(visibility, t, elapsedMs, evidence);
  return {
    ...visibility,
    tracks,
    faults,
    nonNominal,
    lastObservationMs: t,
    lastReadableMs: t,
    lastFaceMs: t,
    unreadable: null,
    look: null,
  };
}

function seeFace(
  visibility: Visibility,
  face: FaceSeen,
  elapsedMs: number,
  seat: SeatWindow | null,
): Visibility {
  const { t } = face;
  const { lastFaceMs } = visibility;
  const returned = lastFaceMs !== null && t - lastFaceMs > forgetAfterMs;
  const usual = returned ? noUsualContrast : visibility.usual;
  const surroundings = returned ? null : visibility.surroundings;
  const closing = isClosing(visibility, t);
  const look = lookOf(face, usual, {
    closing,
    surroundings: surroundingsLook(surroundings, face),
    levelPitchDeg: surroundings?.pitchDeg ?? 0,
  });
  const open = look.both === 'seen' && meanOpenness(face.eyes) >= visibilityLimits.eye.halfOpen;
  const evidence = faceEvidence(face, look, seat, closing, surroundings);
  const { tracks, faults, nonNominal } = withEvidence(visibility, t, elapsedMs, evidence);
  return {
    ...visibility,
    tracks,
    faults,
    nonNominal,
    lastObservationMs: t,
    lastReadableMs: t,
    lastFaceMs: t,
    unreadable: null,
    look,
    usual: learnContrast(usual, face, look, elapsedMs),
    usualDetail: open
      ? learnDetail(returned ? null : visibility.usualDetail, face.image, elapsedMs)
      : visibility.usualDetail,
    surroundings: open ? learnSurroundings(surroundings, face, elapsedMs) : surroundings,
    lastSeenOpenMs: open ? t : visibility.lastSeenOpenMs,
  };
}

/** The lids were seen to come down, not so long ago that a sleeper would not have been warned by now. */
function isClosing({ closingSinceMs }: Visibility, t: number): boolean {
  return closingSinceMs !== null && t - closingSinceMs <= visibilityLimits.eye.closingMs;
}

/** One cause hides the others; a picture may be on the edge between two. */
function imageEvidence(wrong: FaultReason | null, frozen: boolean): Evidence {
  const shows = (reason: FaultReason): boolean | null => (wrong === null ? false : wrong === reason || null);
  return {
    cameraCovered: shows('cameraCovered'),
    imageTooDark: shows('imageTooDark'),
    imageSaturated: shows('imageSaturated'),
    imageUniform: shows('imageUniform'),
    outOfFocus: shows('outOfFocus'),
    imageFrozen: frozen,
  };
}

/** Of a face in a sound picture. */
function faceEvidence(
  face: FaceSeen,
  look: EyesLook,
  seat: SeatWindow | null,
  closing: boolean,
  surroundings: Surroundings | null,
): Evidence {
  const { both } = look;
  const judged = both !== 'unknown';
  return {
    cameraCovered: false,
    imageTooDark: false,
    imageSaturated: false,
    imageUniform: false,
    outOfFocus: false,
    imageFrozen: false,
    eyesCovered:
      judged && !(closing && both === 'doubtful') ? both === 'covered' || both === 'doubtful' : null,
    glare: judged ? both === 'blinded' : null,
    oneEyeCovered: oneEye(look, 'covered'),
    oneEyeGlare: oneEye(look, 'blinded'),
    lowerFaceCovered: lowerFaceCovered(face, surroundings),
    wrongSeat: outsideSeat(face, seat),
    severalFaces: seat === null && face.faces !== undefined ? face.faces > 1 : null,
  };
}

/** The other eye must be seen: what covers both is another cause. */
function oneEye({ left, right }: EyesLook, what: EyeLook): boolean | null {
  if (left === 'seen' && right === 'seen') return false;
  if (left === 'seen' || right === 'seen') return left === what || right === what ? true : null;
  return null;
}

function lowerFaceCovered({ lowerFace, head }: FaceSeen, surroundings: Surroundings | null): boolean | null {
  const { maxYawDeg, maxPitchDeg } = visibilityLimits.eye;
  const turned = !(Math.abs(head.yawDeg) <= maxYawDeg && Math.abs(head.pitchDeg) <= maxPitchDeg);
  if (lowerFace === undefined || turned) return null;
  const { familiar, flatContrast, maxNodDeg } = visibilityLimits.lowerFace;
  if (surroundings !== null && Math.abs(head.pitchDeg - surroundings.pitchDeg) > maxNodDeg) return null;
  return lowerFace.contrast < flatContrast || (lowerFace.familiarity ?? 1) < familiar;
}

function outsideSeat({ box, imageSize }: FaceSeen, seat: SeatWindow | null): boolean | null {
  if (seat === null || imageSize === undefined) return null;
  const x = (box.x + box.width / 2) / imageSize.width;
  const y = (box.y + box.height / 2) / imageSize.height;
  return !(x >= seat.left && x <= seat.right && y >= seat.top && y <= seat.bottom);
}

type Faults = Pick<Visibility, 'tracks' | 'faults' | 'nonNominal'>;

/** @returns the faults as they were, the very same object, where the evidence changes nothing */
function withEvidence(before: Faults, t: number, elapsedMs: number, evidence: Evidence): Faults {
  let tracks: Partial<Record<FaultReason, FaultTrack>> | null = null;
  for (const reason of faultReasons) {
    const track = before.tracks[reason] ?? noFault;
    const next = stepFault(track, reason, t, elapsedMs, evidence[reason] ?? null);
    if (next === track) continue;
    tracks ??= { ...before.tracks };
    tracks[reason] = next;
  }
  if (tracks === null) return before;
  const faults = raisedOf(tracks, before.faults);
  return { tracks, faults, nonNominal: faults.length > 0 };
}

/** @returns `before` itself where the same causes are raised */
function raisedOf(tracks: Visibility['tracks'], before: readonly Fault[]): readonly Fault[] {
  let count = 0;
  let changed = false;
  for (const reason of faultReasons) {
    const track = tracks[reason];
    if (track?.raised !== true) continue;
    const known = before.at(count++);
    changed ||= known?.reason !== reason || known.sinceMs !== track.sinceMs;
  }
  if (!changed && count === before.length) return before;
  const raised: Fault[] = [];
  for (const reason of faultReasons) {
    const track = tracks[reason];
    if (track?.raised !== true || track.sinceMs === null) continue;
    raised.push({ reason, sinceMs: track.sinceMs, severity: faultSeverity[reason] });
  }
  return raised;
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
  const image = imageFault(face, policy, visibility.usualDetail);
  const { look } = visibility;
  // A picture that is only soft for a moment is measured: the head moves, the camera focuses.
  const wrong = image === null || image === 'outOfFocus' ? firstReason(visibility.faults, 'all') : image;
  const now = look?.both === 'covered' ? 'eyesCovered' : look?.both === 'blinded' ? 'glare' : null;
  return {
    image: wrong,
    eyes: wrong ?? now ?? firstReason(visibility.faults, 'eyesLost'),
    usable: usableEyes(face.eyes, look),
  };
}

function firstReason(faults: readonly Fault[], severity: FaultSeverity): FaultReason | null {
  for (const fault of faults) if (fault.severity === severity) return fault.reason;
  return null;
}

function usableEyes(eyes: FaceSeen['eyes'], look: EyesLook | null): FaceSeen['eyes'] {
  if (look === null || !(isHidden(look.left) || isHidden(look.right))) return eyes;
  const { left, right } = eyes;
  return {
    left: isHidden(look.left) ? { ...left, weight: 0 } : left,
    right: isHidden(look.right) ? { ...right, weight: 0 } : right,
  };
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
  const still = lidsStandStill(lids, fast);
  const track = visibility.tracks.eyesNotBlinking ?? noFault;
  if (!still && track.level === 0) return { ...visibility, lids, closingSinceMs };
  const after = withEvidence(visibility, t, 0, { eyesNotBlinking: still });
  const { tracks, faults, nonNominal } = after;
  return { ...visibility, lids, closingSinceMs, tracks, faults, nonNominal };
}
