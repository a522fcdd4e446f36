import fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ValidityChecker } from '../src/can/validity/checker.js';
import { usualWindows, freshE2e, stepE2e, type E2eStatus } from '../src/can/validity/e2e-state.js';
import { parseValidity, readValidity } from '../src/can/validity/rules-file.js';
import { counterValues, profile1Checksum } from '../src/can/validity/profile1.js';
import { packageRoot, signalsDir } from '../src/runtime/paths.js';
import { bytes, checkerOf, firstVerdict, hex, verdictsOf } from './49-support.js';
import { thrownBy } from './50-support.js';

interface Vector {
  readonly profile: string;
  readonly before: string;
  readonly after: string;
  readonly counter: number;
  readonly dataId?: number;
  readonly mode?: string;
  readonly list?: readonly number[];
  readonly offset?: number;
}

const golden = JSON.parse(
  readFileSync(join(packageRoot, 'test', 'golden', 'validity', 'e2e-vectors.json'), 'utf8'),
) as { readonly vectors: readonly Vector[] };

/** Every kind of rule on one message: brands as their validity files declare them. */
interface Sample {
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
const crcFirst = ['CHECKSUM : 0|8@1+', 'COUNTER : 8|4@1+', 'REST : 16|8@1+'];
const crcLast = ['COUNTER : 55|4@0+', 'CHECKSUM : 63|8@0+'];
const lists = `, list: [${Array.from({ length: 16 }, (_, i) => i * 13 + 7).join(', ')}]`;

const hyundaiFdFrames = [
  '31cb030a11181f26',
  '68f6030a11181f262d343b424950575e',
  '033c030a11181f262d343b424950575e656c737a81888f96',
  '4d06030a11181f262d343b424950575e656c737a81888f969da4abb2b9c0c7ce',
];

const samples: readonly Sample[] = [
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
function protectedPayload({ checker, length }: Sample, counter: number, seed = 1): Uint8Array {
  const payload = payloadOf(length, seed);
  checker.protect('M', payload, counter);
  return payload;
}

describe('known answers', () => {
  it('of the profiles are those of an independent implementation, sending and checking', () => {
    for (const { profile, before, after, counter, dataId, mode, list, offset } of golden.vectors) {
      const fields = ['CRC : 0|8@1+', 'COUNTER : 8|4@1+', 'ID : 12|4@1+'];
      const extra = [
        dataId === undefined ? '' : `, dataId: ${dataId}`,
        mode === undefined ? '' : `, dataIdMode: ${mode}`,
        mode === 'nibble' ? ', dataIdSignal: ID' : '',
        list === undefined ? '' : `, list: [${list.join(', ')}]`,
      ].join('');
      const rule =
        offset === undefined
          ? `checksum: { kind: ${profile}, signal: CRC${extra} }\ncounter: { signal: COUNTER }`
          : `checksum: { kind: ${profile}, offset: ${offset}${extra} }`;
      const checker = checkerOf(0x10, before.length / 2, fields, rule);
      const payload = bytes(before);
      checker.protect('M', payload, counter);
      expect(hex(payload), `${profile} ${mode ?? ''}`).toBe(after);
      expect(firstVerdict(checker, payload)).toBe('initial');
    }
    expect(new Set(golden.vectors.map(({ profile }) => profile)).size).toBe(7);
  });

  it('of the brands are right, and the sender writes the same', () => {
    let checked = 0;
    for (const { name, checker, known = [], values } of samples) {
      for (const frame of known) {
        expect(['ok', 'initial'], `${name} ${frame}`).toContain(firstVerdict(checker, bytes(frame)));
        if (values > 1) continue;
        const payload = bytes(frame);
        payload[7] ^= 0xff;
        checker.protect('M', payload, 0);
        expect(hex(payload)).toBe(frame);
        checked += 1;
      }
    }
    expect(checked).toBe(8);
  });

  it('of profile 1 agree with the sender of the demo vehicle', () => {
    const checker = samples.find(({ name }) => name === 'e2e-p01 both')!.checker;
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 8, maxLength: 8 }),
        fc.nat(counterValues - 1),
        (payload, counter) => {
          checker.protect('M', payload, counter);
          expect(payload[0]).toBe(profile1Checksum(0x123, payload));
          expect(payload[1] & 15).toBe(counter);
        },
      ),
    );
  });
});

