import { mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { loadPolicies, loadPolicy, policyConflict, validatePolicy } from '../src/driver/policy/policy.js';
import { VigilError } from '../src/runtime/errors.js';
import { signalsDir } from '../src/runtime/paths.js';

const folder = join(signalsDir, 'policies');

type Fields = Record<string, unknown>;

interface RawRule extends Fields {
  parameters: Record<string, Fields>;
  escalation: Fields[];
}

interface RawPolicy extends Fields {
  rules: Record<string, RawRule>;
  excuses: Fields[];
  parameters: Record<string, Fields>;
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
    const rules = Object.values(policy.rules);
    const cited = [
      ...Object.values(policy.parameters),
      ...rules,
      ...policy.excuses,
      ...rules.flatMap(({ parameters, escalation }) => [...Object.values(parameters), ...escalation]),
    ];
    expect(cited.length).toBeGreaterThan(30);
    for (const { clause, mark } of cited) {
      expect(clause.length).toBeGreaterThan(20);
      expect('PQSME').toContain(mark);
    }
  });

  it('euroncap-2026 holds the times and speeds of the protocol', () => {
    const { values, rules } = loadPolicy();
    expect(rules.microsleep?.values).toEqual({ closureMs: 1000, minSpeedKmh: 20 });
    expect(rules.sleep?.values).toEqual({ closureMs: 3000, minSpeedKmh: 20 });
    expect(rules.unresponsive?.values).toMatchObject({ noReturnMs: 3000, closureMs: 6000, minSpeedKmh: 20 });
    expect(rules.longDistraction?.values).toMatchObject({
      glanceMs: 3000,
      drivingTaskMs: 4000,
      minSpeedKmh: 20,
    });
    expect(rules.shortDistraction?.values).toMatchObject({ cumulativeMs: 10_000, minSpeedKmh: 20 });
    expect(rules.drowsy?.values).toMatchObject({
      minSpeedKmh: 50,
      kssEstimate: 8,
      learnFromKmh: 50,
      learnMaxMs: 600_000,
      measureFromKmh: 10,
      measureAfterMs: 60_000,
    });
    expect(rules.notFunctional?.values.informAfterMs).toBeLessThanOrEqual(10_000);
    expect(values).toMatchObject({
      'perclos.closedAt': 0.8,
      'vats.windowMs': 30_000,
      'vats.resetMs': 2000,
      'end.forwardGazeMs': 1000,
      'end.afterStateMs': 2000,
    });
  });

  it('euroncap-2026 is more urgent about closed eyes than about looks, and immediate by two senses', () => {
    const { rules } = loadPolicy();
    for (const name of ['microsleep', 'sleep', 'unresponsive'] as const) {
      expect(rules[name]?.level).toBe('urgent');
      expect(rules[name]?.switchable).toBe(false);
    }
    for (const name of ['longDistraction', 'shortDistraction', 'phoneUse', 'drowsy'] as const) {
      expect(rules[name]?.level).toBe('warning');
      expect(rules[name]?.modalities).toEqual(['visual', 'audible']);
    }
    expect(rules.drowsy?.suggests).toBe('restBreak');
  });

  it('the EU policies hold the times and speeds of the regulations', () => {
    const addw = loadPolicy('eu-addw-2023-2590').rules;
    expect(Object.keys(addw)).toEqual(['longDistraction', 'notFunctional']);
    expect(addw.longDistraction?.looks).toBe('belowPlane');
    expect(addw.longDistraction?.values).toEqual({
      minSpeedKmh: 20,
      glanceMs: 6000,
      fastSpeedKmh: 50,
      fastGlanceMs: 3500,
      nonNominalMs: 1500,
    });
    const ddaw = loadPolicy('eu-ddaw-2021-1341').rules;
    expect(Object.keys(ddaw)).toEqual(['drowsy', 'notFunctional']);
    expect(ddaw.drowsy?.values).toMatchObject({ minSpeedKmh: 70, kssEstimate: 8 });
  });

  it('openpilot-like holds the constants of its model', () => {
    expect(loadPolicy('openpilot-like').rules.awareness?.values).toMatchObject({
      informMs: 3000,
      warningMs: 5000,
      emptyMs: 11_000,
      filterMs: 250,
      distractedAbove: 0.63,
      attentiveBelow: 0.37,
      slowestRecovery: 1.25,
      fastestRecovery: 5,
    });
  });

  const closure = (p: RawPolicy): Fields => p.rules['sleep'].parameters['closureMs'];
  it.each<[string, (policy: RawPolicy) => void, string]>([
    ['a missing parameter', (p) => delete p.parameters['end.unseenMs'], 'parameters.end.unseenMs'],
    ['an unknown parameter', (p) => (p.parameters['sleep.closureS'] = {}), 'parameters.sleep.closureS'],
    [
      'a missing rule parameter',
      (p) => delete p.rules['sleep'].parameters['closureMs'],
      'rules.sleep.parameters.closureMs',
    ],
    [
      'an unknown rule parameter',
      (p) => (p.rules['sleep'].parameters['glanceMs'] = {}),
      'rules.sleep.parameters.glanceMs',
    ],
    ['a value out of range', (p) => (closure(p)['value'] = 3), 'from 1000 to 10000 ms'],
    ['a value that is no number', (p) => (closure(p)['value'] = '3000'), 'found 3000'],
    ['a wrong unit', (p) => (closure(p)['unit'] = 's'), 'Expected ms'],
    ['a missing clause', (p) => delete closure(p)['clause'], 'sleep.parameters.closureMs.clause'],
    ['an unknown mark', (p) => (closure(p)['mark'] = 'X'), 'one of P, Q, S, M, E'],
    ['an unknown level', (p) => (p.rules['sleep']['level'] = 'loud'), 'rules.sleep.level'],
    ['no modality', (p) => (p.rules['sleep']['modalities'] = []), 'rules.sleep.modalities'],
    ['an unknown rule', (p) => (p.rules['yawning'] = p.rules['sleep']), 'rules.yawning'],
    ['no rules', (p) => (p.rules = {}), 'at least one rule'],
    [
      'suppression of a state that is not transient',
      (p) =>
        (p.rules['sleep'].parameters['suppressMs'] = p.rules['longDistraction'].parameters['suppressMs']),
      'rules.sleep.parameters.suppressMs',
    ],
    [
      'escalation back in time',
      (p) => p.rules['microsleep'].escalation.push({ ...p.rules['microsleep'].escalation[0], afterMs: 100 }),
      'steps in order of time',
    ],
    ['an excuse for nothing', (p) => (p.excuses[0]['zones'] = []), 'excuses[0].zones'],
    ['steering without an angle', (p) => delete p.excuses[1]['minAngleDeg'], 'excuses[1].minAngleDeg'],
    [
      'times in the wrong order',
      (p) => (p.rules['unresponsive'].parameters['closureMs']['value'] = 3000),
      '',
    ],
    ['a version that is no integer', (p) => (p['version'] = '1'), 'version'],
  ])('%s is refused by name', (_, change, expected) => {
    const error = complaint((p) => {
      change(p);
      if (expected === '') closure(p)['value'] = 4000;
    });
    expect(error.code).toBe('POLICY_INVALID');
    expect(error.message).toContain(
      expected === '' ? 'at most rules.unresponsive.closureMs (3000)' : expected,
    );
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

describe('policies in force together', () => {
  it('are named with a plus between them', () => {
    const together = loadPolicies('eu-addw-2023-2590+eu-ddaw-2021-1341');
    expect(together.map(({ id }) => id)).toEqual(['eu-addw-2023-2590', 'eu-ddaw-2021-1341']);
    expect(loadPolicies('euroncap-2026').map(({ id }) => id)).toEqual(['euroncap-2026']);
  });

  it('must measure the driver alike, and each be named once', () => {
    const one = loadPolicy();
    const measured = raw();
    measured['id'] = 'other';
    measured.parameters['vats.windowMs'] = {
      value: 20_000,
      unit: 'ms',
      mark: 'E',
      clause: 'A window of its own',
    };
    const other = validatePolicy(measured, 'other.yaml');
    expect(policyConflict([one, other])).toBe('vats.windowMs is 30000 in euroncap-2026 and 20000 in other');
    expect(policyConflict([one, one])).toBe('one is named twice');
    expect(policyConflict([])).toBe('there is none');
    expect(() => loadPolicies('euroncap-2026+euroncap-2026')).toThrow(
      expect.objectContaining({ code: 'POLICY_CONFLICT' }) as Error,
    );
  });
});
