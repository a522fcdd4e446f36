import { join } from 'node:path';
import { signalsDir } from '../../runtime/paths.js';
import { expandPath } from '../../vehicle/catalogue.js';
import type { SignalTree } from '../../vehicle/tree.js';
import { requireSignal } from '../../vehicle/tree.js';
import type { SignalValue } from '../../vehicle/value.js';
import { documentOf, type Entry, type FileKind } from '../grammar/entry.js';
import type { Action, ActionEntry, ActionTable, EffectSpec, Reading, Seen, Target } from './action.js';
import { hasPlace, pathAt, placeGroups, type PlaceGroup } from './place.js';

export const assistantDir = join(signalsDir, 'assistant');
export const assistantFiles: FileKind = { code: 'ASSISTANT_INVALID', docs: 'docs/dialog.md' };

const groups = Object.keys(placeGroups) as PlaceGroup[];
/** How long a change may take where the file says nothing, ms. */
const usualWithinMs = 3000;

/**
 * Reads the actions and checks every path against the tree: what is asked for must be an actuator.
 * @throws VigilError `ASSISTANT_INVALID`, `UNKNOWN_SIGNAL`
 */
export function loadActions(tree: SignalTree, file = join(assistantDir, 'actions.yaml')): ActionTable {
  const root = documentOf(file, assistantFiles).only(['intents', 'unsupported']);
  const intents = new Map(root.children('intents').map(([name, entry]) => [name, actionEntry(entry, tree)]));
  const unsupported = root
    .child('unsupported')
    .items()
    .map((item) => {
      const name = item.text();
      if (intents.has(name)) throw item.wrong('an intent without an action', name);
      return name;
    });
  return { intents, unsupported: new Set(unsupported) };
}

function actionEntry(entry: Entry, tree: SignalTree): ActionEntry {
  entry.only(['needs', 'slots', 'do', 'at', 'only', 'confirm', 'destination', 'read', 'timer']);
  const needs = entry.child('needs');
  return {
    action: actionOf(entry, tree),
    needs: needs.absent ? [] : needs.items().map((item) => item.text()),
    slots: Object.fromEntries(entry.children('slots').map(([name, value]) => [name, value.signal()])),
  };
}

function actionOf(entry: Entry, tree: SignalTree): Action {
  const [effects, destination, read, timer] = ['do', 'destination', 'read', 'timer'].map((name) =>
    entry.child(name),
  );
  if (!effects.absent) {
    const at = entry.child('at');
    const only = entry.child('only');
    return {
      kind: 'effects',
      effects: effects.items().map((item) => effectOf(item, tree)),
      at: at.absent ? null : at.word(groups),
      only: only.absent ? 'all' : only.word(groups),
      confirm: !entry.child('confirm').absent,
    };
  }
  if (!destination.absent) {
    const place = destination.text();
    const slot = slotOf(place);
    return { kind: 'destination', place: slot ?? place, isSlot: slot !== null };
  }
  if (!read.absent) {
    const readings = read.entries().map(([name, item]) => [name, readingOf(item, tree)] as const);
    return { kind: 'read', readings: Object.fromEntries(readings) };
  }
  if (timer.absent) throw entry.wrong('do, destination, read or timer', undefined);
  const what = (['start', 'cancel', 'left'] as const).find((name) => !timer.child(name).absent);
  if (what === undefined) throw timer.wrong('start, cancel or left', undefined);
  timer.only([what, 'slot', 'minutes']);
  const starts = what === 'start';
  return {
    kind: 'timer',
    what,
    timer: timer.child(what).word(['timer', 'break', 'charge']),
    slot: starts ? timer.child('slot').text() : '',
    minutes: starts ? timer.child('minutes').number() : 1,
  };
}

function effectOf(entry: Entry, tree: SignalTree): EffectSpec {
  entry.only([
    'path',
    'to',
    'scale',
    'values',
    'step',
    'limits',
    'next',
    'by',
    'previous',
    'seen',
    'within',
    'back',
  ]);
  const path = checkedPath(entry.child('path'), tree, true);
  const within = entry.child('within');
  const back = entry.child('back');
  return {
    path,
    target: targetOf(entry),
    seen: seenOf(entry.child('seen'), tree),
    withinMs: within.absent ? usualWithinMs : within.number() * 1000,
    back: back.absent
      ? null
      : back.items().map((item) => ({ was: item.child('was').signal(), to: item.child('to').signal() })),
  };
}

function targetOf(entry: Entry): Target {
  const [to, step, next, previous] = ['to', 'step', 'next', 'previous'].map((name) => entry.child(name));
  if (!step.absent) {
    const limits = entry.child('limits');
    const [from, end] = limits.absent ? [-Infinity, Infinity] : limits.items().map((limit) => limit.number());
    return { kind: 'step', by: step.number(), from, to: end };
  }
  if (!next.absent) {
    const values = next.items().map((value) => value.signal());
    return { kind: 'next', values, by: entry.child('by').number() };
  }
  if (!previous.absent) return { kind: 'previous', otherwise: previous.signal() };
  const value = to.signal();
  const slot = slotOf(value);
  if (slot === null) return { kind: 'value', value };
  const scale = entry.child('scale');
  const values = entry.children('values').map(([name, item]) => [name, item.signal()] as const);
  return {
    kind: 'slot',
    slot,
    scale: scale.absent ? 1 : scale.number(),
    values: values.length === 0 ? null : Object.fromEntries(values),
  };
}

function seenOf(entry: Entry, tree: SignalTree): Seen {
  if (entry.absent) return { kind: 'target' };
  entry.only(['path', 'is', 'changed']);
  const path = checkedPath(entry.child('path'), tree, false);
  const is = entry.child('is');
  return is.absent ? { kind: 'changed', path } : { kind: 'is', path, value: is.signal() };
}

function readingOf(entry: Entry, tree: SignalTree): Reading {
  entry.only(['of', 'fold', 'scale', 'digits']);
  const paths = entry
    .child('of')
    .items()
    .flatMap((item) => expandPath(item.text()));
  for (const path of paths) requireSignal(tree, path);
  const [fold, scale, digits] = ['fold', 'scale', 'digits'].map((name) => entry.child(name));
  return {
    paths,
    fold: fold.absent ? 'only' : fold.word(['only', 'lowest', 'any']),
    scale: scale.absent ? 1 : scale.number(),
    digits: digits.absent ? 0 : digits.number(),
  };
}

/** @throws unless the path, at some place at least, is in the tree, and an actuator where it has to be */
function checkedPath(entry: Entry, tree: SignalTree, isActuator: boolean): string {
  const path = entry.text();
  const signal = requireSignal(tree, hasPlace(path) ? pathAt(path, 'driver', 'LEFT') : path);
  if (isActuator && signal.kind !== 'actuator') throw entry.wrong('an actuator', `${path}, a ${signal.kind}`);
  return path;
}

/** `{celsius}` -> celsius */
function slotOf(value: SignalValue): string | null {
  return typeof value === 'string' ? (/^\{(\w+)\}$/.exec(value)?.[1] ?? null) : null;
}
