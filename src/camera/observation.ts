/** What one camera frame says about the driver. Angles follow VSS: yaw and azimuth positive to the driver's left, pitch and elevation positive up, roll positive leaning right. */

/** Photometric facts of the decoded frame, over the face region when there is a face, else the whole frame. */
export interface ImageQuality {
  /** Mean luma, 0 to 1. */
  readonly brightness: number;
  /** Standard deviation of luma, 0 to 0.5. */
  readonly contrast: number;
  /** Variance of the Laplacian of luma in 8-bit steps squared; larger is sharper. */
  readonly sharpness: number;
  /** Share of pixels at or above 250 of 255, 0 to 1. */
  readonly saturatedShare: number;
  /** How long the picture has not changed at all, ms; 0 in a live one, whose noise never repeats. */
  readonly stillMs?: number;
  /**
   * Variance of the Laplacian over that of luma, of squares of 4 x 4 pixels: free of gain and nearly of noise. 0.3
   * and more on a sharp face.
   */
  readonly detail?: number;
}

/** What the pixels around one eye look like: landmarks alone are found on a hand and on dark glasses as well. */
export interface EyeAppearance {
  /** Correlation with a drawn eye, -1 to 1. */
  readonly likeness: number;
  /** Correlation with this driver's own open eye as it usually looks, -1 to 1; absent until that is learnt. */
  readonly familiarity?: number;
  /** Mean luma over that of the cheek below. */
  readonly brightness: number;
  /** Standard deviation of luma over the cheek's luma. */
  readonly contrast: number;
  /** Share of pixels at or above 250 of 255, 0 to 1. */
  readonly saturatedShare: number;
}

export interface LowerFaceAppearance {
  /** As for an eye, of the mouth and the skin around it. */
  readonly familiarity?: number;
  readonly contrast: number;
}

export interface EyeObservation {
  /** Lid gap over eye width, corrected for head yaw: about 0.28 open and 0.05 closed on a typical face. */
  readonly openness: number;
  /** 0 to 1: how much this eye's openness can be trusted (far eye at large yaw goes to 0). */
  readonly weight: number;
  /**
   * What the eye-state network makes of this eye, 0 open to 1 closed. Absent where it was not asked: no such model,
   * switched off, or the geometry was sure.
   */
  readonly closedProbability?: number;
  readonly appearance?: EyeAppearance;
}

/** Where the head points, degrees: yaw positive to the driver's left, pitch up, roll leaning right. */
export interface HeadPose {
  readonly yawDeg: number;
  readonly pitchDeg: number;
  readonly rollDeg: number;
}

/** Eye-in-head direction from the irises added to the head's; meaningless while the eyes are closed. */
export interface Gaze {
  readonly azimuthDeg: number;
  readonly elevationDeg: number;
  /** 0 to 1; 0 means do not use. */
  readonly confidence: number;
}

/** Pixels of the full-size image. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface ObservationBase {
  /** Milliseconds on the drive's clock at which the frame was taken. */
  readonly t: number;
  /** Running number of the frame as given by its source. */
  readonly frame: number;
}

export interface FaceSeen extends ObservationBase {
  readonly kind: 'face';
  /** The mesh network's own face score, 0 to 1. It stays high with covered eyes: it is no occlusion check. */
  readonly presence: number;
  readonly box: Box;
  /** The driver's own left and right, mirroring already undone. */
  readonly eyes: { readonly left: EyeObservation; readonly right: EyeObservation };
  /** Inner-lip gap over mouth width; 0 closed, above 0.5 wide open. */
  readonly mouthOpening: number;
  readonly head: HeadPose;
  readonly gaze: Gaze;
  readonly image: ImageQuality;
  readonly lowerFace?: LowerFaceAppearance;
  /**
   * Correlation of what surrounds the eyes (brows, temples, cheeks, the bridge of the nose) with how it usually looks,
   * -1 to 1; absent until that is learnt, and while an eye is blinded. Lids that close leave it as it is, what comes
   * before the face does not.
   */
  readonly aroundEyes?: number;
  /** Faces in the picture when the detector last looked, every few seconds. */
  readonly faces?: number;
  /** Of the full-size image, pixels: what `box` lies in. */
  readonly imageSize?: { readonly width: number; readonly height: number };
  /** 478 x (x, y, z) in pixels of the full-size image, only when asked for. */
  readonly landmarks?: Float32Array;
}

export interface NoFace extends ObservationBase {
  readonly kind: 'noFace';
  readonly presence: number;
  readonly image: ImageQuality;
}

/** The frame could not be measured at all (damaged JPEG, inference error). */
export interface Unreadable extends ObservationBase {
  readonly kind: 'unreadable';
  readonly reason: 'damagedImage' | 'inferenceFailed';
}

/** One camera frame: a face, none, or a frame that could not be used. */
export type FaceObservation = FaceSeen | NoFace | Unreadable;

/** Mean openness of both eyes, weighted by trust; NaN when neither eye is usable. */
export function meanOpenness(eyes: FaceSeen['eyes']): number {
  const weight = eyes.left.weight + eyes.right.weight;
  if (weight <= 0) return Number.NaN;
  return (eyes.left.openness * eyes.left.weight + eyes.right.openness * eyes.right.weight) / weight;
}
