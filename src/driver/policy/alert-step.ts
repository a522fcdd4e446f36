import {
  ruleKeyOf,
  type Alert,
  type AlertBook,
  type AlertEnd,
  type AlertOutput,
  type InputQuality,
} from './alert.js';
import { windowOf, type Trace } from './evidence.js';
import { ageMs, reached, type DriverFacts } from './facts.js';
import type { ActiveRule, Finding } from './machine.js';
import { alertLevels, ruleShapes, urgencyRank, type RuleName } from './rule.js';
import { isUnknown, type DriverState } from './state.js';

/** What alerts follow from, besides the findings. */
export interface AlertContext {
  readonly facts: DriverFacts;
  readonly state: DriverState;
  /** Whether the driver lets switchable rules prompt. */
  readonly enabled: boolean;
  /** Measured values by name, for the record of an alert. */
  readonly measured: () => Readonly<Record<string, number | null>>;
  readonly inputs: () => InputQuality;
  readonly trace: Trace;
  readonly models: Readonly<Record<string, string>>;
}

export interface AlertStep {
  readonly book: AlertBook;
  readonly outputs: readonly AlertOutput[];
}

/** How far back the record of an alert goes, ms. */
const windowsMs: Readonly<Record<RuleName, number>> = {
  unresponsive: 30_000,
  sleep: 10_000,
  microsleep: 10_000,
  phoneUse: 30_000,
  longDistraction: 30_000,
  shortDistraction: 30_000,
  awareness: 30_000,
  drowsy: 180_000,
  impairedUnknown: 180_000,
  notFunctional: 30_000,
};

/** Starts, changes and ends alerts for what the rules found. At most one alert is active per cause. */
export function stepAlerts(book: AlertBook, findings: readonly Finding[], context: AlertContext): AlertStep {
  const outputs: AlertOutput[] = [];
  let next = forgetQuiet(book, findings, context);
  for (const alert of book.active) next = stepActive(next, alert, findings, context, outputs);
  const candidates = findings
    .filter(
      ({ found, open, active }) => found !== null && open && (context.enabled || !active.rule.switchable),
    )
    .sort((a, b) => urgencyRank(a.active.rule.name) - urgencyRank(b.active.rule.name));
  for (const candidate of candidates) next = stepCandidate(next, candidate, context, outputs);
  return { book: next, outputs };
}

/** Reminders of one drowsiness do not put off the first prompt of the next. */
function forgetQuiet(book: AlertBook, findings: readonly Finding[], { facts }: AlertContext): AlertBook {
  const keys = Object.keys(book.quietUntilMs);
  if (keys.length === 0) return book;
  const kept = keys.filter((key) => {
    const finding = findings.find(({ active }) => active.key === key);
    const over =
      finding?.found == null && finding !== undefined && !ruleShapes[finding.active.rule.name].transient;
    return !over && facts.now < book.quietUntilMs[key];
  });
  if (kept.length === keys.length) return book;
  return { ...book, quietUntilMs: Object.fromEntries(kept.map((key) => [key, book.quietUntilMs[key]])) };
}

function stepActive(
  book: AlertBook,
  alert: Alert,
  findings: readonly Finding[],
  context: AlertContext,
  outputs: AlertOutput[],
): AlertBook {
  const { now } = context.facts;
  const finding = findings.find(({ active }) => active.key === ruleKeyOf(alert));
  if (finding === undefined) return endAlert(book, alert, 'policyChanged', now, outputs);
  const wasOver = book.overSinceMs[alert.id] as number | undefined;
  const holds = finding.found !== null;
  if (holds && finding.open && wasOver !== undefined) {
    return endAlert(book, alert, 'repeated', now, outputs);
  }
  const over = holds ? undefined : (wasOver ?? (isUnknown(context.state) ? undefined : now));
  const reason = endReason(finding, over, context);
  if (reason !== null) return endAlert(book, alert, reason, now, outputs);
  const timed =
    over === wasOver ? book : { ...book, overSinceMs: withTime(book.overSinceMs, alert.id, over) };
  return holds ? escalate(timed, alert, finding, now, outputs) : timed;
}

function endReason(
  { active, open, found }: Finding,
  overSinceMs: number | undefined,
  { facts, enabled }: AlertContext,
): AlertEnd | null {
  const { policy, rule } = active;
  const p = policy.values;
  if (!open) return 'belowSpeed';
  if (!enabled && rule.switchable) return 'switchedOff';
  if (found !== null) return null;
  const { cause } = ruleShapes[rule.name];
  if (cause === 'system') return 'stateOver';
  if (overSinceMs === undefined) {
    return ageMs(facts.lastMeasuredMs, facts) > p['end.unseenMs'] ? 'lostSight' : null;
  }
  const forward = facts.forwardSinceMs;
  const back = forward !== null && reached(facts.now - forward, p['end.forwardGazeMs']);
  // Looking ahead does not end drowsiness.
  if (cause === 'attention' && back) return 'driverBack';
  return reached(facts.now - overSinceMs, p['end.afterStateMs']) ? 'stateOver' : null;
}

/** Takes the escalation steps that are due, or the level that the finding itself asks for. */
function escalate(
  book: AlertBook,
  alert: Alert,
  { active, found }: Finding,
  now: number,
  outputs: AlertOutput[],
): AlertBook {
  if (alert.acknowledgedMs !== null) return book;
  const steps = active.rule.escalation;
  const due = steps.filter(({ afterMs }) => reached(now - alert.startedMs, afterMs)).length;
  const prompt = found?.prompt ?? (due > alert.step ? steps[due - 1] : undefined);
  if (prompt === undefined || (due <= alert.step && !louder(prompt.level, alert.level))) return book;
  const { level, modalities } = prompt;
  return change(
    book,
    { ...alert, level, modalities, step: Math.max(due, alert.step + 1) },
    'escalated',
    now,
    outputs,
  );
}

