import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { counterValues, profile1Checksum } from '../src/can/validity/profile1.js';
import { packageRoot } from '../src/runtime/paths.js';
import { protectedPayload, samples } from './49-samples.js';
import { bytes, checkerOf, firstVerdict, hex, verdictsOf } from './49-support.js';

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
    expect(new Set(golden.vectors.map(({ profile }) => profile)).size).toBe(8);
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
