import { eyeNetwork, eyeStateModel } from '../../src/camera/eye-network.js';
import type { FaceTrackerOptions } from '../../src/camera/face-tracker.js';
import type { SeatWindow } from '../../src/camera/seat-window.js';
import type { CameraMount } from '../../src/driver/gaze/vehicle-frame.js';
import { requireModel } from '../../src/runtime/models.js';
import type { CameraMount as RecordedMount, RecordingMetadata } from '../recording/metadata.js';
import type { ReplayOptions } from './options.js';

/** How a recording's picture is to be read. */
export interface RecordedCamera {
  readonly tracker: FaceTrackerOptions;
  readonly mount: CameraMount;
  readonly seat: SeatWindow | null;
}

const straight: RecordedMount = { positionM: null, yawDeg: 0, pitchDeg: 0, mirrored: false };

/** A recording without a camera is replayed with what its CAN says. @param options a seat given here comes first */
export function recordedCamera(
  { camera }: RecordingMetadata,
  { phone = false, seat: asked }: ReplayOptions,
): RecordedCamera {
  const { mirrored, yawDeg, pitchDeg, rollDeg, horizontalFovDeg } = camera?.mount ?? straight;
  const seat = asked ?? camera?.seat ?? null;
  return {
    tracker: {
      mirrored,
      ...(horizontalFovDeg === undefined ? {} : { horizontalFovDeg }),
      ...(seat === null ? {} : { seat }),
      ...(phone ? { phone: {} } : {}),
    },
    mount: { yawDeg, pitchDeg, rollDeg: rollDeg ?? 0 },
    seat,
  };
}

const alwaysInUse = ['face_detection_short_range', 'face_landmarks_attention', 'canonical_face_mesh'];

/** Id to sha256 of the models that look at the picture. */
export function cameraModels({ phone = false }: ReplayOptions): Readonly<Record<string, string>> {
  const ids = phone ? [...alwaysInUse, 'object_detection'] : alwaysInUse;
  const { sha256: eyes } = eyeNetwork();
  return {
    ...Object.fromEntries(ids.map((id) => [id, requireModel(id).sha256])),
    ...(eyes === null ? {} : { [eyeStateModel]: eyes }),
  };
}

/** As alerts record them. */
export function shortHashes(models: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(models).map(([id, sha256]) => [id, sha256.slice(0, 12)]));
}