describe('mutations', () => {
  it.each(samples)('$name: every flipped bit is seen', (rule) => {
    const { checker, length, maxDelta, uncovered = () => false } = rule;
    for (const seed of [1, 2, 3]) {
      const first = protectedPayload(rule, 2, seed);
      for (let bit = 0; bit < length * 8; bit++) {
        const next = protectedPayload(rule, 3, seed);
        next[bit >> 3] ^= 1 << (bit & 7);
        checker.reset();
        const [, verdict] = verdictsOf(checker, [
          { t: 0, payload: first },
          { t: 10, payload: next },
        ]);
        // A bit outside the checksum can only be noticed when it belongs to the counter.
        const expected = uncovered(bit) ? ['ok', 'repeated', 'wrongSequence'] : ['error'];
        expect(expected, `bit ${bit}`).toContain(verdict);
      }
    }
    expect(maxDelta).toBe(1);
  });

  it.each(samples.filter(({ values }) => values > 1))('$name: every wrong counter is seen', (rule) => {
    const { checker, values } = rule;
    const all =
      values <= 256 ? Array.from({ length: values }, (_, i) => i) : [0, 1, 2, 3, 4, 5, 6, 7, values - 1];
    const last = values - 2;
    for (const counter of all) {
      checker.reset();
      const [first, second] = verdictsOf(checker, [
        { t: 0, payload: protectedPayload(rule, last) },
        { t: 10, payload: protectedPayload(rule, counter) },
      ]);
      expect(first).toBe('initial');
      const right = counter === last + 1 ? 'ok' : counter === last ? 'repeated' : 'wrongSequence';
      expect(second, `${last} then ${counter}`).toBe(right);
    }
  });

  it.each(samples)('$name: every frame of another length is refused', (rule) => {
    const whole = protectedPayload(rule, 1);
    for (let length = 0; length <= 64; length++) {
      if (length === whole.length) continue;
      const payload = new Uint8Array(length);
      payload.set(whole.subarray(0, length));
      expect(['tooShort', 'error'], `${length} bytes`).toContain(firstVerdict(rule.checker, payload));
    }
  });
});

describe('the counter', () => {
  const rule = samples.find(({ name }) => name === 'e2e-p01 both')!;
  const tolerant = checkerOf(
    0x10,
    8,
    crcFirst,
    'checksum: { kind: e2e-p01, signal: CHECKSUM, dataId: 0x123 }\ncounter: { signal: COUNTER, maxDelta: 3 }',
  );

  it('takes up to maxDelta as frames lost, across its end, and follows after a jump', () => {
    const counters = [12, 13, 1, 4, 4, 9, 10];
    tolerant.reset();
    const payloads = counters.map((counter, i) => ({ t: i * 10, payload: protectedPayload(rule, counter) }));
    expect(verdictsOf(tolerant, payloads)).toEqual([
      'initial',
      'ok',
      'okSomeLost',
      'okSomeLost',
      'repeated',
      'wrongSequence',
      'ok',
    ]);
  });

  it('may be anything after a silence longer than ten periods', () => {
    tolerant.reset();
    const payloads = [
      { t: 0, payload: protectedPayload(rule, 1) },
      { t: 1000, payload: protectedPayload(rule, 9) },
      { t: 2000.5, payload: protectedPayload(rule, 1) },
    ];
    expect(verdictsOf(tolerant, payloads)).toEqual(['initial', 'wrongSequence', 'initial']);
  });

  it('15 is never sent by profile 1: an error', () => {
    const payload = protectedPayload(rule, 3);
    payload[1] |= 15;
    payload[0] = profile1Checksum(0x123, payload);
    expect(firstVerdict(rule.checker, payload)).toBe('error');
  });

  it('does not move when the checksum is wrong', () => {
    tolerant.reset();
    const damaged = protectedPayload(rule, 2);
    damaged[5] ^= 1;
    const payloads = [protectedPayload(rule, 1), damaged, protectedPayload(rule, 2)].map((payload, i) => ({
      t: i * 10,
      payload,
    }));
    expect(verdictsOf(tolerant, payloads)).toEqual(['initial', 'error', 'ok']);
  });
});

