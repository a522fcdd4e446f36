import type { Quality } from '../../vehicle/quality.js';

/** What the driver graph is told about the vehicle besides its speed. Angles and torque are positive to the left. */
export interface VehicleReadings {
  readonly steeringAngleDeg: number;
  readonly driverTorqueNm: number;
  /** Steps of a torque sensor whose scale the bus does not give. */
  readonly driverTorqueCounts: number;
  readonly leftIndicator: boolean;
  readonly rightIndicator: boolean;
  readonly hazardLights: boolean;
  /** Negative in reverse, 0 neutral, positive forward. */
  readonly gear: number;
  readonly brakePedalPercent: number;
  readonly driverDoorOpen: boolean;
  readonly driverSeat: 'OCCUPIED' | 'EMPTY' | 'UNKNOWN';
  readonly driverBelted: boolean;
  /** Local time of day, 0 to 24 h. */
  readonly timeOfDayHours: number;
  /** UTC, milliseconds since 1970. */
  readonly utcMs: number;
  /** Positive to the east. */
  readonly longitudeDeg: number;
}

export type VehicleReadingName = keyof VehicleReadings;

export interface Reading<T> {
  /** When it was measured, ms. */
  readonly t: number;
  /** Null unless `quality` is valid. */
  readonly value: T | null;
  readonly quality: Quality;
}

/** The newest reading of each name; absent where none ever came. */
export type VehicleContext = { readonly [Name in VehicleReadingName]?: Reading<VehicleReadings[Name]> };

/** One reading of one name. */
export type VehicleReading = {
  readonly [Name in VehicleReadingName]: Reading<VehicleReadings[Name]> & { readonly name: Name };
}[VehicleReadingName];

export function takeReading(context: VehicleContext, reading: VehicleReading): VehicleContext {
  const { name, t, value, quality } = reading;
  return { ...context, [name]: { t, value, quality } };
}

/** The value at `now`, or null when it is not known: never reported, not valid, or older than `staleMs`. */
export function knownReading<Name extends VehicleReadingName>(
  context: VehicleContext,
  name: Name,
  now: number,
  staleMs: number,
): VehicleReadings[Name] | null {
  const reading = context[name];
  if (reading?.quality !== 'valid' || now - reading.t > staleMs) return null;
  return reading.value;
}
