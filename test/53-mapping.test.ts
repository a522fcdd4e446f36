import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadDbc, parseDbc } from '../src/can/dbc-parser.js';
import type { DbcDatabase } from '../src/can/dbc.js';
import { invalidArgument } from '../src/runtime/errors.js';
import { parseMapping } from '../src/vehicle/mapping-file.js';
import {
  applyDecoded,
  compileMapping,
  connectMapping,
  dbcFileOf,
  loadMapping,
  readMapping,
  standardMappingFile,
} from '../src/vehicle/mapping.js';
import type { DecodedColumns, VehicleMapping } from '../src/vehicle/mapping.js';
import { compileTransform, Refusal } from '../src/vehicle/transform.js';
import { loadTree, requireSignal } from '../src/vehicle/tree.js';
import { newStore, thrownBy } from './50-support.js';

const tree = loadTree();

/** Our own words for the parts of the MoTeC sample's DBC that its mapping names; the real one is not ours to ship. */
const motecDbc = parseDbc(`
BU_: Car
BO_ 208 ID_D0: 8 Car
 SG_ STEER_ANGLE : 0|16@1- (0.1,0) [-450|450] "deg" Car
 SG_ GYRO_YAW : 16|9@1- (0.005,0) [-1.2775|1.2775] "rad/s" Car
 SG_ ACCEL_LAT : 48|8@1- (0.2,0) [-25.4|25.4] "m/s/s" Car
 SG_ ACCEL_LONG : 56|8@1- (0.15,0) [-19.05|19.05] "m/s/s" Car
BO_ 209 ID_D1: 4 Car
 SG_ SPEED : 0|16@1+ (0.0155168902,0) [0|300] "m/s" Car
 SG_ BRAKE : 16|8@1+ (1,0) [0|100] "%" Car
BO_ 212 ID_D4: 8 Car
 SG_ WS_FL : 0|16@1+ (0.0155168902,0) [0|300] "m/s" Car
 SG_ WS_FR : 16|16@1+ (0.0155168902,0) [0|300] "m/s" Car
 SG_ WS_RL : 32|16@1+ (0.0155168902,0) [0|300] "m/s" Car
 SG_ WS_RR : 48|16@1+ (0.0155168902,0) [0|300] "m/s" Car
BO_ 320 ID_140: 8 Car
 SG_ THROTTLE : 0|8@1+ (0.39215686274509803,0) [0|100] "%" Car
 SG_ CLUTCH : 15|1@1+ (100,0) [0|100] "%" Car
 SG_ RPM : 16|14@1+ (1,0) [0|10000] "rpm" Car
BO_ 321 ID_141: 8 Car
 SG_ GEAR : 48|4@1+ (1,0) [0|6] "" Car
BO_ 340 ID_154: 7 Car
 SG_ EBRAKE : 51|1@1+ (1,0) [0|255] "" Car
BO_ 342 ID_156: 8 Car
 SG_ FUEL : 56|8@1+ (2.155,6.315) [0|61] "litre" Car
BO_ 864 ID_360: 8 Car
 SG_ COOLANT_TEMP : 24|8@1+ (1,-40) [-40|215] "C" Car
`).database;

function columns(
  name: string,
  t: readonly number[],
  values: Record<string, readonly number[]>,
): DecodedColumns {
  const column = (signal: string): Float64Array => {
    if (signal in values) return Float64Array.from(values[signal]);
    throw invalidArgument('signal', `a signal of ${name}`, signal);
  };
  return { message: { name }, t: Float64Array.from(t), column };
}

const smallDbc = parseDbc(`
BU_: N
BO_ 1 A: 8 N
 SG_ Speed : 0|16@1+ (1,0) [0|0] "m/s" N
 SG_ Lever : 16|4@1+ (1,0) [0|15] "" N
BO_ 2 B: 8 N
 SG_ Pedal : 0|16@1- (0.1,0) [0|0] "%" N
BA_DEF_ BO_ "GenMsgCycleTime" INT 0 65535;
BA_DEF_DEF_ "GenMsgCycleTime" 0;
BA_ "GenMsgCycleTime" BO_ 2 20;
`).database;

