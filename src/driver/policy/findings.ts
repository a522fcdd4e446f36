import { awarenessStage, fullAwareness, stepAwareness, type Awareness } from './awareness.js';
import { ageMs, reached, type DriverFacts } from './facts.js';
import type { Policy } from './policy.js';
import type { AlertLevel, Modality, RuleName, RuleOf } from './rule.js';
import { cameraSilent, type DriverState } from './state.js';

/** What one rule remembers. */
export interface RuleMemory {
  /** The speed gate, and the gate of the faster band, as of the last known speed. */
  readonly open: boolean;
  readonly fast: boolean;
  /** It has been found and not been over since. */
  readonly latched: boolean;
  /** Since when its condition holds, where that must last. */
  readonly sinceMs: number | null;
  /** Driving time that counts for learning, ms: in all, and without any measure of drowsiness. */
  readonly drivenMs: number;
  readonly overdueMs: number;
  readonly awareness: Awareness;
}

export const initialRuleMemory: RuleMemory = {
  open: false,
  fast: false,
  latched: false,
  sinceMs: null,
  drivenMs: 0,
  overdueMs: 0,
  awareness: fullAwareness,
};

/** What a rule found. */
export interface Found {
  /** Null for a rule about the monitoring itself. */
  readonly state: DriverState | null;
  /** How to tell, where that follows from what was found rather than from the rule. */
  readonly prompt?: { readonly level: AlertLevel; readonly modalities: readonly Modality[] };
}

/** What the speed lets a rule do. */
export interface Gates {
  /** It prompts. */
  readonly open: boolean;
  /** Its faster band holds. */
  readonly fast: boolean;
}

/** What the rules of one policy are told. */
export interface RuleContext {
  readonly policy: Policy;
  readonly facts: DriverFacts;
  /** Time since the last step, ms. */
  readonly dtMs: number;
  /** Limit that an excuse gives to the present look, ms. */
  readonly excusedMs: number | null;
  /** Time away within the VATS window without excused looks, ms. */
  readonly cumulativeMs: number;
  /** Since when a warning of distraction has been unanswered. */
  readonly warnedMs: number | null;
  /** The state of not knowing, if it holds. */
  readonly unknown: DriverState | null;
  /** Drowsiness has not been measurable for longer than learning may take. */
  readonly drowsinessOverdue: boolean;
}

export interface FoundStep {
  readonly memory: RuleMemory;
  readonly found: Found | null;
}

type Finder<Name extends RuleName> = (
  rule: RuleOf<Name>,
  memory: RuleMemory,
  context: RuleContext,
  gates: Gates,
) => FoundStep;

const plain = (memory: RuleMemory, state: DriverState | null): FoundStep => ({
  memory,
  found: state === null ? null : { state },
});

const latch = (memory: RuleMemory, latched: boolean, state: () => DriverState): FoundStep => ({
  memory: memory.latched === latched ? memory : { ...memory, latched },
  found: latched ? { state: state() } : null,
});

/** The driver has looked ahead for as long as ends an intervention. */
function lookedAhead({ facts, policy }: RuleContext): boolean {
  const { forwardSinceMs, now } = facts;
  return forwardSinceMs !== null && reached(now - forwardSinceMs, policy.values['end.forwardGazeMs']);
}

