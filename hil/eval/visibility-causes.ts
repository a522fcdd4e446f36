import type { FaceAnchors } from '../synthetic/face-anchors.js';
import { blur, covered, exposed, occlude, type OccluderName } from '../synthetic/occluders.js';
import type { RgbImage } from '../synthetic/renderer.js';
import type { FaultReason } from '../../src/driver/visibility/fault.js';

/** One thing done to pictures of a driver, and what may be said about it. */
export interface VisibilityCause {
  readonly name: string;
  /** Any of these names the cause rightly. */
  readonly reasons: readonly FaultReason[];
  /** @param first the first picture that was changed @param number running number, for noise */
  change(image: RgbImage, at: FaceAnchors, number: number, first: RgbImage): RgbImage;
}

const eyesLost: readonly FaultReason[] = ['eyesCovered', 'glare'];

function occluder(name: OccluderName, reasons: readonly FaultReason[]): VisibilityCause {
  return { name, reasons, change: (image, at) => occlude(image, at, name) };
}

export const visibilityCauses: readonly VisibilityCause[] = [
  occluder('bar', eyesLost),
  occluder('sunglasses', eyesLost),
  occluder('hand', eyesLost),
  occluder('hair', eyesLost),
  occluder('noise', eyesLost),
  occluder('blurredEyes', eyesLost),
  occluder('glareBothEyes', eyesLost),
  occluder('glareOneEye', ['oneEyeGlare']),
  occluder('mask', ['lowerFaceCovered']),
  occluder('handOnMouth', ['lowerFaceCovered']),
  {
    name: 'dark',
    reasons: ['imageTooDark', 'imageUniform', 'cameraCovered'],
    change: (image) => exposed(image, 1 / 16),
  },
  {
    name: 'saturated',
    reasons: ['imageSaturated', 'imageUniform', 'cameraCovered', 'glare'],
    change: (image) => exposed(image, 5),
  },
  {
    name: 'outOfFocus',
    reasons: ['outOfFocus', 'cameraCovered'],
    change: (image, { eyeDistance }) => blur(image, 0.1 * eyeDistance),
  },
  {
    name: 'smearedLens',
    reasons: ['cameraCovered', 'outOfFocus'],
    change: (image, { eyeDistance }) => blur(image, 0.5 * eyeDistance),
  },
  {
    name: 'coveredDark',
    reasons: ['cameraCovered', 'imageTooDark'],
    change: (image, _, number) => covered(image, 6, 4, number),
  },
  {
    name: 'coveredBright',
    reasons: ['cameraCovered'],
    change: (image, _, number) => covered(image, 90, 6, number),
  },
  { name: 'frozen', reasons: ['imageFrozen'], change: (_image, _at, _number, first) => first },
];
