import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { candumpText } from '../src/can/candump-text.js';
import { loadDbc } from '../src/can/dbc-parser.js';
import { firstBit, signalByName } from '../src/can/dbc.js';
import type { DbcMessage } from '../src/can/dbc.js';
import { readBits } from '../src/can/encode.js';
import type { CanFrames } from '../src/can/frames.js';
import { dbcFileOf, readMapping, standardMappingFile } from '../src/vehicle/mapping.js';
import { frameMs, schedule } from '../hil/demo/bus.js';
import { demoCandump, demoCanFrames, demoTrace } from '../hil/demo/can-trace.js';
import type { DemoMessage } from '../hil/demo/can-trace.js';
import { counterValues, profile1Checksum } from '../src/can/validity/profile1.js';
import { randomBell, randomUniform } from '../hil/demo/noise.js';
import { distanceTable } from '../hil/demo/speed-profile.js';
import { thrownBy } from './50-support.js';

const { database, problems } = loadDbc(dbcFileOf(readMapping(standardMappingFile('vigil-demo'))));

/** Closures of the demo clip that matter here, and the blinks around the stop; seconds. */
const longClosures = [
  [9.17, 11.2],
  [159.0, 160.2],
  [167.2, 167.8],
] as const;
const blinksAroundTheStop = [
  [1234 / 24, 1240 / 24],
  [1389 / 24, 1398 / 24],
] as const;

interface Series {
  readonly t: number[];
  readonly values: number[];
}

function series(trace: readonly DemoMessage[], message: string, signal: string): Series {
  const rows = trace.filter((row) => row.message.name === message);
  return { t: rows.map(({ t }) => t), values: rows.map(({ values }) => Number(values[signal])) };
}

function names(trace: readonly DemoMessage[], message: string, signal: string): Set<unknown> {
  return new Set(trace.filter((row) => row.message.name === message).map(({ values }) => values[signal]));
}

const within = ({ t, values }: Series, fromS: number, toS: number): number[] =>
  values.filter((_, i) => t[i] >= fromS * 1000 && t[i] <= toS * 1000);

const smallest = (values: readonly number[]): number => values.reduce((a, b) => Math.min(a, b), Infinity);
const largest = (values: readonly number[]): number => values.reduce((a, b) => Math.max(a, b), -Infinity);

describe("the demo vehicle's DBC", () => {
  it('has no problem, both byte orders, and per message a period, a counter and a checksum', () => {
    expect(problems).toEqual([]);
    const orders = new Set(
      database.messages.flatMap(({ signals }) => signals.map(({ byteOrder }) => byteOrder)),
    );
    expect(orders).toEqual(new Set(['intel', 'motorola']));
    expect(database.messages.map(({ name, cycleTimeMs }) => [name, cycleTimeMs])).toEqual([
      ['SteeringWheel', 10],
      ['WheelSpeeds', 20],
      ['VehicleMotion', 20],
      ['Pedals', 20],
      ['Transmission', 50],
      ['BodySwitches', 100],
      ['Cluster', 1000],
    ]);
    for (const message of database.messages) {
      expect(signalByName(message, 'Crc')?.length).toBe(8);
      expect(signalByName(message, 'AliveCounter')).toMatchObject({ length: 4, maximum: 14 });
      expect(message.attributes.get('E2EDataId')).toBe(message.id);
      expect(message.attributes.get('E2EProfile')).toBe('P01');
    }
  });

  it('gives every bit of a message to one signal at most, and every range what its bits can hold', () => {
    for (const message of database.messages) {
      const taken = new Set<string>();
      for (const signal of message.signals) {
        for (let i = 0; i < signal.length; i++) {
          const position = firstBit(signal) + i;
          const byte = position >> 3;
          const bit = signal.byteOrder === 'intel' ? position & 7 : 7 - (position & 7);
          const key = `${byte}.${bit}`;
          expect(taken.has(key), `${message.name}.${signal.name} at ${key}`).toBe(false);
          expect(byte).toBeLessThan(message.length);
          taken.add(key);
        }
        const signed = signal.rawType === 'signed';
        const low = (signed ? -(2 ** (signal.length - 1)) : 0) * signal.factor + signal.offset;
        const high =
          (signed ? 2 ** (signal.length - 1) - 1 : 2 ** signal.length - 1) * signal.factor + signal.offset;
        expect(signal.minimum).toBeGreaterThanOrEqual(low);
        expect(signal.maximum).toBeLessThanOrEqual(high);
      }
    }
  });
});

