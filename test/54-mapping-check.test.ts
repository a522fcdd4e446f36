import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadDbc, parseDbc } from '../src/can/dbc-parser.js';
import { register } from '../src/cli/map.js';
import { checkMapping, type MappingReport } from '../src/vehicle/mapping-check.js';
import { parseMapping } from '../src/vehicle/mapping-file.js';
import {
  applyDecoded,
  compileMapping,
  connectMapping,
  dbcFileOf,
  readMapping,
  standardMappingFile,
} from '../src/vehicle/mapping.js';
import { loadTree } from '../src/vehicle/tree.js';
import { convertUnit } from '../src/vehicle/units.js';
import { newStore } from './50-support.js';
import { runCommand } from './54-support.js';

const tree = loadTree();

const dbc = parseDbc(`
BU_: N
BO_ 1 A: 8 N
 SG_ Mps : 0|16@1+ (0.01,0) [0|0] "m/s" N
 SG_ Percent : 16|8@1+ (1,0) [0|100] "%" N
 SG_ Wide : 24|8@1+ (1,0) [0|250] "%" N
 SG_ Angle : 32|16@1- (0.1,0) [0|0] "deg" N
 SG_ Bare : 48|8@1+ (1,0) [0|0] "" N
 SG_ Lever : 56|3@1+ (1,0) [0|7] "" N
BO_ 2 B: 8 N
 SG_ Coarse : 0|8@1- (1.5,0) [0|0] "deg" N
 SG_ Fine : 8|4@1- (0.1,0) [0|0] "deg" N
 SG_ Outside : 16|8@1+ (1,-40) [0|0] "F" N
 SG_ Odd : 24|8@1+ (1,0) [0|0] "furlong" N
VAL_ 1 Lever 0 "Park" 1 "Reverse" 7 "Fault" ;
BA_DEF_ BO_ "GenMsgCycleTime" INT 0 65535;
BA_ "GenMsgCycleTime" BO_ 2 100;
`).database;

function check(entries: string): MappingReport {
  return checkMapping(parseMapping(`mapping: m\nsignals:\n${entries}`, 'm.yaml'), tree, dbc);
}

function findings(entry: string): string[] {
  return check(`  - { maxAgeMs: 500, ${entry} }\n`).findings.map(
    ({ severity, text }) => `${severity}: ${text}`,
  );
}

