import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  describeProblem,
  messageByName,
  requiredBytes,
  signalByName,
  type DbcSignal,
} from '../src/can/dbc.js';
import { decodeDbcBytes, loadDbc, parseDbc } from '../src/can/dbc-parser.js';
import { VigilError } from '../src/runtime/errors.js';
import { packageRoot } from '../src/runtime/paths.js';

const odditiesFile = join(packageRoot, 'test', 'golden', 'can', 'oddities.dbc');
const { database } = loadDbc(odditiesFile);

function signal(message: string, name: string): DbcSignal {
  return signalByName(messageByName(database, message)!, name)!;
}

/** Problems of a text that has one sound message beside what is given. */
function problemsOf(text: string): string[] {
  return parseDbc(`${text}\nBO_ 2047 Sound: 1 A\n`, 'a.dbc').problems.map(describeProblem);
}

describe('a DBC file', () => {
  it('gives messages with identifier, kind, length, sender, period and comment', () => {
    expect(database.version).toBe('oddities 1');
    expect(database.nodes).toEqual(['Body', 'Chassis', 'Gateway']);
    expect(database.comment).toBe('Messages of our own making, for tests.');
    expect(database.attributes).toEqual(new Map([['BusType', 'CAN FD']]));
    const { signals, comment, ...drive } = messageByName(database, 'Drive')!;
    expect(drive).toEqual({
      name: 'Drive',
      id: 256,
      extended: false,
      length: 8,
      sender: 'Chassis',
      cycleTimeMs: 20,
      signalGroups: [{ name: 'Group', repetitions: 1, signals: ['Speed', 'Gear'] }],
      attributes: new Map([['GenMsgCycleTime', 20]]),
    });
    expect(comment).toContain(
      '\nBO_ 999 NotAMessage: 8 Body\n SG_ NotASignal : 0|8@1+ (1,0) [0|0] "" Body\n',
    );
    expect(signals.length).toBe(7);
    expect(messageByName(database, 'DriveExtended')).toMatchObject({ id: 256, extended: true });
    expect(messageByName(database, 'DriveMotorola')!.cycleTimeMs).toBeUndefined();
  });

  it('gives signals with place, scaling, range, unit, receivers, names and comment', () => {
    expect(signal('Drive', 'Speed')).toEqual({
      name: 'Speed',
      startBit: 0,
      length: 16,
      byteOrder: 'intel',
      rawType: 'unsigned',
      factor: 0.01,
      offset: 0,
      minimum: 0,
      maximum: 655.35,
      unit: 'km/h',
      receivers: ['Body', 'Gateway'],
      values: new Map(),
      isSwitch: false,
      startRaw: 0,
      comment: 'Over ground; 655.35 is "not available"',
      attributes: new Map(),
    });
    expect(signal('Drive', 'Gear')).toMatchObject({
      values: new Map([
        [0n, 'Park'],
        [1n, 'Reverse'],
        [2n, 'Neutral'],
        [3n, 'Drive'],
        [15n, 'Signal not available'],
      ]),
      startRaw: 15,
      attributes: new Map([['GenSigStartValue', 15]]),
    });
    expect(signal('Drive', 'Reversed')).not.toHaveProperty('minimum');
    expect(signal('Drive', 'Rest').receivers).toEqual([]);
    expect(signal('DriveMotorola', 'Crossing')).toMatchObject({ byteOrder: 'motorola', rawType: 'signed' });
    expect(requiredBytes(signal('DriveMotorola', 'Crossing'))).toBe(2);
    expect(signal('FloatsIntel', 'Single').rawType).toBe('float32');
    expect(signal('DoubleMotorola', 'Double').rawType).toBe('float64');
    expect(database.valueTables.get('OnOff')).toEqual(
      new Map([
        [1n, 'On'],
        [0n, 'Off'],
      ]),
    );
  });

  it('gives multiplexing, simple and extended, as switch and ranges', () => {
    expect(signal('Multiplexed', 'Page')).toMatchObject({ isSwitch: true });
    expect(signal('Multiplexed', 'Always')).not.toHaveProperty('selector');
    expect(signal('Multiplexed', 'C1').selector).toEqual({ switchName: 'Page', ranges: [[7n, 7n]] });
    expect(signal('Nested', 'Inner')).toMatchObject({
      isSwitch: true,
      selector: { switchName: 'Outer', ranges: [[1n, 1n]] },
    });
    expect(signal('Nested', 'OfOuter').selector!.ranges).toEqual([
      [0n, 0n],
      [4n, 5n],
    ]);
    expect(signal('Nested', 'OfInnerRange').selector).toEqual({ switchName: 'Inner', ranges: [[4n, 6n]] });
  });

  it('gives long names whole', () => {
    const { database: read, problems } = parseDbc(
      'BO_ 1 Cut: 8 A\n SG_ Sw M : 0|8@1+ (1,0) [0|0] "" A\n SG_ S m1 : 8|8@1+ (1,0) [0|0] "" A\n' +
        'BA_ "SystemMessageLongSymbol" BO_ 1 "CutAtThirtyTwoCharactersByTheFormat";\n' +
        'BA_ "SystemSignalLongSymbol" SG_ 1 Sw "SwitchWithAVeryLongNameIndeedItHas";\n',
    );
    expect(problems).toEqual([]);
    expect(read.messages.map(({ name }) => name)).toEqual(['CutAtThirtyTwoCharactersByTheFormat']);
    expect(read.messages[0].signals.map(({ name, selector }) => [name, selector?.switchName])).toEqual([
      ['SwitchWithAVeryLongNameIndeedItHas', undefined],
      ['S', 'SwitchWithAVeryLongNameIndeedItHas'],
    ]);
  });

  it('gives the same whatever the order of its sections and its line ends', () => {
    const text = readFileSync(odditiesFile, 'utf8');
    const head = text.indexOf('BO_ 256 Drive:');
    const tail = text.indexOf('SG_MUL_VAL_');
    const reordered = text.slice(tail) + text.slice(0, head) + text.slice(head, tail);
    expect(parseDbc(reordered, odditiesFile).database).toEqual(database);
    const windows = parseDbc(text.replaceAll('\n', '\r\n'), odditiesFile);
    expect(windows.problems).toEqual([]);
    expect(windows.database.messages.map(({ signals }) => signals)).toEqual(
      database.messages.map(({ signals }) => signals),
    );
  });

  it('may be Windows-1252 where it is not UTF-8', () => {
    const text = 'BO_ 1 M: 1 A\n SG_ T : 0|8@1+ (1,0) [0|0] "°C" A\nCM_ BO_ 1 "Öl – 5 €";\n';
    const utf8 = new TextEncoder().encode(text);
    const windows = Uint8Array.from(text, (c) => ({ '–': 0x96, '€': 0x80 })[c] ?? c.charCodeAt(0));
    expect(decodeDbcBytes(utf8)).toBe(text);
    expect(decodeDbcBytes(windows)).toBe(text);
    expect(parseDbc(decodeDbcBytes(windows)).database.messages[0].comment).toBe('Öl – 5 €');
  });

  it('accepts what files in use do', () => {
    const { database: read, problems } = parseDbc(
      'BO_ 5 NoSender: 8\n' +
        'SG_ A: 7|8@0+(1,0)[0|0]""  X , Y Z // a remark with "quotes\n' +
        ' SG_ B : 15|8@0- (-1.5E-003,+2.) [.5|1e2] "m/s" Vector__XXX\n' +
        'VAL_ 5 A 0 "off" 1 "on"\n' +
        'VAL_ 5 B OnOff;\n' +
        'VAL_TABLE_ OnOff -1 "negative" ;\n' +
        'BA_DEF_ BO_ "GenMsgCycleTime" INT 0 100;\nBA_DEF_DEF_ "GenMsgCycleTime" 50;\n' +
        'FUTURE_SECTION_ 1 "text over\nBO_ 6 Two: lines" 3;\n',
    );
    const message = read.messages[0];
    expect(problems.map(({ severity, message: text }) => [severity, text])).toEqual([
      ['warning', 'left out the unknown section FUTURE_SECTION_'],
    ]);
    expect(read.messages.length).toBe(1);
    expect(message).toMatchObject({ sender: '', cycleTimeMs: 50 });
    expect(message.signals[0]).toMatchObject({
      receivers: ['X', 'Y', 'Z'],
      values: new Map([
        [0n, 'off'],
        [1n, 'on'],
      ]),
    });
    expect(message.signals[1]).toMatchObject({
      factor: -0.0015,
      offset: 2,
      minimum: 0.5,
      maximum: 100,
      values: new Map([[-1n, 'negative']]),
    });
  });
});

