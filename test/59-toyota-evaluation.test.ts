import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { interpolated, interpolationError, unequalSamples } from '../hil/eval/series.js';
import { readCsvColumns } from '../hil/eval/csv-columns.js';
import { toyota } from '../hil/eval/toyota.js';
import { encodeMessage } from '../src/can/encode.js';
import { parseDbc } from '../src/can/dbc-parser.js';
import { messageByName } from '../src/can/dbc.js';
import { checkMapping } from '../src/vehicle/mapping-check.js';
import { readMapping, standardMappingFile } from '../src/vehicle/mapping.js';
import { loadTree } from '../src/vehicle/tree.js';

/** Our own words for what the mapping reads; layouts as opendbc has them. */
const dbcText = `
BU_: Car
BO_ 36 KINEMATICS: 8 Car
 SG_ ACCEL_Y : 33|10@0+ (0.03589,-18.375) [0|65535] "m/s^2" Car
 SG_ YAW_RATE : 1|10@0+ (0.244,-125) [0|65535] "deg/s" Car
 SG_ ACCEL_X : 17|10@0+ (0.03589,-18.375) [0|65535] "m/s^2" Car
BO_ 37 STEER_ANGLE_SENSOR: 8 Car
 SG_ STEER_ANGLE : 3|12@0- (1.5,0) [-500|500] "deg" Car
 SG_ STEER_FRACTION : 39|4@0- (0.1,0) [-0.7|0.7] "deg" Car
BO_ 170 WHEEL_SPEEDS: 8 Car
 SG_ WHEEL_SPEED_FR : 6|15@0+ (0.01,-67.67) [0|0] "km/h" Car
 SG_ WHEEL_SPEED_FL : 22|15@0+ (0.01,-67.67) [0|0] "km/h" Car
 SG_ WHEEL_SPEED_RR : 38|15@0+ (0.01,-67.67) [0|0] "km/h" Car
 SG_ WHEEL_SPEED_RL : 54|15@0+ (0.01,-67.67) [0|0] "km/h" Car
BO_ 452 ENGINE_RPM: 8 Car
 SG_ RPM : 7|16@0- (0.78125,0) [0|0] "rpm" Car
 SG_ ENGINE_RUNNING : 27|1@0+ (1,0) [0|1] "" Car
BO_ 467 PCM_CRUISE_2: 8 Car
 SG_ MAIN_ON : 15|1@0+ (1,0) [0|1] "" Car
 SG_ SET_SPEED : 23|8@0+ (1,0) [0|255] "km/h" Car
 SG_ ACC_FAULTED : 47|1@0+ (1,0) [0|1] "" Car
BO_ 608 STEER_TORQUE_SENSOR: 8 Car
 SG_ STEER_TORQUE_DRIVER : 15|16@0- (1,0) [-32768|32767] "" Car
BO_ 956 GEAR_PACKET: 8 Car
 SG_ GEAR : 13|6@0+ (1,0) [0|63] "" Car
BO_ 1556 BLINKERS_STATE: 8 Car
 SG_ HAZARD_LIGHT : 27|1@0+ (1,0) [0|1] "" Car
 SG_ TURN_SIGNALS : 29|2@0+ (1,0) [0|3] "" Car
BO_ 1568 BODY_CONTROL_STATE: 8 Car
 SG_ PARKING_BRAKE : 60|1@0+ (1,0) [0|1] "" Car
 SG_ SEATBELT_DRIVER_UNLATCHED : 62|1@0+ (1,0) [0|1] "" Car
 SG_ DOOR_OPEN_FL : 45|1@0+ (1,0) [0|1] "" Car
 SG_ DOOR_OPEN_RL : 42|1@0+ (1,0) [0|1] "" Car
 SG_ DOOR_OPEN_RR : 43|1@0+ (1,0) [0|1] "" Car
 SG_ DOOR_OPEN_FR : 44|1@0+ (1,0) [0|1] "" Car
BO_ 1570 LIGHT_STALK: 8 Car
 SG_ FRONT_FOG : 27|1@0+ (1,0) [0|1] "" Car
 SG_ PARKING_LIGHT : 28|1@0+ (1,0) [0|1] "" Car
 SG_ LOW_BEAM : 29|1@0+ (1,0) [0|1] "" Car
 SG_ HIGH_BEAM : 30|1@0+ (1,0) [0|1] "" Car
 SG_ DAYTIME_RUNNING_LIGHT : 31|1@0+ (1,0) [0|1] "" Car
`;
const { database } = parseDbc(dbcText);

