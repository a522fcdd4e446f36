import type { UnknownReason } from '../measured.js';

/**
 * What a reason means for the monitor as a whole.
 * - `error`: a whole part of it is gone: nothing is known of the driver, or nothing of the eyes. Euro NCAP Safe Driving
 *   v10.4 calls a system degraded when "a whole subsystem" is unavailable, its example being eye tracking; the driver
 *   is to be informed within 10 s.
 * - `degraded`: everything is still judged, by less.
 * - `measure`: one measure is missing that no state waits for.
 * - `learning`: not known yet.
 */
export type Consequence = 'error' | 'degraded' | 'measure' | 'learning';

export const consequenceOf: Readonly<Record<UnknownReason, Consequence>> = {
  cameraSilent: 'error',
  cameraDisconnected: 'error',
  damagedImage: 'error',
  inferenceFailed: 'error',
  modelMissing: 'error',
  noFace: 'error',
  imageTooDark: 'error',
  imageSaturated: 'error',
  imageUniform: 'error',
  imageFrozen: 'error',
  cameraCovered: 'error',
  outOfFocus: 'error',
  wrongSeat: 'error',
  eyesCovered: 'error',
  glare: 'error',
  eyesNotMeasurable: 'error',
  headPoseInvalid: 'error',
  // Lids that never move are made up on dark glasses: eye tracking cannot be relied on.
  eyesNotBlinking: 'error',
  // The other eye is measured.
  oneEyeCovered: 'degraded',
  oneEyeGlare: 'degraded',
  // Yawns and speech are lost, which only support other evidence.
  lowerFaceCovered: 'degraded',
  severalFaces: 'degraded',
  // Blinks are lost; PERCLOS below 5 Hz as well, and that is an error.
  frameRateTooLow: 'degraded',
  overloaded: 'degraded',
  // Every speed gate is open.
  speedUnknown: 'degraded',
  speedTooLow: 'measure',
  steeringSilent: 'measure',
  torqueScaleUnknown: 'measure',
  handsNotFelt: 'measure',
  timeOfDayUnknown: 'measure',
  noPhoneObservation: 'measure',
  phoneDetectorUnproven: 'measure',
  tooLittleMeasured: 'learning',
  calibrating: 'learning',
};