describe('the drive', () => {
  let trace: DemoMessage[];
  let speed: Series;
  beforeAll(() => {
    trace = [...demoTrace({ database })];
    speed = series(trace, 'VehicleMotion', 'VehicleSpeed');
  });

  it('is at 50 km/h or more for 30 s, then in town, then on the motorway', () => {
    expect(smallest(within(speed, 0, 30))).toBeGreaterThanOrEqual(50);
    expect(largest(within(speed, 37, 85))).toBeLessThan(52);
    expect(smallest(within(speed, 66, 85))).toBeGreaterThan(30);
    expect(smallest(within(speed, 110, 180))).toBeGreaterThanOrEqual(100);
    expect(largest(speed.values)).toBeLessThan(122);
  });

  it('is fast enough for every long closure of the eyes to count', () => {
    for (const [from, to] of longClosures)
      expect(smallest(within(speed, from - 4, to + 4))).toBeGreaterThanOrEqual(60);
  });

  it('stands still once, while the eyes are open', () => {
    const standing = speed.t.filter((_, i) => speed.values[i] === 0);
    const [from, to] = [standing[0] / 1000, standing[standing.length - 1] / 1000];
    expect(standing.length).toBeGreaterThan(200);
    expect(standing.length).toBe(within(speed, from, to).length);
    for (const [start, end] of [...longClosures, ...blinksAroundTheStop])
      expect(end < from || start > to).toBe(true);
    expect(from).toBeGreaterThan(blinksAroundTheStop[0][1]);
    expect(to).toBeLessThan(blinksAroundTheStop[1][0]);
    for (const { t, values } of trace.filter(({ message }) => message.name === 'VehicleMotion')) {
      if (values['Standstill'] === 'Standing') expect(t).toBeGreaterThanOrEqual(from * 1000 - 20);
    }
  });

  it('agrees with itself: speed is the integral of acceleration, distance that of speed', () => {
    const acceleration = series(trace, 'VehicleMotion', 'LongitudinalAcceleration');
    let integrated = speed.values[0];
    let worst = 0;
    for (let i = 1; i < speed.t.length; i++) {
      integrated +=
        ((acceleration.values[i] + acceleration.values[i - 1]) / 2) *
        ((speed.t[i] - speed.t[i - 1]) / 1000) *
        3.6;
      worst = Math.max(worst, Math.abs(integrated - speed.values[i]));
    }
    expect(worst).toBeLessThan(1);
    const odometer = series(trace, 'Cluster', 'Odometer').values;
    const metres = distanceTable(200, 0.01);
    expect(Math.abs(odometer[odometer.length - 1] - odometer[0] - metres[metres.length - 1])).toBeLessThan(
      40,
    );
    expect(odometer.every((value, i) => i === 0 || value >= odometer[i - 1])).toBe(true);
  });

  it('uses one pedal at a time, the accelerator to gain speed and the brake to lose it', () => {
    const rows = trace.filter(({ message }) => message.name === 'Pedals');
    const acceleration = series(trace, 'VehicleMotion', 'LongitudinalAcceleration').values;
    rows.forEach(({ values }, i) => {
      const [accelerator, brake] = [Number(values['AcceleratorPedal']), Number(values['BrakePedal'])];
      expect(Math.min(accelerator, brake)).toBe(0);
      if (acceleration[i] > 0.5) expect(accelerator).toBeGreaterThan(0);
      if (acceleration[i] < -1.2) expect(brake).toBeGreaterThan(0);
      expect(values['BrakeSwitch'] === 'Pressed').toBe(brake > 0.5);
    });
    const brake = series(trace, 'Pedals', 'BrakePedal');
    expect(smallest(within(brake, 52.5, 57))).toBeGreaterThan(10);
  });

  it('steers smoothly, more in town than on the motorway, and yaw, lateral force and wheels follow', () => {
    const angle = series(trace, 'SteeringWheel', 'SteeringAngle');
    const rate = series(trace, 'SteeringWheel', 'SteeringRate');
    expect(largest(rate.values.map(Math.abs))).toBeLessThan(300);
    expect(
      largest(angle.values.map((value, i) => (i === 0 ? 0 : Math.abs(value - angle.values[i - 1])))),
    ).toBeLessThan(3);
    const rms = (values: number[]): number =>
      Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length);
    expect(rms(within(angle, 66, 75))).toBeGreaterThan(2 * rms(within(angle, 160, 175)));
    const lateral = series(trace, 'VehicleMotion', 'LateralAcceleration').values;
    const yaw = series(trace, 'VehicleMotion', 'YawRate').values;
    expect(largest(lateral.map(Math.abs))).toBeLessThan(4);
    lateral.forEach((value, i) => {
      expect(Math.abs(value - (((speed.values[i] / 3.6) * yaw[i]) / 180) * Math.PI)).toBeLessThan(0.4);
    });
    // The right turn: the right wheels are on the inner side.
    const left = within(series(trace, 'WheelSpeeds', 'WheelSpeedRL'), 61, 62);
    const right = within(series(trace, 'WheelSpeeds', 'WheelSpeedRR'), 61, 62);
    left.forEach((value, i) => expect(value - right[i]).toBeGreaterThan(0.5));
    expect(smallest(within(angle, 60, 63))).toBeLessThan(-120);
  });

  it('signals its turns, keeps doors shut and the belt on, and shifts gears with the speed', () => {
    expect(names(trace, 'BodySwitches', 'TurnIndicator')).toEqual(new Set(['Off', 'Right', 'Left']));
    expect(names(trace, 'BodySwitches', 'BeltDriver')).toEqual(new Set(['Buckled']));
    for (const door of ['DoorFrontDriver', 'DoorFrontPassenger', 'DoorRearDriver', 'DoorRearPassenger']) {
      expect(names(trace, 'BodySwitches', door)).toEqual(new Set(['Closed']));
    }
    expect(names(trace, 'Transmission', 'SelectorLever')).toEqual(new Set(['Drive']));
    expect(names(trace, 'Transmission', 'CurrentGear')).toEqual(new Set([1, 2, 3, 4, 5, 6]));
    const rpm = series(trace, 'Transmission', 'EngineSpeed').values;
    expect(smallest(rpm)).toBeGreaterThan(750);
    expect(largest(rpm)).toBeLessThan(3500);
  });

  it('sends every message at its period, with jitter that does not add up', () => {
    for (const { name, cycleTimeMs = NaN } of database.messages) {
      const { t } = series(trace, name, 'Crc');
      expect(t.length).toBe(200_000 / cycleTimeMs);
      t.forEach((time, k) => {
        // Its jitter, and a wait for at most one frame of each other message.
        const nominal = t[0] + k * cycleTimeMs;
        expect(Math.abs(time - nominal)).toBeLessThan(0.02 * cycleTimeMs + 7 * frameMs(8));
      });
    }
    expect(new Set(trace.map(({ t }) => t)).size).toBe(trace.length);
  });

  it('is the same for the same seed, and starts where it is told to', () => {
    const options = { database, durationMs: 3000 };
    const rows = (seed: number, startMs = 0): string =>
      JSON.stringify(
        [...demoTrace({ ...options, seed, startMs })].map(({ t, values }) => [t - startMs, values]),
      );
    expect(rows(7)).toBe(rows(7));
    expect(rows(7)).not.toBe(rows(8));
    const shifted = [...demoTrace({ ...options, startMs: 50_000 })];
    expect(shifted[0].t).toBeGreaterThan(50_000);
    expect(shifted[shifted.length - 1].t).toBeLessThan(53_000);
    expect(shifted.length).toBe([...demoTrace(options)].length);
  });

  it('refuses a DBC with cyclic messages that it cannot fill', () => {
    const [first, ...rest] = database.messages;
    const strange = { ...database, messages: [{ ...first, name: 'Radio' }, ...rest] };
    expect(thrownBy(() => [...demoTrace({ database: strange, durationMs: 100 })]).code).toBe(
      'DEMO_MESSAGE_UNKNOWN',
    );
  });
});