describe('a malformed line', () => {
  it.each([
    [
      'BO_ x Name: 8 A',
      'a.dbc:1: error: BO_: expected a message identifier (a whole number from 0 to 4294967295) but found `x`',
    ],
    ['BO_ 1 Name 8 A', 'a.dbc:1: error: BO_: expected `:` after the message name Name but found `8`'],
    [
      'BO_ 1 Name: 9999 A',
      'a.dbc:1: error: BO_: expected the length of Name in bytes (a whole number from 0 to 1785) but found `9999`',
    ],
    [
      'BO_ 1610612737 Name: 8 A',
      'a.dbc:1: error: BO_: expected an 11-bit identifier, or a 29-bit one with bit 31 set, for Name but found 1610612737',
    ],
    [
      '\nSG_ S : 0|8@1+ (1,0) [0|0] "" A',
      'a.dbc:2: error: SG_: expected a message (BO_) before the signal S',
    ],
    [
      'BO_ 1 M: 8 A\n SG_ S : 0|65@1+ (1,0) [0|0] "" A',
      'a.dbc:2: error: SG_: expected the length of S in bits (a whole number from 1 to 64) but found `65`',
    ],
    [
      'BO_ 1 M: 8 A\n SG_ S : 0|8@1 (1,0) [0|0] "" A',
      'a.dbc:2: error: SG_: expected `+` (unsigned) or `-` (signed) for S but found `(`',
    ],
    [
      'BO_ 1 M: 8 A\n SG_ S : 0|8@1+ (1;0) [0|0] "" A',
      'a.dbc:2: error: SG_: expected `,` between factor and offset of S but found `;`',
    ],
    [
      'BO_ 1 M: 8 A\n SG_ S : 0|8@1+ (1,0) [0|0] A',
      'a.dbc:2: error: SG_: expected the unit of S in quotes but found `A`',
    ],
    [
      'BO_ 1 M: 8 A\n SG_ S q3 : 0|8@1+ (1,0) [0|0] "" A',
      'a.dbc:2: error: SG_: expected `:`, or M, m<number> or m<number>M, after the signal name S but found `q3`',
    ],
    [
      'BO_ 1 M: 8 A\n SG_ S : 60|8@1+ (1,0) [0|0] "" A',
      'a.dbc:2: error: expected S within the 8 bytes of M but its bits reach into byte 8',
    ],
    [
      'BO_ 1 M: 8 A\n SG_ S : 0|8@1+ (0,0) [0|0] "" A',
      'a.dbc:2: error: expected a factor other than 0 for S',
    ],
    [
      'BO_ 1 M: 8 A\n SG_ S m1 : 0|8@1+ (1,0) [0|0] "" A',
      'a.dbc:2: error: expected one switch (M) in M for the multiplexed S',
    ],
    [
      'BO_ 1 M: 8 A\n SG_ S : 0|8@1+ (1,0) [0|0] "" A\nSIG_VALTYPE_ 1 S : 1;',
      'a.dbc:3: error: expected 32 bits for the float32 signal S but it has 8; it stays an integer',
    ],
    ['CM_ BO_ 1 no quotes;', 'a.dbc:1: error: CM_: expected a comment in quotes but found `no`'],
    [
      'VAL_ 9 Nowhere 1 "x" ;',
      'a.dbc:1: warning: expected a signal of the file but found Nowhere of message 9, which is not in it',
    ],
    [
      'BO_ 2566 M: 8 A',
      'a.dbc:1: warning: expected bit 31 set in the identifier 2566 of M; taken as a 29-bit one',
    ],
  ])('%j says where and what was expected', (text, expected) => {
    expect(problemsOf(text)).toEqual([expected]);
  });

  it('takes its own statement with it and nothing else', () => {
    const { database: read, problems } = parseDbc(
      'BO_ oops Broken: 8 A\n SG_ Lost : 0|8@1+ (1,0) [0|0] "" A\n' +
        'BO_ 2 Sound: 8 A\n SG_ Kept : 0|8@1+ (1,0) [0|0] "" A\n SG_ Bad : 8|8@1+ (1 [0|0] "" A\n' +
        ' SG_ After : 16|8@1+ (1,0) [0|0] "" A\nVAL_ 2 Kept 1 ;\nVAL_ 2 After 1 "one";\n',
    );
    expect(problems.map(({ line }) => line)).toEqual([1, 5, 7]);
    expect(read.messages.map(({ name, signals }) => [name, signals.map((s) => s.name)])).toEqual([
      ['Sound', ['Kept', 'After']],
    ]);
    expect(read.messages[0].signals[1].values).toEqual(new Map([[1n, 'one']]));
  });

  it('may be a text that is never closed', () => {
    const { database: read, problems } = parseDbc('BO_ 1 M: 8 A\n\nCM_ BO_ 1 "open\nBO_ 2 N: 8 A\n', 'a.dbc');
    expect(problems.map(describeProblem)).toEqual([
      'a.dbc:3: error: expected a closing quote (") for the text opened here',
    ]);
    expect(read.messages.map(({ name }) => name)).toEqual(['M', 'N']);
  });

  it('in a circle of switches, or with a switch that is left out, takes the dependent signals with it', () => {
    const problems = problemsOf(
      'BO_ 1 M: 8 A\n SG_ P m1M : 0|8@1+ (1,0) [0|0] "" A\n SG_ Q m1M : 8|8@1+ (1,0) [0|0] "" A\n' +
        'SG_MUL_VAL_ 1 P Q 1-1;\nSG_MUL_VAL_ 1 Q P 1-1;\n' +
        'BO_ 2 N: 1 A\n SG_ S M : 4|8@1+ (1,0) [0|0] "" A\n SG_ T m1 : 0|4@1+ (1,0) [0|0] "" A\n',
    );
    expect(problems).toEqual([
      'a.dbc:2: error: expected the switches of P to end but they go in a circle',
      'a.dbc:3: error: expected the switches of Q to end but they go in a circle',
      'a.dbc:7: error: expected S within the 1 bytes of N but its bits reach into byte 1',
      'a.dbc:8: error: expected the switch S of T in N',
    ]);
  });
});

