import {
  initialAlertBook,
  type Alert,
  type AlertBook,
  type AlertOutput,
} from '../../src/driver/policy/alert.js';
import { acknowledgeAlerts } from '../../src/driver/policy/alert-step.js';
import { initialTrace } from '../../src/driver/policy/evidence.js';
import type { DriverFacts } from '../../src/driver/policy/facts.js';
import { initialMachine } from '../../src/driver/policy/machine.js';
import { loadPolicies, type Policy } from '../../src/driver/policy/policy.js';
import { ruleShapes, type Cause } from '../../src/driver/policy/rule.js';
import type { DriverState } from '../../src/driver/policy/state.js';
import { stepPolicies, type PolicyMemory, type PolicyStep } from '../../src/driver/policy/step.js';
import { lookingAhead, well } from './facts.js';

export interface Run {
  readonly states: readonly { readonly t: number; readonly state: DriverState }[];
  readonly outputs: readonly (PolicyStep['outputs'][number] | AlertOutput)[];
  readonly started: readonly Alert[];
  readonly ended: readonly { readonly t: number; readonly alert: Alert; readonly reason: string }[];
  readonly changed: readonly { readonly t: number; readonly alert: Alert; readonly change: string }[];
  readonly suggestions: readonly { readonly t: number }[];
  readonly active: readonly Alert[];
  /** Most prompts of one cause that were given at one time. */
  readonly mostAtOnce: number;
}

export interface RunOptions {
  readonly policies?: string | readonly Policy[];
  readonly untilMs: number;
  readonly stepMs?: number;
  readonly acknowledgeMs?: readonly number[];
  readonly enabled?: (t: number) => boolean;
}

/** Steps policies over facts as a function of time; what is not given is well. */
export function run(
  factsAt: (t: number) => Partial<DriverFacts>,
  { policies = 'euroncap-2026', untilMs, stepMs = 50, acknowledgeMs = [], enabled }: RunOptions,
): Run {
  const inForce = typeof policies === 'string' ? loadPolicies(policies) : policies;
  let memory: PolicyMemory = { machine: initialMachine(inForce), state: null, alerts: initialAlertBook };
  const outputs: Run['outputs'][number][] = [];
  const acknowledgements = [...acknowledgeMs];
  let mostAtOnce = 0;
  for (let t = 0; t <= untilMs; t += stepMs) {
    if (acknowledgements.length > 0 && t >= acknowledgements[0]) {
      acknowledgements.shift();
      const answered = acknowledgeAlerts(memory.alerts, memory.machine.rules, t);
      memory = { ...memory, alerts: answered.book };
      outputs.push(...answered.outputs);
    }
    const step = stepPolicies(
      memory,
      { ...freshAt(t), ...factsAt(t) },
      {
        enabled: enabled?.(t) ?? true,
        measured: () => ({}),
        inputs: () => ({ driver: null, speed: 'valid', frameRateHz: 30, calibration: 1, nonNominal: false }),
        trace: initialTrace,
        models: {},
      },
    );
    memory = step;
    outputs.push(...step.outputs);
    mostAtOnce = Math.max(mostAtOnce, ...promptsPerCause(step.alerts));
  }
  return {
    states: outputs.flatMap((o) => (o.kind === 'stateChanged' ? [{ t: o.t, state: o.state }] : [])),
    outputs,
    started: outputs.flatMap((o) => (o.kind === 'alertStarted' ? [o.alert] : [])),
    ended: outputs.flatMap((o) => (o.kind === 'alertEnded' ? [o] : [])),
    changed: outputs.flatMap((o) => (o.kind === 'alertChanged' ? [o] : [])),
    suggestions: outputs.flatMap((o) => (o.kind === 'suggestion' ? [o] : [])),
    active: memory.alerts.active,
    mostAtOnce,
  };
}

/** Facts of a driver who is seen just now, and well. */
export function freshAt(t: number): DriverFacts {
  return {
    ...well,
    now: t,
    lastObservationMs: t,
    lastReadableMs: t,
    lastFaceMs: t,
    lastMeasuredMs: t,
    closedSinceMs: t,
  };
}

function promptsPerCause({ active }: AlertBook): number[] {
  const causes: readonly Cause[] = ['attention', 'fatigue', 'system'];
  return causes.map((cause) => active.filter(({ rule }) => ruleShapes[rule].cause === cause).length);
}

/** A look away from `fromMs` on for `forMs`. */
export function away(
  t: number,
  fromMs: number,
  forMs: number,
  more: Partial<DriverFacts['glance']> = {},
): Partial<DriverFacts> {
  if (t < fromMs) return {};
  if (t >= fromMs + forMs) return { forwardSinceMs: fromMs + forMs };
  const awayMs = t - fromMs;
  const glance = { ...lookingAhead, zone: 'infotainment', movement: 'owl', awaySinceMs: fromMs } as const;
  return { glance: { ...glance, awayMs, cumulativeAwayMs: awayMs, ...more }, forwardSinceMs: null };
}

/** Eyes closed from `fromMs` on for `forMs`. */
export function closed(t: number, fromMs: number, forMs: number): Partial<DriverFacts> {
  if (t < fromMs) return {};
  if (t >= fromMs + forMs) return { forwardSinceMs: fromMs + forMs };
  return { closureMs: t - fromMs, closedSinceMs: fromMs, forwardSinceMs: null };
}
