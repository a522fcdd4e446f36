import type { FaceObservation } from '../camera/observation.js';
import type { PhoneObservation } from '../camera/phone-observation.js';
import type { Quality } from '../vehicle/quality.js';
import type { CorroborationMeasures } from './corroboration/corroboration.js';
import type { AlertOutput } from './policy/alert.js';
import type { KssEstimate } from './drowsiness/kss.js';
import type { BlinkEvent } from './eyes/blink.js';
import type { BlinkMeasures } from './eyes/blink-statistics.js';
import type { MicrosleepMeasures } from './eyes/microsleeps.js';
import type { VehicleReading, VehicleReadingName } from './context/vehicle-context.js';
import type { Measured, UnknownReason } from './measured.js';
import type { GazeMeasures } from './gaze/gaze-measures.js';
import type { SteeringMeasures } from './steering/steering-measures.js';
import type { Policy } from './policy/policy.js';
import type { StateChange } from './policy/step.js';
import type { Fault } from './visibility/fault.js';

/** Everything the driver graph is told. Times are ms on the drive's clock; each source's own times increase. */
export type DriverInput =
  | { readonly kind: 'observation'; readonly observation: FaceObservation }
  | { readonly kind: 'speed'; readonly t: number; readonly speedKmh: number; readonly quality: Quality }
  /** What the phone detector said about a picture taken at `t`; it may come some tenths of a second later. */
  | { readonly kind: 'phone'; readonly t: number; readonly observation: PhoneObservation }
  /** The camera side cannot deliver, or can again (null). */
  | {
      readonly kind: 'camera';
      readonly t: number;
      readonly fault: 'modelMissing' | 'cameraDisconnected' | 'inferenceFailed' | null;
    }
  /** The camera side turned something down because frames took too long, or no longer does. */
  | { readonly kind: 'load'; readonly t: number; readonly turnedDown: boolean }
  /** What else is known of the vehicle; each name's own times increase. */
  | { readonly kind: 'vehicle'; readonly t: number; readonly reading: VehicleReading }
  /** The driver answered a warning: a button, a spoken "yes", a touch of the screen. */
  | { readonly kind: 'acknowledge'; readonly t: number }
  /** The driver wants prompts that may be switched off, or does not. */
  | { readonly kind: 'enable'; readonly t: number; readonly enabled: boolean }
  /** A journey begins: everything is switched on, nothing is suppressed, and at standstill the driver is learnt anew. */
  | { readonly kind: 'journey'; readonly t: number }
  /** Other policies, the first measuring; taken at standstill only. */
  | { readonly kind: 'policy'; readonly t: number; readonly policies: readonly Policy[] }
  /** Only time passed. Without ticks a silent camera would go unnoticed. */
  | { readonly kind: 'tick'; readonly t: number };

/** What has times of its own: a kind of input, or one of the vehicle's readings. */
export type InputSource = Exclude<DriverInput['kind'], 'vehicle'> | VehicleReadingName;