function compile(entries: string, dbc: DbcDatabase = smallDbc): VehicleMapping {
  return compileMapping(parseMapping(`mapping: small\nsignals:\n${entries}`, 'small.yaml'), tree, dbc);
}

const small = `
  - { signal: A.Speed, path: Vehicle.Speed, maxAgeMs: 100, unit: m/s, range: [0, 300], transform: { linear: { factor: 3.6, offset: 0 } } }
  - { signal: A.Speed, path: Vehicle.IsMoving, maxAgeMs: 100, transform: { threshold: 0.2 } }
  - { signal: A.Lever, path: Vehicle.Powertrain.Transmission.SelectedGear, maxAgeMs: 100, transform: { enum: { 0: 126, 3: 127 } } }
  - { signal: B.Pedal, path: Vehicle.Chassis.Brake.PedalPosition, maxAgeMs: 200 }
`;

describe('the shipped mappings', () => {
  it('of the demo vehicle fits its own DBC and the tree', () => {
    const file = standardMappingFile('vigil-demo');
    const mapping = loadMapping(file, tree);
    const dbc = loadDbc(dbcFileOf(readMapping(file))).database;
    const paths = mapping.provided.map(({ path }) => path);
    for (const needed of [
      'Vehicle.Speed',
      'Vehicle.Chassis.SteeringWheel.Angle',
      'Vehicle.Body.Lights.DirectionIndicator.Left.IsSignaling',
      'Vehicle.Powertrain.Transmission.CurrentGear',
      'Vehicle.Chassis.Brake.PedalPosition',
      'Vehicle.Chassis.Accelerator.PedalPosition',
      'Vehicle.Cabin.Door.Row1.DriverSide.IsOpen',
      'Vehicle.Cabin.Seat.Row1.DriverSide.IsBelted',
    ]) {
      expect(paths).toContain(needed);
    }
    // A few lost frames must not flicker: everything survives at least five periods.
    for (const [name, routes] of mapping.routes) {
      const period = dbc.messages.find((message) => message.name === name)?.cycleTimeMs ?? NaN;
      for (const { path } of routes) {
        const maxAgeMs = mapping.provided.find((provided) => provided.path === path)?.maxAgeMs;
        expect(maxAgeMs).toBeGreaterThanOrEqual(5 * period);
      }
    }
  });

  it('of the MoTeC sample turns m/s, rad/s and right-positive angles into VSS units and signs', () => {
    const mapping = loadMapping(standardMappingFile('motec-sample'), tree, motecDbc);
    const { store } = newStore();
    const source = connectMapping(store, mapping);
    const batch = [
      columns('ID_D1', [10, 30], { SPEED: [10, 20], BRAKE: [0, 31] }),
      columns('ID_D0', [11], { STEER_ANGLE: [12.4], GYRO_YAW: [-0.1], ACCEL_LAT: [-1.6], ACCEL_LONG: [3] }),
      columns('ID_140', [12], { THROTTLE: [50.196], CLUTCH: [100], RPM: [3000] }),
      columns('ID_141', [13], { GEAR: [7] }),
      columns('ID_999', [14], {}),
    ];
    expect(applyDecoded(source, mapping, batch)).toBe(5);
    const value = (path: string): unknown => store.get(path).value;
    expect(value('Vehicle.Speed')).toBe(72);
    expect(value('Vehicle.IsMoving')).toBe(true);
    expect(value('Vehicle.Chassis.Brake.PedalPosition')).toBe(31);
    expect(value('Vehicle.Chassis.SteeringWheel.Angle')).toBe(-12);
    expect(value('Vehicle.Chassis.SteeringWheel.Vigil.Angle')).toBe(-12.4);
    expect(value('Vehicle.AngularVelocity.Yaw')).toBeCloseTo(-5.7296, 4);
    expect(value('Vehicle.Acceleration.Lateral')).toBe(-1.6);
    expect(value('Vehicle.Acceleration.Longitudinal')).toBe(-3);
    expect(value('Vehicle.Chassis.Accelerator.PedalPosition')).toBe(50);
    expect(value('Vehicle.Powertrain.Transmission.ClutchEngagement')).toBe(0);
    expect(value('Vehicle.Powertrain.Transmission.CurrentGear')).toBe(0);
    expect(store.get('Vehicle.Speed')).toMatchObject({ t: 30, quality: 'valid', source: 'can:motec-sample' });
    expect(store.get('Vehicle.Powertrain.FuelSystem.AbsoluteLevel').reason).toBe('nothing received yet');
  });

  it('of the MoTeC sample names no DBC: the caller brings it', () => {
    expect(thrownBy(() => loadMapping(standardMappingFile('motec-sample'), tree)).message).toContain('DBC');
  });
});

