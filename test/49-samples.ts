import type { ValidityChecker } from '../src/can/validity/checker.js';
import { checkerOf } from './49-support.js';

/** Every kind of rule on one message: brands as their validity files declare them. */
export interface Sample {
  readonly name: string;
  readonly checker: ValidityChecker;
  readonly length: number;
  /** Values of the counter; 1 where there is none. */
  readonly values: number;
  readonly maxDelta: number;
  /** Bits (counted from the least significant of byte 0) that the checksum does not cover. */
  readonly uncovered?: (bit: number) => boolean;
  /** A payload that is right, computed by hand from the published rule. */
  readonly known?: readonly string[];
}

function sample(
  name: string,
  id: number,
  length: number,
  signals: readonly string[],
  rule: string,
  values: number,
  more: Partial<Sample> = {},
): Sample {
  return { name, checker: checkerOf(id, length, signals, rule), length, values, maxDelta: 1, ...more };
}

const brand = (kind: string, extra = ''): string =>
  `checksum: { kind: ${kind}, signal: CHECKSUM${extra} }\ncounter: { signal: COUNTER, maxDelta: 1 }`;
const header = (kind: string, offset: number): string =>
  `checksum: { kind: ${kind}, dataId: 0x1234, offset: ${offset} }\ncounter: { maxDelta: 1 }`;
export const crcFirst = ['CHECKSUM : 0|8@1+', 'COUNTER : 8|4@1+', 'REST : 16|8@1+'];
const crcLast = ['COUNTER : 55|4@0+', 'CHECKSUM : 63|8@0+'];
const lists = `, list: [${Array.from({ length: 16 }, (_, i) => i * 13 + 7).join(', ')}]`;

const hyundaiFdFrames = [
  '31cb030a11181f26',
  '68f6030a11181f262d343b424950575e',
  '033c030a11181f262d343b424950575e656c737a81888f96',
  '4d06030a11181f262d343b424950575e656c737a81888f969da4abb2b9c0c7ce',
];

