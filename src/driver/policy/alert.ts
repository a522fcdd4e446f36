import type { AlertLevel, ConfidenceMark, ParameterName, Policy, RuleName } from './policy.js';
import { speedGateOpen } from '../context/speed.js';
import type { DriverState, DriverStateKind } from './state.js';

/** An intervention: something the driver is told, and why. */
export interface Alert {
  /** Unique within a drive: rule and running number. */
  readonly id: string;
  readonly level: AlertLevel;
  /** The state that raised it. */
  readonly state: DriverState;
  readonly policy: { readonly id: string; readonly version: number };
  readonly rule: RuleName;
  /** Where the rule comes from, and how far that can be trusted. */
  readonly clause: string;
  readonly mark: ConfidenceMark;
  /** Measured values that fired the rule, beside the limits they passed. Units in the names; null where unknown. */
  readonly measured: Readonly<Record<string, number | null>>;
  readonly startedMs: number;
  readonly endedMs: number | null;
}

export type AlertEnd =
  /** The driver looked ahead with open eyes for long enough. */
  | 'driverBack'
  /** The state has been over for long enough. */
  | 'stateOver'
  /** A more urgent rule took over. */
  | 'escalated'
  /** The same rule fired anew. */
  | 'repeated'
  /** Below the rule's speed. */
  | 'belowSpeed'
  /** Not seen for too long to go on. */
  | 'lostSight';

export type AlertOutput =
  | { readonly kind: 'alertStarted'; readonly t: number; readonly alert: Alert }
  | { readonly kind: 'alertEnded'; readonly t: number; readonly alert: Alert; readonly reason: AlertEnd };

export interface AlertBook {
  /** At most one per rule. */
  readonly active: readonly Alert[];
  /** Alerts raised so far, per rule; ids come from it. */
  readonly raised: Readonly<Record<RuleName, number>>;
  /** Since when each active alert's state has been over, as seen (not as unknown). */
  readonly overSinceMs: Readonly<Partial<Record<RuleName, number>>>;
}

export const initialAlertBook: AlertBook = {
  active: [],
  raised: { sleep: 0, microsleep: 0, longDistraction: 0, drowsy: 0, notFunctional: 0 },
  overSinceMs: {},
};

/** What alerts follow from, besides the state. */
export interface AlertFacts {
  readonly now: number;
  readonly speedKmh: number | null;
  /** Since when the driver has been looking ahead with open eyes; null when not, or not known. */
  readonly forwardSinceMs: number | null;
  /** Last frame that measured the driver; start of the drive before the first. */
  readonly lastMeasuredMs: number;
  /** Measured values by name, for the record of an alert. */
  readonly measured: Readonly<Record<string, number | null>>;
}

interface RuleShape {
  readonly rule: RuleName;
  readonly states: readonly DriverStateKind[];
  readonly minSpeed: ParameterName;
  /** Looking ahead ends it (drowsiness is not over by looking ahead). */
  readonly endsByForwardGaze: boolean;
  /** More urgent states behind which this one may well go on. */
  readonly hiddenBy: readonly DriverStateKind[];
  /** The limits to write beside the measured values. */
  readonly limits: readonly ParameterName[];
}

/** Most urgent first. */
const shapes: readonly RuleShape[] = [
  {
    rule: 'sleep',
    states: ['sleep'],
    minSpeed: 'sleep.minSpeedKmh',
    endsByForwardGaze: true,
    hiddenBy: [],
    limits: ['sleep.closureMs', 'sleep.minSpeedKmh'],
  },
  {
    rule: 'microsleep',
    states: ['microsleep'],
    minSpeed: 'microsleep.minSpeedKmh',
    endsByForwardGaze: true,
    hiddenBy: [],
    limits: ['microsleep.closureMs', 'microsleep.minSpeedKmh'],
  },
  {
    rule: 'longDistraction',
    states: ['longDistraction'],
    minSpeed: 'longDistraction.minSpeedKmh',
    endsByForwardGaze: true,
    hiddenBy: [],
    limits: [
      'longDistraction.glanceMs',
      'longDistraction.minSpeedKmh',
      'road.yawLimitDeg',
      'road.pitchDownLimitDeg',
    ],
  },
  {
    rule: 'drowsy',
    states: ['drowsy'],
    minSpeed: 'drowsy.minSpeedKmh',
    endsByForwardGaze: false,
    hiddenBy: ['sleep', 'microsleep', 'longDistraction'],
    limits: ['drowsy.shortPerclos', 'drowsy.longPerclos', 'drowsy.minSpeedKmh'],
  },
  {
    rule: 'notFunctional',
    states: ['noFace', 'unavailable'],
    minSpeed: 'microsleep.minSpeedKmh',
    endsByForwardGaze: false,
    hiddenBy: [],
    limits: ['health.informAfterMs'],
  },
];

export interface AlertStep {
  readonly book: AlertBook;
  readonly outputs: readonly AlertOutput[];
}