describe('a mapping', () => {
  it.each([
    ['{ signal: A.Speed, path: Vehicle.Sped, maxAgeMs: 9 }', 'the path of a signal'],
    ['{ signal: A.Speed, path: Vehicle.Driver, maxAgeMs: 9 }', 'the path of a signal'],
    ['{ signal: C.Speed, path: Vehicle.Speed, maxAgeMs: 9 }', 'a message of'],
    ['{ signal: A.Sped, path: Vehicle.Speed, maxAgeMs: 9 }', 'one of Speed, Lever'],
    ['{ signal: Speed, path: Vehicle.Speed, maxAgeMs: 9 }', 'MESSAGE.SIGNAL'],
    ['{ signal: A.Speed, path: Vehicle.Speed }', 'a number for maxAgeMs'],
    ['{ signal: A.Speed, path: Vehicle.Speed, maxAgeMs: -1 }', 'a positive number of ms'],
    [
      '{ signal: A.Speed, path: Vehicle.Speed, maxAgeMs: 9, unit: km/h }',
      'the unit that the DBC states, m/s',
    ],
    ['{ signal: B.Pedal, path: Vehicle.Speed, maxAgeMs: 20 }', 'a maxAgeMs above the period of 20 ms'],
    ['{ signal: A.Speed, path: Vehicle.IsMoving, maxAgeMs: 9 }', 'an enum or threshold for a boolean'],
    [
      '{ signal: A.Speed, path: Vehicle.Speed, maxAgeMs: 9, transform: { threshold: 1 } }',
      'for boolean paths only',
    ],
    [
      '{ signal: A.Speed, path: Vehicle.Speed, maxAgeMs: 9, transform: { enum: { 0: ON } } }',
      'a number (float) below enum',
    ],
    [
      '{ signal: A.Speed, path: Vehicle.Speed, maxAgeMs: 9, transform: { enum: { a: 1 } } }',
      'a number for a key of enum',
    ],
    ['{ signal: A.Speed, path: Vehicle.Speed, maxAgeMs: 9, transform: { enum: {} } }', 'at least one value'],
    [
      '{ signal: A.Speed, path: Vehicle.Speed, maxAgeMs: 9, transform: { linear: { factor: 2 } } }',
      'a number for offset',
    ],
    [
      '{ signal: A.Speed, path: Vehicle.Speed, maxAgeMs: 9, transform: { linear: { factor: 0, offset: 1 } } }',
      'other than 0',
    ],
    [
      '{ signal: A.Speed, path: Vehicle.Speed, maxAgeMs: 9, transform: { clamp: 1 } }',
      'one of linear, threshold, enum',
    ],
    [
      '{ signal: A.Speed, path: Vehicle.Speed, maxAgeMs: 9, transform: 3.6 }',
      'one of linear, threshold, enum',
    ],
    ['{ signal: A.Speed, path: Vehicle.Speed, maxAgeMs: 9, range: [3, 1] }', 'the lowest value first'],
    ['{ signal: A.Speed, path: Vehicle.Speed, maxAgeMs: 9, range: 3 }', '[lowest, highest]'],
    [
      '{ signal: A.Speed, path: Vehicle.IsMoving, maxAgeMs: 9, range: [0, 1], transform: { threshold: 1 } }',
      'no range beside',
    ],
    ['{ signal: A.Speed, path: Vehicle.Speed, maxAgeMs: 9, cycle: 10 }', 'only signal, add, path'],
    [
      '{ signal: A.Speed, path: Vehicle.Speed, maxAgeMs: 9 }\n  - { signal: B.Pedal, path: Vehicle.Speed, maxAgeMs: 99 }',
      'each path once',
    ],
    ['7', 'a mapping per entry'],
  ])('refuses %s and names file, entry and expectation', (entry, expected) => {
    const error = thrownBy(() => compile(`  - ${entry}\n`));
    expect(error.code).toBe('MAPPING_INVALID');
    expect(error.message).toContain('small.yaml: ');
    expect(error.message).toContain(expected);
    if (entry.startsWith('{ signal')) expect(error.message).toContain(' -> Vehicle.');
  });

  it('needs a name and entries, and is YAML', () => {
    for (const text of ['mapping: x', 'signals: []', 'mapping: x\nsignals: []', 'mapping: [', '- 1']) {
      expect(thrownBy(() => parseMapping(text, 'm.yaml')).code).toBe('MAPPING_INVALID');
    }
    expect(thrownBy(() => readMapping('no/such.yaml')).code).toBe('FILE_UNREADABLE');
  });
});

