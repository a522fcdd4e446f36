import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { messageByName } from '../src/can/dbc.js';
import { parseDbc } from '../src/can/dbc-parser.js';
import { CanDecoder } from '../src/can/decoder.js';
import { encodeMessage } from '../src/can/encode.js';
import { valueName } from '../src/can/raw-value.js';
import { databaseOf, payloadOf, separateMessage } from './40-support/arbitrary-message.js';
import { bytesOf, framesOf } from './40-support/frames.js';

const { database } = parseDbc(`
BO_ 1 Drive: 8 A
 SG_ Speed : 0|16@1+ (0.01,0) [0|300] "km/h" A
 SG_ Angle : 23|12@0- (0.5,10) [-1000|1000] "deg" A
 SG_ Gear : 24|4@1+ (1,0) [0|0] "" A
 SG_ Count : 32|32@1- (1,0) [0|0] "" A
BO_ 2 Paged: 4 A
 SG_ Page M : 0|8@1+ (1,0) [0|0] "" A
 SG_ Left m0 : 8|16@1+ (1,0) [0|0] "" A
 SG_ Right m1 : 8|8@1- (1,0) [0|0] "" A
BO_ 3 Wide: 8 A
 SG_ Serial : 0|64@1+ (1,0) [0|0] "" A
BO_ 4 Float: 4 A
 SG_ Ratio : 0|32@1- (1,0) [0|1e39] "" A
SIG_VALTYPE_ 4 Ratio : 1;
VAL_ 1 Gear 0 "Park" 3 "Drive" 15 "SNA" ;
`);
const drive = messageByName(database, 'Drive')!;
const paged = messageByName(database, 'Paged')!;
const whole = { Speed: 88.8, Angle: -12.5, Gear: 'Drive', Count: -2 };

function hex(payload: Uint8Array): string {
  return Buffer.from(payload).toString('hex');
}

describe('encoding', () => {
  it('gives known bytes', () => {
    // Speed 8880 = 0x22b0; angle (-12.5 - 10) / 0.5 = -45 = 0xfd3; gear 3; count 0xfffffffe, all but the angle Intel.
    expect(hex(encodeMessage(drive, whole))).toBe('b022fd33feffffff');
    expect(hex(encodeMessage(paged, { Page: 1, Right: -1 }))).toBe('01ff0000');
    expect(hex(encodeMessage(messageByName(database, 'Wide')!, { Serial: 0xfedcba9876543210n }))).toBe(
      '1032547698badcfe',
    );
    expect(hex(encodeMessage(messageByName(database, 'Float')!, { Ratio: 0.5 }))).toBe('0000003f');
  });

  it('is undone by decoding, for any message whose signals share no bits', () => {
    fc.assert(
      fc.property(
        separateMessage.chain((message) =>
          fc.record({ message: fc.constant(message), payload: payloadOf(message.length) }),
        ),
        ({ message, payload }) => {
          const decoder = CanDecoder.of(databaseOf(message));
          const decode = (bytes: Uint8Array) => {
            const decoded = decoder.decode(framesOf(message, [bytes])).messages[0];
            return new Map(message.signals.map((signal) => [signal.name, decoded.column(signal.name)[0]]));
          };
          // Integers that doubles hold exactly come back; a float only where scaling loses nothing.
          const exact = message.signals.filter(({ rawType, length, factor, offset }) =>
            rawType.startsWith('float') ? factor === 1 && offset === 0 : length <= 32,
          );
          const values = [...decode(payload)].filter(
            ([name, value]) => !Number.isNaN(value) && exact.some((signal) => signal.name === name),
          );
          const encoded = encodeMessage(message, Object.fromEntries(values), payload);
          expect(hex(encoded)).toBe(hex(payload));
          const cleared = encodeMessage(message, Object.fromEntries(values), new Uint8Array(message.length));
          const again = decode(cleared);
          for (const [name, value] of values) expect(again.get(name)).toBe(value);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('keeps the bits of a base payload that are not given', () => {
    const base = encodeMessage(drive, whole);
    expect(hex(encodeMessage(drive, { Gear: 'Park' }, base))).toBe('b022fd30feffffff');
    expect(hex(base)).toBe('b022fd33feffffff');
  });

  it.each([
    ['above the range', drive, { ...whole, Speed: 300.1 }, 'CAN_VALUE_OUT_OF_RANGE'],
    ['below the range', drive, { ...whole, Speed: -0.01 }, 'CAN_VALUE_OUT_OF_RANGE'],
    ['beyond the bits', drive, { ...whole, Gear: 16 }, 'CAN_VALUE_OUT_OF_RANGE'],
    ['not a number', drive, { ...whole, Count: NaN }, 'CAN_VALUE_OUT_OF_RANGE'],
    ['infinite', drive, { ...whole, Count: Infinity }, 'CAN_VALUE_OUT_OF_RANGE'],
    ['an unknown name', drive, { ...whole, Gear: 'Fifth' }, 'CAN_VALUE_OUT_OF_RANGE'],
    ['a name where there are none', drive, { ...whole, Speed: 'fast' }, 'CAN_VALUE_OUT_OF_RANGE'],
    ['no signal of the message', drive, { ...whole, Spede: 1 }, 'CAN_SIGNAL_UNKNOWN'],
    ['missing', drive, { Speed: 1, Angle: 0, Gear: 0 }, 'CAN_SIGNAL_MISSING'],
    ['left out by the switch', paged, { Page: 1, Left: 3, Right: 0 }, 'CAN_SIGNAL_NOT_SELECTED'],
    ['missing on its page', paged, { Page: 0 }, 'CAN_SIGNAL_MISSING'],
    ['too large for 32 bits', messageByName(database, 'Float')!, { Ratio: 9e38 }, 'CAN_VALUE_OUT_OF_RANGE'],
    ['beyond 64 bits', messageByName(database, 'Wide')!, { Serial: 1n << 64n }, 'CAN_VALUE_OUT_OF_RANGE'],
  ])('refuses a value that is %s', (_, message, values, code) => {
    expect(() => encodeMessage(message, values)).toThrow(expect.objectContaining({ code }));
  });

  it('refuses a base of another length', () => {
    expect(() => encodeMessage(drive, whole, bytesOf('00'))).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    );
  });

  it('lets a decoded maximum pass although it lies above by a rounding error', () => {
    const { database: read } = parseDbc('BO_ 1 M: 1 A\n SG_ S : 0|8@1- (0.2,0) [-25.6|25.4] "" A\n');
    const message = read.messages[0];
    const physical = CanDecoder.of(read)
      .decode(framesOf(message, [bytesOf('7f')]))
      .messages[0].columnAt(0)[0];
    expect(physical).toBeGreaterThan(25.4);
    expect(hex(encodeMessage(message, { S: physical }))).toBe('7f');
  });
});

describe('value names', () => {
  const gear = drive.signals.find(({ name }) => name === 'Gear')!;

  it('are found for decoded values', () => {
    expect([0, 3, 15, 7, NaN].map((value) => valueName(gear, value))).toEqual([
      'Park',
      'Drive',
      'SNA',
      undefined,
      undefined,
    ]);
  });
});
