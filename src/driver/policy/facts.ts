import type { GlanceFacts } from '../gaze/glance-facts.js';
import type { Measured, UnknownReason } from '../measured.js';
import type { Look, Manoeuvre } from '../context/excuse.js';

/** What is known of the driver's place and the vehicle besides its speed; null where it is not known. */
export interface CabinFacts extends Manoeuvre {
  readonly driverSeat: 'OCCUPIED' | 'EMPTY' | 'UNKNOWN' | null;
  readonly driverDoorOpen: boolean | null;
  readonly driverBelted: boolean | null;
}

/**
 * Everything that states and alerts follow from. Times are ms on the drive's clock, lengths are ms; null where there
 * has been none yet or nothing is known.
 */
export interface DriverFacts {
  readonly now: number;
  /** Time of the first input of any kind. */
  readonly startedMs: number;
  /** Why there can be no observations, as reported by the camera side; null while it works. */
  readonly cameraFault: UnknownReason | null;
  readonly lastObservationMs: number | null;
  readonly lastReadableMs: number | null;
  /** Why the newest frame was unreadable; null when it was readable. */
  readonly unreadable: UnknownReason | null;
  readonly lastFaceMs: number | null;
  /** Last frame that said something about eyes or, looking away, about the head. */
  readonly lastMeasuredMs: number | null;
  /** Why the newest face could not be measured; null when it could. */
  readonly unmeasured: UnknownReason | null;
  /** 0 to 1; below 1 nothing can be said about this driver yet. */
  readonly calibration: number;
  /** Eye closure as far as it counts, ms: seen closed, or held while out of sight. */
  readonly closureMs: number;
  readonly closedSinceMs: number;
  readonly glance: GlanceFacts;
  readonly look: Look;
  /** Since when the driver has been looking ahead with open eyes; null when not, or not known. */
  readonly forwardSinceMs: number | null;
  readonly perclosShort: Measured<number>;
  readonly perclosLong: Measured<number>;
  /** Estimate on the Karolinska scale, 1 to 9; not validated against ratings. */
  readonly kssEstimate: number | null;
  /** Microsleeps within the time for which they hold the estimate up; absent where none are counted. */
  readonly recentMicrosleeps?: number;
  /** Since when a phone has been seen in use. */
  readonly phoneSinceMs: number | null;
  /** Glasses, poor light or occlusion: the driver is measured, less well. */
  readonly nonNominal: boolean;
  /** A hand is felt on the wheel; null where nothing tells. */
  readonly handsOnWheel?: boolean | null;
  readonly speedKmh: number | null;
  readonly cabin: CabinFacts;
}

/** Lengths computed from frame times may fall short of their nominal value by rounding. */
const toleranceMs = 0.5;

/** At or above a limit in ms. */
export function reached(lengthMs: number, limitMs: number): boolean {
  return lengthMs >= limitMs - toleranceMs;
}

/** Age of something that should keep happening; counted from the start while it never has. */
export function ageMs(lastMs: number | null, facts: DriverFacts): number {
  return facts.now - (lastMs ?? facts.startedMs);
}