describe('a file that is no DBC file', () => {
  it('is refused with the first problem', () => {
    expect(() => parseDbc('BO_ 1 M 8', 'x.dbc')).toThrow(
      expect.objectContaining({
        code: 'DBC_UNREADABLE',
        message: expect.stringContaining('x.dbc:1: error') as string,
      }),
    );
    expect(() => parseDbc('')).toThrow(expect.objectContaining({ code: 'DBC_UNREADABLE' }));
    expect(() => loadDbc('/nowhere/at/all.dbc')).toThrow(
      expect.objectContaining({ code: 'FILE_UNREADABLE' }),
    );
  });

  it('never fails in another way, whatever it holds', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'BO_ ',
        'SG_ ',
        'VAL_ ',
        'CM_ ',
        'BA_ ',
        'SG_MUL_VAL_ ',
        'SIG_VALTYPE_ ',
        'NS_ :',
        'BU_:',
        '\n',
      ),
      fc.constantFrom(
        '1 ',
        '2147483649 ',
        '-3 ',
        '1e400 ',
        '"',
        '\\"',
        ';',
        ':',
        '|',
        '@1+',
        '(1,0) ',
        '[0|0] ',
        'm0M ',
        'M ',
      ),
      fc.constantFrom('BO_ 1 M: 8 A\n SG_ S : 0|8@1+ (1,0) [0|0] "" A\n', '//', '\0', '\u{1f697}'),
      fc.string({ maxLength: 8 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const text = pieces.join('');
        try {
          const { database: read, problems } = parseDbc(text);
          expect(read.messages.length).toBeGreaterThan(0);
          for (const { line } of problems) expect(line).toBeLessThanOrEqual(text.split('\n').length);
        } catch (error) {
          expect(error).toBeInstanceOf(VigilError);
          expect((error as VigilError).code).toBe('DBC_UNREADABLE');
        }
      }),
      { numRuns: 500 },
    );
  });

  it('is read from disk with its name in the problems', () => {
    const folder = mkdtempSync(join(tmpdir(), 'vigil-dbc-'));
    try {
      const file = join(folder, 'one.dbc');
      writeFileSync(file, 'BO_ 1 M: 8 A\nBO_ 1 N: 8 A\n');
      expect(loadDbc(file).problems.map(describeProblem)[0]).toMatch(`${file}:2: warning: `);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
