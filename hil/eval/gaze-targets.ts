import type { FacePose } from '../synthetic/face-pose.js';
import type { GazeZone } from '../../src/driver/gaze/glance-facts.js';
import type { Direction } from '../../src/driver/gaze/neutral-pose.js';

export type Movement = 'owl' | 'lizard';

export interface GazeTarget {
  readonly zone: GazeZone;
  readonly name: string;
  /** In the vehicle frame of a left-hand drive car: positive to the driver's left. */
  readonly direction: Direction;
  /** How Euro NCAP has it looked at. */
  readonly movements: readonly Movement[];
}

const both: readonly Movement[] = ['owl', 'lizard'];

function target(
  zone: GazeZone,
  name: string,
  yawDeg: number,
  pitchDeg: number,
  movements = both,
): GazeTarget {
  return { zone, name, direction: { yawDeg, pitchDeg }, movements };
}

/**
 * Gaze locations of Euro NCAP's driver monitoring with typical target angles of a left-hand drive car: published
 * geometric estimates, there with + to the right and here to the left. The road is looked at as well.
 */
export const gazeTargets: readonly GazeTarget[] = [
  target('roadAhead', 'road ahead', 0, 0),
  target('roadAhead', 'head-up display', -1, -3, ['lizard']),
  target('roadAhead', 'road, left lane', 10, -2),
  target('roadAhead', 'road, right lane', -10, -2),
  target('driverSideWindow', 'driver side window', 80, 0),
  target('driverSideMirror', 'driver side mirror', 39, -12),
  target('rearViewMirror', 'rear-view mirror', -29, 16),
  target('infotainment', 'infotainment display', -33, -20),
  target('infotainment', 'phone on the dashboard', -23, -13),
  target('passengerSideMirror', 'passenger side mirror', -46, -6, ['owl']),
  target('gloveBox', 'glove box', -53, -23, ['lizard']),
  target('passenger', 'passenger face', -82, 4, ['owl']),
  target('instrumentCluster', 'instrument cluster', -4, -25, ['lizard']),
  target('lap', 'phone in the lap', -13, -50),
  target('lap', 'phone on the knee', -30, -60),
];

/** As far as eyes and, before they are lost to the camera, heads turn. */
const eyesReach = { yawDeg: 35, pitchDeg: 25 };
const headReach = { yawDeg: 55, pitchDeg: 40 };
/** Share of the way that the head goes: nearly all of it, or what the eyes cannot. */
const headShare: Readonly<Record<Movement, number>> = { owl: 0.85, lizard: 0 };
/**
 * The driver's pose for a look in a direction of the camera's axes. What neither eyes nor head reach stays out of
 * reach: `missedDeg` is by how much the pose falls short.
 */
export function lookingAt(
  direction: Direction,
  rest: Direction,
  movement: Movement,
): { readonly pose: Partial<FacePose>; readonly missedDeg: number } {
  const yaw = split(direction.yawDeg - rest.yawDeg, headShare[movement], eyesReach.yawDeg, headReach.yawDeg);
  const pitch = split(
    direction.pitchDeg - rest.pitchDeg,
    headShare[movement],
    eyesReach.pitchDeg,
    headReach.pitchDeg,
  );
  return {
    pose: {
      headYawDeg: rest.yawDeg + yaw.head,
      headPitchDeg: rest.pitchDeg + pitch.head,
      gazeAzimuthDeg: yaw.eyes,
      gazeElevationDeg: pitch.eyes,
      lidsFollowGaze: 1,
    },
    missedDeg: Math.hypot(yaw.missed, pitch.missed),
  };
}

function split(
  angle: number,
  share: number,
  eyesReachDeg: number,
  headReachDeg: number,
): { head: number; eyes: number; missed: number } {
  const clamp = (value: number, reach: number) => Math.min(reach, Math.max(-reach, value));
  const eyes = clamp(angle * (1 - share), eyesReachDeg);
  const head = clamp(angle - eyes, headReachDeg);
  const rest = clamp(angle - head, eyesReachDeg);
  return { head, eyes: rest, missed: angle - head - rest };
}