/** How each rule finds its state. */
export const finders: { readonly [Name in RuleName]: Finder<Name> } = {
  /** Eyes closed, or away, for long, or no gaze back after a warning. */
  unresponsive: ({ values }, memory, { facts, warnedMs, policy }, { open }) => {
    if (!open) return plain(memory, null);
    const { noReturnMs, closureMs, awayMs } = values;
    const away = cameraSilent(facts, policy) ? 0 : facts.glance.awayMs;
    const because =
      closureMs !== undefined && reached(facts.closureMs, closureMs)
        ? 'eyesClosed'
        : awayMs !== undefined && reached(away, awayMs)
          ? 'lookingAway'
          : noReturnMs !== undefined &&
              warnedMs !== null &&
              away > 0 &&
              reached(facts.now - warnedMs, noReturnMs)
            ? 'noReturn'
            : null;
    return plain(memory, because && { kind: 'unresponsive', sinceMs: facts.now, because });
  },

  sleep: ({ values }, memory, { facts }) => {
    const { now, closureMs, closedSinceMs } = facts;
    const asleep = reached(closureMs, values.closureMs);
    return plain(memory, asleep ? { kind: 'sleep', sinceMs: now, closedSinceMs } : null);
  },

  /** Longer closures are `sleep`, which hides it. */
  microsleep: ({ values }, memory, { facts }) => {
    const { now, closureMs, closedSinceMs } = facts;
    const asleep = reached(closureMs, values.closureMs);
    return plain(memory, asleep ? { kind: 'microsleep', sinceMs: now, closedSinceMs } : null);
  },

  /** A distraction, long or summed up, with a phone as its object; or a phone held for long. */
  phoneUse: ({ values }, memory, context) => {
    const { facts, cumulativeMs, policy } = context;
    const { phoneSinceMs, now, glance } = facts;
    if (phoneSinceMs === null || cameraSilent(facts, policy))
      return latch(memory, false, () => attentive(facts));
    const looks =
      glance.awayMs > 0 &&
      (reached(glance.awayMs, values.glanceMs) || reached(cumulativeMs, values.cumulativeMs));
    const held = reached(now - phoneSinceMs, values.heldMs);
    const latched = held || looks || (memory.latched && !lookedAhead(context));
    return latch(memory, latched, () => ({ kind: 'phoneUse', sinceMs: now, phoneSinceMs }));
  },

  /** One look away; the limit may be longer for what belongs to driving, and once passed it is not raised again. */
  longDistraction: ({ values, looks }, memory, { facts, excusedMs, policy }, { fast }) => {
    const { glance, now } = facts;
    const below = looks === 'belowPlane';
    const awayMs = cameraSilent(facts, policy) ? 0 : below ? glance.area3Ms : glance.awayMs;
    const base = (fast ? values.fastGlanceMs : undefined) ?? values.glanceMs;
    const task = glance.drivingTask ? Math.max(base, values.drivingTaskMs ?? base) : base;
    const limit = Math.max(task, excusedMs ?? 0) + (facts.nonNominal ? (values.nonNominalMs ?? 0) : 0);
    const found = reached(awayMs, memory.latched ? base : limit);
    return latch(memory, found, () => ({
      kind: 'longDistraction',
      sinceMs: now,
      awaySinceMs: now - awayMs,
      movement: glance.movement,
      zone: glance.zone,
    }));
  },

  /** Looks away that add up. It begins with a look away and ends by looking ahead. */
  shortDistraction: ({ values }, memory, context) => {
    const { facts, cumulativeMs, policy } = context;
    const { glance, now } = facts;
    const begins = glance.awayMs > 0 && reached(cumulativeMs, values.cumulativeMs);
    const goesOn = memory.latched && cumulativeMs > 0 && !lookedAhead(context);
    return latch(memory, !cameraSilent(facts, policy) && (begins || goesOn), () => ({
      kind: 'shortDistraction',
      sinceMs: now,
      movement: glance.movement,
      cumulativeMs,
    }));
  },

  /** openpilot's countdown: one prompt that grows with it. */
  awareness: ({ values }, memory, { facts, dtMs, unknown }, { open }) => {
    const away = facts.glance.awayMs > 0 || facts.closureMs > 0 || facts.phoneSinceMs !== null;
    const unseen = facts.handsOnWheel === true ? 'touching' : 'blind';
    const attention = away ? 'distracted' : unknown === null ? 'attentive' : unseen;
    const awareness = stepAwareness(memory.awareness, dtMs, attention, open, values);
    const stage = awarenessStage(awareness, values);
    const next = { ...memory, awareness };
    if (stage === 0) return { memory: next, found: null };
    const state: DriverState | null = !away
      ? null
      : stage === 3
        ? { kind: 'unresponsive', sinceMs: facts.now, because: 'noReturn' }
        : {
            kind: 'longDistraction',
            sinceMs: facts.now,
            awaySinceMs: facts.glance.awaySinceMs ?? facts.closedSinceMs,
            movement: facts.glance.movement,
            zone: facts.glance.zone,
          };
    return { memory: next, found: { state, prompt: stagePrompts[stage - 1] } };
  },

  /** By PERCLOS or by the estimate of KSS, once the vehicle has been driven for long enough to measure. */
  drowsy: ({ values }, memory, { facts, dtMs }) => {
    const { perclosShort: short, perclosLong: long, kssEstimate, speedKmh, now } = facts;
    const measurable = short.quality === 'valid' || kssEstimate !== null;
    const driven = speedKmh === null || speedKmh >= values.measureFromKmh;
    const fast = speedKmh === null || speedKmh >= values.learnFromKmh;
    const drivenMs = driven ? Math.min(values.measureAfterMs, memory.drivenMs + dtMs) : memory.drivenMs;
    const overdueMs = measurable
      ? 0
      : Math.min(values.learnMaxMs, fast ? memory.overdueMs + dtMs : memory.overdueMs);
    const learnt = reached(drivenMs, values.measureAfterMs);
    const sleepy =
      learnt &&
      kssEstimate !== null &&
      kssEstimate >= values.kssEstimate &&
      !lidsSayAwake(facts, values.awakePerclos ?? 0);
    const sinceMs = sleepy ? (memory.sinceMs ?? now) : null;
    const latched = memory.latched
      ? goesOnDrowsy(values, facts)
      : (learnt &&
          short.quality === 'valid' &&
          long.quality === 'valid' &&
          short.value >= values.shortPerclos &&
          long.value >= values.longPerclos) ||
        (sinceMs !== null && reached(now - sinceMs, values.kssForMs));
    const next = { ...memory, drivenMs, overdueMs, sinceMs };
    return latch(next, latched, () => ({ kind: 'drowsy', sinceMs: now }));
  },

  /** The estimate says impaired for a while, and the lids awake in both windows. A microsleep is sleep, nothing else. */
  impairedUnknown: ({ values }, memory, { facts }) => {
    const { kssEstimate, now } = facts;
    const contradicted =
      kssEstimate !== null &&
      kssEstimate >= values.kssEstimate &&
      (facts.recentMicrosleeps ?? 0) === 0 &&
      lidsSayAwake(facts, values.awakePerclos);
    const sinceMs = contradicted ? (memory.sinceMs ?? now) : null;
    const found = sinceMs !== null && reached(now - sinceMs, values.forMs);
    const next = sinceMs === memory.sinceMs ? memory : { ...memory, sinceMs };
    return plain(next, found ? { kind: 'impairedUnknown', sinceMs: now } : null);
  },

  /** The driver must be told that nobody watches. */
  notFunctional: ({ values }, memory, { facts, unknown, drowsinessOverdue }) => {
    const unseen = unknown !== null && reached(ageMs(facts.lastMeasuredMs, facts), values.informAfterMs);
    return { memory, found: unseen || drowsinessOverdue ? { state: null } : null };
  },
};

const stagePrompts: readonly Required<Found>['prompt'][] = [
  { level: 'inform', modalities: ['visual'] },
  { level: 'warning', modalities: ['visual', 'audible'] },
  { level: 'urgent', modalities: ['visual', 'audible', 'haptic'] },
];

function attentive({ now }: DriverFacts): DriverState {
  return { kind: 'attentive', sinceMs: now };
}

/** Over when what is measured has fallen to the lower levels; what is not known changes nothing. */
function goesOnDrowsy(values: RuleOf<'drowsy'>['values'], facts: DriverFacts): boolean {
  const { perclosShort: short, kssEstimate } = facts;
  if (short.quality !== 'valid') return true;
  if (short.value > values.leavePerclos) return true;
  return (
    kssEstimate !== null && kssEstimate > values.kssLeave && !lidsSayAwake(facts, values.awakePerclos ?? 0)
  );
}

function lidsSayAwake(
  { perclosShort: short, perclosLong: long }: DriverFacts,
  awakePerclos: number,
): boolean {
  return (
    short.quality === 'valid' &&
    long.quality === 'valid' &&
    short.value < awakePerclos &&
    long.value < awakePerclos
  );
}
