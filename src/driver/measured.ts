import type { Quality } from '../vehicle/quality.js';

/** Why a measure or a state is not known. Stable words: they are published and matched on. */
export type UnknownReason =
  | 'calibrating'
  | 'cameraSilent'
  | 'cameraDisconnected'
  | 'damagedImage'
  | 'inferenceFailed'
  | 'modelMissing'
  | 'noFace'
  | 'imageTooDark'
  | 'imageSaturated'
  | 'imageUniform'
  | 'imageFrozen'
  | 'cameraCovered'
  | 'outOfFocus'
  | 'wrongSeat'
  | 'severalFaces'
  | 'eyesCovered'
  | 'oneEyeCovered'
  | 'glare'
  | 'oneEyeGlare'
  | 'lowerFaceCovered'
  | 'eyesNotBlinking'
  | 'eyesNotMeasurable'
  | 'headPoseInvalid'
  | 'frameRateTooLow'
  | 'overloaded'
  | 'tooLittleMeasured'
  | 'speedUnknown'
  | 'speedTooLow'
  | 'steeringSilent'
  | 'torqueScaleUnknown'
  | 'handsNotFelt'
  | 'timeOfDayUnknown'
  | 'noPhoneObservation'
  | 'phoneDetectorUnproven';

/** A value that never travels without its quality, and never lacks a reason when it is not valid. */
export type Measured<T> =
  | { readonly quality: 'valid'; readonly value: T }
  | { readonly quality: Exclude<Quality, 'valid'>; readonly reason: UnknownReason };

export function valid<T>(value: T): Measured<T> {
  return { quality: 'valid', value };
}

export function unavailable<T>(reason: UnknownReason): Measured<T> {
  return { quality: 'unavailable', reason };
}
