import { requireSignal } from '../../vehicle/tree.js';
import { checkValue, type Signal, type SignalValue } from '../../vehicle/value.js';
import {
  destinationPaths,
  type Action,
  type ActionTable,
  type EffectSpec,
  type Reading,
  type Target,
} from './action.js';
import { hasPlace, pathAt, placeGroups, placeOf, placeSlots, type Place } from './place.js';
import { forbiddenBy, type SafetyRule } from './safety.js';
import { driverSideOf, known, type VehicleView } from './vehicle-view.js';

/** What somebody asked for, and from where. */
export interface Command {
  readonly intent: string;
  readonly slots: Readonly<Record<string, SignalValue>>;
  readonly speaker: Place;
}

/** One actuator to move, with what must then be seen and what it was before. */
export interface Effect {
  /** Names it in replies: the path that shows it, before places are put in. */
  readonly thing: string;
  readonly place: Place | null;
  readonly path: string;
  readonly value: SignalValue;
  readonly seenPath: string;
  /** Null: any change will do. */
  readonly expected: SignalValue | null;
  /** At `seenPath`, before; undefined where it was not known. */
  readonly before: SignalValue | undefined;
  /** What to ask for to undo it; null where that is not known. */
  readonly undo: SignalValue | null;
  readonly withinMs: number;
}

export interface Destination {
  readonly name: string;
  readonly latitudeDeg: number;
  readonly longitudeDeg: number;
  readonly distanceKm: number | null;
}

/** A figure that answers a question; null with why it is not known. */
export type Fact =
  | { readonly value: SignalValue }
  | { readonly value: null; readonly why: 'stale' | 'invalid' | 'unavailable' };

export type Plan =
  | { readonly kind: 'effects'; readonly effects: readonly Effect[]; readonly confirm: boolean }
  | { readonly kind: 'destination'; readonly effects: readonly Effect[]; readonly destination: Destination }
  /** It is so already. */
  | { readonly kind: 'already'; readonly effects: readonly Effect[] }
  | { readonly kind: 'ask'; readonly slot: string }
  | { readonly kind: 'read'; readonly facts: Readonly<Record<string, Fact>> }
  | { readonly kind: 'timer'; readonly action: Extract<Action, { kind: 'timer' }> }
  /** This car has nothing to do it with. */
  | { readonly kind: 'unsupported' }
  | { readonly kind: 'unsafe'; readonly rule: SafetyRule; readonly effects: readonly Effect[] }
  /** A step from a value that is not known. */
  | { readonly kind: 'unknownNow'; readonly effects: readonly Effect[] }
  | { readonly kind: 'atLimit'; readonly effects: readonly Effect[] }
  | { readonly kind: 'outOfRange'; readonly effects: readonly Effect[]; readonly expected: string }
  | { readonly kind: 'unknownPlace'; readonly place: string };

export interface PlanOptions {
  readonly actions: ActionTable;
  readonly safety: readonly SafetyRule[];
  readonly view: VehicleView;
  /** What navigation knows, by kind or name. */
  readonly destinations: Readonly<Record<string, Destination>>;
  /** Values that the assistant replaced, by path. */
  readonly replaced: Readonly<Record<string, SignalValue>>;
}

/** What a command would do now. Nothing that a safety rule forbids, or that the tree does not allow, comes out as effects. */
export function planOf(command: Command, options: PlanOptions): Plan {
  const entry = options.actions.intents.get(command.intent);
  if (entry === undefined) return { kind: 'unsupported' };
  const slots = { ...entry.slots, ...command.slots };
  const missing = entry.needs.find((slot) => !Object.hasOwn(slots, slot));
  if (missing !== undefined) return { kind: 'ask', slot: missing };
  const { action } = entry;
  switch (action.kind) {
    case 'effects':
      return effectsPlan(action, { ...command, slots }, options);
    case 'destination':
      return destinationPlan(action.isSlot ? String(slots[action.place]) : action.place, command, options);
    case 'read':
      return {
        kind: 'read',
        facts: Object.fromEntries(
          Object.entries(action.readings).map(([name, reading]) => [name, factOf(reading, options.view)]),
        ),
      };
    case 'timer':
      return { kind: 'timer', action };
  }
}

