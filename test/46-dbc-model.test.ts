import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { attributeName, attributeNumber, attributeValue } from '../src/can/dbc-attributes.js';
import { describeProblem, messageByName, signalByName } from '../src/can/dbc.js';
import { loadDbc, parseDbc } from '../src/can/dbc-parser.js';
import { packageRoot } from '../src/runtime/paths.js';

const folder = join(packageRoot, 'test', 'golden', 'can');
const golden = (name: string) => join(folder, name);

describe('attributes', () => {
  const { database, problems } = loadDbc(golden('dbc-attributes.dbc'));
  const { attributeDefinitions: definitions } = database;
  const engine = messageByName(database, 'EngineData')!;
  const event = messageByName(database, 'EngineEvent')!;

  it('are read without a problem', () => {
    expect(problems).toEqual([]);
  });

  it('have the own value, else the default', () => {
    expect(attributeNumber(definitions, engine.attributes, 'GenMsgCycleTime')).toBe(20);
    expect(attributeNumber(definitions, event.attributes, 'GenMsgCycleTime')).toBe(100);
    expect(attributeName(definitions, engine.attributes, 'GenMsgSendType')).toBe('Cyclic');
    expect(attributeName(definitions, event.attributes, 'GenMsgSendType')).toBe('NoMsgSendType');
    expect(attributeValue(definitions, engine.attributes, 'NoSuch')).toBeUndefined();
    expect([engine.cycleTimeMs, event.cycleTimeMs]).toEqual([20, 100]);
    expect([engine.sendType, event.sendType]).toEqual(['Cyclic', 'NoMsgSendType']);
    expect(definitions.get('GenMsgCycleTime')).toEqual({
      owner: 'message',
      type: 'INT',
      minimum: 0,
      maximum: 65535,
      choices: [],
      defaultValue: 100,
    });
  });

  it('say how frames are sent and how signals start, 64 bits without loss', () => {
    expect(database.messages.map(({ frameFormat }) => frameFormat)).toEqual([
      'StandardCAN',
      'StandardCAN_FD',
      'J1939PG',
    ]);
    expect(signalByName(event, 'Serial')!.startRaw).toBe(18446744073709551615n);
    expect(signalByName(engine, 'Revolutions')!.startRaw).toBe(3200);
    expect(signalByName(engine, 'Odometer')!.startRaw).toBe(0);
    expect(signalByName(messageByName(database, 'VehicleSpeed')!, 'Speed')!.spn).toBe(84);
  });

  it('may belong to a node, an environment variable or a relation', () => {
    expect(database.nodeDetails.get('Engine')).toEqual({
      comment: 'Makes the speed',
      attributes: new Map([['NodeAddress', 0]]),
    });
    expect(database.environmentVariables[0]).toMatchObject({
      name: 'EnvKey',
      minimum: 0,
      maximum: 3,
      initial: 1,
      index: 7,
      access: 'DUMMY_NODE_VECTOR0',
      nodes: ['Dash', 'Gateway'],
      comment: 'Where the key is',
      attributes: new Map([['EnvKind', 'switch']]),
      values: new Map([
        [0n, 'off'],
        [1n, 'on'],
      ]),
    });
    expect(database.environmentVariables[1].dataBytes).toBe(12);
    expect(database.relations).toEqual([
      {
        attribute: 'GenSigTimeout',
        node: 'Dash',
        target: { kind: 'signal', key: 100, signal: 'Revolutions' },
        value: 250,
      },
      { attribute: 'MsgTimeout', node: 'Gateway', target: { kind: 'message', key: 100 }, value: 500 },
      { attribute: 'EnvUse', node: 'Dash', target: { kind: 'environment', name: 'EnvKey' }, value: 'shown' },
    ]);
    expect(database.relationDefinitions.get('EnvUse')).toMatchObject({ owner: 'node-environment' });
  });

  it('stand beside senders, groups, signals of no message and the bit timing', () => {
    expect(engine.senders).toEqual(['Engine', 'Gateway']);
    expect(engine.signalGroups).toEqual([
      { name: 'Motion', repetitions: 1, signals: ['Revolutions', 'Odometer'] },
    ]);
    expect(database.independentSignals.map(({ name, comment }) => [name, comment])).toEqual([
      ['Unused', 'In no message'],
    ]);
    expect(database.bitTiming).toEqual([500, 1, 2]);
  });
});

