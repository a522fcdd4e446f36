import type { Catalogue, Setting } from '../../src/assistant/understanding/catalogue.js';
import { essential, keyOf, plainFold, variantFold, type Fold } from './utterances-fold.js';
import type { LabelledUtterance } from './utterances-labels.js';

export type UtteranceKind = 'change' | 'question' | 'state' | 'underspecified';

/**
 * How labels were found among the catalogue's names: in their words; in other forms or spellings of them; or, `setting`,
 * the setting only, for it has no value of the labelled name.
 */
export type FoundBy = 'name' | 'variant' | 'setting';

/** What an utterance means by its labels. */
export interface Gold {
  readonly kind: UtteranceKind;
  readonly by: FoundBy;
  /** Whatever else it is: it wants to be told something. */
  readonly question: boolean;
  /** Any of these settings is right. */
  readonly settings: ReadonlySet<string>;
  /** Settings named by one exact name; otherwise only a part of names was said and nothing may be done unasked. */
  readonly exact: boolean;
  /** Right values by setting; null: none was labelled, the setting alone is compared. */
  readonly values: ReadonlyMap<string, ReadonlySet<string>> | null;
}

/** Why labels don't resolve; `foreign`: the setting is none of the catalogue's under any name. */
export type Unresolved = 'no label' | 'foreign' | 'no setting' | 'list';

/** Longer lines are lists of names, not utterances. */
const longestUtterance = 200;
/** On and off fit everything and name nothing. */
const plain =
  /^(all |both )?(on|off|(de|in)?activated?|(in)?active|(en|dis)abled?|start( up)?|stop|shut down|used?)$/;
/** A value alone, or a part of names in another form, names settings only where there are so few. */
const mostImplied = 8;

/** Settings that a label may name. */
interface Named {
  readonly settings: ReadonlySet<string>;
  /** By a whole name. */
  readonly exact: boolean;
  readonly by: FoundBy;
}

/** Resolves labels through the catalogue's names. Deliberately shares no code with what is being evaluated. */
export class GoldResolver {
  readonly #plain: NameTable;
  readonly #variant: NameTable;

  constructor(private readonly catalogue: Catalogue) {
    this.#plain = new NameTable(catalogue, plainFold);
    this.#variant = new NameTable(catalogue, variantFold);
  }

  resolve(utterance: LabelledUtterance): Gold | Unresolved {
    if (utterance.text.length > longestUtterance) return 'list';
    const labels = utterance.labels as Partial<Record<string, readonly string[]>>;
    const { SETTING: setting = [], VALUE: value = [], AMOUNT: amount = [], UNIT: unit = [] } = labels;
    if (setting.length + value.length + amount.length === 0) return 'no label';
    const mood = kindOf(utterance);
    const said = value.join(' ');
    if (setting.length === 0)
      return value.length === 0 ? this.#measured(unit.join(' '), mood) : this.#implied(said, mood);
    const named = this.#named(setting.join(' '));
    if (named === null) return 'foreign';
    const { settings, exact, by } = named;
    const kind = exact ? mood : 'underspecified';
    const gold = { kind, by, question: false, settings, exact, values: null };
    if (mood === 'question') return { ...gold, question: true };
    if (value.length + amount.length === 0) return gold;
    const plain = this.#values(settings, said, mood, plainFold);
    const values = plain.size > 0 ? plain : this.#values(settings, said, mood, variantFold);
    if (values.size === 0) return { ...gold, by: 'setting' };
    return { ...gold, by: plain.size > 0 ? by : 'variant', settings: new Set(values.keys()), values };
  }

