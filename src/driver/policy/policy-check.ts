import { excuseOccasions, type Excuse } from '../context/excuse.js';
import type { GazeZone } from '../gaze/glance-facts.js';
import { Entry, invalidEntry } from './entry.js';
import {
  endParameters,
  orderedParameters,
  parameterNames,
  parameterRanges,
  type ParameterName,
} from './parameters.js';
import type { Policy } from './policy.js';
import {
  alertLevels,
  modalities,
  ruleNames,
  ruleShapes,
  type EscalationStep,
  type Parameter,
  type ParameterShape,
  type Rule,
  type RuleName,
} from './rule.js';

type Parameters = Partial<Record<ParameterName, Parameter>>;

const zoneNames: Readonly<Record<GazeZone, true>> = {
  roadAhead: true,
  driverSideWindow: true,
  passengerSideWindow: true,
  driverSideMirror: true,
  passengerSideMirror: true,
  rearViewMirror: true,
  instrumentCluster: true,
  infotainment: true,
  passenger: true,
  gloveBox: true,
  lap: true,
  footwell: true,
  roof: true,
  behind: true,
};
const zones = Object.keys(zoneNames) as GazeZone[];

/**
 * Checks `signals/measures.yaml`: all parameters but those that end prompts.
 * @throws VigilError `POLICY_INVALID`
 */
export function checkMeasures(parsed: unknown, source: string): Parameters {
  const root = Entry.of(parsed, source, '');
  root.only(['parameters']);
  return parametersOf(
    root.entry('parameters'),
    parameterNames.filter((name) => !endParameters.includes(name)),
  );
}

/**
 * Checks a parsed policy and lays it over the measures.
 * @throws VigilError `POLICY_INVALID`, naming the entry, what was expected and what came
 */
export function checkPolicy(parsed: unknown, source: string, measures: Parameters): Policy {
  const root = Entry.of(parsed, source, '');
  root.only(['id', 'version', 'title', 'rules', 'excuses', 'parameters']);
  const own = parametersOf(root.entry('parameters'), endParameters);
  const parameters = { ...measures, ...own } as Record<ParameterName, Parameter>;
  const values = numbersOf(parameters);
  for (const [lower, upper] of orderedParameters) {
    if (values[lower] > values[upper]) {
      const expected = `at most ${upper} (${values[upper]})`;
      throw invalidEntry(source, `parameters.${lower}`, expected, values[lower]);
    }
  }
  const policy: Policy = {
    id: root.text('id'),
    version: root.integer('version'),
    title: root.text('title'),
    rules: rulesOf(root.entry('rules')),
    excuses: root.entries('excuses').map(excuseOf),
    parameters,
    values,
  };
  checkOrder(policy, source);
  return policy;
}

/** Those present, all known; those of `required` must be there. */
function parametersOf(entry: Entry, required: readonly ParameterName[]): Parameters {
  entry.only(parameterNames);
  const present = parameterNames.filter((name) => required.includes(name) || name in entry.fields);
  return Object.fromEntries(
    present.map((name) => {
      const [unit, min, max] = parameterRanges[name];
      return [name, entry.entry(name).parameter(unit, min, max)];
    }),
  );
}

function rulesOf(entry: Entry): Policy['rules'] {
  entry.only(ruleNames);
  const rules = ruleNames
    .filter((name) => name in entry.fields)
    .map((name) => ruleOf(entry.entry(name), name));
  if (rules.length === 0) throw invalidEntry(entry.source, 'rules', 'at least one rule', 'none');
  return Object.fromEntries(rules.map((rule) => [rule.name, rule]));
}

function ruleOf(entry: Entry, name: RuleName): Rule {
  entry.only([
    'level',
    'modalities',
    'escalation',
    'looks',
    'switchable',
    'suggests',
    'clause',
    'mark',
    'parameters',
  ]);
  const parameters = ruleParametersOf(entry.entry('parameters'), ruleShapes[name].parameters);
  const suggests = entry.word('suggests', ['nothing', 'restBreak'], 'nothing');
  const rule = {
    name,
    level: entry.word('level', alertLevels),
    modalities: entry.words('modalities', modalities),
    escalation: escalationOf(entry),
    looks: entry.word('looks', ['offRoad', 'belowPlane'], 'offRoad'),
    switchable: entry.flag('switchable'),
    suggests: suggests === 'nothing' ? null : suggests,
    parameters,
    values: numbersOf(parameters),
    ...entry.citation(),
  };
  // The parameters were checked against the shape of this name just above.
  return rule as unknown as Rule;
}