describe('transforms', () => {
  const convert = (path: string) => (x: number) =>
    compileTransform({ type: 'linear', factor: 2, offset: -1 }, requireSignal(tree, path))(x);

  it('scale, and round to whole numbers only where the path holds them', () => {
    fc.assert(
      fc.property(fc.double({ min: -1000, max: 1000, noNaN: true }), (x) => {
        expect(convert('Vehicle.Speed')(x)).toBe(x * 2 - 1);
        const whole = convert('Vehicle.Chassis.SteeringWheel.Angle')(x) as number;
        expect(Number.isInteger(whole) && !Object.is(whole, -0)).toBe(true);
        expect(Math.abs(whole - (x * 2 - 1))).toBeLessThanOrEqual(0.5);
      }),
    );
  });

  it('never clamp: outside the plausible range the value is refused, not bent', () => {
    fc.assert(
      fc.property(fc.double({ min: -50, max: 400, noNaN: true }), (x) => {
        const linear = { type: 'linear', factor: 1, offset: 0 } as const;
        const result = compileTransform(linear, requireSignal(tree, 'Vehicle.Speed'), { min: 0, max: 300 })(
          x,
        );
        if (x >= 0 && x <= 300) expect(result).toBe(x + 0);
        else expect(result).toEqual(new Refusal(`expected 0 to 300, received ${x}`, x));
      }),
    );
  });

  it('give no value to NaN or to a code without a meaning', () => {
    const lever = requireSignal(tree, 'Vehicle.Powertrain.Transmission.SelectedGear');
    const moving = requireSignal(tree, 'Vehicle.IsMoving');
    const byCode = compileTransform({ type: 'enum', values: new Map([[3, 127]]) }, lever);
    expect(byCode(3)).toBe(127);
    expect(byCode(4)).toEqual(new Refusal('the mapping gives 4 no meaning'));
    const threshold = compileTransform({ type: 'threshold', limit: 0.2 }, moving);
    expect([threshold(0.19), threshold(0.2)]).toEqual([false, true]);
    for (const converter of [byCode, threshold, convert('Vehicle.Speed')])
      expect(converter(NaN)).toBeInstanceOf(Refusal);
  });
});