  #named(text: string): Named | null {
    const plain = this.#plain.find(plainFold(text));
    const tokens = variantFold(text);
    const whole = this.#variant.find(tokens);
    if (plain !== null) {
      // A part of some names may be the whole of another in other forms: "heating", "heat".
      const more = !plain.exact && whole?.exact === true ? whole.settings : [];
      return { settings: new Set([...plain.settings, ...more]), exact: plain.exact, by: 'name' };
    }
    if (whole !== null && whole.settings.size <= mostImplied) return { ...whole, by: 'variant' };
    const short = essential(tokens);
    const part = short.length === 0 ? null : this.#variant.find(short);
    return part === null || part.settings.size > mostImplied
      ? null
      : { ...part, exact: false, by: 'variant' };
  }

  #values(
    settings: ReadonlySet<string>,
    said: string,
    mood: UtteranceKind,
    fold: Fold,
  ): Map<string, ReadonlySet<string>> {
    const values = new Map<string, ReadonlySet<string>>();
    const tokens = fold(said);
    for (const setting of this.catalogue.filter(({ name }) => settings.has(name))) {
      const right = tokens.length === 0 ? amountValues(setting) : saidValues(setting, tokens, mood, fold);
      if (right.size > 0) values.set(setting.name, right);
    }
    return values;
  }

  /** Settings meant by a value that few settings have, in their own words for it. */
  #implied(said: string, mood: UtteranceKind): Gold | Unresolved {
    for (const [fold, by] of [
      [plainFold, 'name'],
      [variantFold, 'variant'],
    ] as const) {
      const tokens = fold(said);
      if (tokens.length === 0 || plain.test(plainFold(said).join(' '))) continue;
      const settings = this.#settingsWith(({ values }) =>
        values.some(({ name, own }) => [name, ...own].some((text) => keyOf(fold(text)) === keyOf(tokens))),
      );
      if (settings.size === 0 || settings.size > mostImplied) continue;
      const gold = { kind: 'underspecified', by, settings, exact: false } as const;
      if (mood === 'question') return { ...gold, question: true, values: null };
      return { ...gold, question: false, values: this.#values(settings, said, mood, fold) };
    }
    return 'no setting';
  }

  /** Settings meant by an amount's unit alone. */
  #measured(unit: string, mood: UtteranceKind): Gold | Unresolved {
    const sign = unitSign(unit);
    const settings = this.#settingsWith(
      ({ amounts }) => sign !== null && amounts.some((amount) => amount.unit.startsWith(sign)),
    );
    if (settings.size === 0 || settings.size > mostImplied) return 'no setting';
    const gold = { kind: 'underspecified', by: 'name', settings, exact: false } as const;
    if (mood === 'question') return { ...gold, question: true, values: null };
    return { ...gold, question: false, values: this.#values(settings, '', mood, plainFold) };
  }

  #settingsWith(has: (setting: Setting) => boolean): Set<string> {
    return new Set(this.catalogue.filter(has).map(({ name }) => name));
  }
}

/** The catalogue's names as one kind of tokens. */
class NameTable {
  readonly #names: readonly { readonly tokens: ReadonlySet<string>; readonly setting: string }[];
  readonly #exact = new Map<string, Set<string>>();

  constructor(catalogue: Catalogue, fold: Fold) {
    this.#names = catalogue.flatMap(({ name, says }) =>
      says.map((text) => {
        const tokens = fold(text);
        const key = keyOf(tokens);
        this.#exact.set(key, (this.#exact.get(key) ?? new Set()).add(name));
        return { tokens: new Set(tokens), setting: name };
      }),
    );
  }

  /** Settings called so, or, where there is none, settings with a name that contains the words. */
  find(tokens: readonly string[]): Omit<Named, 'by'> | null {
    const exact = this.#exact.get(keyOf(tokens));
    if (exact !== undefined) return { settings: exact, exact: true };
    const containing = this.#names.filter((name) => tokens.every((token) => name.tokens.has(token)));
    const settings = new Set(containing.map(({ setting }) => setting));
    return settings.size === 0 ? null : { settings, exact: false };
  }
}

function unitSign(unit: string): string | null {
  if (/degree|celsius|fahrenheit|\u00b0/i.test(unit)) return '\u00b0';
  return /percent|%/i.test(unit) ? '%' : null;
}

function amountValues({ values }: Setting): Set<string> {
  return new Set(values.filter(({ requiresAmount }) => requiresAmount).map(({ name }) => name));
}

/** Values called exactly so, or, where there is none, values with a name that contains the words. */
function saidValues(
  { values }: Setting,
  said: readonly string[],
  mood: UtteranceKind,
  fold: Fold,
): Set<string> {
  const called = values.filter(({ says }) => says.some((text) => keyOf(fold(text)) === keyOf(said)));
  const right =
    called.length > 0
      ? called
      : values.filter(({ says }) => says.some((text) => said.every((token) => fold(text).includes(token))));
  return new Set(right.map(({ name, antonym }) => (mood === 'state' && antonym !== null ? antonym : name)));
}

const asks = [
  /^(what|what's|which|how|how's|why|where|when|who)\b/,
  /^(is|are|am|was|were|do|does|did|have|has|had|should)\b/,
  /\b(tell|know|knowing|ask|hear|rundown|read ?out|update|confirm|inform|remind|verify|status|inquiry|wonder(ing)?)\b/,
  /^(\w+ ){0,3}(check|show|view)\b|\bwhether\b|^(please )?give (me|us) (if|what|how|a)\b/,
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