/** One set per observation; while none come, one now and then on a tick, for what does not need the camera. */
export interface DriverMeasures {
  readonly t: number;
  /** Number and time of the newest frame, whose own measures these are unless the camera is silent; null before one. */
  readonly frame: number | null;
  readonly frameMs: number | null;
  /** Why nothing comes from the camera at present; null while it does. */
  readonly cameraReason: UnknownReason | null;
  /** Mean openness of both eyes as observed. */
  readonly openness: Measured<number>;
  /** This driver's open eye. */
  readonly openBaseline: Measured<number>;
  /** 0 open to 1 closed, relative to this driver. */
  readonly closure: Measured<number>;
  readonly eyesClosed: Measured<boolean>;
  /** Length so far of the eye closure in progress, ms; 0 with open eyes. */
  readonly closureMs: Measured<number>;
  /** P80 without blinks over the policy's short window, 0 to 1. */
  readonly perclos: Measured<number>;
  readonly perclosLong: Measured<number>;
  /** The same from 70 % of closure on. */
  readonly perclos70: Measured<number>;
  readonly perclos70Long: Measured<number>;
  /** Mean square of the closure (EM), blinks included, 0 to 1. */
  readonly closureSquare: Measured<number>;
  readonly closureSquareLong: Measured<number>;
  /** Share of measured time with closed eyes including blinks, over the short window. */
  readonly closedShare: Measured<number>;
  /** Measured time within the short and the long window, ms. */
  readonly measuredMs: number;
  readonly measuredLongMs: number;
  /** Head direction relative to the learnt neutral pose, degrees; yaw positive to the driver's left, pitch up. */
  readonly headYawDeg: Measured<number>;
  readonly headPitchDeg: Measured<number>;
  readonly eyesOnRoad: Measured<boolean>;
  /** Length so far of the look away in progress, ms. */
  readonly awayMs: Measured<number>;
  /** How far the look away and PERCLOS have come towards the limits of the policy in force, 0 to 1. */
  readonly distractionLevel: Measured<number>;
  readonly fatigueLevel: Measured<number>;
  readonly gaze: GazeMeasures;
  /** Unavailable without a proven detector. */
  readonly phoneInUse: Measured<boolean>;
  readonly blinks: BlinkMeasures;
  readonly microsleeps: MicrosleepMeasures;
  readonly steering: SteeringMeasures;
  /** Driving time since the last rest of a quarter of an hour. */
  readonly timeOnTaskMs: number;
  /** Local time, 0 to 24 h. */
  readonly timeOfDayHours: Measured<number>;
  /** Sleepiness on the scale of the KSS, 1 to 9: an estimate, never validated against ratings. */
  readonly kss: Measured<KssEstimate>;
  /** Share of this driver's usual blinks learnt, 0 to 1; only the comparison with them waits for it. */
  readonly blinksLearnt: number;
  readonly frameRateHz: Measured<number>;
  /** 0 to 1. */
  readonly calibration: number;
  /** What else limits the picture without making it unknown. */
  readonly degradedBy: readonly UnknownReason[];
  /** What is in the camera's way, the gravest first; also in `degradedBy`. */
  readonly faults: readonly Fault[];
  readonly corroboration: CorroborationMeasures;
}

/** Which policy was in force. */
export interface PolicyName {
  readonly id: string;
  readonly version: number;
}

/** Why an input was not taken. */
export type RejectionReason = 'timeNotFinite' | 'timeWentBack';

export type DriverOutput =
  | { readonly kind: 'measures'; readonly t: number; readonly measures: DriverMeasures }
  /** A closure under 500 ms has ended. */
  | { readonly kind: 'blink'; readonly t: number; readonly blink: BlinkEvent }
  /** A closure of 500 ms or more has ended. */
  | { readonly kind: 'closure'; readonly t: number; readonly closure: BlinkEvent }
  | StateChange
  | AlertOutput
  /** Prompts that may be switched off are on or off from now on. */
  | {
      readonly kind: 'enabledChanged';
      readonly t: number;
      readonly enabled: boolean;
      readonly because: 'driver' | 'journey';
    }
  /** Other policies are in force; what was learnt about the driver holds. */
  | { readonly kind: 'policyChanged'; readonly t: number; readonly policies: readonly PolicyName[] }
  | {
      readonly kind: 'policyRefused';
      readonly t: number;
      readonly policies: readonly PolicyName[];
      readonly reason: 'moving' | 'speedUnknown' | 'conflict';
      /** In words. */
      readonly detail: string;
    }
  /** A source's time jumped back; everything was forgotten and starts anew. */
  | { readonly kind: 'clockRestarted'; readonly t: number; readonly lastT: number }
  /** An input that could not be used; nothing else changed. */
  | {
      readonly kind: 'inputRejected';
      readonly t: number;
      readonly input: InputSource;
      readonly reason: RejectionReason;
      readonly lastT: number | null;
    };
