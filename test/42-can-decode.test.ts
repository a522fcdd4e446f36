import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CanDecoder } from '../src/can/decoder.js';
import type { DbcSignal } from '../src/can/dbc.js';
import { parseDbc } from '../src/can/dbc-parser.js';
import { FrameBatchBuilder } from '../src/can/frame-batch.js';
import { FrameFlag } from '../src/can/frames.js';
import { anyMessage, databaseOf, messageOf, payloadOf } from './40-support/arbitrary-message.js';
import { bytesOf, doubleBits, framesOf } from './40-support/frames.js';
import { referenceDecode } from './40-support/reference-decoder.js';

const twoKinds = parseDbc(`
BO_ 291 Standard: 2 A
 SG_ X : 0|16@1+ (1,0) [0|0] "" A
BO_ 2147483939 Extended: 2 A
 SG_ Y : 7|16@0+ (1,0) [0|0] "" A
`).database;

describe('decoding', () => {
  it('equals the bit-by-bit reference for any message and payload, to the last bit', () => {
    fc.assert(
      fc.property(
        anyMessage.chain((message) =>
          fc.record({
            message: fc.constant(message),
            // Full frames, and frames cut anywhere.
            payloads: fc.array(
              fc.oneof(payloadOf(message.length), fc.uint8Array({ maxLength: message.length })),
              { minLength: 1, maxLength: 9 },
            ),
          }),
        ),
        ({ message, payloads }) => {
          const batch = CanDecoder.of(databaseOf(message)).decode(framesOf(message, payloads));
          const decoded = batch.messages[0];
          const actual = message.signals.map((_, s) => Array.from(decoded.columnAt(s), doubleBits));
          const expected = message.signals.map((signal) =>
            payloads.map((payload) => doubleBits(referenceDecode(payload, message, signal))),
          );
          expect(actual).toEqual(expected);
          expect(decoded.truncated).toBe(payloads.filter(({ length }) => length < message.length).length);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('equals the reference for multiplexed messages', () => {
    const base = { unit: '', receivers: [], values: new Map(), comment: '', attributes: new Map() };
    const integer = (name: string, startBit: number, length: number): DbcSignal => ({
      ...base,
      name,
      startBit,
      length,
      byteOrder: 'intel',
      rawType: 'unsigned',
      factor: 1,
      offset: 0,
      isSwitch: false,
    });
    for (const bytes of [8, 24]) {
      const message = messageOf(
        [
          // A dependent signal before its switch: order in the file must not matter.
          {
            ...integer('deep', 16, 16),
            selector: {
              switchName: 'inner',
              ranges: [
                [2n, 5n],
                [7n, 7n],
              ],
            },
          },
          {
            ...integer('inner', 3, 3),
            isSwitch: true,
            selector: { switchName: 'outer', ranges: [[1n, 1n]] },
          },
          { ...integer('outer', 0, 3), isSwitch: true },
          {
            ...integer('shallow', (bytes - 2) * 8, 16),
            selector: {
              switchName: 'outer',
              ranges: [
                [0n, 0n],
                [3n, 6n],
              ],
            },
          },
          integer('always', 8, 8),
        ],
        bytes,
      );
      fc.assert(
        fc.property(
          fc.array(fc.uint8Array({ maxLength: bytes }), { minLength: 1, maxLength: 20 }),
          (payloads) => {
            const decoded = CanDecoder.of(databaseOf(message)).decode(framesOf(message, payloads))
              .messages[0];
            for (const signal of message.signals) {
              expect(Array.from(decoded.column(signal.name))).toEqual(
                payloads.map((payload) => referenceDecode(payload, message, signal)),
              );
            }
          },
        ),
      );
    }
  });

  it('keeps standard and extended identifiers of the same value apart', () => {
    const builder = new FrameBatchBuilder();
    builder.add(1, 291, bytesOf('0102'));
    builder.add(2, 291, bytesOf('0304'), FrameFlag.extended);
    builder.add(3, 291, bytesOf('0506'), FrameFlag.transmitted);
    const batch = CanDecoder.of(twoKinds).decode(builder.take());
    expect(Array.from(batch.message('Standard')!.column('X'))).toEqual([0x0201, 0x0605]);
    expect(Array.from(batch.message('Standard')!.t)).toEqual([1, 3]);
    expect(Array.from(batch.message('Extended')!.column('Y'))).toEqual([0x0304]);
  });

  it('counts frames that give no row, by reason', () => {
    const builder = new FrameBatchBuilder();
    builder.add(1, 292, bytesOf('0102'));
    builder.add(2, 291, bytesOf('0304'), FrameFlag.remote);
    builder.add(3, 4, bytesOf('0000000000000000'), FrameFlag.error);
    builder.add(4, 291, bytesOf('0506'), 0, 1);
    builder.add(5, 291, bytesOf('07'), 0, 0);
    const batch = new CanDecoder(CanDecoder.of(twoKinds).plan, { channel: 0 }).decode(builder.take());
    const { unknown, withoutData, otherChannel, truncated } = batch;
    expect({ unknown, withoutData, otherChannel, truncated }).toEqual({
      unknown: 1,
      withoutData: 2,
      otherChannel: 1,
      truncated: 1,
    });
    expect(Array.from(batch.message('Standard')!.column('X'))).toEqual([NaN]);
  });

  it('writes into recycled arrays when they are large enough, with the same result', () => {
    const decoder = CanDecoder.of(twoKinds);
    const message = twoKinds.messages[0];
    const first = decoder.decode(framesOf(message, [bytesOf('0102'), bytesOf('0304'), bytesOf('0506')]));
    const second = decoder.decode(framesOf(message, [bytesOf('0708'), bytesOf('090a')]), first);
    expect(second.values).toBe(first.values);
    expect(Array.from(second.message('Standard')!.column('X'))).toEqual([0x0807, 0x0a09]);
    const third = decoder.decode(
      framesOf(
        message,
        Array.from({ length: 9 }, () => bytesOf('0100')),
      ),
      second,
    );
    expect(third.values).not.toBe(second.values);
    expect(Array.from(third.message('Standard')!.column('X'))).toEqual(Array.from({ length: 9 }, () => 1));
  });

  it('decodes an empty batch, and a database without signals', () => {
    const empty = CanDecoder.of(twoKinds).decode(new FrameBatchBuilder().take());
    expect(empty.messages).toEqual([]);
    const bare = messageOf([], 8);
    const batch = CanDecoder.of(databaseOf(bare)).decode(framesOf(bare, [new Uint8Array(8)]));
    expect(batch.messages.map(({ rows }) => rows)).toEqual([1]);
  });

  it('decodes the last of two messages with one identifier, and gives signals beyond 64 bytes as NaN', () => {
    const { database, problems } = parseDbc(
      'BO_ 1 First: 1 A\n SG_ X : 0|8@1+ (1,0) [0|0] "" A\n' +
        'BO_ 1 Second: 80 A\n SG_ Y : 0|8@1+ (2,0) [0|0] "" A\n SG_ Z : 600|8@1+ (1,0) [0|0] "" A\n',
    );
    expect(problems.map(({ line, severity }) => ({ line, severity }))).toEqual([
      { line: 3, severity: 'warning' },
    ]);
    const batch = CanDecoder.of(database).decode(
      framesOf({ id: 1, extended: false }, [new Uint8Array(64).fill(3)]),
    );
    expect(batch.messages.map(({ message }) => message.name)).toEqual(['Second']);
    expect([...batch.messages[0].column('Y'), ...batch.messages[0].column('Z')]).toEqual([6, NaN]);
  });
});
