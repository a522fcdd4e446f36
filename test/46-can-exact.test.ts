import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { messageByName, type DbcMessage } from '../src/can/dbc.js';
import { loadDbc, parseDbc } from '../src/can/dbc-parser.js';
import { CanDecoder } from '../src/can/decoder.js';
import { decodeMessage } from '../src/can/decode-message.js';
import { encodeMessage, startPayload } from '../src/can/encode.js';
import { FrameBatchBuilder } from '../src/can/frame-batch.js';
import { FrameFlag } from '../src/can/frames.js';
import { buildJ1939Id, identifierFilter, j1939State, messageFinder, parseJ1939Id } from '../src/can/j1939.js';
import { packageRoot } from '../src/runtime/paths.js';
import { anyMessage, databaseOf, payloadOf } from './40-support/arbitrary-message.js';
import { bytesOf, doubleBits, framesOf } from './40-support/frames.js';

describe('decoding a single frame', () => {
  it('gives to the last bit what the batch decoder gives, also for short frames', () => {
    const cases = anyMessage.chain((message) =>
      fc.record({
        message: fc.constant(message),
        payload: payloadOf(message.length),
        cut: fc.integer({ min: 0, max: message.length }),
      }),
    );
    fc.assert(
      fc.property(cases, ({ message, payload, cut }) => {
        const given = payload.subarray(0, cut);
        const { signals, truncated } = decodeMessage(message, given);
        const batch = CanDecoder.of(databaseOf(message)).decode(framesOf(message, [given])).messages[0];
        expect(truncated).toBe(batch.truncated === 1);
        message.signals.forEach(({ name }, i) => {
          expect(doubleBits(signals.get(name)?.physical ?? NaN)).toBe(doubleBits(batch.columnAt(i)[0]));
        });
      }),
      { numRuns: 300 },
    );
  });

  const { database } = parseDbc(
    'BO_ 1 M: 8 A\n SG_ Serial : 0|64@1+ (1,0) [0|18446744073709551615] "" A\n' +
      'BO_ 2 N: 8 A\n SG_ Scaled : 7|64@0- (3,-7) [0|0] "" A\n' +
      'VAL_ 1 Serial 18446744073709551615 "none" 18446744073709551614 "fault" ;\n',
  );
  const [plain, scaled] = database.messages;

  it('keeps 64 bits', () => {
    const { signals } = decodeMessage(plain, bytesOf('feffffffffffffff'));
    expect(signals.get('Serial')).toMatchObject({
      raw: 18446744073709551614n,
      exact: 18446744073709551614n,
      physical: 18446744073709551615,
      name: 'fault',
    });
  });

  it('and encodes them back, whole numbers of any size', () => {
    fc.assert(
      fc.property(payloadOf(8), fc.constantFrom(plain, scaled), (payload, message) => {
        const signal = message.signals[0];
        const { exact } = decodeMessage(message, payload).signals.get(signal.name)!;
        expect(encodeMessage(message, { [signal.name]: exact! })).toEqual(payload);
      }),
    );
    // Between two raw steps: to the nearest, beyond what doubles tell apart.
    const near = encodeMessage(scaled, { Scaled: 3n * 2n ** 61n - 7n + 1n });
    expect(decodeMessage(scaled, near).signals.get('Scaled')!.raw).toBe(2n ** 61n);
  });
});

describe('the start of a message', () => {
  it('has the start values of its signals, multiplexed ones where they are selected', () => {
    const { database } = parseDbc(
      'BO_ 1 M: 8 A\n SG_ S M : 0|8@1+ (1,0) [0|0] "" A\n SG_ A m1 : 8|8@1- (0.5,0) [0|0] "" A\n' +
        ' SG_ B m2 : 8|16@1+ (1,0) [0|0] "" A\n SG_ F : 32|32@1- (1,0) [0|0] "" A\nSIG_VALTYPE_ 1 F : 1;\n' +
        'BA_DEF_ SG_ "GenSigStartValue" FLOAT 0 0;\nBA_DEF_DEF_ "GenSigStartValue" 0;\n' +
        'BA_ "GenSigStartValue" SG_ 1 S 1;\nBA_ "GenSigStartValue" SG_ 1 A -2;\n' +
        'BA_ "GenSigStartValue" SG_ 1 B 513;\nBA_ "GenSigStartValue" SG_ 1 F 1.5;\n',
    );
    const start = startPayload(database.messages[0]);
    expect(Buffer.from(start).toString('hex')).toBe('01fe00000000c03f');
    expect(decodeMessage(database.messages[0], start).signals.get('A')!.physical).toBe(-1);
    const changed = encodeMessage(database.messages[0], { F: 2 }, start);
    expect(Buffer.from(changed).toString('hex')).toBe('01fe000000000040');
  });

  it('is refused when a start value does not fit', () => {
    const { database } = parseDbc(
      'BO_ 1 M: 8 A\n SG_ S : 0|8@1+ (1,0) [0|0] "" A\nBA_ "GenSigStartValue" SG_ 1 S 256;\n',
    );
    expect(() => startPayload(database.messages[0])).toThrow(
      expect.objectContaining({ code: 'CAN_VALUE_OUT_OF_RANGE' }),
    );
  });
});

