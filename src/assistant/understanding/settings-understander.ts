import type { Amount } from './amounts.js';
import type { Catalogue, Setting } from './catalogue.js';
import type { Decision, SettingChange } from './decision.js';
import { NameIndex, type NameMatch } from './names.js';
import { sentenceOf, type Sentence } from './sentence.js';
import { ValueIndex, type ValueMatch } from './values.js';
import { Vocabulary } from './vocabulary.js';
import { sides, type Word } from './words.js';

/** One reading of a sentence. */
interface Reading {
  readonly setting: number;
  /** Null: only the value was said, and few settings have it. */
  readonly name: NameMatch | null;
  readonly values: readonly ValueMatch[];
  readonly score: number;
  /** 0 to 1: how much of what was said and of the name the reading explains. */
  readonly confidence: number;
  /** Weight of what it leaves unexplained. */
  readonly unexplained: number;
}

/** Names compared per setting before values are looked for. */
const namesPerSetting = 8;
/** Below this the sentence is about something else. */
const leastConfidence = 0.42;
/** To act, the second-best setting has to be this far behind, in weight of words. */
const leastMargin = 0.4;
const leastValueMargin = 0.25;
/** Names of which only words were said that fit every setting are not named at all. */
const leastMatched = 0.5;
/** "Did you mean" offers at most this many. */
const mostCandidates = 4;
/** A value alone suggests a setting only where so few settings have it. */
const mostImplied = 8;

/** Understands sentences about a vehicle's settings outside of any grammar. */
export class SettingsUnderstander {
  readonly #vocabulary: Vocabulary;
  readonly #names: NameIndex;
  readonly #values: ValueIndex;

  constructor(private readonly catalogue: Catalogue) {
    this.#vocabulary = new Vocabulary(catalogue);
    this.#names = new NameIndex(catalogue, this.#vocabulary);
    this.#values = new ValueIndex(catalogue);
  }

  understand(text: string): Decision {
    const sentence = sentenceOf(text, this.#vocabulary);
    const readings = this.#readings(sentence);
    const best = readings.at(0);
    if (best === undefined || best.confidence < leastConfidence)
      return { kind: 'reject', because: 'no setting was recognised' };
    const close = readings.filter(
      ({ score, confidence }) => score > best.score - 2 && confidence >= leastConfidence,
    );
    if (sentence.mood === 'question')
      return {
        kind: 'query',
        settings: close.slice(0, mostCandidates).map(({ setting }) => this.catalogue[setting].name),
      };
    const candidates = close.slice(0, mostCandidates).map((reading) => this.#change(reading, sentence));
    const doubt = this.#doubt(best, readings.at(1), sentence, candidates[0]);
    return doubt === null ? { kind: 'act', act: candidates[0] } : { kind: 'ask', candidates, because: doubt };
  }

  /** One reading per setting, best first. */
  #readings(sentence: Sentence): Reading[] {
    const best = new Map<number, Reading>();
    const offer = (reading: Reading): void => {
      const other = best.get(reading.setting);
      if (other === undefined || reading.score > other.score) best.set(reading.setting, reading);
    };
    for (const name of this.#names.matches(sentence, namesPerSetting))
      if (name.matched >= leastMatched) offer(this.#named(name, sentence));
    for (const reading of this.#implied(sentence)) offer(reading);
    if (best.size === 0) for (const reading of this.#measured(sentence)) offer(reading);
    return [...best.values()].sort((a, b) => b.score - a.score || a.setting - b.setting);
  }

  #named(name: NameMatch, sentence: Sentence): Reading {
    const amounts = sentence.amounts.flatMap(({ at }) => at);
    const free = this.#values.matches(name.setting, sentence, new Set([...name.at, ...amounts]));
    const values = free.length > 0 ? free : this.#nameAsValue(name, sentence, amounts);
    const unexplained = this.#unexplained(sentence, [...name.at, ...(values.at(0)?.at ?? []), ...amounts]);
    // A question may name a value that the setting does not even have; a longer name said in full means that name.
    const value = sentence.mood === 'question' ? 0 : 0.3 * Math.min(1, values.at(0)?.score ?? 0);
    const whole = name.complete ? 0.15 * name.at.length : 0;
    return {
      setting: name.setting,
      name,
      values,
      score:
        name.matched -
        name.missing -
        0.7 * unexplained +
        value +
        whole +
        this.#preference(name.setting, sentence),
      confidence: name.matched / (name.matched + name.missing + 0.6 * unexplained),
      unexplained,
    };
  }

  /** Where no other value was said, a word can be name and value at once ("hotter", "sync heat"); too little to act on. */
  #nameAsValue({ setting }: NameMatch, sentence: Sentence, amounts: readonly number[]): ValueMatch[] {
    return this.#values
      .matches(setting, sentence, new Set(amounts))
      .filter(({ sure }) => sure)
      .map((match) => ({ ...match, score: match.score / 2, sure: false }));
  }

  #implied(sentence: Sentence): Reading[] {
    const amounts = sentence.amounts.flatMap(({ at }) => at);
    const found = this.catalogue.flatMap((_, setting) => {
      const values = this.#values
        .matches(setting, sentence, new Set(amounts))
        .filter(({ score, plain }) => score >= 0.5 && !plain);
      return values.length === 0 ? [] : [{ setting, values }];
    });
    const strongest = Math.max(0, ...found.map(({ values }) => values[0].score));
    const strong = found.filter(({ values }) => values[0].score > strongest - 0.1);
    if (strong.length > mostImplied) return [];
    return strong.map(({ setting, values }) => {
      const unexplained = this.#unexplained(sentence, [...values[0].at, ...amounts]);
      return {
        setting,
        name: null,
        values,
        score: values[0].score - 1 - 0.7 * unexplained + this.#preference(setting, sentence),
        confidence: 0.8 / (0.8 + 0.6 * unexplained),
        unexplained,
      };
    });
  }

  /** Where only an amount was said: settings that are measured in its unit. */
  #measured(sentence: Sentence): Reading[] {
    const amount = sentence.amounts.at(-1);
    if (amount === undefined || amount.unit === '') return [];
    const scale = amount.unit.charAt(0);
    const at = sentence.amounts.flatMap((each) => each.at);
    const found = this.catalogue.flatMap(({ amounts }, setting) =>
      amounts.some(({ unit }) => unit.startsWith(scale)) ? [setting] : [],
    );
    if (found.length > mostImplied) return [];
    return found.map((setting) => {
      const values = this.#values.matches(setting, sentence, new Set(at));
      const unexplained = this.#unexplained(sentence, [...(values.at(0)?.at ?? []), ...at]);
      const score = -0.7 * unexplained + this.#preference(setting, sentence);
      const confidence = 0.8 / (0.8 + 0.6 * unexplained);
      return { setting, name: null, values, score, confidence, unexplained };
    });
  }

  #unexplained({ words, aside }: Sentence, at: readonly number[]): number {
    return words
      .filter((word, i) => !at.includes(i) && !aside.has(i) && !this.#vocabulary.negligible(word))
      .reduce((sum, word) => sum + this.#weightUnexplained(word), 0);
  }

  #weightUnexplained(word: Word): number {
    if (sides.has(word.lemma)) return 1.2;
    if (this.#vocabulary.names(word.stem)) return Math.min(2, this.#vocabulary.weight(word));
    return this.#vocabulary.knows(word.stem) ? 0.8 : 1;
  }

  /** Between equals: the setting that sets others along, and the one whose own name was said; never decisive. */
  #preference(setting: number, { fits }: Sentence): number {
    const { includes, name } = this.catalogue[setting];
    const words = name.toLowerCase().split(/\W+/);
    const said = words.filter((word) => fits.has(word)).length / words.length;
    return 0.05 * said + (includes.length > 0 ? 0.02 * includes.length : 0);
  }

  #change({ setting: index, values }: Reading, sentence: Sentence): SettingChange {
    const setting = this.catalogue[index];
    const amount = setting.amounts.length > 0 ? sentence.amounts.at(-1) : undefined;
    const value = valueOf(setting, values, amount, sentence);
    return {
      setting: setting.name,
      value,
      ...(amount === undefined ? {} : { amount: amount.value, unit: amount.unit }),
    };
  }

