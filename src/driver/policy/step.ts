import type { AlertBook, AlertOutput } from './alert.js';
import { stepAlerts, type AlertContext } from './alert-step.js';
import type { DriverFacts } from './facts.js';
import { foundStates, stepMachine, type Machine } from './machine.js';
import { ruleShapes } from './rule.js';
import { driverState, sameState, type DriverState } from './state.js';

/** What the policies in force know. */
export interface PolicyMemory {
  readonly machine: Machine;
  /** Null before the first step. */
  readonly state: DriverState | null;
  readonly alerts: AlertBook;
}

/** `previous` is null at the start. */
export interface StateChange {
  readonly kind: 'stateChanged';
  readonly t: number;
  readonly state: DriverState;
  readonly previous: DriverState | null;
}

export interface PolicyStep extends PolicyMemory {
  readonly state: DriverState;
  /** A policy takes the driver for drowsy, perhaps behind a more urgent state. */
  readonly drowsy: boolean;
  readonly outputs: readonly (StateChange | AlertOutput)[];
}

/** One step of all policies in force: facts to state, and to the beginnings, changes and ends of alerts. */
export function stepPolicies(
  memory: PolicyMemory,
  facts: DriverFacts,
  context: Omit<AlertContext, 'facts' | 'state'>,
): PolicyStep {
  const { now } = facts;
  const { machine, findings } = stepMachine(memory.machine, facts);
  const state = driverState(memory.state, foundStates(findings), facts, machine.policies[0]);
  const changed = memory.state === null || !sameState(memory.state, state);
  const change: StateChange = { kind: 'stateChanged', t: now, state, previous: memory.state };
  const { book, outputs } = stepAlerts(memory.alerts, findings, { ...context, facts, state });
  const warned = outputs.some(
    (output) => output.kind === 'alertStarted' && ruleShapes[output.alert.rule].transient,
  );
  return {
    machine: warned ? { ...machine, warnedMs: machine.warnedMs ?? now } : machine,
    state,
    alerts: book,
    drowsy: findings.some(({ active, found }) => active.rule.name === 'drowsy' && found !== null),
    outputs: changed ? [change, ...outputs] : outputs,
  };
}