export const samples: readonly Sample[] = [
  // Frames of a real car, as recorded.
  ...Object.entries({
    0x24: '01fe01d541f980bb',
    0x25: '00001000c00000fd',
    0xb4: '000000001d0b7a5e',
    0x1c4: '0af019083d00f217',
    0x223: '93fe0000000404c6',
    0x260: '08fffb0000001884',
    0x2c1: '0014df14bbca3a91',
    0x3f9: '57381341000000e7',
  }).map(([id, frame]) =>
    sample(`toyota ${id}`, Number(id), 8, [], "checksum: { kind: toyota, signal: '63|8@0' }", 1, {
      known: [frame],
    }),
  ),
  // 8 - (1+5+8 of the identifier + 1 + the counter's 1) = -8 = 8 modulo 16.
  sample('honda', 0x158, 8, ['COUNTER : 61|2@0+', 'CHECKSUM : 59|4@0+'], brand('honda'), 4, {
    known: ['0100000000000018'],
  }),
  // 29 bits: nibbles 1+8+13+10+1+5+8 = 46; 8 + 3 - 46 = -35 = 13 modulo 16.
  sample('honda extended', 0x18da158, 8, ['COUNTER : 61|2@0+', 'CHECKSUM : 59|4@0+'], brand('honda'), 4, {
    known: ['000000000000000d'],
  }),
  // The CRCs of the next ones were computed with crcmod.
  ...[8, 16, 24, 32].map((length, i) =>
    sample(
      `hyundai-fd ${length}`,
      0x1a0,
      length,
      ['CHECKSUM : 0|16@1+', 'COUNTER : 16|8@1+'],
      brand('hyundai-fd'),
      256,
      { known: [hyundaiFdFrames[i]] },
    ),
  ),
  sample(
    'hyundai-nibbles',
    0x260,
    8,
    ['CHECKSUM : 56|4@1+', 'COUNTER : 60|2@1+'],
    brand('hyundai-nibbles'),
    4,
    {
      // 16 - (1 + 2) = 13.
      known: ['120000000000000d'],
    },
  ),
  sample(
    'hyundai-nibbles, 7 bytes',
    0x394,
    8,
    ['CHECKSUM : 48|4@1+', 'COUNTER : 13|3@1+'],
    brand('hyundai-nibbles', ', bytes: 7'),
    8,
    { uncovered: (bit) => bit >= 56 },
  ),
  sample(
    'hyundai-ones',
    0x386,
    8,
    ['C0 : 46|2@1+', 'C1 : 62|2@1+', 'A0 : 14|2@1+', 'A1 : 30|2@1+'],
    'checksum: { kind: hyundai-ones, signal: [C0, C1] }\ncounter: { signal: [A0, A1], maxDelta: 1 }',
    16,
    {
      // 9 xor 1 one = 8: upper half 10, lower half 00.
      known: ['0100000000000080'],
      uncovered: (bit) => bit === 14 || bit === 15 || bit === 30 || bit === 31,
    },
  ),
  sample('vw-mqb', 0x126, 8, crcFirst, brand('vw-mqb', lists), 16, { known: ['7403112233445566'] }),
  sample('vw-pq', 0xd2, 8, crcFirst, brand('vw-pq'), 16, { known: ['0100010000000000'] }),
  // 0x01 + 0x22 + 5.
  sample('subaru', 0x122, 8, crcFirst, brand('subaru'), 16, { known: ['2800050000000000'] }),
  sample('subaru-preglobal', 0x164, 8, crcLast, brand('subaru-preglobal'), 16, {
    known: ['0102030000000006'],
  }),
  sample('chrysler', 0x292, 8, crcLast, brand('chrysler'), 16, { known: ['0102030405060017'] }),
  sample('giorgio', 0xde, 8, crcLast, brand('giorgio', ', constant: 0x0A, constantOf: { 0xDE: 0x10 }'), 16, {
    known: ['0000000000000010'],
  }),
  // 0x88 + 0x04 + 0x10.
  sample('tesla', 0x488, 8, crcLast, brand('tesla'), 16, { known: ['100000000000009c'] }),
  sample(
    'psa',
    0x452,
    8,
    ['CHECKSUM : 4|4@1+', 'COUNTER : 3|4@0+'],
    brand('psa', ', constant: 0xB, constantOf: { 0x452: 0x4 }'),
    16,
    { known: ['4000000000000000', '1000000000000003'] },
  ),
  ...['both', 'alternating', 'low'].map((mode) =>
    sample(
      `e2e-p01 ${mode}`,
      0x10,
      8,
      crcFirst,
      brand('e2e-p01', `, dataId: 0x123, dataIdMode: ${mode}`),
      15,
      mode === 'both' ? { known: ['cc00000000000000'] } : {},
    ),
  ),
  sample(
    'e2e-p01 nibble',
    0x10,
    8,
    ['CHECKSUM : 0|8@1+', 'COUNTER : 8|4@1+', 'ID : 12|4@1+'],
    brand('e2e-p01', ', dataId: 0x123, dataIdMode: nibble, dataIdSignal: ID'),
    15,
  ),
  sample('e2e-p02', 0x10, 8, crcFirst, brand('e2e-p02', lists), 16),
  sample('e2e-p04', 0x10, 16, [], header('e2e-p04', 0), 0x10000),
  sample('e2e-p05', 0x10, 8, [], header('e2e-p05', 0), 0x100),
  sample('e2e-p06', 0x10, 8, [], header('e2e-p06', 2), 0x100),
  sample('e2e-p07', 0x10, 32, [], header('e2e-p07', 0), 2 ** 32),
  sample('e2e-p08', 0x10, 24, [], header('e2e-p08', 8), 2 ** 32, {
    known: ['01020304050607086b5c9a02000000180000000500001234'],
  }),
];

function payloadOf(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 37 + seed * 101 + 11) & 0xff);
}

/** A right payload with this counter. */
export function protectedPayload({ checker, length }: Sample, counter: number, seed = 1): Uint8Array {
  const payload = payloadOf(length, seed);
  checker.protect('M', payload, counter);
  return payload;
}