describe('the bus', () => {
  it('carries one frame at a time, the lowest waiting identifier first', () => {
    const messages = [
      { id: 30, length: 8, periodMs: 10 },
      { id: 20, length: 8, periodMs: 10 },
      { id: 10, length: 8, periodMs: 0.5 },
    ];
    const sent = schedule(messages, { startMs: 0, durationMs: 60, seed: 3, jitterShare: 0.1 });
    for (let i = 1; i < sent.length; i++) {
      expect(sent[i].t - sent[i - 1].t).toBeGreaterThanOrEqual(frameMs(8) - 0.001);
    }
    for (const { id } of messages) {
      const counts = sent.filter(({ message }) => message.id === id).map(({ count }) => count);
      expect(counts).toEqual(counts.map((_, i) => i));
    }
  });
});

describe('noise', () => {
  it('is a fixed sequence per seed, uniform in [0, 1), and bell-shaped where asked', () => {
    const uniform = randomUniform(42);
    const values = Array.from({ length: 20_000 }, () => uniform());
    expect(smallest(values)).toBeGreaterThanOrEqual(0);
    expect(largest(values)).toBeLessThan(1);
    expect(values.reduce((a, b) => a + b) / values.length).toBeCloseTo(0.5, 2);
    const again = randomUniform(42);
    expect(values.slice(0, 100)).toEqual(Array.from({ length: 100 }, () => again()));
    const bell = Array.from({ length: 20_000 }, () => randomBell(uniform, 2));
    expect(Math.sqrt(bell.reduce((sum, x) => sum + x * x, 0) / bell.length)).toBeCloseTo(2, 1);
    expect(largest(bell.map(Math.abs))).toBeLessThanOrEqual(6);
  });
});