function effectsPlan(
  { effects: specs, at, only, confirm }: Extract<Action, { kind: 'effects' }>,
  command: Command,
  options: PlanOptions,
): Plan {
  const driverSide = driverSideOf(options.view);
  const slot = placeSlots.find((name) => Object.hasOwn(command.slots, name));
  const said =
    slot === undefined ? command.speaker : placeOf(command.slots[slot], command.speaker, driverSide);
  const wanted: readonly Place[] = at !== null ? placeGroups[at] : said === null ? [] : [said];
  if (
    !wanted.every((place) => (placeGroups[only] as readonly Place[]).includes(place)) ||
    wanted.length === 0
  )
    return { kind: 'unsupported' };
  const effects: Effect[] = [];
  let trouble: 'unknownNow' | 'atLimit' | null = null;
  for (const spec of specs) {
    for (const place of hasPlace(spec.path) ? wanted : [null]) {
      const { effect, problem } = effectOf(spec, place, command, options);
      effects.push(effect);
      trouble ??= problem;
    }
  }
  if (trouble !== null) return { kind: trouble, effects };
  return checked(effects, confirm, command.speaker, options);
}

/** Refuses what must not be, leaves out what is so already. */
function checked(
  effects: readonly Effect[],
  confirm: boolean,
  speaker: Place,
  { safety, view }: PlanOptions,
): Plan {
  for (const { path, value } of effects) {
    const violation = checkValue(requireSignal(view.tree, path), value);
    if (violation !== undefined) return { kind: 'outOfRange', effects, expected: violation.expected };
  }
  const open = effects.filter((effect) => !isSeen(effect, view));
  if (open.length === 0) return { kind: 'already', effects };
  for (const effect of open) {
    const rule = forbiddenBy(safety, view, effect, speaker);
    if (rule !== null) return { kind: 'unsafe', rule, effects: [effect] };
  }
  return { kind: 'effects', effects: open, confirm };
}

function effectOf(
  spec: EffectSpec,
  place: Place | null,
  { slots }: Command,
  { view, replaced }: PlanOptions,
): { readonly effect: Effect; readonly problem: 'unknownNow' | 'atLimit' | null } {
  const driverSide = driverSideOf(view);
  const at = (path: string): string => (place === null ? path : pathAt(path, place, driverSide));
  const path = at(spec.path);
  const { value, problem } = valueOf(spec.target, path, slots, replaced, view);
  const { seen } = spec;
  const thing = seen.kind === 'target' ? spec.path : seen.path;
  const seenPath = at(thing);
  const before = known(view, seenPath);
  const undo = spec.back === null ? before : spec.back.find(({ was }) => was === before)?.to;
  return {
    problem,
    effect: {
      thing,
      place,
      path,
      value,
      seenPath,
      expected: seen.kind === 'target' ? value : seen.kind === 'is' ? seen.value : null,
      before,
      undo: before === undefined ? null : (undo ?? null),
      withinMs: spec.withinMs,
    },
  };
}