interface ToyotaRow {
  readonly path: string;
  readonly samples: number;
  readonly unequal: number;
  readonly unexplained: number;
  readonly n: number;
  readonly largest: number;
}

/** A small drive in the layout of the evaluation data, with truth worked out from what was sent. */
function writeDrive(wrong: number): string {
  const dataDir = mkdtempSync(join(tmpdir(), 'vigil-toyota-'));
  const [folder, dbcs] = [
    join(dataDir, 'can', 'toyota-drive'),
    join(dataDir, 'can', 'opendbc', 'generator', 'toyota'),
  ];
  for (const path of [folder, dbcs]) mkdirSync(path, { recursive: true });
  writeFileSync(join(dbcs, '_toyota_2017.dbc'), dbcText);
  const hex = (name: string, values: Record<string, number>): string => {
    const message = messageByName(database, name)!;
    const payload = encodeMessage(message, values);
    // The maker's sum over identifier, length and bytes, which 0x25 carries in its last byte.
    if (message.id === 0x25)
      payload[7] = (payload.subarray(0, 7).reduce((sum, byte) => sum + byte, 0x25) + payload.length) & 0xff;
    return Buffer.from(payload).toString('hex');
  };
  const log: string[] = [];
  const [steering, wheels, speed] = [['t_s,value'], ['t_s,v0,v1,v2,v3'], ['t_s,value']];
  for (let i = 0; i < 200; i++) {
    const t = (i * 0.012).toFixed(6);
    const stamp = (1_533_224_087 + i * 0.012).toFixed(6);
    const [coarse, fine] = [Math.round(Math.sin(i / 9) * 4), (i % 15) - 7];
    const kmh = [30, 30.1, 29.9, 30.05].map((start) => Math.round((start + i * 0.03) * 100) / 100);
    log.push(
      `(${stamp}) can0 025#${hex('STEER_ANGLE_SENSOR', { STEER_ANGLE: coarse * 1.5, STEER_FRACTION: fine / 10 })}`,
    );
    const [FL, FR, RL, RR] = kmh;
    log.push(
      `(${stamp}) can0 0AA#${hex('WHEEL_SPEEDS', { WHEEL_SPEED_FL: FL, WHEEL_SPEED_FR: FR, WHEEL_SPEED_RL: RL, WHEEL_SPEED_RR: RR })}`,
    );
    steering.push(`${t},${(coarse * 1.5 + fine / 10 + (i === 100 ? wrong : 0)).toFixed(6)}`);
    wheels.push(`${t},${kmh.map((v) => (v / 3.6).toFixed(6)).join(',')}`);
    speed.push(`${t},${(kmh.reduce((sum, v) => sum + v) / 4 / 3.6).toFixed(6)}`);
  }
  writeFileSync(join(folder, 'drive-30s.candump.log'), `${log.join('\n')}\n`);
  for (const [name, lines] of [
    ['steering_angle', steering],
    ['wheel_speed', wheels],
    ['speed', speed],
  ] as const)
    writeFileSync(join(folder, `${name}.csv`), `${lines.join('\n')}\n`);
  return dataDir;
}