describe('the E2E state machine', () => {
  const run = (statuses: readonly E2eStatus[]): string =>
    statuses.reduce((memory, status) => stepE2e(memory, status, usualWindows), freshE2e).state;

  it('needs a good check to become valid, and a run of them to come back', () => {
    expect(run(['noNewData', 'error'])).toBe('noData');
    expect(run(['wrongSequence'])).toBe('init');
    expect(run(['wrongSequence', 'ok'])).toBe('valid');
    expect(run(['wrongSequence', 'error', 'error'])).toBe('invalid');
    const broken: readonly E2eStatus[] = ['ok', 'ok', 'error', 'error', 'error'];
    expect(run(broken)).toBe('invalid');
    expect(run([...broken, 'ok', 'ok', 'ok'])).toBe('invalid');
    expect(run([...broken, 'ok', 'ok', 'ok', 'ok'])).toBe('valid');
  });

  it('without new data leaves valid when the window holds no good check any more', () => {
    const silent = Array.from({ length: 5 }, (): E2eStatus => 'noNewData');
    expect(run(['ok', 'ok', ...silent.slice(1)])).toBe('valid');
    expect(run(['ok', 'ok', ...silent])).toBe('invalid');
  });

  it('is never valid with more errors in its window than it bears', () => {
    const statuses = fc.constantFrom<E2eStatus>('ok', 'error', 'repeated', 'wrongSequence', 'noNewData');
    fc.assert(
      fc.property(fc.array(statuses, { maxLength: 40 }), (sequence) => {
        const errors = sequence.slice(-5).filter((status) => status === 'error').length;
        if (run(sequence) === 'valid') expect(errors).toBeLessThanOrEqual(usualWindows.maxErrorValid);
      }),
    );
  });
});

describe('validity files', () => {
  const check = (text: string): string => thrownBy(() => parseValidity(text, 'v.yaml')).message;
  const wrap = (rule: string): string => `validity: v\nabout: x\nrules:\n  - ${rule}\n`;

  it('say where they are wrong', () => {
    expect(check('validity: v\n')).toContain('v.yaml: document: expected a text for about');
    expect(check(wrap('{ messages: all }'))).toContain('rules 1: expected a checksum, a counter or both');
    expect(check(wrap('{ messages: all, checksum: { kind: crc } }'))).toContain(
      'rules 1: checksum: expected one of toyota',
    );
    expect(check(wrap('{ messages: all, counter: { signal: A, size: 3 } }'))).toContain('"size"');
  });

  it('we ship are all well formed', () => {
    const folder = join(signalsDir, 'validity');
    const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
    for (const name of files) expect(`${readValidity(join(folder, name)).name}.yaml`).toBe(name);
    expect(files.length).toBe(13);
  });

  it('are refused when they name what the DBC has not', () => {
    const nowhere = thrownBy(() => checkerOf(1, 8, crcFirst, "counter: { signal: '63|9@1' }"));
    expect(nowhere.code).toBe('VALIDITY_INVALID');
    const error = thrownBy(() => checkerOf(1, 8, crcFirst, 'counter: { signal: Nowhere }'));
    expect(error.code).toBe('VALIDITY_INVALID');
    expect(error.message).toContain('M: expected the signals that the rule names');
  });
});
