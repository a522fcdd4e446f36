import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { VigilError, messageOf } from '../../runtime/errors.js';
import { signalsDir } from '../../runtime/paths.js';

/** How far a number can be trusted; the words are in the policy file. E is our own choice. */
export type ConfidenceMark = 'P' | 'Q' | 'S' | 'M' | 'E';
const marks: readonly string[] = ['P', 'Q', 'S', 'M', 'E'];

export type AlertLevel = 'inform' | 'warning' | 'urgent';
const levels: readonly string[] = ['inform', 'warning', 'urgent'];

export type RuleName = 'sleep' | 'microsleep' | 'longDistraction' | 'drowsy' | 'notFunctional';
const ruleNames: readonly RuleName[] = ['sleep', 'microsleep', 'longDistraction', 'drowsy', 'notFunctional'];

/** Unit and allowed range of every parameter; a policy file holds exactly these. */
const parameterRanges = {
  'microsleep.closureMs': ['ms', 500, 3000],
  'microsleep.minSpeedKmh': ['km/h', 0, 70],
  'sleep.closureMs': ['ms', 1000, 10_000],
  'sleep.minSpeedKmh': ['km/h', 0, 70],
  'closure.unseenHoldMs': ['ms', 0, 10_000],
  'longDistraction.glanceMs': ['ms', 1000, 10_000],
  'longDistraction.minSpeedKmh': ['km/h', 0, 70],
  'longDistraction.flickerMs': ['ms', 0, 1000],
  'road.yawLimitDeg': ['deg', 10, 60],
  'road.pitchDownLimitDeg': ['deg', 8, 45],
  'road.pitchUpLimitDeg': ['deg', 8, 60],
  'road.uncalibratedFactor': ['ratio', 1, 3],
  'road.returnFactor': ['ratio', 0.5, 1],
  'road.gazeAzimuthLimitDeg': ['deg', 10, 60],
  'road.gazeDownLimitDeg': ['deg', 10, 60],
  'road.gazeMinConfidence': ['ratio', 0, 1],
  'neutral.minSpeedKmh': ['km/h', 0, 130],
  'neutral.learnedMs': ['ms', 1000, 600_000],
  'neutral.memoryMs': ['ms', 10_000, 3_600_000],
  'neutral.maxYawDeg': ['deg', 0, 45],
  'neutral.maxPitchDeg': ['deg', 0, 45],
  'perclos.closedAt': ['ratio', 0.5, 1],
  'perclos.blinkMs': ['ms', 0, 1000],
  'drowsy.shortWindowMs': ['ms', 10_000, 300_000],
  'drowsy.shortPerclos': ['ratio', 0, 1],
  'drowsy.shortCoverageMs': ['ms', 1000, 300_000],
  'drowsy.longWindowMs': ['ms', 10_000, 600_000],
  'drowsy.longPerclos': ['ratio', 0, 1],
  'drowsy.longCoverageMs': ['ms', 1000, 600_000],
  'drowsy.leavePerclos': ['ratio', 0, 1],
  'drowsy.minSpeedKmh': ['km/h', 0, 130],
  'health.cameraSilentMs': ['ms', 100, 10_000],
  'health.unmeasuredMs': ['ms', 100, 10_000],
  'health.informAfterMs': ['ms', 100, 10_000],
  'health.speedStaleMs': ['ms', 100, 10_000],
  'health.minBrightness': ['ratio', 0, 1],
  'health.maxSaturatedShare': ['ratio', 0, 1],
  'health.minContrast': ['ratio', 0, 0.5],
  'end.forwardGazeMs': ['ms', 0, 10_000],
  'end.afterStateMs': ['ms', 0, 10_000],
  'end.unseenMs': ['ms', 0, 600_000],
  'end.speedHysteresisKmh': ['km/h', 0, 20],
} as const satisfies Record<string, readonly [unit: string, min: number, max: number]>;

export type ParameterName = keyof typeof parameterRanges;

export interface Parameter {
  readonly value: number;
  readonly unit: string;
  readonly clause: string;
  readonly mark: ConfidenceMark;
}

export interface Rule {
  readonly level: AlertLevel;
  readonly clause: string;
  readonly mark: ConfidenceMark;
}

export interface Policy {
  readonly id: string;
  readonly version: number;
  readonly title: string;
  readonly rules: Readonly<Record<RuleName, Rule>>;
  readonly parameters: Readonly<Record<ParameterName, Parameter>>;
  /** The numbers alone. */
  readonly values: Readonly<Record<ParameterName, number>>;
}

/** Pairs of which the first must not exceed the second. */
const ordered: readonly (readonly [ParameterName, ParameterName])[] = [
  ['microsleep.closureMs', 'sleep.closureMs'],
  ['perclos.blinkMs', 'microsleep.closureMs'],
  ['drowsy.leavePerclos', 'drowsy.shortPerclos'],
  ['drowsy.shortWindowMs', 'drowsy.longWindowMs'],
  ['drowsy.shortCoverageMs', 'drowsy.shortWindowMs'],
  ['drowsy.longCoverageMs', 'drowsy.longWindowMs'],
  ['health.cameraSilentMs', 'health.informAfterMs'],
  ['health.unmeasuredMs', 'health.informAfterMs'],
];