describe('imports', () => {
  it('count as written before the importing file, each once, in the order of their lines', () => {
    const { database, imports, problems } = loadDbc(golden('dbc-import-car.dbc'));
    expect(imports).toEqual([golden('dbc-import-body.dbc'), golden('dbc-import-platform.dbc')]);
    expect(database.comment).toBe('');
    expect(database.messages.map(({ name }) => name)).toEqual([
      'Body',
      'SteeringOfPlatform',
      'Speed',
      'Steering',
    ]);
    const lamp = signalByName(messageByName(database, 'Body')!, 'Lamp')!;
    expect(lamp.comment).toBe('Said of an imported signal');
    expect(lamp.values.get(1n)).toBe('on by the car');
    // What the part says of a message that only the platform brings.
    expect(signalByName(messageByName(database, 'Speed')!, 'Speed')!.values.get(65535n)).toBe(
      'not available',
    );
    expect(problems.map(describeProblem)).toEqual([
      `${golden('dbc-import-car.dbc')}:4: warning: expected each identifier once but Steering has 16, as ` +
        `SteeringOfPlatform in line 3 of ${golden('dbc-import-platform.dbc')} has; frames are decoded as Steering`,
    ]);
  });

  it('that are missing, or lead in a circle, are left out by name', () => {
    const texts = new Map([
      ['a', 'CM_ "IMPORT b";\nBO_ 1 A: 1 X\n'],
      ['b', '\nCM_ "IMPORT a";\nBO_ 2 B: 1 X\n'],
    ]);
    const resolveImport = (name: string) => {
      const text = texts.get(name);
      if (text === undefined) throw new Error('no such file');
      return { file: name, text };
    };
    const circle = parseDbc(texts.get('a')!, 'a', { resolveImport });
    expect(circle.problems.map(describeProblem)).toEqual([
      'b:2: error: expected imports that end but a leads back here; left out',
    ]);
    expect(circle.database.messages.map(({ name }) => name)).toEqual(['B', 'A']);
    const missing = parseDbc('BO_ 1 A: 1 X\nCM_ "IMPORT gone.dbc";\n', 'a', { resolveImport });
    expect(missing.problems.map(describeProblem)).toEqual([
      'a:2: error: expected the imported file gone.dbc but reading it failed: no such file',
    ]);
    expect(parseDbc('BO_ 1 A: 1 X\nCM_ "IMPORT gone.dbc";\n', 'a').problems.length).toBe(1);
  });
});

describe('a file with malformed lines', () => {
  const file = golden('dbc-malformed-lines.dbc');

  it('keeps what is sound and lists the rest', () => {
    const { database, problems } = loadDbc(file);
    expect(
      database.messages.map(({ name, signals }) => [name, signals.map((signal) => signal.name)]),
    ).toEqual([
      ['Sound', ['Kept', 'Overlapping']],
      ['AlsoSound', ['Wide']],
    ]);
    expect(problems.map((problem) => describeProblem(problem).slice(file.length))).toEqual([
      ':4: error: expected TooFar within the 8 bytes of Sound but its bits reach into byte 8',
      ':5: warning: expected bits of its own for Overlapping of Sound but Kept has some of them',
      ':6: error: SG_: expected the factor of NoFactor (a number) but found `,`',
      ':7: error: BO_: expected an 11-bit identifier, or a 29-bit one with bit 31 set, for Impossible but found 1610612736',
      ':9: error: CM_: expected a signal name but found the text "a comment of nothing"',
      ':10: warning: expected a signal of the file but found Gone of message 1, which is not in it',
      ':11: warning: left out SGTYPE_, which says nothing about what frames mean',
    ]);
  });

  it('is refused where strictness is asked for', () => {
    expect(() => loadDbc(file, { strict: true })).toThrow(
      expect.objectContaining({
        code: 'DBC_UNSOUND',
        message: expect.stringContaining('found 7, first') as string,
      }),
    );
    expect(loadDbc(golden('dbc-attributes.dbc'), { strict: true }).problems).toEqual([]);
  });
});

describe('signals on the same bits', () => {
  const overlaps = (signals: string) =>
    parseDbc(`BO_ 1 M: 8 A\n${signals}`).problems.map(({ message }) => message);

  it('are no overlap when no frame has both', () => {
    expect(
      overlaps(
        ' SG_ S M : 0|4@1+ (1,0) [0|0] "" A\n SG_ T m1M : 4|4@1+ (1,0) [0|0] "" A\n' +
          ' SG_ U m2 : 4|8@1+ (1,0) [0|0] "" A\n SG_ V m1 : 8|8@1+ (1,0) [0|0] "" A\n' +
          'SG_MUL_VAL_ 1 T S 1-1;\nSG_MUL_VAL_ 1 U S 2-3;\nSG_MUL_VAL_ 1 V T 1-1;\n',
      ),
    ).toEqual([]);
  });

  it('are one when some frame has both, whatever their byte order', () => {
    expect(overlaps(' SG_ A : 0|8@1+ (1,0) [0|0] "" A\n SG_ B : 0|1@0+ (1,0) [0|0] "" A\n')).toEqual([
      'expected bits of its own for B of M but A has some of them',
    ]);
  });
});

it('a file in Windows-1252 keeps its units and names', () => {
  const { database, problems } = loadDbc(golden('dbc-windows-1252.dbc'));
  expect(problems).toEqual([]);
  expect(database.messages[0].name).toBe('Öltemperatur');
  expect(database.messages[0].signals.map(({ unit }) => unit)).toEqual(['°C', 'µrad']);
  expect(database.messages[0].comment).toBe('5 € – „billig“');
});