describe('the protection', () => {
  it("gives the profile's known checksums", () => {
    // Data ID 0x123, eight bytes, all zero but the counter in byte 1.
    const withCounter = (counter: number): Uint8Array => Uint8Array.of(0, counter, 0, 0, 0, 0, 0, 0);
    expect([0, 1, 2].map((counter) => profile1Checksum(0x123, withCounter(counter)))).toEqual([
      0xcc, 0x91, 0x76,
    ]);
  });
});

describe('the frames', () => {
  const durationMs = 4000;
  let frames: CanFrames;
  beforeAll(() => {
    frames = demoCanFrames({ database, durationMs });
  });
  const payload = (row: number): Uint8Array =>
    frames.data.subarray(frames.offset[row], frames.offset[row] + frames.length[row]);
  const messageOf = (row: number): DbcMessage => database.messages.find(({ id }) => id === frames.id[row])!;
  const physical = (row: number, name: string): number => {
    const signal = signalByName(messageOf(row), name)!;
    const bits = readBits(payload(row), signal);
    return (
      Number(signal.rawType === 'signed' ? BigInt.asIntN(signal.length, bits) : bits) * signal.factor +
      signal.offset
    );
  };

  it('hold what the trace says, to the resolution of the DBC', () => {
    const trace = [...demoTrace({ database, durationMs })];
    expect(frames.count).toBe(trace.length);
    trace.forEach(({ t, message, values }, row) => {
      expect(frames.t[row]).toBe(t);
      expect(frames.id[row]).toBe(message.id);
      expect(frames.length[row]).toBe(message.length);
      for (const signal of message.signals) {
        const value = values[signal.name];
        if (signal.name === 'Crc' || typeof value !== 'number') continue;
        expect(Math.abs(physical(row, signal.name) - value)).toBeLessThanOrEqual(signal.factor / 2 + 1e-9);
      }
    });
  });

  it('count up and carry a checksum that any changed bit breaks', () => {
    const next = new Map<number, number>();
    for (let row = 0; row < frames.count; row++) {
      const id = frames.id[row];
      const counter = next.get(id) ?? 0;
      expect(physical(row, 'AliveCounter')).toBe(counter);
      next.set(id, (counter + 1) % counterValues);
      expect(physical(row, 'Crc')).toBe(profile1Checksum(id, payload(row)));
    }
    const original = payload(0).slice();
    for (let bit = 8; bit < original.length * 8; bit++) {
      const changed = original.slice();
      changed[bit >> 3] ^= 1 << (bit & 7);
      expect(profile1Checksum(frames.id[0], changed)).not.toBe(original[0]);
    }
  });

  it('are written as candump text, one line each, whose times lose nothing', () => {
    const text = demoCandump({ database, durationMs });
    expect(text).toBe(candumpText(frames));
    const lines = text.trimEnd().split('\n');
    expect(lines.length).toBe(frames.count);
    lines.forEach((line, row) => {
      expect(line).toMatch(/^\(\d+\.\d{6}\) can0 [0-9A-F]{3}#([0-9A-F]{2}){5,8}$/);
      expect(Math.round(Number(line.slice(1, line.indexOf(')'))) * 1e6)).toBe(
        Math.round(frames.t[row] * 1000),
      );
    });
  });

  it('are byte for byte what they were when this was written', () => {
    const digest = createHash('sha256')
      .update(demoCandump({ database, durationMs: 1000 }))
      .digest('hex');
    expect(digest).toBe('aab1b496d7c32a9e96e745c34d6424209940faea54b8c61c0c15971e988997af');
  });
});
