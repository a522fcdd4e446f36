import { gazeLimits } from './limits.js';
import type { Direction } from './neutral-pose.js';
import { toVehicle, type CameraMount } from './vehicle-frame.js';

/** Where the driver looks in the vehicle frame: azimuth positive to the left, elevation up, degrees. */
export interface LineOfSight {
  readonly direction: Direction;
  /** What it rests on: irises, irises of a moment ago on the head of now, or the head alone. */
  readonly source: 'gaze' | 'heldGaze' | 'head';
  readonly uncertaintyDeg: number;
}

/** Eyes in the head when they were last seen. */
export interface EyesSeen {
  readonly t: number;
  readonly inHead: Direction;
}

/** Gaze as the camera reads it, with where it reads zero. */
export interface GazeSighted {
  readonly seen: Direction;
  readonly zero: CameraMount;
  /** How many times as uncertain as usual it is. Default 1. */
  readonly gain?: number;
}

export interface Sighting {
  readonly sight: LineOfSight;
  readonly eyes: EyesSeen | null;
}

/**
 * @param head as the camera reads it, with where it reads zero
 * @param gaze the same of the irises, null when they cannot be believed or their zero is not learnt
 * @param eyes where they were last seen
 */
export function lineOfSight(
  t: number,
  head: { readonly seen: Direction; readonly zero: CameraMount },
  gaze: GazeSighted | null,
  eyes: EyesSeen | null,
): Sighting {
  const { gazeUncertaintyDeg, headUncertaintyDeg, gazeHoldMs } = gazeLimits;
  const ofHead = toVehicle(head.seen, head.zero);
  if (gaze !== null) {
    const direction = toVehicle(gaze.seen, gaze.zero);
    const inHead = {
      yawDeg: direction.yawDeg - ofHead.yawDeg,
      pitchDeg: direction.pitchDeg - ofHead.pitchDeg,
    };
    return {
      sight: { direction, source: 'gaze', uncertaintyDeg: gazeUncertaintyDeg * (gaze.gain ?? 1) },
      eyes: { t, inHead },
    };
  }
  if (eyes !== null && t - eyes.t <= gazeHoldMs) {
    const direction = {
      yawDeg: ofHead.yawDeg + eyes.inHead.yawDeg,
      pitchDeg: ofHead.pitchDeg + eyes.inHead.pitchDeg,
    };
    return { sight: { direction, source: 'heldGaze', uncertaintyDeg: gazeUncertaintyDeg }, eyes };
  }
  return {
    sight: { direction: byHead(ofHead), source: 'head', uncertaintyDeg: headUncertaintyDeg },
    eyes: null,
  };
}

/** The head goes part of the way; the eyes, unseen, are taken to go the rest. */
function byHead({ yawDeg, pitchDeg }: Direction): Direction {
  const { headShareAzimuth, headShareElevation } = gazeLimits;
  return {
    yawDeg: yawDeg / headShareAzimuth,
    pitchDeg: Math.min(90, Math.max(-90, pitchDeg / headShareElevation)),
  };
}
