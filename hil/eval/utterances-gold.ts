import type { Catalogue, Setting } from '../../src/assistant/understanding/catalogue.js';
import type { LabelledUtterance } from './utterances-labels.js';

export type UtteranceKind = 'change' | 'question' | 'state' | 'underspecified';

/** What an utterance means by its labels. */
export interface Gold {
  readonly kind: UtteranceKind;
  /** Whatever else it is: it wants to be told something. */
  readonly question: boolean;
  /** Any of these settings is right. */
  readonly settings: ReadonlySet<string>;
  /** Settings named by one exact name; otherwise only a part of names was said and nothing may be done unasked. */
  readonly exact: boolean;
  /** Right values by setting; null: none was labelled, the setting alone is compared. */
  readonly values: ReadonlyMap<string, ReadonlySet<string>> | null;
}

/** Why labels don't resolve. */
export type Unresolved = 'no label' | 'setting' | 'value' | 'list';

/** Longer lines are lists of names, not utterances. */
const longestUtterance = 200;
/** On and off fit everything and name nothing. */
const plain =
  /^(all |both )?(on|off|(de|in)?activated?|(in)?active|(en|dis)abled?|start( up)?|stop|shut down|used?)$/;
/** A value alone names its settings only where so few have it. */
const mostImplied = 8;

/** Resolves labels through the catalogue's names. Deliberately shares no code with what is being evaluated. */
export class GoldResolver {
  readonly #names: { tokens: readonly string[]; key: string; setting: string }[];
  readonly #exact = new Map<string, Set<string>>();

  constructor(private readonly catalogue: Catalogue) {
    this.#names = catalogue.flatMap(({ name, says }) =>
      says.map((text) => ({ tokens: fold(text), key: keyOf(fold(text)), setting: name })),
    );
    for (const { key, setting } of this.#names)
      this.#exact.set(key, (this.#exact.get(key) ?? new Set()).add(setting));
  }

  resolve(utterance: LabelledUtterance): Gold | Unresolved {
    if (utterance.text.length > longestUtterance) return 'list';
    const {
      SETTING: setting = [],
      VALUE: value = [],
      AMOUNT: amount = [],
    } = utterance.labels as Partial<Record<string, readonly string[]>>;
    if (setting.length + value.length + amount.length === 0) return 'no label';
    const mood = kindOf(utterance);
    const said = fold(value.join(' '));
    if (setting.length === 0) return this.#implied(said, mood);
    const tokens = fold(setting.join(' '));
    const named = this.#exact.get(keyOf(tokens));
    const settings = named ?? this.#containing(tokens);
    if (settings.size === 0) return 'setting';
    const exact = named !== undefined;
    const kind = exact ? mood : 'underspecified';
    if (mood === 'question') return { kind, question: true, settings, exact, values: null };
    if (said.length + amount.length === 0) return { kind, question: false, settings, exact, values: null };
    const values = this.#values(settings, said, mood);
    return values.size === 0
      ? 'value'
      : { kind, question: false, settings: new Set(values.keys()), exact, values };
  }

  #containing(tokens: readonly string[]): Set<string> {
    return new Set(
      this.#names
        .filter((name) => tokens.every((token) => name.tokens.includes(token)))
        .map(({ setting }) => setting),
    );
  }

  #values(
    settings: ReadonlySet<string>,
    said: readonly string[],
    mood: UtteranceKind,
  ): Map<string, ReadonlySet<string>> {
    const values = new Map<string, ReadonlySet<string>>();
    for (const setting of this.catalogue.filter(({ name }) => settings.has(name))) {
      const right = said.length === 0 ? amountValues(setting) : saidValues(setting, said, mood);
      if (right.size > 0) values.set(setting.name, right);
    }
    return values;
  }

  /** Settings meant by a value that few settings have, in their own words for it. */
  #implied(said: readonly string[], mood: UtteranceKind): Gold | Unresolved {
    if (said.length === 0 || plain.test(said.join(' '))) return 'setting';
    const settings = new Set(
      this.catalogue
        .filter(({ values }) =>
          values.some(({ name, own }) => [name, ...own].some((text) => keyOf(fold(text)) === keyOf(said))),
        )
        .map(({ name }) => name),
    );
    if (settings.size === 0 || settings.size > mostImplied) return 'setting';
    const gold = { kind: 'underspecified', settings, exact: false } as const;
    if (mood === 'question') return { ...gold, question: true, values: null };
    return { ...gold, question: false, values: this.#values(settings, said, mood) };
  }
}

function amountValues({ values }: Setting): Set<string> {
  return new Set(values.filter(({ requiresAmount }) => requiresAmount).map(({ name }) => name));
}

/** Values called exactly so, or, where there is none, values with a name that contains the words. */
function saidValues({ values }: Setting, said: readonly string[], mood: UtteranceKind): Set<string> {
  const called = values.filter(({ says }) => says.some((text) => keyOf(fold(text)) === keyOf(said)));
  const right =
    called.length > 0
      ? called
      : values.filter(({ says }) => says.some((text) => said.every((token) => fold(text).includes(token))));
  return new Set(right.map(({ name, antonym }) => (mood === 'state' && antonym !== null ? antonym : name)));
}

/** Lower case, no possessive, singular, "a/c" and "temp" in full, in words. */
function fold(text: string): string[] {
  return text
    .toLowerCase()
    .replace(/\u2019/g, "'")
    .replace(/a\/c/g, 'ac')
    .replace(/'s?\b/g, '')
    .split(/[^a-z0-9+]+/)
    .filter((token) => token !== '')
    .map((token) => (token === 'temp' ? 'temperature' : token.replace(/([^suiy])s$/, '$1')));
}

/** Pieces of a name may be said in any order. */
function keyOf(tokens: readonly string[]): string {
  return [...tokens].sort().join(' ');
}

const asks = [
  /^(what|what's|which|how|how's|why|where|when|who)\b/,
  /^(is|are|am|was|were|do|does|did|have|has|had|should)\b/,
  /\b(tell|know|knowing|ask|hear|rundown|read ?out|update|confirm|inform|remind|verify|status|inquiry|wonder(ing)?)\b/,
  /^(\w+ ){0,3}(check|show|view)\b/,
];
const wishes = /^(is it possible|is there (a|any) way|am i able|are we able)\b/;
const orders =
  /^(please )?(set|turn|switch|change|adjust|put|make|modify|alter|customize|tune|tweak|select|choose|keep|maintain|place|power|shut|activate|deactivate|enable|disable|convert)\b/;
const orderAtEnd = /\b(it|them) (back )?(\{value\}|on|off)( please)?$/;

/** "it's {value} in here", not "i'd like it to be {value}". */
const feels = /\b(is|are|am|feels?|seems?|gets?|gotten|getting|it's|i'm|find it|be) |^(a bit|too|way|so) /;
const wants =
  /\b(want|need|prefer|would like|'d like|make|set|put|turn|can|will)\b|^(could|would)\b|'d (\w+ )?(like|love)/;

/** What the utterance is, by the words between its labels; in doubt a question, for that is the stricter reading. */
function kindOf({ template, text }: LabelledUtterance): UtteranceKind {
  const said = text.toLowerCase();
  if (!orders.test(said) && !orderAtEnd.test(template)) {
    const wish =
      wishes.test(said) &&
      !/\b(tell|know|knowing|ask|hear|rundown|read ?out|update|confirm|inform|remind|check)\b/.test(said);
    if (!wish && asks.some((pattern) => pattern.test(said))) return 'question';
    if (feels.test(template) && !wants.test(template)) return 'state';
  }
  return 'change';
}