function louder(level: Alert['level'], than: Alert['level']): boolean {
  return alertLevels.indexOf(level) > alertLevels.indexOf(than);
}

function stepCandidate(
  book: AlertBook,
  { active, found }: Finding,
  context: AlertContext,
  outputs: AlertOutput[],
): AlertBook {
  const { now } = context.facts;
  const { name } = active.rule;
  const { cause } = ruleShapes[name];
  const other = book.active.find(({ rule }) => ruleShapes[rule].cause === cause);
  if (other !== undefined && ruleKeyOf(other) === active.key) return book;
  if (active.key in book.quietUntilMs) return book;
  const hidden = found!.state !== null && found!.state.kind !== context.state.kind;
  if (other === undefined) return hidden ? book : start(book, active, found!, context, outputs);
  if (urgencyRank(name) < urgencyRank(other.rule)) {
    if (hidden) return book;
    return start(endAlert(book, other, 'escalated', now, outputs), active, found!, context, outputs);
  }
  const joins =
    other.policy.id !== active.policy.id &&
    !(other.id in book.overSinceMs) &&
    !other.alsoBy.some(({ policy, rule }) => policy.id === active.policy.id && rule === name);
  if (!joins) return book;
  const { id, version } = active.policy;
  const joined = { policy: { id, version }, rule: name, clause: active.rule.clause };
  return change(book, { ...other, alsoBy: [...other.alsoBy, joined] }, 'joined', now, outputs);
}

function start(
  book: AlertBook,
  { policy, rule }: ActiveRule,
  found: NonNullable<Finding['found']>,
  { facts, state, measured, inputs, trace, models }: AlertContext,
  outputs: AlertOutput[],
): AlertBook {
  const number = (book.raised[rule.name] ?? 0) + 1;
  const limits = Object.entries(rule.values).map(([name, value]) => [`limit.${rule.name}.${name}`, value]);
  const { level, modalities } = found.prompt ?? rule;
  const alert: Alert = {
    id: `${rule.name}-${number}`,
    level,
    modalities,
    step: 0,
    state,
    policy: { id: policy.id, version: policy.version },
    rule: rule.name,
    clause: rule.clause,
    mark: rule.mark,
    alsoBy: [],
    measured: { ...measured(), ...(Object.fromEntries(limits) as Record<string, number>) },
    window: windowOf(trace, facts.now, windowsMs[rule.name]),
    inputs: inputs(),
    models,
    startedMs: facts.now,
    acknowledgedMs: null,
    endedMs: null,
  };
  outputs.push({ kind: 'alertStarted', t: facts.now, alert });
  if (rule.suggests !== null) {
    const because = { alertId: alert.id, policy: policy.id, rule: rule.name, clause: rule.clause };
    outputs.push({ kind: 'suggestion', t: facts.now, what: rule.suggests, because });
  }
  return { ...book, active: [...book.active, alert], raised: { ...book.raised, [rule.name]: number } };
}

function change(
  book: AlertBook,
  alert: Alert,
  what: 'escalated' | 'acknowledged' | 'joined',
  t: number,
  outputs: AlertOutput[],
): AlertBook {
  outputs.push({ kind: 'alertChanged', t, alert, change: what });
  return { ...book, active: book.active.map((other) => (other.id === alert.id ? alert : other)) };
}

/** Ends one alert, whatever holds. */
export function endAlert(
  book: AlertBook,
  alert: Alert,
  reason: AlertEnd,
  t: number,
  outputs: AlertOutput[],
): AlertBook {
  outputs.push({ kind: 'alertEnded', t, alert: { ...alert, endedMs: t }, reason });
  return {
    ...book,
    active: book.active.filter(({ id }) => id !== alert.id),
    overSinceMs: withTime(book.overSinceMs, alert.id, undefined),
  };
}

/**
 * The driver answered. Prompts of transient states end and may be suppressed for a while, reminders of fatigue are
 * put off; anything more urgent goes on, without growing further.
 * @param rules those in force: one answer serves all that share the cause
 */
export function acknowledgeAlerts(book: AlertBook, rules: readonly ActiveRule[], t: number): AlertStep {
  const outputs: AlertOutput[] = [];
  let next = book;
  for (const alert of book.active) {
    const { cause } = ruleShapes[alert.rule];
    if (quietMs(rules.find(({ key }) => key === ruleKeyOf(alert))) === null) {
      next = change(next, { ...alert, acknowledgedMs: t }, 'acknowledged', t, outputs);
      continue;
    }
    next = endAlert(next, { ...alert, acknowledgedMs: t }, 'acknowledged', t, outputs);
    const quiet = rules.flatMap((active): [string, number][] => {
      const forMs = ruleShapes[active.rule.name].cause === cause ? quietMs(active) : null;
      return forMs === null ? [] : [[active.key, t + forMs]];
    });
    next = { ...next, quietUntilMs: { ...next.quietUntilMs, ...Object.fromEntries(quiet) } };
  }
  return { book: next, outputs };
}

/** How long an acknowledgement keeps this rule quiet; null when it must not. */
function quietMs(active: ActiveRule | undefined): number | null {
  if (active === undefined) return null;
  const values: Readonly<Partial<Record<string, number>>> = active.rule.values;
  return values['suppressMs'] ?? values['repeatMs'] ?? null;
}

function withTime(
  times: Readonly<Record<string, number>>,
  id: string,
  t: number | undefined,
): Readonly<Record<string, number>> {
  if (t !== undefined) return { ...times, [id]: t };
  return Object.fromEntries(Object.entries(times).filter(([name]) => name !== id));
}
