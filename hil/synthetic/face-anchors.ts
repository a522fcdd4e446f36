/** Where a face lies in an image: what occluders are fixed to. Pixels. */
export interface FaceAnchors {
  /** Midpoint between the centres of the eyes. */
  readonly x: number;
  readonly y: number;
  /** Between the centres of the eyes; the unit of face coordinates. */
  readonly eyeDistance: number;
  /** Angle of the line from the eye at image left to the one at image right, clockwise on the screen. */
  readonly rollRad: number;
  /** From the line between the eyes down to the chin's tip, in eye distances. */
  readonly chin: number;
}

const rightEyeCorners = [33, 133] as const;
const leftEyeCorners = [362, 263] as const;
const chinTip = 152;

/** @param landmarks 478 x (x, y, z), pixels, as the face tracker gives them on demand */
export function anchorsOf(landmarks: Float32Array): FaceAnchors {
  const middle = ([a, b]: readonly [number, number]): [number, number] => [
    (landmarks[3 * a] + landmarks[3 * b]) / 2,
    (landmarks[3 * a + 1] + landmarks[3 * b + 1]) / 2,
  ];
  const [rx, ry] = middle(rightEyeCorners);
  const [lx, ly] = middle(leftEyeCorners);
  const eyeDistance = Math.max(1, Math.hypot(lx - rx, ly - ry));
  const rollRad = Math.atan2(ly - ry, lx - rx);
  const x = (rx + lx) / 2;
  const y = (ry + ly) / 2;
  const down =
    (landmarks[3 * chinTip + 1] - y) * Math.cos(rollRad) - (landmarks[3 * chinTip] - x) * Math.sin(rollRad);
  return { x, y, eyeDistance, rollRad, chin: down / eyeDistance };
}
