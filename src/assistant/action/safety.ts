import { join } from 'node:path';
import { expandPath } from '../../vehicle/catalogue.js';
import { requireSignal, type SignalTree } from '../../vehicle/tree.js';
import type { SignalValue } from '../../vehicle/value.js';
import { documentOf, type Entry } from '../grammar/entry.js';
import { assistantDir, assistantFiles } from './load-actions.js';
import { places, type Place } from './place.js';
import { isAbsent, known, speedKmh, type VehicleView } from './vehicle-view.js';

/** Which values a rule forbids; `all` forbids to move it at all. */
export type Forbidden =
  | { readonly kind: 'all' }
  /** More than now, or anything but 0 where now is not known. */
  | { readonly kind: 'opening' }
  | { readonly kind: 'below'; readonly limit: number }
  | { readonly kind: 'in'; readonly values: readonly SignalValue[] };

/** Holds by a signal's value. What is stale or invalid holds; `absent`: what a car without the signal counts as. */
export interface Condition {
  readonly path: string;
  readonly is: SignalValue | null;
  readonly below: number | null;
  readonly above: number | null;
  readonly absent: boolean;
}

export interface SafetyRule {
  readonly name: string;
  readonly paths: readonly RegExp[];
  readonly values: Forbidden;
  /** Only faster than this, or at an unknown speed. */
  readonly aboveKmh: number | null;
  readonly condition: Condition | null;
  /** Who may all the same. */
  readonly allowed: Place | null;
  /** Names the sentence that is said. */
  readonly reason: string;
}

/** @throws VigilError `ASSISTANT_INVALID`, `UNKNOWN_SIGNAL` */
export function loadSafety(tree: SignalTree, file = join(assistantDir, 'safety.yaml')): SafetyRule[] {
  const rules = documentOf(file, assistantFiles).only(['rules']).children('rules');
  return rules.map(([name, entry]) => ruleOf(name, entry, tree));
}

/**
 * The rule that forbids to set a path to a value now; null when none does.
 * @param asker where the speaker sits
 */
export function forbiddenBy(
  rules: readonly SafetyRule[],
  view: VehicleView,
  request: { readonly path: string; readonly value: SignalValue },
  asker: Place,
): SafetyRule | null {
  return (
    rules.find(
      (rule) =>
        rule.allowed !== asker &&
        rule.paths.some((path) => path.test(request.path)) &&
        forbids(rule.values, request, view) &&
        isFaster(view, rule.aboveKmh) &&
        (rule.condition === null || holds(rule.condition, view)),
    ) ?? null
  );
}

function forbids(
  values: Forbidden,
  { path, value }: { readonly path: string; readonly value: SignalValue },
  view: VehicleView,
): boolean {
  switch (values.kind) {
    case 'all':
      return true;
    case 'opening': {
      const now = known(view, path);
      return typeof value !== 'number' || value > (typeof now === 'number' ? now : 0);
    }
    case 'below':
      return typeof value !== 'number' || value < values.limit;
    case 'in':
      return values.values.includes(value);
  }
}

function isFaster(view: VehicleView, limit: number | null): boolean {
  const speed = speedKmh(view);
  return limit === null || speed === null || speed > limit;
}

function holds(condition: Condition, view: VehicleView): boolean {
  const { path, is, below, above, absent } = condition;
  if (isAbsent(view, path)) return absent;
  const value = known(view, path);
  if (value === undefined) return true;
  if (is !== null) return value === is;
  if (typeof value !== 'number') return true;
  return (below !== null && value < below) || (above !== null && value > above);
}

function ruleOf(name: string, entry: Entry, tree: SignalTree): SafetyRule {
  entry.only(['paths', 'values', 'aboveKmh', 'while', 'unless', 'reason']);
  const paths = entry
    .child('paths')
    .items()
    .map((item) => {
      const patterns = expandPath(item.text()).map(
        (path) => new RegExp(`^${path.replaceAll('.', '\\.').replaceAll('*', '.+')}$`),
      );
      if (!patterns.every((pattern) => tree.signals.some(({ path }) => pattern.test(path))))
        throw item.wrong('paths of the signal tree', item.text());
      return patterns;
    });
  const aboveKmh = entry.child('aboveKmh');
  const condition = entry.child('while');
  const unless = entry.child('unless');
  return {
    name,
    paths: paths.flat(),
    values: forbiddenOf(entry.child('values')),
    aboveKmh: aboveKmh.absent ? null : aboveKmh.number(),
    condition: condition.absent ? null : conditionOf(condition, tree),
    allowed: unless.absent ? null : unless.only(['asker']).child('asker').word(places),
    reason: entry.child('reason').text(),
  };
}

function forbiddenOf(entry: Entry): Forbidden {
  if (entry.absent) return { kind: 'all' };
  entry.only(['opening', 'below', 'in']);
  if (!entry.child('opening').absent) return { kind: 'opening' };
  const below = entry.child('below');
  if (!below.absent) return { kind: 'below', limit: below.number() };
  const values = entry.child('in').items();
  return { kind: 'in', values: values.map((value) => value.signal()) };
}

function conditionOf(entry: Entry, tree: SignalTree): Condition {
  entry.only(['path', 'is', 'below', 'above', 'absent']);
  const [is, below, above, absent] = ['is', 'below', 'above', 'absent'].map((name) => entry.child(name));
  return {
    path: requireSignal(tree, entry.child('path').text()).path,
    is: is.absent ? null : is.signal(),
    below: below.absent ? null : below.number(),
    above: above.absent ? null : above.number(),
    absent: !absent.absent && absent.word(['holds', 'not']) === 'holds',
  };
}
