import type { Sample } from '../../vehicle/sample.js';
import type { SignalValue } from '../../vehicle/value.js';
import { wallClock } from '../trip/time-of-day.js';
import type { VehicleReading, VehicleReadingName, VehicleReadings } from './vehicle-context.js';

type Convert<Name extends VehicleReadingName> = (value: SignalValue) => VehicleReadings[Name] | null;

const number: Convert<'steeringAngleDeg'> = (value) => (typeof value === 'number' ? value : null);
const boolean: Convert<'leftIndicator'> = (value) => (typeof value === 'boolean' ? value : null);

/** VSS says 126 for park and 127 for drive where it is the lever rather than the gear. */
const lever: Convert<'gear'> = (value) => {
  if (typeof value !== 'number') return null;
  if (value === 126) return 0;
  return value === 127 ? 1 : value;
};

const occupancy: Convert<'driverSeat'> = (value) =>
  value === 'OCCUPIED' || value === 'EMPTY' || value === 'UNKNOWN' ? value : null;

/** ISO 8601 with an offset or Z, as VSS has it. */
const isoTime: Convert<'utcMs'> = (value) =>
  typeof value === 'string' ? (wallClock(value)?.utcMs ?? null) : null;

function signal<Name extends VehicleReadingName>(name: Name, convert: Convert<Name>) {
  return ({ t, value, quality }: Sample): VehicleReading | null => {
    if (!Number.isFinite(t)) return null;
    const converted = value === undefined || quality !== 'valid' ? null : convert(value);
    if (converted === null && quality === 'valid') return null;
    // TypeScript cannot see that the value's type follows the name.
    return { name, t, value: converted, quality } as VehicleReading;
  };
}

const indicator = 'Vehicle.Body.Lights.DirectionIndicator';
const steering = 'Vehicle.Chassis.SteeringWheel.Vigil';
const seat = 'Vehicle.Cabin.Seat.Row1.DriverSide';

/** Which VSS signal says what about the vehicle: path to reading; null for a sample that says nothing. */
export const vehicleSignals: Readonly<Record<string, (sample: Sample) => VehicleReading | null>> = {
  [`${steering}.Angle`]: signal('steeringAngleDeg', number),
  [`${steering}.DriverTorque`]: signal('driverTorqueNm', number),
  [`${steering}.DriverTorqueCounts`]: signal('driverTorqueCounts', number),
  [`${indicator}.Left.IsSignaling`]: signal('leftIndicator', boolean),
  [`${indicator}.Right.IsSignaling`]: signal('rightIndicator', boolean),
  'Vehicle.Body.Lights.Hazard.IsSignaling': signal('hazardLights', boolean),
  'Vehicle.Powertrain.Transmission.CurrentGear': signal('gear', number),
  'Vehicle.Powertrain.Transmission.SelectedGear': signal('gear', lever),
  'Vehicle.Chassis.Brake.PedalPosition': signal('brakePedalPercent', number),
  'Vehicle.Cabin.Door.Row1.DriverSide.IsOpen': signal('driverDoorOpen', boolean),
  [`${seat}.OccupancyStatus`]: signal('driverSeat', occupancy),
  [`${seat}.IsBelted`]: signal('driverBelted', boolean),
  'Vehicle.CurrentLocation.Timestamp': signal('utcMs', isoTime),
  'Vehicle.CurrentLocation.Longitude': signal('longitudeDeg', number),
};
