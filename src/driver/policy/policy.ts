import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { VigilError, messageOf } from '../../runtime/errors.js';
import { signalsDir } from '../../runtime/paths.js';
import type { Excuse } from '../context/excuse.js';
import { parameterNames, type ParameterName } from './parameters.js';
import { checkMeasures, checkPolicy } from './policy-check.js';
import type { Parameter, RuleName, RuleOf } from './rule.js';

export type { AlertLevel, ConfidenceMark, Modality, Parameter, Rule, RuleName } from './rule.js';
export type { ParameterName } from './parameters.js';

/** A driver policy: which rules there are, and by which numbers; see `docs/policies.md`. */
export interface Policy {
  readonly id: string;
  readonly version: number;
  readonly title: string;
  /** The rules that this policy has; the others do not exist for it. */
  readonly rules: { readonly [Name in RuleName]?: RuleOf<Name> };
  readonly excuses: readonly Excuse[];
  readonly parameters: Readonly<Record<ParameterName, Parameter>>;
  /** The numbers of `parameters` alone. */
  readonly values: Readonly<Record<ParameterName, number>>;
}

const measuresFile = join(signalsDir, 'measures.yaml');

/**
 * Reads `signals/policies/<id>.yaml` over the measuring parameters of `signals/measures.yaml`.
 * @throws VigilError `POLICY_UNREADABLE` or `POLICY_INVALID`
 */
export function loadPolicy(id = 'euroncap-2026', folder = join(signalsDir, 'policies')): Policy {
  const file = join(folder, `${id}.yaml`);
  const policy = validatePolicy(readYaml(file), file);
  if (policy.id === id) return policy;
  throw new VigilError(
    'POLICY_INVALID',
    `Expected "${id}" for id in ${file} but found ${policy.id}.`,
    'Give the file the name of its policy.',
    { source: file },
  );
}

/**
 * Reads the policies of a list such as `eu-addw-2023-2590+eu-ddaw-2021-1341`, which are then in force together.
 * @throws VigilError `POLICY_UNREADABLE`, `POLICY_INVALID` or `POLICY_CONFLICT`
 */
export function loadPolicies(ids: string, folder?: string): readonly Policy[] {
  const policies = ids.split('+').map((id) => loadPolicy(id, folder));
  const conflict = policyConflict(policies);
  if (conflict === null) return policies;
  throw new VigilError(
    'POLICY_CONFLICT',
    `Expected policies that can be in force together but ${conflict}.`,
    'Name each policy once, and none that measures the driver differently from the others.',
    { ids },
  );
}

/** Why these policies cannot be in force together; null when they can. There is one set of measures. */
export function policyConflict(policies: readonly Policy[]): string | null {
  if (policies.length === 0) return 'there is none';
  const [first, ...others] = policies;
  if (new Set(policies.map(({ id }) => id)).size < policies.length) return 'one is named twice';
  for (const other of others) {
    const name = parameterNames.find(
      (one) => !one.startsWith('end.') && other.values[one] !== first.values[one],
    );
    if (name !== undefined) {
      return `${name} is ${first.values[name]} in ${first.id} and ${other.values[name]} in ${other.id}`;
    }
  }
  return null;
}

/**
 * Checks a parsed policy: every rule complete, nothing unknown, units and ranges right, values in order.
 * @param source named in error messages
 * @throws VigilError `POLICY_INVALID`, naming the entry, what was expected and what came
 */
export function validatePolicy(parsed: unknown, source: string): Policy {
  return checkPolicy(parsed, source, checkMeasures(readYaml(measuresFile), measuresFile));
}

function readYaml(file: string): unknown {
  try {
    return parse(readFileSync(file, 'utf8')) as unknown;
  } catch (error) {
    throw new VigilError(
      'POLICY_UNREADABLE',
      `Expected a driver policy in YAML at ${file} but reading it failed: ${messageOf(error)}.`,
      'Restore the file from the package, or name another policy.',
      { file },
      { cause: error },
    );
  }
}
