import fc from 'fast-check';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { usualWindows, freshE2e, stepE2e, type E2eStatus } from '../src/can/validity/e2e-state.js';
import { profile1Checksum } from '../src/can/validity/profile1.js';
import { parseValidity, readValidity } from '../src/can/validity/rules-file.js';
import { signalsDir } from '../src/runtime/paths.js';
import { crcFirst, protectedPayload, samples } from './49-samples.js';
import { checkerOf, firstVerdict, verdictsOf } from './49-support.js';
import { thrownBy } from './50-support.js';

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