describe('J1939', () => {
  const { database } = loadDbc(join(packageRoot, 'test', 'golden', 'can', 'dbc-j1939-groups.dbc'));
  const named = (name: string): DbcMessage => messageByName(database, name)!;

  it('takes identifiers apart and puts them together', () => {
    expect(parseJ1939Id(0x0cf00400)).toEqual({ priority: 3, pgn: 61444, source: 0 });
    expect(parseJ1939Id(0x18ea2149)).toEqual({ priority: 6, pgn: 59904, source: 0x49, destination: 0x21 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0x1fffffff }), (id) => {
        expect(buildJ1939Id(parseJ1939Id(id))).toBe(id);
      }),
    );
  });

  const frames: readonly [id: number, expected: string | undefined][] = [
    [0x0cf00400, 'ElectronicEngine1'],
    [0x18f00417, 'ElectronicEngine1'], // other priority and source
    [0x18febf0b, 'WheelSpeedOfBrake'],
    [0x0cfebf0b, 'WheelSpeedOfBrake'], // the source decides before the group
    [0x18febf33, 'WheelSpeed'], // any other source: from the null address
    [0x0c0021ee, 'TorqueSpeedControl'], // PDU1: whoever it is for
    [0x0c0121ee, undefined],
    [0x19f00400, undefined], // other data page
    [0x00000100, 'TorqueSpeedControl'], // with 29 bits, group 0 sent to node 1
  ];

  it('finds a message by group, in both decoders', () => {
    const find = messageFinder(database);
    const builder = new FrameBatchBuilder();
    frames.forEach(([id], i) => {
      builder.add(i, id, new Uint8Array(8), FrameFlag.extended);
    });
    const batch = CanDecoder.of(database).decode(builder.take());
    const native = new Map(batch.messages.flatMap(({ message, t }) => [...t].map((i) => [i, message.name])));
    frames.forEach(([id, expected], i) => {
      expect([id, find(id, true)?.name, native.get(i)]).toEqual([id, expected, expected]);
    });
    expect(find(0x100, false)?.name).toBe('NotJ1939');
  });

  it('gives a filter that lets a frame of the group pass', () => {
    const passes = (name: string, id: number) => {
      const filter = identifierFilter(named(name));
      return (id & filter.mask) === filter.id;
    };
    expect(frames.filter(([id]) => passes('WheelSpeed', id)).map(([id]) => id)).toEqual([
      0x18febf0b, 0x0cfebf0b, 0x18febf33,
    ]);
    expect(passes('TorqueSpeedControl', 0x0c0021ee)).toBe(true);
    expect(passes('TorqueSpeedControl', 0x0c0121ee)).toBe(false);
    expect(identifierFilter(named('NotJ1939'))).toEqual({ id: 256, mask: 0x7ff });
  });

  it('knows the highest values as error and not available', () => {
    const states = (length: number, ...raws: bigint[]) => raws.map((raw) => j1939State({ length }, raw));
    expect(states(2, 0n, 1n, 2n, 3n)).toEqual(['valid', 'valid', 'error', 'unavailable']);
    expect(states(8, 0xfan, 0xfbn, 0xfen, 0xffn)).toEqual(['valid', 'reserved', 'error', 'unavailable']);
    expect(states(16, 0xfaffn, 0xfb00n, 0xfe12n, 0xff00n)).toEqual([
      'valid',
      'reserved',
      'error',
      'unavailable',
    ]);
    expect(named('ElectronicEngine1').signals[0].spn).toBe(190);
  });
});