  /** Why not to act on the best reading; null: nothing speaks against it. */
  #doubt(
    best: Reading,
    second: Reading | undefined,
    sentence: Sentence,
    change: SettingChange,
  ): string | null {
    const setting = this.catalogue[best.setting];
    if (sentence.mood !== 'command') return `said as a ${sentence.mood}`;
    if (best.name?.complete !== true) return 'the setting was not named in full';
    if (sentence.words.some(({ lemma }) => telling.has(lemma))) return 'it may be a question';
    if (best.unexplained > 0 || leftSwitching(sentence, best)) return 'part of it was not understood';
    if (second !== undefined && second.score > best.score - leastMargin) return 'it could be another setting';
    if (change.value === null) return 'the value was not named';
    const value = best.values.at(0);
    const other = best.values.at(1);
    const amounts = sentence.amounts.length;
    if (value !== undefined && !value.sure) return 'the value was not named in full';
    if (value !== undefined && other !== undefined && other.score > value.score - leastValueMargin)
      return 'it could be another value';
    if (setting.values.find(({ name }) => name === change.value)?.requiresConfirmation === true)
      return 'this has to be confirmed';
    if (amounts > 1 || (amounts === 1 && setting.amounts.length === 0)) return 'the amount does not fit';
    return amounts === 1 ? amountDoubt(setting, sentence.amounts[0]) : null;
  }
}

/** Words for asking rather than changing, wherever they stand. */
const telling = new Set(['status', 'state', 'update', 'rundown', 'know']);

/** Words that switch things: one that the value does not explain contradicts it ("shut down" is not "down"). */
const switching = new Set(
  'off shut stop disable disabled deactivate deactivated inactive close cancel activate activated enable enabled start open'.split(
    ' ',
  ),
);

function leftSwitching({ words }: Sentence, { name, values }: Reading): boolean {
  const explained = new Set([...(name?.at ?? []), ...(values.at(0)?.at ?? [])]);
  return words.some(({ lemma }, at) => switching.has(lemma) && !explained.has(at));
}

function valueOf(
  setting: Setting,
  values: readonly ValueMatch[],
  amount: Amount | undefined,
  { mood }: Sentence,
): string | null {
  const said = values.at(0)?.value;
  if (said === undefined) {
    const set = setting.values.find(({ requiresAmount }) => requiresAmount);
    return amount === undefined ? null : (set?.name ?? null);
  }
  // "It's cold" wants the opposite of what "colder" wants.
  return mood === 'state' && said.antonym !== null ? said.antonym : said.name;
}

/** Whether the setting takes this amount; a change by an amount has no limits of its own. */
function amountDoubt({ amounts }: Setting, { value, unit, relative }: Amount): string | null {
  const range = amounts.find((each) => each.unit === unit);
  if (range === undefined) return 'the unit does not fit';
  if (typeof value === 'string' || relative) return null;
  const fits = (range.min === null || value >= range.min) && (range.max === null || value <= range.max);
  return fits ? null : 'the amount is out of range';
}
