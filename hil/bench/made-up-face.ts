import type { FaceObservation } from '../../src/camera/observation.js';

/** A blink every four seconds, a slow closure every fifteen, a look aside every twenty, and a head that moves. */
export function madeUpFace(t: number, frame: number): FaceObservation {
  const blink = t % 4000 < 200 || t % 15_000 < 700;
  const openness = (blink ? 0.05 : 0.28) + 0.005 * Math.sin(t / 90);
  const eye = { openness, weight: 1 };
  const yawDeg = 3 * Math.sin(t / 5000) + (t % 20_000 < 800 ? 35 : 0);
  return {
    kind: 'face',
    t,
    frame,
    presence: 1,
    box: { x: 200, y: 120, width: 200, height: 240 },
    eyes: { left: eye, right: eye },
    mouthOpening: 0.02,
    head: { yawDeg, pitchDeg: 2 * Math.sin(t / 3000), rollDeg: 0 },
    gaze: { azimuthDeg: yawDeg, elevationDeg: 0, confidence: 0.8 },
    image: { brightness: 0.4, contrast: 0.2, sharpness: 200, saturatedShare: 0.01 },
  };
}
