import { amountsIn, type Amount } from './amounts.js';
import { moodOf, type Mood } from './mood.js';
import type { Fit, Vocabulary } from './vocabulary.js';
import { wordsOf, type Word } from './words.js';

/** A sentence, prepared for comparing with names. */
export interface Sentence {
  readonly words: readonly Word[];
  readonly mood: Mood;
  readonly amounts: readonly Amount[];
  /** Positions where a question names a value to be confirmed, which says nothing about the setting. */
  readonly aside: ReadonlySet<number>;
  /** Positions behind "to" in an order, where a value is more likely than a setting. */
  readonly late: ReadonlySet<number>;
  /** Positions by stem: where a name's word can be found. */
  readonly fits: ReadonlyMap<string, readonly Fit[]>;
}

/** "two", "2" and "too" as recognisers write "to". */
const maybeTo = new Set(['two', '2', 'too']);

/** What a mishearing is worth beside the same word. */
const misheard = 0.8;

/** What a setting's name is worth where a value is expected. */
const besideTheSetting = 0.5;

export function sentenceOf(text: string, vocabulary: Vocabulary): Sentence {
  const words = wordsOf(text);
  const lemmas = words.map(({ lemma }) => lemma);
  const fits = new Map<string, Fit[]>();
  const add = (stem: string, fit: Fit): void => {
    fits.set(stem, [...(fits.get(stem) ?? []), fit]);
  };
  const amounts = amountsOf(lemmas);
  const mood = moodOf(text);
  const aside = mood === 'question' ? valuePlaces(lemmas) : new Set<number>();
  const numeric = new Set(amounts.flatMap(({ at }) => at));
  words.forEach((word, at) => {
    const weight = aside.has(at) ? besideTheSetting : 1;
    add(word.stem, { at, weight });
    if (numeric.has(at)) return;
    for (const [stem, like] of vocabulary.alike(word)) add(stem, { at, weight: weight * misheard * like });
  });
  return { words, mood, amounts, aside, late: mood === 'question' ? new Set() : latePlaces(lemmas), fits };
}

/** Amounts without those that are a "to" in disguise: followed by more than a unit or the end. */
function amountsOf(lemmas: readonly string[]): Amount[] {
  const disguised = new Set<number>();
  lemmas.forEach((lemma, at) => {
    if (
      maybeTo.has(lemma) &&
      at + 1 < lemmas.length &&
      !['degree', 'percent', 'celsius', 'fahrenheit', 'please'].includes(lemmas[at + 1])
    )
      disguised.add(at);
  });
  return amountsIn(lemmas.map((lemma, at) => (disguised.has(at) ? 'to' : lemma)));
}

/** "is it set TO ...", "is it switched ON ...": what follows is a value, unless a setting is announced after it. */
const beforeValue =
  /\b(set|switched|switch|changed|change|turned|turn|adjusted|modified|put|still|currently|synchronized)( still| currently| back| already)? (on|to|at|too|two|2|in)\b|\b(is|are) (still |currently )?at\b/;
/** "... for the status of X": what comes before is a value, what follows the setting. */
const beforeSetting = /\b(status|state|setting) (of|for)\b/;

function valuePlaces(lemmas: readonly string[]): Set<number> {
  const text = lemmas.join(' ');
  const setting = beforeSetting.exec(text);
  const value = beforeValue.exec(text);
  const announced = setting === null ? -1 : wordsIn(text.slice(0, setting.index));
  const from = value === null ? lemmas.length : wordsIn(text.slice(0, value.index + value[0].length));
  // Without a word about the setting before it, the value's place is no place of a value: "is it on the left".
  const places = from > announced ? lemmas.map((_, at) => at >= from) : lemmas.map((_, at) => at < announced);
  return new Set(places.flatMap((isPlace, at) => (isPlace ? [at] : [])));
}

/** An order's value comes in its last few words. */
const mostValueWords = 5;

function latePlaces(lemmas: readonly string[]): Set<number> {
  const to = lemmas.findLastIndex((lemma) => lemma === 'to' || maybeTo.has(lemma));
  const rest = lemmas.length - to - 1;
  return to <= 0 || rest > mostValueWords
    ? new Set()
    : new Set(Array.from({ length: rest }, (_, i) => to + 1 + i));
}

function wordsIn(text: string): number {
  return text.split(' ').filter((word) => word !== '').length;
}
