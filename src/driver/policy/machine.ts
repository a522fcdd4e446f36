import { speedGateOpen } from '../context/speed.js';
import { excusedWithin, noExcusedLooks, stepExcusedLooks, type ExcusedLooks } from './excused-time.js';
import type { DriverFacts } from './facts.js';
import {
  finders,
  initialRuleMemory,
  type Found,
  type FoundStep,
  type Gates,
  type RuleContext,
  type RuleMemory,
} from './findings.js';
import type { Policy } from './policy.js';
import { ruleNames, type Rule } from './rule.js';
import { unknownState, type DriverState } from './state.js';

/** A rule of one of the policies in force. */
export interface ActiveRule {
  readonly policy: Policy;
  readonly rule: Rule;
  /** `policy/rule`, unique among those in force. */
  readonly key: string;
}

/** What the policies in force remember between steps. */
export interface Machine {
  readonly policies: readonly Policy[];
  /** Policy by policy, most urgent rule first. */
  readonly rules: readonly ActiveRule[];
  /** In the order of `rules`. */
  readonly memory: readonly RuleMemory[];
  /** Excused looks away, in the order of `policies`. */
  readonly excused: readonly ExcusedLooks[];
  readonly lastMs: number | null;
  /** Since when a warning of distraction has not brought the gaze back. */
  readonly warnedMs: number | null;
}

/** What one rule says now. */
export interface Finding {
  readonly active: ActiveRule;
  /** Its speed gate. */
  readonly open: boolean;
  /** Null when its state does not hold. */
  readonly found: Found | null;
}

export interface MachineStep {
  readonly machine: Machine;
  readonly findings: readonly Finding[];
}

/** Longer holes in time count as this much: a graph that slept has not watched. */
const maxStepMs = 1000;

export function initialMachine(policies: readonly Policy[]): Machine {
  const rules = policies.flatMap((policy) =>
    ruleNames.flatMap((name): ActiveRule[] => {
      const rule = policy.rules[name];
      return rule === undefined ? [] : [{ policy, rule, key: `${policy.id}/${name}` }];
    }),
  );
  return {
    policies,
    rules,
    memory: rules.map(() => initialRuleMemory),
    excused: policies.map(() => noExcusedLooks),
    lastMs: null,
    warnedMs: null,
  };
}

/** Other policies for the same driver: what was learnt about driving time goes on, everything else begins anew. */
export function exchangePolicies(machine: Machine, policies: readonly Policy[]): Machine {
  const next = initialMachine(policies);
  const memory = next.rules.map(({ rule }) => {
    const index = machine.rules.findIndex((old) => old.rule.name === rule.name);
    if (index < 0) return initialRuleMemory;
    const { drivenMs, overdueMs } = machine.memory[index];
    return { ...initialRuleMemory, drivenMs, overdueMs };
  });
  return { ...next, memory, lastMs: machine.lastMs };
}

/** A new trip under the same policies: driving time that counts for learning begins anew as well. */
export function restartMachine({ policies, lastMs }: Machine): Machine {
  return { ...initialMachine(policies), lastMs };
}

/** What every rule of every policy says about these facts. */
export function stepMachine(machine: Machine, facts: DriverFacts): MachineStep {
  const { now, glance } = facts;
  const dtMs = machine.lastMs === null ? 0 : Math.min(maxStepMs, Math.max(0, now - machine.lastMs));
  const warnedMs = glance.awayMs > 0 ? machine.warnedMs : null;
  const memory: RuleMemory[] = [];
  const excused: ExcusedLooks[] = [];
  const findings: Finding[] = [];
  let context: RuleContext | null = null;
  for (let i = 0; i < machine.rules.length; i++) {
    const active = machine.rules[i];
    if (context?.policy !== active.policy) {
      context = contextOf(machine, active.policy, facts, dtMs, warnedMs, excused);
    }
    const before = machine.memory[i];
    const gates = gatesOf(before, active.rule, facts.speedKmh, active.policy);
    const gated = facts.speedKmh === null || sameGates(before, gates) ? before : { ...before, ...gates };
    const step = find(active.rule, gated, context, gates);
    memory.push(step.memory);
    findings.push({ active, open: gates.open, found: step.found });
  }
  return { machine: { ...machine, memory, excused, lastMs: now, warnedMs }, findings };
}

/** @param excused takes this policy's excused looks */
function contextOf(
  machine: Machine,
  policy: Policy,
  facts: DriverFacts,
  dtMs: number,
  warnedMs: number | null,
  excused: ExcusedLooks[],
): RuleContext {
  const index = machine.policies.indexOf(policy);
  const looks = stepExcusedLooks(machine.excused[index], facts, dtMs, policy);
  excused[index] = looks;
  return {
    policy,
    facts,
    dtMs,
    excusedMs: looks.limitMs,
    cumulativeMs: Math.max(0, facts.glance.cumulativeAwayMs - excusedWithin(looks.spans)),
    warnedMs,
    unknown: unknownState(facts, policy),
    drowsinessOverdue: drowsinessOverdue(machine, policy),
  };
}

/** As of the last step. */
function drowsinessOverdue({ rules, memory }: Machine, policy: Policy): boolean {
  return rules.some(
    (active, i) =>
      active.policy === policy &&
      active.rule.name === 'drowsy' &&
      memory[i].overdueMs >= active.rule.values.learnMaxMs,
  );
}

/** States that the rules found. */
export function foundStates(findings: readonly Finding[]): readonly DriverState[] {
  return findings.flatMap(({ found }) => (found?.state == null ? [] : [found.state]));
}

function find(rule: Rule, memory: RuleMemory, context: RuleContext, gates: Gates): FoundStep {
  // The finder of a rule's own name takes that rule; TypeScript cannot follow the index.
  const finder = finders[rule.name] as (
    one: Rule,
    memory: RuleMemory,
    context: RuleContext,
    gates: Gates,
  ) => FoundStep;
  return finder(rule, memory, context, gates);
}

/** An unknown speed opens every gate, and is not remembered as having done so. */
function gatesOf(memory: RuleMemory, rule: Rule, speedKmh: number | null, policy: Policy): Gates {
  const fastSpeedKmh = rule.name === 'longDistraction' ? rule.values.fastSpeedKmh : undefined;
  if (speedKmh === null) return { open: true, fast: fastSpeedKmh !== undefined };
  const hysteresis = policy.values['end.speedHysteresisKmh'];
  return {
    open: speedGateOpen(speedKmh, rule.values.minSpeedKmh, memory.open, hysteresis),
    fast: fastSpeedKmh !== undefined && speedGateOpen(speedKmh, fastSpeedKmh, memory.fast, hysteresis),
  };
}

function sameGates(memory: RuleMemory, { open, fast }: Gates): boolean {
  return memory.open === open && memory.fast === fast;
}