async function evaluate(wrong: number): Promise<readonly ToyotaRow[]> {
  const { json } = await toyota.run({ dataDir: writeDrive(wrong), progress: () => undefined });
  return json['rows'] as readonly ToyotaRow[];
}

describe('the Toyota evaluation', () => {
  it('finds no error from log to store where there is none', async () => {
    const rows = await evaluate(0);
    expect(rows).toHaveLength(6);
    for (const row of rows) {
      expect(row).toMatchObject({ samples: 200, unequal: 0, unexplained: 0 });
      expect(row.n).toBeGreaterThanOrEqual(199);
      expect(row.largest).toBeLessThan(1e-3);
    }
  });

  it('finds one sample that is one step off', async () => {
    const rows = await evaluate(0.1);
    expect(rows.map(({ unequal }) => unequal)).toEqual([1, 0, 0, 0, 0, 0]);
    expect(rows[0].unexplained).toBe(1);
    expect(rows[0].largest).toBeCloseTo(0.1, 3);
  });

  it('says what is missing where there are no data', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'vigil-toyota-'));
    await expect(toyota.run({ dataDir, progress: () => undefined })).rejects.toMatchObject({
      code: 'NO_EVALUATION_DATA',
    });
  });
});

describe('the Toyota mapping', () => {
  it('reads signals as opendbc has them, without an error or a warning', () => {
    const report = checkMapping(readMapping(standardMappingFile('toyota-drive')), loadTree(), database);
    expect(report.findings).toEqual([]);
    expect(report.unmapped).toEqual([]);
  });
});

describe('series', () => {
  const line = fc.array(
    fc.record({ dt: fc.integer({ min: 1, max: 100 }), v: fc.integer({ min: -50, max: 50 }) }),
    {
      minLength: 2,
      maxLength: 40,
    },
  );

  it('interpolate to the samples themselves and never leave the two around', () => {
    fc.assert(
      fc.property(line, fc.double({ min: 0, max: 1, noNaN: true }), (steps, share) => {
        let now = 0;
        const t = Float64Array.from(steps, ({ dt }) => (now += dt));
        const value = Float64Array.from(steps, ({ v }) => v);
        t.forEach((time, i) => {
          expect(interpolated({ t, value }, time)).toBe(value[i]);
        });
        const between = interpolated({ t, value }, t[0] + (t[1] - t[0]) * share)!;
        expect(between).toBeGreaterThanOrEqual(Math.min(value[0], value[1]) - 1e-9);
        expect(between).toBeLessThanOrEqual(Math.max(value[0], value[1]) + 1e-9);
        expect(interpolated({ t, value }, t[0] - 1)).toBeUndefined();
        expect(interpolated({ t, value }, now + 1)).toBeUndefined();
      }),
    );
  });

  it('explain what rounding does, and nothing else', () => {
    const series = { t: Float64Array.of(0, 0.001, 0.0010012, 1), value: Float64Array.of(0, 0, 5, 5) };
    const rounded = { t: Float64Array.of(0.001, 0.001001), value: Float64Array.of(0, 5) };
    expect(interpolationError(series, rounded, 1e-6)).toMatchObject({ n: 2, unexplained: 0 });
    const late = { t: Float64Array.of(0.001, 0.5), value: Float64Array.of(0, 5.00001) };
    expect(interpolationError(series, late, 1e-6)).toMatchObject({ n: 2, unexplained: 1 });
    expect(unequalSamples(series, rounded, 1e-6)).toBe(3);
  });
});

describe('CSV columns', () => {
  it('refuse a cell that is no number, with line and file', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'vigil-csv-')), 'a.csv');
    writeFileSync(file, 't_s,value\n0,1\n1,x\n');
    expect(() => readCsvColumns(file)).toThrow(/line 3 of .*a\.csv/);
    writeFileSync(file, 't_s,value\n0,1\n1,2\n');
    expect(readCsvColumns(file).get('value')).toEqual(Float64Array.of(1, 2));
  });
});
