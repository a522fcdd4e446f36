import type { FaceAnchors } from '../synthetic/face-anchors.js';
import { blur, covered, exposed, occlude, type OccluderName } from '../synthetic/occluders.js';
import type { RgbImage } from '../synthetic/renderer.js';
import type { FaultReason } from '../../src/driver/visibility/fault.js';

/** One thing done to pictures of a driver, and what may be said about it. */
export interface VisibilityCause {
  readonly name: string;
  /** Any of these names the cause rightly. */
  readonly reasons: readonly FaultReason[];
  /** How long it must be seen for that, as it is documented; a film that ends sooner says nothing. */
  readonly leastMs: number;
  /**
   * @param number running number, for noise
   * @param first the last picture that was not changed
   * @param sinceMs since the first one that is
   */
  change(image: RgbImage, at: FaceAnchors, number: number, first: RgbImage, sinceMs: number): RgbImage;
}

/** Most causes take a second or two. */
const leastMs = 2500;
/** A mouth is covered when it was for 3 s. */
const leastMouthMs = 3500;

const eyesLost: readonly FaultReason[] = ['eyesCovered', 'glare'];

function occluder(name: OccluderName, reasons: readonly FaultReason[], least = leastMs): VisibilityCause {
  return { name, reasons, leastMs: least, change: (image, at) => occlude(image, at, name) };
}

/** A hand is raised to the eyes in about so long. */
const arrivalMs = 400;

function arriving(name: OccluderName, reasons: readonly FaultReason[]): VisibilityCause {
  return {
    name,
    reasons,
    leastMs,
    change: (image, at, _number, _first, sinceMs) =>
      occlude(image, at, name, 1, Math.min(1, sinceMs / arrivalMs)),
  };
}

export const visibilityCauses: readonly VisibilityCause[] = [
  occluder('bar', eyesLost),
  occluder('sunglasses', eyesLost),
  occluder('hand', eyesLost),
  arriving('handFromAbove', eyesLost),
  arriving('handFromSide', eyesLost),
  occluder('hair', eyesLost),
  occluder('noise', eyesLost),
  occluder('blurredEyes', eyesLost),
  occluder('glareBothEyes', eyesLost),
  occluder('glareOneEye', ['oneEyeGlare']),
  occluder('mask', ['lowerFaceCovered'], leastMouthMs),
  occluder('handOnMouth', ['lowerFaceCovered'], leastMouthMs),
  {
    name: 'dark',
    reasons: ['imageTooDark', 'imageUniform', 'cameraCovered'],
    leastMs,
    change: (image) => exposed(image, 1 / 16),
  },
  {
    name: 'saturated',
    reasons: ['imageSaturated', 'imageUniform', 'cameraCovered', 'glare'],
    leastMs,
    change: (image) => exposed(image, 5),
  },
  {
    name: 'outOfFocus',
    reasons: ['outOfFocus', 'cameraCovered'],
    leastMs,
    change: (image, { eyeDistance }) => blur(image, 0.1 * eyeDistance),
  },
  {
    name: 'smearedLens',
    reasons: ['cameraCovered', 'outOfFocus'],
    leastMs,
    change: (image, { eyeDistance }) => blur(image, 0.5 * eyeDistance),
  },
  {
    name: 'coveredDark',
    reasons: ['cameraCovered', 'imageTooDark'],
    leastMs,
    change: (image, _, number) => covered(image, 6, 4, number),
  },
  {
    name: 'coveredBright',
    reasons: ['cameraCovered'],
    leastMs,
    change: (image, _, number) => covered(image, 90, 6, number),
  },
  { name: 'frozen', reasons: ['imageFrozen'], leastMs, change: (_image, _at, _number, first) => first },
];
