import type { EyeAppearance, FaceObservation, FaceSeen } from '../src/camera/observation.js';
import { faceAt } from './70-support/person.js';

/** How an eye looks that nothing covers, to a camera that has learnt it. */
export const ownEye: EyeAppearance = {
  likeness: 0.75,
  familiarity: 0.97,
  brightness: 0.68,
  contrast: 0.16,
  saturatedShare: 0,
};

export const skinPatch: EyeAppearance = { ...ownEye, likeness: 0.1, familiarity: 0.3, brightness: 1.1 };
export const blinded: EyeAppearance = { ...ownEye, likeness: -0.1, familiarity: -0.1, saturatedShare: 0.9 };

/** A face of whose eyes and mouth the pixels were looked at; `own` is what nothing covers. */
export function seenFace(t: number, frame: number, openness = 0.28, eye: EyeAppearance = ownEye): FaceSeen {
  const face = faceAt(t, frame, openness);
  const one = { openness, weight: 1, appearance: eye };
  return {
    ...face,
    eyes: { left: one, right: one },
    image: { ...face.image, stillMs: 0, detail: 0.5 },
    lowerFace: { familiarity: 0.9, contrast: 0.13 },
    aroundEyes: 0.97,
    faces: 1,
    imageSize: { width: 640, height: 480 },
  };
}

/** Blinks of 120 ms every 4 s, glances of the lids in between. */
export function awakeOpenness(t: number): number {
  if (t % 4000 >= 3000 && t % 4000 < 3120) return 0.03;
  return 0.28 + 0.015 * Math.sin(t / 700);
}

export type Alter = (face: FaceSeen) => FaceObservation;

/** 30 frames a second of an awake driver; from `fromMs` to `toMs` something is in the way. */
export function watched(lengthMs: number, fromMs: number, alter: Alter, toMs = lengthMs): FaceObservation[] {
  const observations: FaceObservation[] = [];
  for (let frame = 0; (frame * 1000) / 30 < lengthMs; frame++) {
    const t = (frame * 1000) / 30;
    const face = seenFace(t, frame, awakeOpenness(t));
    observations.push(t >= fromMs && t < toMs ? alter(face) : face);
  }
  return observations;
}

export function withEyes(face: FaceSeen, appearance: EyeAppearance): FaceSeen {
  const { left, right } = face.eyes;
  return { ...face, eyes: { left: { ...left, appearance }, right: { ...right, appearance } } };
}

/** A hand that lies over eyes and brows, on which the mesh finds closed lids that might be real ones. */
export function behindHand(face: FaceSeen, familiarity = 0.45): FaceSeen {
  const closed = seenFace(face.t, face.frame, 0.06);
  return { ...withEyes(closed, { ...skinPatch, familiarity }), aroundEyes: 0.3 };
}

export function withImage(face: FaceSeen, image: Partial<FaceSeen['image']>): FaceSeen {
  return { ...face, image: { ...face.image, ...image } };
}

/** What a camera sees in which no face is found. */
export function noFace(
  { t, frame, image }: FaceSeen,
  change: Partial<FaceSeen['image']> = {},
): FaceObservation {
  return { kind: 'noFace', t, frame, presence: 0.01, image: { ...image, ...change } };
}
