import { invalidArgument } from '../../src/runtime/errors.js';

/**
 * What the synthetic driver is told to do in one frame. Signs follow VSS: yaw and azimuth positive to the
 * driver's left (image right; the camera does not mirror), pitch and elevation positive up, roll positive
 * leaning to the driver's right.
 */
export interface FacePose {
  /**
   * The head's angles are against the camera's axis. A fit that leaves perspective out measures against the line of
   * sight instead, and a head that turns also moves sideways: at 50 cm such a fit says 33 for a yaw of 30.
   */
  readonly headYawDeg: number;
  readonly headPitchDeg: number;
  readonly headRollDeg: number;
  /** 0 open, 1 shut, for the driver's own left and right eye. */
  readonly eyelidClosure: { readonly left: number; readonly right: number };
  /** 0 shut, 1 wide open (about 4 cm between the lips). */
  readonly mouthOpening: number;
  /** Eye in head. */
  readonly gazeAzimuthDeg: number;
  readonly gazeElevationDeg: number;
  /** Share of their way down that the lids go along with a gaze below the horizon, 0 to 1; 1 in people. */
  readonly lidsFollowGaze: number;
  /** Head centre off the camera's axis, image right and up, cm. */
  readonly offsetXCm: number;
  readonly offsetYCm: number;
  /** Camera to head centre, cm. */
  readonly distanceCm: number;
  /** Multiplies all light; 1 is a well-lit cabin. */
  readonly lightingGain: number;
  /** Standard deviation of the sensor noise in 8-bit steps. */
  readonly noise: number;
  /** Seed of the sensor noise; use the frame number. */
  readonly noiseSeed: number;
}

/** Awake, straight ahead, no sensor noise. */
export const neutralPose: FacePose = {
  headYawDeg: 0,
  headPitchDeg: 0,
  headRollDeg: 0,
  eyelidClosure: { left: 0, right: 0 },
  mouthOpening: 0,
  gazeAzimuthDeg: 0,
  gazeElevationDeg: 0,
  lidsFollowGaze: 0,
  offsetXCm: 0,
  offsetYCm: 0,
  distanceCm: 52,
  lightingGain: 1,
  noise: 0,
  noiseSeed: 0,
};

/** The head must lie in front of the camera, whole. */
const NEAREST_CM = 20;

/** Throws `INVALID_ARGUMENT` for what cannot be drawn. */
export function checkPose(pose: FacePose): void {
  const { eyelidClosure, ...numbers } = pose;
  const named = {
    ...numbers,
    'eyelidClosure.left': eyelidClosure.left,
    'eyelidClosure.right': eyelidClosure.right,
  };
  for (const [name, value] of Object.entries(named))
    if (!Number.isFinite(value)) throw invalidArgument(name, 'a finite number', value);
  for (const name of [
    'headYawDeg',
    'headPitchDeg',
    'headRollDeg',
    'gazeAzimuthDeg',
    'gazeElevationDeg',
  ] as const)
    if (Math.abs(pose[name]) > 180) throw invalidArgument(name, 'an angle from -180 to 180', pose[name]);
  for (const name of ['mouthOpening', 'lidsFollowGaze', 'eyelidClosure.left', 'eyelidClosure.right'] as const)
    if (named[name] < 0 || named[name] > 1) throw invalidArgument(name, 'a share from 0 to 1', named[name]);
  if (pose.distanceCm < NEAREST_CM)
    throw invalidArgument('distanceCm', `a distance from ${NEAREST_CM} cm on`, pose.distanceCm);
}
