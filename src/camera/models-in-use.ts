import { requireModel } from '../runtime/models.js';
import { eyeStateModel } from './eye-network.js';

const alwaysInUse = ['face_detection_short_range', 'face_landmarks_attention', 'canonical_face_mesh'];

/**
 * Id to sha256 of the models that look at the picture.
 * @param eyesSha256 of the eye-state network; null where it is not used
 * @throws VigilError as `requireModel`
 */
export function cameraModels(phone: boolean, eyesSha256: string | null): Readonly<Record<string, string>> {
  const ids = phone ? [...alwaysInUse, 'object_detection'] : alwaysInUse;
  return {
    ...Object.fromEntries(ids.map((id) => [id, requireModel(id).sha256])),
    ...(eyesSha256 === null ? {} : { [eyeStateModel]: eyesSha256 }),
  };
}

/** As alerts record them. */
export function shortHashes(models: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(models).map(([id, sha256]) => [id, sha256.slice(0, 12)]));
}
