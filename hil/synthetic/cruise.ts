import type { DbcDatabase, DbcMessage } from '../../src/can/dbc.js';
import { encodeMessage, type MessageValues } from '../../src/can/encode.js';
import { FrameBatchBuilder } from '../../src/can/frame-batch.js';
import type { CanFrames } from '../../src/can/frames.js';
import { VigilError } from '../../src/runtime/errors.js';
import { counterValues, profile1Checksum } from '../../src/can/validity/profile1.js';

/** The demo vehicle at constant speed, straight on, belted, doors shut; without CRC and counter. */
function steadyValues(speedKmh: number): Readonly<Record<string, MessageValues>> {
  return {
    SteeringWheel: { AngleStatus: 'Ok', SteeringAngle: 0, SteeringRate: 0, DriverTorque: 0.4 },
    WheelSpeeds: {
      WheelSpeedFL: speedKmh,
      WheelSpeedFR: speedKmh,
      WheelSpeedRL: speedKmh,
      WheelSpeedRR: speedKmh,
    },
    VehicleMotion: {
      Standstill: 'Moving',
      VehicleSpeed: speedKmh,
      LongitudinalAcceleration: 0,
      LateralAcceleration: 0,
      YawRate: 0,
    },
    Pedals: { BrakeSwitch: 'Released', AcceleratorPedal: 14, BrakePedal: 0, BrakePressure: 0 },
    Transmission: { SelectorLever: 'Drive', CurrentGear: 5, EngineSpeed: 1900, CoolantTemperature: 88 },
    BodySwitches: {
      TurnIndicator: 'Off',
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
    },
    Cluster: { Odometer: 41_207_350, OutsideTemperature: 11, FuelLevel: 38 },
  };
}

/** One payload with counter and checksum as the DBC's comment on `Crc` describes; the checksum is byte 0. */
function protectedPayload(message: DbcMessage, values: MessageValues, count: number): Uint8Array {
  const id = message.attributes.get('E2EDataId');
  if (typeof id !== 'number')
    throw new VigilError('CAN_E2E_UNKNOWN', `Expected a number E2EDataId for ${message.name} in the DBC.`);
  const payload = encodeMessage(message, { ...values, AliveCounter: count % counterValues, Crc: 0 });
  payload[0] = profile1Checksum(id, payload);
  return payload;
}

/**
 * The demo vehicle's bus while it keeps a constant speed: every message at its period from the DBC, in order of
 * time, then identifier. Times and counters are those of a drive that began at 0, so that pieces join. Throws
 * `CAN_E2E_UNKNOWN` or what `encodeMessage` throws when the DBC is another.
 */
export function cruiseFrames(
  database: DbcDatabase,
  speedKmh: number,
  durationMs: number,
  startMs = 0,
): CanFrames {
  const values = steadyValues(speedKmh);
  const due: { t: number; id: number; payload: Uint8Array }[] = [];
  for (const message of database.messages) {
    const period = message.cycleTimeMs;
    if (period === undefined) continue;
    for (let count = Math.max(0, Math.ceil(startMs / period)); count * period < startMs + durationMs; count++)
      due.push({
        // Identifiers follow each other on the bus; 0.25 ms is a frame at 500 kbit/s.
        t: count * period + database.messages.indexOf(message) * 0.25,
        id: message.id,
        payload: protectedPayload(message, values[message.name] ?? {}, count),
      });
  }
  due.sort((a, b) => a.t - b.t || a.id - b.id);
  const builder = new FrameBatchBuilder(due.length);
  for (const { t, id, payload } of due) builder.add(t, id, payload);
  return builder.take();
}