/**
 * Reads `signals/policies/<id>.yaml`.
 * @throws VigilError `POLICY_UNREADABLE` or `POLICY_INVALID`
 */
export function loadPolicy(id = 'euroncap-2026', folder = join(signalsDir, 'policies')): Policy {
  const file = join(folder, `${id}.yaml`);
  let parsed: unknown;
  try {
    parsed = parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new VigilError(
      'POLICY_UNREADABLE',
      `Expected a driver policy in YAML at ${file} but reading it failed: ${messageOf(error)}.`,
      'Restore the file from the package, or name another policy.',
      { file },
      { cause: error },
    );
  }
  const policy = validatePolicy(parsed, file);
  if (policy.id !== id) throw invalid(file, 'id', JSON.stringify(id), policy.id);
  return policy;
}

/**
 * Checks a parsed policy: every rule and parameter present, none unknown, units and ranges right, values in order.
 * @param source named in error messages
 * @throws VigilError `POLICY_INVALID`, naming the entry, what was expected and what came
 */
export function validatePolicy(parsed: unknown, source: string): Policy {
  const root = record(parsed, source, 'the document');
  const { id, version, title } = root;
  if (typeof id !== 'string' || id === '') throw invalid(source, 'id', 'a non-empty string', id);
  if (typeof version !== 'number' || !Number.isInteger(version))
    throw invalid(source, 'version', 'an integer', version);
  if (typeof title !== 'string') throw invalid(source, 'title', 'a string', title);
  noOthers(root, ['id', 'version', 'title', 'rules', 'parameters'], source, '');

  const ruleEntries = record(root['rules'], source, 'rules');
  noOthers(ruleEntries, ruleNames, source, 'rules.');
  const rules = {} as Record<RuleName, Rule>;
  for (const name of ruleNames) rules[name] = rule(ruleEntries[name], source, `rules.${name}`);

  const names = Object.keys(parameterRanges) as ParameterName[];
  const parameterEntries = record(root['parameters'], source, 'parameters');
  noOthers(parameterEntries, names, source, 'parameters.');
  const parameters = {} as Record<ParameterName, Parameter>;
  const values = {} as Record<ParameterName, number>;
  for (const name of names) {
    parameters[name] = parameter(parameterEntries[name], source, name);
    values[name] = parameters[name].value;
  }
  for (const [lower, upper] of ordered) {
    if (values[lower] > values[upper]) {
      throw invalid(source, `parameters.${lower}`, `at most ${upper} (${values[upper]})`, values[lower]);
    }
  }
  return { id, version, title, rules, parameters, values };
}

function rule(entry: unknown, source: string, where: string): Rule {
  const fields = record(entry, source, where);
  noOthers(fields, ['level', 'clause', 'mark'], source, `${where}.`);
  const { level } = fields;
  if (typeof level !== 'string' || !levels.includes(level)) {
    throw invalid(source, `${where}.level`, `one of ${levels.join(', ')}`, level);
  }
  return { level: level as AlertLevel, ...citation(fields, source, where) };
}

function parameter(entry: unknown, source: string, name: ParameterName): Parameter {
  const where = `parameters.${name}`;
  const fields = record(entry, source, where);
  noOthers(fields, ['value', 'unit', 'clause', 'mark'], source, `${where}.`);
  const [unit, min, max] = parameterRanges[name];
  const { value } = fields;
  if (typeof value !== 'number' || !(value >= min && value <= max)) {
    throw invalid(source, `${where}.value`, `a number from ${min} to ${max} ${unit}`, value);
  }
  if (fields['unit'] !== unit) throw invalid(source, `${where}.unit`, unit, fields['unit']);
  return { value, unit, ...citation(fields, source, where) };
}

function citation(
  fields: Record<string, unknown>,
  source: string,
  where: string,
): Pick<Rule, 'clause' | 'mark'> {
  const { clause, mark } = fields;
  if (typeof clause !== 'string' || clause === '') {
    throw invalid(source, `${where}.clause`, 'the text the value comes from', clause);
  }
  if (typeof mark !== 'string' || !marks.includes(mark)) {
    throw invalid(source, `${where}.mark`, `one of ${marks.join(', ')}`, mark);
  }
  return { clause, mark: mark as ConfidenceMark };
}

function record(value: unknown, source: string, where: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(source, where, 'a mapping', value);
  }
  return value as Record<string, unknown>;
}

function noOthers(fields: object, allowed: readonly string[], source: string, prefix: string): void {
  const extra = Object.keys(fields).find((key) => !allowed.includes(key));
  if (extra !== undefined) throw invalid(source, `${prefix}${extra}`, 'no entry of this name', 'one');
}

function invalid(source: string, where: string, expected: string, came: unknown): VigilError {
  const shown = came === undefined ? 'nothing' : typeof came === 'string' ? came : JSON.stringify(came);
  return new VigilError(
    'POLICY_INVALID',
    `Expected ${expected} for ${where} in ${source} but found ${shown}.`,
    'Correct the policy file; src/driver/policy/policy.ts lists every name, unit and range.',
    { source, where },
  );
}