describe('a mapping is checked against tree and DBC', () => {
  it.each([
    ['signal: C.X, path: Vehicle.Speed', 'error: expected a message of the DBC but found "C"'],
    ['signal: A.Gone, path: Vehicle.Speed', 'error: expected one of Mps, Percent'],
    ['signal: B.Coarse, add: { Gone: 1 }, path: Vehicle.Speed', 'error: expected one of Coarse, Fine'],
    ['signal: A.Mps, path: Vehicle.Sped', 'error: expected the path of a signal'],
    ['signal: B.Fine, path: Vehicle.AngularVelocity.Yaw, maxAgeMs: 100', 'error: expected a maxAgeMs above'],
    ['signal: A.Mps, path: Vehicle.Speed', 'error: expected a factor of 3.6 from m/s to km/h but found 1'],
    ['signal: A.Angle, path: Vehicle.Speed', "error: the DBC's unit deg (angle) is not km/h (speed)"],
    ['signal: B.Odd, path: Vehicle.Speed', 'warning: cannot compare the units furlong and km/h'],
    ['signal: A.Bare, path: Vehicle.Speed', 'note: the DBC states no unit; Vehicle.Speed is in km/h'],
    [
      'signal: B.Outside, path: Vehicle.Exterior.AirTemperature, transform: { linear: { factor: 0.5555555555555556, offset: 0 } }',
      'error: expected an offset of -17.7',
    ],
    [
      'signal: A.Wide, path: Vehicle.Chassis.Brake.PedalPosition',
      'error: the DBC says 0 to 250 after the transform, but Vehicle.Chassis.Brake.PedalPosition holds 0 to 100',
    ],
    [
      'signal: A.Percent, path: Vehicle.Chassis.Brake.PedalPosition',
      'warning: its bits reach 0 to 255, but Vehicle.Chassis.Brake.PedalPosition holds 0 to 100',
    ],
    [
      'signal: A.Wide, path: Vehicle.Chassis.Brake.PedalPosition, range: [0, 120]',
      'error: range [0, 120], but Vehicle.Chassis.Brake.PedalPosition holds 0 to 100',
    ],
    [
      'signal: A.Lever, path: Vehicle.IsMoving, transform: { enum: { 0: false, 8: true } }',
      'error: the key 8 never comes: the signal holds 0 to 7',
    ],
    [
      'signal: A.Lever, path: Vehicle.IsMoving, transform: { threshold: 9 }',
      'error: a threshold of 9 decides nothing',
    ],
    [
      'signal: A.Lever, path: Vehicle.IsMoving, transform: { enum: { 0: false, 1: true } }',
      'note: stored as invalid: 7 Fault',
    ],
  ])('%s gives %s', (entry, expected) => {
    const plain = entry.includes('maxAgeMs') ? `  - { ${entry} }\n` : `  - { maxAgeMs: 500, ${entry} }\n`;
    const found = check(plain).findings.map(({ severity, text }) => `${severity}: ${text}`);
    expect(found.some((line) => line.startsWith(expected))).toBe(true);
  });

  it.each([
    'signal: A.Mps, path: Vehicle.Speed, transform: { linear: { factor: 3.6, offset: 0 } }',
    'signal: A.Angle, path: Vehicle.Chassis.SteeringWheel.Angle, transform: { linear: { factor: -1, offset: 0 } }',
    'signal: B.Coarse, add: { Fine: 1 }, path: Vehicle.Chassis.SteeringWheel.Vigil.Angle',
    'signal: A.Wide, path: Vehicle.Chassis.Brake.PedalPosition, range: [0, 100]',
    'signal: A.Bare, add: { Lever: 1 }, path: Vehicle.Cabin.DoorCount, range: [0, 200]',
  ])('%s is in order', (entry) => {
    expect(findings(entry)).toEqual([]);
  });

  it('finds a path that is mapped twice, and lists what no entry reads', () => {
    const line = '  - { signal: A.Bare, path: Vehicle.Cabin.DoorCount, maxAgeMs: 500 }\n';
    const report = check(
      `${line}${line}  - { signal: B.Coarse, add: { Fine: 1 }, path: Vehicle.Chassis.SteeringWheel.Angle, maxAgeMs: 500 }\n`,
    );
    expect(report.findings).toEqual([
      expect.objectContaining({ severity: 'error', where: 'A.Bare -> Vehicle.Cabin.DoorCount' }),
    ]);
    expect(report.unmapped).toEqual([
      { message: 'A', signals: ['Mps', 'Percent', 'Wide', 'Angle', 'Lever'] },
      { message: 'B', signals: ['Outside', 'Odd'] },
    ]);
  });

  it('finds an error wherever compiling finds one, and the shipped demo mapping has none', () => {
    const file = standardMappingFile('vigil-demo');
    const mapping = readMapping(file);
    const { database } = loadDbc(dbcFileOf(mapping));
    const report = checkMapping(mapping, tree, database);
    expect(report.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(report.entries).toBe(34);
    const broken = { ...mapping, entries: mapping.entries.map((entry) => ({ ...entry, unit: 'parsec' })) };
    expect(() => compileMapping(broken, tree, database)).toThrow(/parsec/);
    expect(
      checkMapping(broken, tree, database).findings.filter(({ severity }) => severity === 'error'),
    ).toHaveLength(34);
  });
});

describe('the shipped mappings', () => {
  it.each([
    ['vigil-demo', 34],
    ['motec-sample', 19],
    ['toyota-drive', 32],
    ['tesla-model3', 68],
  ])('%s names paths of the tree and values that fit them', (name, entries) => {
    const report = checkMapping(readMapping(standardMappingFile(name)), tree, dbc);
    expect(report.entries).toBe(entries);
    // Against a DBC of another vehicle all that is wrong is that its messages are missing.
    expect(report.findings).toHaveLength(entries);
    for (const { text } of report.findings) expect(text).toMatch(/^expected a message of the DBC but found/);
  });
});

describe('units', () => {
  it.each([
    ['m/s', 'km/h', 3.6, 0],
    ['KPH', 'km/h', 1, 0],
    ['rad/s', 'degrees/s', 180 / Math.PI, 0],
    ['bar', 'kPa', 100, 0],
    ['mi', 'm', 1609.344, 0],
    ['F', 'Celsius', 5 / 9, -160 / 9],
    ['°C', 'Celsius', 1, 0],
    ['%', 'percent', 1, 0],
  ])('%s to %s', (from, to, factor, offset) => {
    const conversion = convertUnit(from, to);
    expect(conversion.kind).toBe('linear');
    if (conversion.kind !== 'linear') return;
    expect(conversion.factor).toBeCloseTo(factor, 12);
    expect(conversion.offset).toBeCloseTo(offset, 12);
  });

  it('there and back is the same', () => {
    const units = [
      'km/h',
      'm/s',
      'mph',
      'bar',
      'psi',
      'kPa',
      'F',
      'C',
      'K',
      'mi',
      'm',
      'deg',
      'rad',
      's',
      'ms',
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...units),
        fc.constantFrom(...units),
        fc.double({ min: -1e6, max: 1e6, noNaN: true }),
        (a, b, value) => {
          const [to, back] = [convertUnit(a, b), convertUnit(b, a)];
          expect(to.kind).toBe(back.kind);
          if (to.kind !== 'linear' || back.kind !== 'linear') return;
          const again = (value * to.factor + to.offset) * back.factor + back.offset;
          expect(Math.abs(again - value)).toBeLessThanOrEqual(1e-6 * Math.max(1, Math.abs(value)));
        },
      ),
    );
  });
});

