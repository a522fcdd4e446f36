import type { FaceObservation, FaceSeen, ImageQuality, NoFace } from '../../camera/observation.js';
import type { Policy } from '../policy/policy.js';
import type { FaultReason } from './fault.js';
import { visibilityLimits } from './limits.js';

/**
 * What is wrong with the picture as a whole; null when it is sound. The first cause that holds is told.
 * @param usualDetail of this driver's face; null before it is known
 */
export function imageFault(
  observation: FaceSeen | NoFace,
  policy: Policy,
  usualDetail: number | null = null,
): Extract<
  FaultReason,
  'cameraCovered' | 'imageTooDark' | 'imageSaturated' | 'imageUniform' | 'outOfFocus'
> | null {
  const { image } = observation;
  const p = visibilityLimits.image;
  if (observation.kind === 'face') {
    const known = faceImageFault(image, policy);
    if (known !== null) return known;
    return isBlurred(image) || isSofter(image, usualDetail) ? 'outOfFocus' : null;
  }
  if (image.saturatedShare > policy.values['health.maxSaturatedShare']) return 'imageSaturated';
  if (image.contrast < p.coveredContrast) {
    return image.brightness < p.darkBrightness && image.contrast > 0.2 * image.brightness
      ? 'imageTooDark'
      : 'cameraCovered';
  }
  if (image.brightness < policy.values['health.minBrightness']) return 'imageTooDark';
  return isBlurred(image) ? 'cameraCovered' : null;
}

function faceImageFault(
  { brightness, contrast, saturatedShare }: ImageQuality,
  policy: Policy,
): 'imageTooDark' | 'imageSaturated' | 'imageUniform' | null {
  const darkest = Math.max(policy.values['health.minBrightness'], visibilityLimits.image.darkFace);
  if (brightness < darkest) return 'imageTooDark';
  if (saturatedShare > policy.values['health.maxSaturatedShare']) return 'imageSaturated';
  return contrast < policy.values['health.minContrast'] ? 'imageUniform' : null;
}

function isBlurred({ detail }: ImageQuality): boolean {
  return detail !== undefined && detail < visibilityLimits.image.blurredDetail;
}

function isSofter({ detail }: ImageQuality, usual: number | null): boolean {
  const { blurredAtMost, blurredShare } = visibilityLimits.image;
  return detail !== undefined && usual !== null && detail < Math.min(blurredAtMost, blurredShare * usual);
}

/** Detail of this driver's face, after a frame in which it was seen. */
export function learnDetail(
  usual: number | null,
  { detail }: ImageQuality,
  elapsedMs: number,
): number | null {
  if (detail === undefined) return usual;
  if (usual === null) return detail;
  const ms = Math.min(200, Math.max(0, elapsedMs));
  return usual + (1 - Math.exp(-ms / visibilityLimits.image.detailMemoryMs)) * (detail - usual);
}

/** Nothing at all has changed for longer than any live sensor repeats itself. */
export function isFrozen(observation: FaceObservation): boolean {
  return (
    observation.kind !== 'unreadable' && (observation.image.stillMs ?? 0) >= visibilityLimits.image.stillMs
  );
}
