import type { Direction } from './neutral-pose.js';

/**
 * What an upright driver who looks straight ahead reads in the camera's axes: how the camera is mounted, told by
 * what it sees. Positive as everywhere: yaw to the driver's left, pitch up, roll leaning to the driver's right.
 */
export interface CameraMount extends Direction {
  /** How far an upright head reads as leaning. Default 0. */
  readonly rollDeg?: number;
}

type Vector = readonly [right: number, up: number, towards: number];

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
  return [Math.sin(yaw) * Math.cos(pitch), Math.sin(pitch), Math.cos(yaw) * Math.cos(pitch)];
}

function anglesOf([right, up, towards]: Vector): Direction {
  return {
    yawDeg: Math.atan2(right, towards) / radians,
    pitchDeg: Math.asin(Math.min(1, Math.max(-1, up))) / radians,
  };
}

/** About the vertical; adds to the yaw. */
function turned([x, y, z]: Vector, yawDeg: number): Vector {
  const [c, s] = [Math.cos(yawDeg * radians), Math.sin(yawDeg * radians)];
  return [c * x + s * z, y, c * z - s * x];
}

/** About the axis across; adds to the pitch of what is straight ahead. */
function pitched([x, y, z]: Vector, pitchDeg: number): Vector {
  const [c, s] = [Math.cos(pitchDeg * radians), Math.sin(pitchDeg * radians)];
  return [x, c * y + s * z, c * z - s * y];
}

/** Takes a lean of the image out. */
function rolled([x, y, z]: Vector, rollDeg: number): Vector {
  const [c, s] = [Math.cos(rollDeg * radians), Math.sin(rollDeg * radians)];
  return [c * x + s * y, c * y - s * x, z];
}