function valueOf(
  target: Target,
  path: string,
  slots: Command['slots'],
  replaced: PlanOptions['replaced'],
  view: VehicleView,
): { readonly value: SignalValue; readonly problem: 'unknownNow' | 'atLimit' | null } {
  switch (target.kind) {
    case 'value':
      return { value: target.value, problem: null };
    case 'slot': {
      const said = slots[target.slot];
      if (target.values !== null && Object.hasOwn(target.values, String(said)))
        return { value: target.values[String(said)], problem: null };
      return { value: typeof said === 'number' ? said * target.scale : said, problem: null };
    }
    case 'step': {
      const now = known(view, path);
      if (typeof now !== 'number') return { value: 0, problem: 'unknownNow' };
      const { min = -Infinity, max = Infinity } = requireSignal(view.tree, path);
      const [from, to] = [Math.max(min, target.from), Math.min(max, target.to)];
      // A value that is outside these limits already is moved no further, and never back by a step away from them.
      const end = target.by > 0 ? Math.min(now + target.by, to) : Math.max(now + target.by, from);
      const moved = target.by > 0 ? end > now : end < now;
      return { value: moved ? end : now, problem: moved ? null : 'atLimit' };
    }
    case 'next': {
      const now = known(view, path);
      const index = target.values.findIndex((value) => value === now);
      if (now === undefined) return { value: target.values[0], problem: 'unknownNow' };
      if (index < 0)
        return { value: target.by > 0 ? target.values[0] : now, problem: target.by > 0 ? null : 'atLimit' };
      const next = index + target.by;
      if (next < 0 || next >= target.values.length) return { value: now, problem: 'atLimit' };
      return { value: target.values[next], problem: null };
    }
    case 'previous':
      return { value: Object.hasOwn(replaced, path) ? replaced[path] : target.otherwise, problem: null };
  }
}

function destinationPlan(name: string, { speaker }: Command, options: PlanOptions): Plan {
  if (!Object.hasOwn(options.destinations, name)) return { kind: 'unknownPlace', place: name };
  const destination = options.destinations[name];
  const effects = (
    [
      [destinationPaths.latitude, destination.latitudeDeg],
      [destinationPaths.longitude, destination.longitudeDeg],
    ] as const
  ).map(([path, value]): Effect => {
    const before = known(options.view, path);
    return {
      thing: path,
      place: null,
      path,
      value,
      seenPath: path,
      expected: value,
      before,
      undo: before ?? null,
      withinMs: 3000,
    };
  });
  const plan = checked(effects, false, speaker, options);
  // Both, even where one is so already: a position is one thing.
  return plan.kind === 'effects' ? { kind: 'destination', effects, destination } : plan;
}

/** Undoes what was done, last first, as far as it may be done now. Null where nothing is known to go back to. */
export function undoPlan(done: readonly Effect[], speaker: Place, options: PlanOptions): Plan | null {
  const effects = [...done].reverse().flatMap((effect): Effect[] => {
    if (effect.undo === null || effect.before === undefined) return [];
    const now = known(options.view, effect.seenPath);
    return [{ ...effect, value: effect.undo, expected: effect.before, before: now, undo: null }];
  });
  return effects.length < done.length || effects.length === 0
    ? null
    : checked(effects, false, speaker, options);
}

/** Whether the vehicle shows what an effect is to bring about. A change is seen against the value before. */
export function isSeen(effect: Effect, view: VehicleView): boolean {
  const now = known(view, effect.seenPath);
  if (now === undefined) return false;
  if (effect.expected === null) return effect.before !== undefined && now !== effect.before;
  if (typeof now === 'number' && typeof effect.expected === 'number')
    return Math.abs(now - effect.expected) <= toleranceOf(requireSignal(view.tree, effect.seenPath));
  return now === effect.expected;
}

/** How near its target an actuator settles, in the signal's unit: parts in 100, millimetres; a place has to be exact. */
function toleranceOf({ unit, datatype }: Signal): number {
  if (datatype === 'double') return 1e-6;
  return unit === 'percent' ? 2 : unit === 'mm' ? 3 : 0.2;
}

function factOf({ paths, fold, scale, digits }: Reading, view: VehicleView): Fact {
  const values: SignalValue[] = [];
  for (const path of paths) {
    const value = known(view, path);
    if (value === undefined) {
      const quality = Object.hasOwn(view.samples, path) ? view.samples[path].quality : 'unavailable';
      return { value: null, why: quality === 'valid' ? 'unavailable' : quality };
    }
    values.push(value);
  }
  if (fold === 'any') return { value: values.some((value) => value === true) };
  const numbers = values.filter((value) => typeof value === 'number');
  if (numbers.length < values.length || numbers.length === 0) return { value: values[0] };
  return { value: Number((Math.min(...numbers) * scale).toFixed(digits)) };
}
