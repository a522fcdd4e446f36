import { mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { loadPolicy, validatePolicy } from '../src/driver/policy/policy.js';
import { VigilError } from '../src/runtime/errors.js';
import { signalsDir } from '../src/runtime/paths.js';

const folder = join(signalsDir, 'policies');

interface RawPolicy {
  id: unknown;
  version: unknown;
  rules: Record<string, Record<string, unknown>>;
  parameters: Record<string, Record<string, unknown>>;
}

const raw = (): RawPolicy => parse(readFileSync(join(folder, 'euroncap-2026.yaml'), 'utf8')) as RawPolicy;

function complaint(change: (policy: RawPolicy) => void): VigilError {
  const policy = raw();
  change(policy);
  try {
    validatePolicy(policy, 'changed.yaml');
  } catch (error) {
    if (error instanceof VigilError) return error;
    throw error;
  }
  throw new Error('the changed policy was accepted');
}

describe('policy files', () => {
  it.each(readdirSync(folder))('%s loads, and every value names its clause', (file) => {
    const policy = loadPolicy(file.replace(/\.yaml$/, ''));
    for (const { clause, mark } of [...Object.values(policy.parameters), ...Object.values(policy.rules)]) {
      expect(clause.length).toBeGreaterThan(20);
      expect('PQSME').toContain(mark);
    }
  });

  it('euroncap-2026 holds the times and speeds of the protocol', () => {
    const { values, rules } = loadPolicy();
    expect(values).toMatchObject({
      'microsleep.closureMs': 1000,
      'sleep.closureMs': 3000,
      'longDistraction.glanceMs': 3000,
      'microsleep.minSpeedKmh': 20,
      'sleep.minSpeedKmh': 20,
      'longDistraction.minSpeedKmh': 20,
      'drowsy.minSpeedKmh': 50,
      'perclos.closedAt': 0.8,
      'end.forwardGazeMs': 1000,
      'end.afterStateMs': 2000,
    });
    expect(values['health.informAfterMs']).toBeLessThanOrEqual(10_000);
    expect(rules.microsleep.level).toBe('urgent');
    expect(rules.longDistraction.level).toBe('warning');
  });

  it.each<[string, (policy: RawPolicy) => void, string]>([
    ['a missing parameter', (p) => delete p.parameters['sleep.closureMs'], 'parameters.sleep.closureMs'],
    ['an unknown parameter', (p) => (p.parameters['sleep.closureS'] = {}), 'parameters.sleep.closureS'],
    ['a value out of range', (p) => (p.parameters['sleep.closureMs']['value'] = 3), 'from 1000 to 10000 ms'],
    ['a value that is no number', (p) => (p.parameters['sleep.closureMs']['value'] = '3000'), 'found 3000'],
    ['a wrong unit', (p) => (p.parameters['sleep.closureMs']['unit'] = 's'), 'Expected ms'],
    ['a missing clause', (p) => delete p.parameters['sleep.closureMs']['clause'], 'sleep.closureMs.clause'],
    ['an unknown mark', (p) => (p.parameters['sleep.closureMs']['mark'] = 'X'), 'one of P, Q, S, M, E'],
    ['an unknown level', (p) => (p.rules['sleep']['level'] = 'loud'), 'rules.sleep.level'],
    ['a missing rule', (p) => delete p.rules['drowsy'], 'rules.drowsy'],
    ['times in the wrong order', (p) => (p.parameters['sleep.closureMs']['value'] = 1000.5), ''],
    ['a version that is no integer', (p) => (p.version = '1'), 'version'],
  ])('%s is refused by name', (_, change, expected) => {
    if (expected === '') {
      const error = complaint((p) => {
        change(p);
        p.parameters['microsleep.closureMs']['value'] = 2000;
      });
      expect(error.message).toContain('at most sleep.closureMs (1000.5)');
      return;
    }
    const error = complaint(change);
    expect(error.code).toBe('POLICY_INVALID');
    expect(error.message).toContain(expected);
    expect(error.message).toContain('changed.yaml');
  });

  it('a missing file, broken YAML and a file under another name are errors with advice', () => {
    const other = mkdtempSync(join(tmpdir(), 'policy-'));
    expect(() => loadPolicy('none', other)).toThrow(
      expect.objectContaining({ code: 'POLICY_UNREADABLE' }) as Error,
    );
    writeFileSync(join(other, 'broken.yaml'), 'id: [');
    expect(() => loadPolicy('broken', other)).toThrow(
      expect.objectContaining({ code: 'POLICY_UNREADABLE' }) as Error,
    );
    writeFileSync(join(other, 'renamed.yaml'), readFileSync(join(folder, 'euroncap-2026.yaml')));
    expect(() => loadPolicy('renamed', other)).toThrow(
      expect.objectContaining({ code: 'POLICY_INVALID' }) as Error,
    );
  });
});