describe('weighted signals', () => {
  const mapping = compileMapping(
    parseMapping(
      `mapping: w
signals:
  - { signal: B.Coarse, add: { Fine: 1 }, path: Vehicle.Chassis.SteeringWheel.Vigil.Angle, unit: deg, maxAgeMs: 500 }
  - { signal: A.Bare, add: { Lever: 100 }, path: Vehicle.IsMoving, maxAgeMs: 500, transform: { enum: { 3: false, 203: true } } }
`,
      'w.yaml',
    ),
    tree,
    dbc,
  );
  const batch = (name: string, values: Record<string, number>) => ({
    message: { name },
    t: Float64Array.of(1),
    column: (signal: string) => Float64Array.of(values[signal]),
  });

  it('are added before the transform', () => {
    const { store } = newStore();
    const source = connectMapping(store, mapping);
    applyDecoded(source, mapping, [batch('B', { Coarse: -3, Fine: 0.5 }), batch('A', { Bare: 3, Lever: 2 })]);
    expect(store.get('Vehicle.Chassis.SteeringWheel.Vigil.Angle')).toMatchObject({
      value: -2.5,
      quality: 'valid',
    });
    expect(store.get('Vehicle.IsMoving')).toMatchObject({ value: true, quality: 'valid' });
  });

  it('give no value when one of them is missing', () => {
    const { store } = newStore();
    const source = connectMapping(store, mapping);
    applyDecoded(source, mapping, [batch('B', { Coarse: -3, Fine: Number.NaN })]);
    expect(store.get('Vehicle.Chassis.SteeringWheel.Vigil.Angle')).toMatchObject({ quality: 'invalid' });
  });

  it('must be a mapping of names to numbers', () => {
    const parse = (add: string) => () =>
      parseMapping(
        `mapping: w\nsignals:\n  - { signal: A.B, path: Vehicle.Speed, maxAgeMs: 1, add: ${add} }`,
        'w.yaml',
      );
    expect(parse('3')).toThrow(/signals with their weights/);
    expect(parse('{}')).toThrow(/signals with their weights/);
    expect(parse('{ X: heavy }')).toThrow(/a weight below add/);
    expect(parse('{ 3: 1 }')).toThrow(/names of signals/);
  });
});

describe('vigil map check', () => {
  const folder = mkdtempSync(join(tmpdir(), 'vigil-map-'));
  const dbcFile = join(folder, 'a.dbc');
  const file = join(folder, 'a.yaml');
  writeFileSync(
    dbcFile,
    'BU_: N\nBO_ 1 A: 8 N\n SG_ S : 0|16@1+ (0.01,0) [0|300] "km/h" N\n SG_ T : 16|8@1+ (1,0) [0|0] "" N\n',
  );

  it('prints a summary and exits with 0 when there is no error', async () => {
    writeFileSync(file, 'mapping: a\nsignals:\n  - { signal: A.S, path: Vehicle.Speed, maxAgeMs: 9 }\n');
    const { out, exitCode } = await runCommand(register, ['map', 'check', file, '--dbc', dbcFile]);
    expect(out).toBe('unmapped: A: T\na: 1 entries, 0 errors, 0 warnings, 0 notes, 1 unmapped signals\n');
    expect(exitCode).toBe(0);
  });

  it('exits with 1 on an error and gives one JSON object', async () => {
    writeFileSync(
      file,
      'mapping: a\nsignals:\n  - { signal: A.S, path: Vehicle.Chassis.SteeringWheel.Angle, maxAgeMs: 9 }\n',
    );
    const { out, exitCode } = await runCommand(register, ['map', 'check', file, '--dbc', dbcFile, '--json']);
    expect(JSON.parse(out)).toMatchObject({
      mapping: 'a',
      entries: 1,
      findings: [{ severity: 'error', where: 'A.S -> Vehicle.Chassis.SteeringWheel.Angle' }],
      unmapped: [{ message: 'A', signals: ['T'] }],
    });
    expect(exitCode).toBe(1);
  });

  it('tells when the validity rules do not fit', async () => {
    writeFileSync(
      join(folder, 'rules.yaml'),
      'validity: r\nabout: none\nrules:\n  - messages: [Gone]\n    counter: { signal: T }\n',
    );
    writeFileSync(
      file,
      'mapping: a\nvalidity: rules.yaml\nsignals:\n  - { signal: A.S, path: Vehicle.Speed, maxAgeMs: 9 }\n',
    );
    const { out, exitCode } = await runCommand(register, ['map', 'check', file, '--dbc', dbcFile]);
    expect(out).toMatch(/^error: validity: .*Gone/m);
    expect(exitCode).toBe(1);
  });

  it('takes the name of a shipped mapping, and refuses what is neither', async () => {
    const { out, exitCode } = await runCommand(register, ['map', 'check', 'vigil-demo']);
    expect(out).toContain('vigil-demo: 34 entries, 0 errors');
    expect(exitCode).toBe(0);
    await expect(runCommand(register, ['map', 'check', '../mappings/vigil-demo'])).rejects.toThrow(
      /name of a mapping/,
    );
  });
});
