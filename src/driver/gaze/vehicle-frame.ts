import type { Direction } from './neutral-pose.js';

/**
 * What an upright driver who looks straight ahead reads in the camera's axes: how the camera is mounted, told by
 * what it sees. Positive as everywhere: yaw to the driver's left, pitch up, roll leaning to the driver's right.
 */
export interface CameraMount extends Direction {
  /** How far an upright head reads as leaning. Default 0. */
  readonly rollDeg?: number;
}

interface Vector {
  readonly right: number;
  readonly up: number;
  readonly towards: number;
}

const radians = Math.PI / 180;

/**
 * A direction of the camera's axes in the vehicle's: the rotation that brings `zero`, as the camera reads it, to
 * straight ahead and the horizon. Close to the zero that is a difference of angles; far from it, and with a camera
 * that looks up at the driver, it is not.
 */
export function toVehicle({ yawDeg, pitchDeg }: Direction, zero: CameraMount): Direction {
  const upright = rolled(vectorOf(yawDeg, pitchDeg), zero.rollDeg ?? 0);
  const straight = rolled(vectorOf(zero.yawDeg, zero.pitchDeg), zero.rollDeg ?? 0);
  const { yawDeg: yaw0, pitchDeg: pitch0 } = anglesOf(straight);
  return anglesOf(pitched(turned(upright, -yaw0), -pitch0));
}

/** The way back, for a camera that is not rolled: what it reads of a direction in the vehicle frame. */
export function toCamera({ yawDeg, pitchDeg }: Direction, zero: Direction): Direction {
  return anglesOf(turned(pitched(vectorOf(yawDeg, pitchDeg), zero.pitchDeg), zero.yawDeg));
}

/**
 * The mount of an upright camera that stands `position` from the point midway between the driver's eyes and is
 * aimed at it. In cm; left is the driver's.
 */
export function mountAimedAtEyes(position: {
  readonly forwardCm: number;
  readonly leftCm: number;
  readonly upCm: number;
}): CameraMount {
  const { forwardCm, leftCm, upCm } = position;
  const toCamera = {
    yawDeg: Math.atan2(leftCm, forwardCm) / radians,
    pitchDeg: Math.atan2(upCm, Math.hypot(forwardCm, leftCm)) / radians,
  };
  // The camera's axis points from itself to the eyes: looking into the lens reads 0/0.
  return toVehicle({ yawDeg: 0, pitchDeg: 0 }, toCamera);
}

function vectorOf(yawDeg: number, pitchDeg: number): Vector {
  const yaw = yawDeg * radians;
  const pitch = pitchDeg * radians;
  return {
    right: Math.sin(yaw) * Math.cos(pitch),
    up: Math.sin(pitch),
    towards: Math.cos(yaw) * Math.cos(pitch),
  };
}

function anglesOf({ right, up, towards }: Vector): Direction {
  return {
    yawDeg: Math.atan2(right, towards) / radians,
    pitchDeg: Math.asin(Math.min(1, Math.max(-1, up))) / radians,
  };
}

/** About the vertical; adds to the yaw. */
function turned({ right, up, towards }: Vector, yawDeg: number): Vector {
  const c = Math.cos(yawDeg * radians);
  const s = Math.sin(yawDeg * radians);
  return { right: c * right + s * towards, up, towards: c * towards - s * right };
}

/** About the axis across; adds to the pitch of what is straight ahead. */
function pitched({ right, up, towards }: Vector, pitchDeg: number): Vector {
  const c = Math.cos(pitchDeg * radians);
  const s = Math.sin(pitchDeg * radians);
  return { right, up: c * up + s * towards, towards: c * towards - s * up };
}

/** Takes a lean of the image out. */
function rolled(vector: Vector, rollDeg: number): Vector {
  if (rollDeg === 0) return vector;
  const c = Math.cos(rollDeg * radians);
  const s = Math.sin(rollDeg * radians);
  const { right, up, towards } = vector;
  return { right: c * right + s * up, up: c * up - s * right, towards };
}
