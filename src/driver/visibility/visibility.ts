import type { FaceObservation, FaceSeen } from '../../camera/observation.js';
import type { UnknownReason } from '../measured.js';
import type { Policy } from '../policy/policy.js';

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
}

export const initialVisibility: Visibility = {
  lastObservationMs: null,
  lastReadableMs: null,
  lastFaceMs: null,
  lastMeasuredMs: null,
  unreadable: null,
  unmeasured: null,
};

/** One frame, before anything was measured on it. */
export function seeFrame(visibility: Visibility, observation: FaceObservation): Visibility {
  const { t } = observation;
  switch (observation.kind) {
    case 'unreadable':
      return { ...visibility, lastObservationMs: t, unreadable: observation.reason };
    case 'noFace':
      return {
        ...visibility,
        lastObservationMs: t,
        lastReadableMs: t,
        unreadable: null,
        unmeasured: 'noFace',
      };
    case 'face':
      return { ...visibility, lastObservationMs: t, lastReadableMs: t, lastFaceMs: t, unreadable: null };
  }
}

/** @param reason why the face that was just seen could not be measured; null when it was */
export function seeMeasured(visibility: Visibility, t: number, reason: UnknownReason | null): Visibility {
  if (reason === null) return { ...visibility, lastMeasuredMs: t, unmeasured: null };
  return { ...visibility, unmeasured: reason };
}

/** Why nothing can be measured on this image; null when it is sound. */
export function imageFaultOf(face: FaceSeen, policy: Policy): UnknownReason | null {
  const { brightness, contrast, saturatedShare } = face.image;
  if (brightness < policy.values['health.minBrightness']) return 'imageTooDark';
  if (saturatedShare > policy.values['health.maxSaturatedShare']) return 'imageSaturated';
  return contrast < policy.values['health.minContrast'] ? 'imageUniform' : null;
}