/** Starts and ends alerts for the state that holds at `facts.now`. */
export function stepAlerts(
  book: AlertBook,
  state: DriverState,
  facts: AlertFacts,
  policy: Policy,
): AlertStep {
  const outputs: AlertOutput[] = [];
  let next = book;
  for (const shape of shapes) next = stepRule(next, shape, state, facts, policy, outputs);
  return { book: next, outputs };
}

function stepRule(
  book: AlertBook,
  shape: RuleShape,
  state: DriverState,
  facts: AlertFacts,
  policy: Policy,
  outputs: AlertOutput[],
): AlertBook {
  const active = book.active.find((alert) => alert.rule === shape.rule);
  const holds = ruleHolds(shape, state, facts, policy);
  const gate = speedGateOpen(
    facts.speedKmh,
    policy.values[shape.minSpeed],
    active !== undefined,
    policy.values['end.speedHysteresisKmh'],
  );
  if (active === undefined) {
    if (!holds || !gate) return book;
    return start(book, shape, state, facts, policy, outputs);
  }
  const wasOver = book.overSinceMs[shape.rule];
  if (holds && gate && wasOver !== undefined) {
    return start(end(book, active, 'repeated', facts, outputs), shape, state, facts, policy, outputs);
  }
  const over = holds ? undefined : (wasOver ?? (isOver(shape, state) ? facts.now : undefined));
  const reason = endReason(shape, holds, gate, over, state, facts, policy);
  if (reason !== null) return end(book, active, reason, facts, outputs);
  return over === wasOver ? book : { ...book, overSinceMs: withTime(book.overSinceMs, shape.rule, over) };
}

function ruleHolds(shape: RuleShape, state: DriverState, facts: AlertFacts, policy: Policy): boolean {
  if (!shape.states.includes(state.kind)) return false;
  if (shape.rule !== 'notFunctional') return true;
  return facts.now - facts.lastMeasuredMs >= policy.values['health.informAfterMs'];
}

/** The state rests on a measurement that rules the danger out; not knowing, or a more urgent danger, does not. */
function isOver(shape: RuleShape, state: DriverState): boolean {
  return state.kind !== 'unavailable' && state.kind !== 'noFace' && !shape.hiddenBy.includes(state.kind);
}

function endReason(
  shape: RuleShape,
  holds: boolean,
  gate: boolean,
  overSinceMs: number | undefined,
  state: DriverState,
  facts: AlertFacts,
  policy: Policy,
): AlertEnd | null {
  const p = policy.values;
  if (!gate) return 'belowSpeed';
  if (holds) return null;
  if (shape.rule === 'notFunctional') return 'stateOver';
  if (state.kind === 'sleep' && shape.rule !== 'sleep') return 'escalated';
  if (state.kind === 'microsleep' && shape.rule === 'longDistraction') return 'escalated';
  if (overSinceMs === undefined) {
    return facts.now - facts.lastMeasuredMs > p['end.unseenMs'] ? 'lostSight' : null;
  }
  const forward = facts.forwardSinceMs;
  const back = forward !== null && facts.now - forward >= p['end.forwardGazeMs'];
  if (shape.endsByForwardGaze && back) return 'driverBack';
  return facts.now - overSinceMs >= p['end.afterStateMs'] ? 'stateOver' : null;
}

function start(
  book: AlertBook,
  shape: RuleShape,
  state: DriverState,
  facts: AlertFacts,
  policy: Policy,
  outputs: AlertOutput[],
): AlertBook {
  const { rule } = shape;
  const number = book.raised[rule] + 1;
  const limits = Object.fromEntries(shape.limits.map((name) => [`limit.${name}`, policy.values[name]]));
  const alert: Alert = {
    id: `${rule}-${number}`,
    level: policy.rules[rule].level,
    state,
    policy: { id: policy.id, version: policy.version },
    rule,
    clause: policy.rules[rule].clause,
    mark: policy.rules[rule].mark,
    measured: { ...facts.measured, ...limits },
    startedMs: facts.now,
    endedMs: null,
  };
  outputs.push({ kind: 'alertStarted', t: facts.now, alert });
  return {
    active: [...book.active, alert],
    raised: { ...book.raised, [rule]: number },
    overSinceMs: withTime(book.overSinceMs, rule, undefined),
  };
}

function end(
  book: AlertBook,
  alert: Alert,
  reason: AlertEnd,
  facts: AlertFacts,
  outputs: AlertOutput[],
): AlertBook {
  outputs.push({ kind: 'alertEnded', t: facts.now, alert: { ...alert, endedMs: facts.now }, reason });
  return {
    ...book,
    active: book.active.filter((other) => other !== alert),
    overSinceMs: withTime(book.overSinceMs, alert.rule, undefined),
  };
}

function withTime(
  times: Readonly<Partial<Record<RuleName, number>>>,
  rule: RuleName,
  t: number | undefined,
): Readonly<Partial<Record<RuleName, number>>> {
  if (t !== undefined) return { ...times, [rule]: t };
  return Object.fromEntries(Object.entries(times).filter(([name]) => name !== rule));
}
