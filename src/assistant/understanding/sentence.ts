import { amountsIn, type Amount } from './amounts.js';
import { moodOf, type Mood } from './mood.js';
import type { Fit, Vocabulary } from './vocabulary.js';
import { wordsOf, type Word } from './words.js';

/** A sentence, prepared for comparing with names. */
export interface Sentence {
  readonly words: readonly Word[];
  readonly mood: Mood;
  readonly amounts: readonly Amount[];
  /** Positions by stem: where a name's word can be found. */
  readonly fits: ReadonlyMap<string, readonly Fit[]>;
}

/** "two", "2" and "too" as recognisers write "to". */
const maybeTo = new Set(['two', '2', 'too']);

/** What a mishearing is worth beside the same word. */
const misheard = 0.8;

export function sentenceOf(text: string, vocabulary: Vocabulary): Sentence {
  const words = wordsOf(text);
  const lemmas = words.map(({ lemma }) => lemma);
  const fits = new Map<string, Fit[]>();
  const add = (stem: string, fit: Fit): void => {
    fits.set(stem, [...(fits.get(stem) ?? []), fit]);
  };
  const amounts = amountsOf(lemmas);
  const numeric = new Set(amounts.flatMap(({ at }) => at));
  words.forEach((word, at) => {
    add(word.stem, { at, weight: 1 });
    if (numeric.has(at)) return;
    for (const [stem, like] of vocabulary.alike(word)) add(stem, { at, weight: misheard * like });
  });
  return { words, mood: moodOf(text), amounts, fits };
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
