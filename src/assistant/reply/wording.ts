import type { SignalValue } from '../../vehicle/value.js';
import type { Destination, Effect, Fact, Plan } from '../action/plan.js';
import { placeGroups, type Place, type PlaceGroup } from '../action/place.js';
import type { SafetyRule } from '../action/safety.js';
import { wordsFor, type Replies, type SpokenName, type Thing } from './replies.js';

/** A text with its {names} filled in; {Name} is {name} with a capital. */
export function fill(template: string, values: Readonly<Record<string, SignalValue>>): string {
  return template.replace(/\{(\w+)\}/g, (hole, name: string) => {
    if (Object.hasOwn(values, name)) return String(values[name]);
    const small = name.charAt(0).toLowerCase() + name.slice(1);
    return Object.hasOwn(values, small) ? capital(String(values[small])) : hole;
  });
}

/** Effects that one sentence tells: the same thing, come to the same value. */
interface Told {
  readonly thing: string;
  readonly plural: boolean;
  readonly style: Replies['styles'][string];
  readonly stuck: Thing['stuck'];
  readonly value: SignalValue;
}

/** What was seen, as sentences: "The driver's window is open." Values are those that were seen, not those asked for. */
export function stateSentences(
  effects: readonly Effect[],
  valueOf: (effect: Effect) => SignalValue,
  replies: Replies,
  kind: 'is' | 'already' | 'atLimit' = 'is',
): string {
  const [one, several]: [SpokenName, SpokenName] =
    kind === 'is'
      ? ['is', 'are']
      : kind === 'already'
        ? ['alreadyIs', 'alreadyAre']
        : ['atLimitIs', 'atLimitAre'];
  return told(effects, valueOf, replies)
    .map(({ thing, plural, style, value }) =>
      fill(replies.spoken[plural ? several : one], { thing, value: valueWords(style.values, value) }),
    )
    .join(' ');
}

/** What was not seen to happen. */
export function stuckSentences(effects: readonly Effect[], replies: Replies): string {
  return told(effects, ({ value }) => value, replies)
    .map(({ thing, stuck }) => fill(replies.spoken[stuck], { thing }))
    .join(' ');
}

/** A sentence about things without their values. */
export function aboutThings(name: SpokenName, effects: readonly Effect[], replies: Replies): string {
  const [first] = told(effects, ({ value }) => value, replies);
  return fill(replies.spoken[name], { thing: first.thing });
}

/** "open the driver's window": what effects do, for questions and refusals. */
export function doing(effects: readonly Effect[], replies: Replies): string {
  const parts = told(effects, ({ expected, value }) => expected ?? value, replies).map(
    ({ thing, style, value }) => fill(wordsFor(style.does, String(value)), { thing, value: rounded(value) }),
  );
  return [...new Set(parts)].join(replies.spoken.also);
}

/** What a plan would do, for "did you mean". */
export function meant(intent: string, plan: Plan, replies: Replies): string {
  return plan.kind === 'effects' ? doing(plan.effects, replies) : wordsFor(replies.intents, intent);
}

export function refusal(
  rule: SafetyRule,
  effects: readonly Effect[],
  speedKnown: boolean,
  replies: Replies,
): string {
  const reason = rule.aboveKmh !== null && !speedKnown ? 'speedUnknown' : rule.reason;
  return fill(wordsFor(replies.refusals, reason), { do: doing(effects, replies) });
}

/** The answer to a question; what is not known is said to be unknown. */
export function answer(intent: string, facts: Readonly<Record<string, Fact>>, replies: Replies): string {
  const { what, say, by, values } = replies.answers[intent];
  const unknown = Object.values(facts).find((fact) => fact.value === null);
  if (unknown?.value === null)
    return fill(replies.spoken[unknown.why === 'stale' ? 'stale' : 'unknown'], { what });
  const known = Object.fromEntries(
    Object.entries(facts).flatMap(([name, { value }]) => (value === null ? [] : [[name, value]])),
  );
  return by === '' ? fill(say, known) : wordsFor(values, String(known[by]));
}

export function guiding({ name, distanceKm }: Destination, replies: Replies): string {
  return distanceKm === null
    ? fill(replies.spoken.guiding, { name })
    : fill(replies.spoken.guidingFar, { name, distance: Math.round(distanceKm) });
}

/** "1 minute", "25 minutes": rounded up, so that time that is left is never none. */
export function minutesText(ms: number, replies: Replies): string {
  const n = Math.max(1, Math.ceil(ms / 60_000 - 1e-9));
  return n === 1 ? replies.spoken.minute : fill(replies.spoken.minutes, { n });
}

function told(
  effects: readonly Effect[],
  valueOf: (effect: Effect) => SignalValue,
  replies: Replies,
): Told[] {
  const groups = new Map<string, { readonly effect: Effect; readonly value: SignalValue; places: Place[] }>();
  for (const effect of effects) {
    const value = rounded(valueOf(effect));
    const key = JSON.stringify([replies.things[effect.thing].one, value]);
    const group = groups.get(key) ?? { effect, value, places: [] };
    groups.set(key, group);
    if (effect.place !== null) group.places.push(effect.place);
  }
  return [...groups.values()].flatMap(({ effect, value, places }) => {
    const { one, groups: names, style, stuck } = replies.things[effect.thing];
    const tell = (thing: string, plural: boolean): Told => ({
      thing,
      plural,
      style: replies.styles[style],
      stuck,
      value,
    });
    const group = (Object.keys(placeGroups) as PlaceGroup[]).find(
      (name) => names[name] !== undefined && isGroup(name, places),
    );
    if (group !== undefined) return [tell(names[group] ?? one, true)];
    if (places.length === 0) return [tell(one, false)];
    return [...new Set(places)].map((place) => tell(fill(one, { place: replies.places[place] }), false));
  });
}

function isGroup(group: PlaceGroup, places: readonly Place[]): boolean {
  const wanted = placeGroups[group];
  return wanted.length === new Set(places).size && wanted.every((place) => places.includes(place));
}

function valueWords(values: Readonly<Record<string, string>>, value: SignalValue): string {
  return fill(wordsFor(values, String(value)), { value });
}

/** Halves are said, finer steps are not. */
function rounded(value: SignalValue): SignalValue {
  return typeof value === 'number' ? Math.round(value * 2) / 2 : value;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