describe('applying decoded columns', () => {
  it('writes one sample per frame and path, in order of time across messages', () => {
    const mapping = compile(small);
    const { store } = newStore();
    const source = connectMapping(store, mapping);
    const seen: string[] = [];
    store.subscribe('Vehicle', ({ path, t, value }) =>
      seen.push(`${t} ${path.split('.').at(-1) ?? ''} ${String(value)}`),
    );
    const frames = applyDecoded(source, mapping, [
      columns('B', [5, 20, 30], { Pedal: [1, 2, 3] }),
      columns('A', [10, 20], { Speed: [0, 10], Lever: [0, 3] }),
    ]);
    expect(frames).toBe(5);
    expect(seen).toEqual([
      '5 PedalPosition 1',
      '10 Speed 0',
      '10 IsMoving false',
      '10 SelectedGear 126',
      '20 PedalPosition 2',
      '20 Speed 36',
      '20 IsMoving true',
      '20 SelectedGear 127',
      '30 PedalPosition 3',
    ]);
  });

  it('stores what it cannot give a value to as invalid, with the reason', () => {
    const mapping = compile(small);
    const { store } = newStore();
    const source = connectMapping(store, mapping);
    applyDecoded(source, mapping, [
      columns('A', [1], { Speed: [4551], Lever: [9] }),
      columns('B', [2], { Pedal: [120] }),
    ]);
    expect(store.get('Vehicle.Speed')).toMatchObject({ quality: 'invalid', value: 4551 * 3.6, t: 1 });
    expect(store.get('Vehicle.Speed').reason).toContain('expected 0 to 300');
    expect(store.get('Vehicle.Powertrain.Transmission.SelectedGear')).toMatchObject({
      quality: 'invalid',
      value: undefined,
      reason: 'the mapping gives 9 no meaning',
    });
    expect(store.get('Vehicle.Chassis.Brake.PedalPosition')).toMatchObject({
      quality: 'invalid',
      value: 120,
    });
    applyDecoded(source, mapping, [columns('A', [9], { Speed: [NaN], Lever: [0] })]);
    expect(store.get('Vehicle.Speed')).toMatchObject({ quality: 'invalid', t: 9 });
    expect(store.get('Vehicle.Powertrain.Transmission.SelectedGear').quality).toBe('valid');
  });

  it('hears nothing from frames that hold another multiplexer value, and a fault from a missing plain signal', () => {
    const dbc = parseDbc(`
BU_: N
BO_ 3 M: 8 N
 SG_ Page M : 0|8@1+ (1,0) [0|0] "" N
 SG_ Rpm m1 : 8|16@1+ (1,0) [0|0] "rpm" N
 SG_ Speed : 24|8@1+ (1,0) [0|0] "km/h" N
`).database;
    const mapping = compile(
      `  - { signal: M.Rpm, path: Vehicle.Powertrain.CombustionEngine.Speed, maxAgeMs: 9 }
  - { signal: M.Speed, path: Vehicle.Speed, maxAgeMs: 9 }
`,
      dbc,
    );
    const { store } = newStore();
    const source = connectMapping(store, mapping);
    applyDecoded(source, mapping, [columns('M', [1, 2], { Rpm: [900, NaN], Speed: [4, NaN] })]);
    expect(store.get('Vehicle.Powertrain.CombustionEngine.Speed')).toMatchObject({
      value: 900,
      t: 1,
      quality: 'valid',
    });
    expect(store.get('Vehicle.Speed')).toMatchObject({ value: undefined, t: 2, quality: 'invalid' });
  });

  it('goes stale by the ages of the mapping when the bus falls silent', () => {
    const mapping = compile(small);
    const { store } = newStore();
    const source = connectMapping(store, mapping);
    applyDecoded(source, mapping, [
      columns('A', [0], { Speed: [1], Lever: [0] }),
      columns('B', [0], { Pedal: [0] }),
    ]);
    expect(store.expire(100)).toBe(0);
    expect(store.expire(101)).toBe(3);
    expect(store.get('Vehicle.Speed').quality).toBe('stale');
    expect(store.get('Vehicle.Chassis.Brake.PedalPosition').quality).toBe('valid');
  });

  it('refuses a batch that lacks a column, before anything is written', () => {
    const mapping = compile(small);
    const { store } = newStore();
    const source = connectMapping(store, mapping);
    const batch = [columns('B', [1], { Pedal: [1] }), columns('A', [1], { Speed: [1] })];
    expect(thrownBy(() => applyDecoded(source, mapping, batch)).message).toContain(
      'a signal of A for signal but received "Lever"',
    );
    expect(store.get('Vehicle.Chassis.Brake.PedalPosition').quality).toBe('unavailable');
  });
});
