import type { FaceTrackerOptions } from '../../src/camera/face-tracker.js';
import type { SeatWindow } from '../../src/camera/seat-window.js';
import type { CameraMount } from '../../src/driver/gaze/vehicle-frame.js';
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