function ruleParametersOf(
  entry: Entry,
  shapes: Readonly<Record<string, ParameterShape>>,
): Record<string, Parameter> {
  entry.only(Object.keys(shapes));
  const present = Object.entries(shapes).filter(
    ([name, shape]) => name in entry.fields || shape[3] !== 'optional',
  );
  return Object.fromEntries(
    present.map(([name, [unit, min, max]]) => [name, entry.entry(name).parameter(unit, min, max)]),
  );
}

function escalationOf(rule: Entry): EscalationStep[] {
  const steps = rule.entries('escalation').map((entry) => {
    entry.only(['afterMs', 'level', 'modalities', 'clause', 'mark']);
    return {
      afterMs: entry.number('afterMs', 'ms', 100, 600_000),
      level: entry.word('level', alertLevels),
      modalities: entry.words('modalities', modalities),
      ...entry.citation(),
    };
  });
  if (steps.some(({ afterMs }, i) => i > 0 && afterMs <= steps[i - 1].afterMs))
    throw rule.wrong('escalation', 'steps in order of time');
  return steps;
}

function excuseOf(entry: Entry): Excuse {
  entry.only(['when', 'zones', 'limitMs', 'minAngleDeg', 'clause', 'mark']);
  const when = entry.word('when', excuseOccasions);
  return {
    when,
    zones: entry.words('zones', zones),
    limitMs: entry.number('limitMs', 'ms', 1000, 60_000),
    minAngleDeg: when === 'steering' ? entry.number('minAngleDeg', 'deg', 5, 720) : null,
    ...entry.citation(),
  };
}

/** What must not exceed what across rules and parameters. */
function checkOrder({ rules, values }: Policy, source: string): void {
  const order: (readonly [string, number | undefined, string, number | undefined])[] = [
    [
      'rules.microsleep.closureMs',
      rules.microsleep?.values.closureMs,
      'rules.sleep.closureMs',
      rules.sleep?.values.closureMs,
    ],
    [
      'rules.sleep.closureMs',
      rules.sleep?.values.closureMs,
      'rules.unresponsive.closureMs',
      rules.unresponsive?.values.closureMs,
    ],
    [
      'parameters.perclos.blinkMs',
      values['perclos.blinkMs'],
      'rules.microsleep.closureMs',
      rules.microsleep?.values.closureMs,
    ],
    [
      'rules.drowsy.leavePerclos',
      rules.drowsy?.values.leavePerclos,
      'rules.drowsy.shortPerclos',
      rules.drowsy?.values.shortPerclos,
    ],
    [
      'rules.drowsy.kssLeave',
      rules.drowsy?.values.kssLeave,
      'rules.drowsy.kssEstimate',
      rules.drowsy?.values.kssEstimate,
    ],
    [
      'rules.longDistraction.fastGlanceMs',
      rules.longDistraction?.values.fastGlanceMs,
      'rules.longDistraction.glanceMs',
      rules.longDistraction?.values.glanceMs,
    ],
    [
      'rules.awareness.informMs',
      rules.awareness?.values.informMs,
      'rules.awareness.warningMs',
      rules.awareness?.values.warningMs,
    ],
    [
      'rules.awareness.warningMs',
      rules.awareness?.values.warningMs,
      'rules.awareness.emptyMs',
      rules.awareness?.values.emptyMs,
    ],
    [
      'parameters.health.cameraSilentMs',
      values['health.cameraSilentMs'],
      'rules.notFunctional.informAfterMs',
      rules.notFunctional?.values.informAfterMs,
    ],
    [
      'parameters.health.unmeasuredMs',
      values['health.unmeasuredMs'],
      'rules.notFunctional.informAfterMs',
      rules.notFunctional?.values.informAfterMs,
    ],
  ];
  for (const [lower, low, upper, high] of order) {
    if (low !== undefined && high !== undefined && low > high)
      throw invalidEntry(source, lower, `at most ${upper} (${high})`, low);
  }
}

function numbersOf<Name extends string>(parameters: Readonly<Record<Name, Parameter>>): Record<Name, number> {
  return Object.fromEntries(
    Object.entries<Parameter>(parameters).map(([name, { value }]) => [name, value]),
  ) as Record<Name, number>;
}
