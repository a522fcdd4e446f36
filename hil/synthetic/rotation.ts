import { sinCosDeg, type Vec3 } from './numerics.js';
import type { FacePose } from './face-pose.js';

/** Row-major 3 x 3. */
export type Rotation = readonly [number, number, number, number, number, number, number, number, number];

export const noRotation: Rotation = [1, 0, 0, 0, 1, 0, 0, 0, 1];

function product(a: Rotation, b: Rotation): Rotation {
  const at = (i: number, j: number) => a[i * 3] * b[j] + a[i * 3 + 1] * b[3 + j] + a[i * 3 + 2] * b[6 + j];
  return [at(0, 0), at(0, 1), at(0, 2), at(1, 0), at(1, 1), at(1, 2), at(2, 0), at(2, 1), at(2, 2)];
}

/** Head space (x image right, y up, z to the camera) to camera axes: yaw after pitch after roll, VSS signs. */
export function headRotation(pose: Pick<FacePose, 'headYawDeg' | 'headPitchDeg' | 'headRollDeg'>): Rotation {
  const yaw = sinCosDeg(pose.headYawDeg);
  const pitch = sinCosDeg(pose.headPitchDeg);
  const roll = sinCosDeg(pose.headRollDeg);
  const byYaw: Rotation = [yaw.cos, 0, yaw.sin, 0, 1, 0, -yaw.sin, 0, yaw.cos];
  const byPitch: Rotation = [1, 0, 0, 0, pitch.cos, pitch.sin, 0, -pitch.sin, pitch.cos];
  const byRoll: Rotation = [roll.cos, -roll.sin, 0, roll.sin, roll.cos, 0, 0, 0, 1];
  return product(product(byYaw, byPitch), byRoll);
}

export function rotated(r: Rotation, x: number, y: number, z: number): Vec3 {
  return [r[0] * x + r[1] * y + r[2] * z, r[3] * x + r[4] * y + r[5] * z, r[6] * x + r[7] * y + r[8] * z];
}

/** By the inverse (transpose): camera axes back to head space. */
export function rotatedBack(r: Rotation, x: number, y: number, z: number): Vec3 {
  return [r[0] * x + r[3] * y + r[6] * z, r[1] * x + r[4] * y + r[7] * z, r[2] * x + r[5] * y + r[8] * z];
}
