import type { MessageValues } from '../../src/can/encode.js';
import { engineRpmAt, gearAt, pedalsAt } from './longitudinal.js';
import { randomBell } from './noise.js';
import { accelerationMs2, speedKmh, standstill } from './speed-profile.js';
import { chassis, indicatorAt, steeringAngleDeg, steeringRateDegS, yawRateRadS } from './steering.js';

/** What a message is filled from: one instant of the drive, and the sender's own noise. */
export interface DriveInstant {
  /** Seconds from the start. */
  readonly s: number;
  /** Metres driven. */
  readonly distanceM: number;
  readonly uniform: () => number;
}

/** Physical values, or names of values, of all signals of a message but its protection. */
export type SignalModel = (instant: DriveInstant) => MessageValues;

const odometerAtStartM = 18_437_250;
const fuelAtStartL = 41.5;

function limit(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

/** Below 0.2 km/h a wheel sensor sees no teeth pass and gives 0. */
function measuredSpeed(kmh: number, noise: number, most: number): number {
  return kmh < 0.2 ? 0 : limit(kmh + noise, 0, most);
}

/** A wheel at half the track width from the middle turns slower on the inner side; front wheels run a little further. */
function wheelSpeedKmh(s: number, side: 'left' | 'right', axle: 'front' | 'rear'): number {
  const yaw = yawRateRadS(s);
  const along = speedKmh(s) / 3.6 + ((side === 'left' ? -1 : 1) * yaw * chassis.trackM) / 2;
  const across = axle === 'front' ? yaw * chassis.wheelbaseM : 0;
  return Math.hypot(along, across) * 3.6;
}

function steeringWheel({ s, uniform }: DriveInstant): MessageValues {
  const angle = steeringAngleDeg(s);
  return {
    AngleStatus: 'Ok',
    SteeringAngle: angle + randomBell(uniform, 0.03),
    SteeringRate: steeringRateDegS(s) + randomBell(uniform, 0.2),
    // The wheel pulls back to the middle and drags when it is turned.
    DriverTorque: 2.2 * Math.tanh(angle / 60) + 0.004 * steeringRateDegS(s) + randomBell(uniform, 0.05),
  };
}

function wheelSpeeds({ s, uniform }: DriveInstant): MessageValues {
  const wheel = (side: 'left' | 'right', axle: 'front' | 'rear'): number =>
    measuredSpeed(wheelSpeedKmh(s, side, axle), randomBell(uniform, 0.05), 255);
  return {
    WheelSpeedFL: wheel('left', 'front'),
    WheelSpeedFR: wheel('right', 'front'),
    WheelSpeedRL: wheel('left', 'rear'),
    WheelSpeedRR: wheel('right', 'rear'),
  };
}

function vehicleMotion({ s, uniform }: DriveInstant): MessageValues {
  const yaw = yawRateRadS(s);
  const speed = measuredSpeed(speedKmh(s), randomBell(uniform, 0.03), 300);
  return {
    Standstill: s >= standstill.from && s <= standstill.to ? 'Standing' : 'Moving',
    VehicleSpeed: speed,
    LongitudinalAcceleration: accelerationMs2(s) + randomBell(uniform, 0.04),
    LateralAcceleration: (speedKmh(s) / 3.6) * yaw + randomBell(uniform, 0.04),
    YawRate: (yaw / Math.PI) * 180 + randomBell(uniform, 0.1),
  };
}

function pedals({ s, uniform }: DriveInstant): MessageValues {
  const { accelerator, brake } = pedalsAt(s);
  return {
    BrakeSwitch: brake > 0.5 ? 'Pressed' : 'Released',
    AcceleratorPedal: accelerator,
    BrakePedal: brake,
    BrakePressure: limit(brake * 1.2 + randomBell(uniform, 0.1), 0, 250),
  };
}

function transmission({ s, uniform }: DriveInstant): MessageValues {
  return {
    SelectorLever: 'Drive',
    CurrentGear: gearAt(s),
    EngineSpeed: limit(engineRpmAt(s) + randomBell(uniform, 4), 0, 8000),
    CoolantTemperature: 88 + 2 * Math.sin(s / 40),
  };
}

function bodySwitches({ s }: DriveInstant): MessageValues {
  return {
    TurnIndicator: indicatorAt(s),
    IgnitionState: 'On',
    DoorFrontDriver: 'Closed',
    DoorFrontPassenger: 'Closed',
    DoorRearDriver: 'Closed',
    DoorRearPassenger: 'Closed',
    CentralLocking: 'Locked',
    BeltDriver: 'Buckled',
    BeltPassenger: 'Open',
    SeatPassenger: 'Empty',
    ParkingBrake: 'Released',
  };
}

function cluster({ distanceM }: DriveInstant): MessageValues {
  return {
    Odometer: odometerAtStartM + Math.floor(distanceM),
    OutsideTemperature: 12.5,
    // 6.5 l per 100 km.
    FuelLevel: fuelAtStartL - (distanceM * 6.5) / 100_000,
  };
}

/** By name of the message in the demo vehicle's DBC. */
export const signalModels: ReadonlyMap<string, SignalModel> = new Map([
  ['SteeringWheel', steeringWheel],
  ['WheelSpeeds', wheelSpeeds],
  ['VehicleMotion', vehicleMotion],
  ['Pedals', pedals],
  ['Transmission', transmission],
  ['BodySwitches', bodySwitches],
  ['Cluster', cluster],
]);
