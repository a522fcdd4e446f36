import type { Setting, SettingValue } from './catalogue.js';
import { cold, english, warm } from './english-values.js';
import type { Sentence } from './sentence.js';
import { wordsOf, type Word } from './words.js';

/** How a value was found in a sentence. */
export interface ValueMatch {
  readonly value: SettingValue;
  readonly at: readonly number[];
  /** About the number of words that say it. */
  readonly score: number;
  /** Said in the catalogue's own words, all of them. */
  readonly sure: boolean;
  /** A word for on or off, which names no setting. */
  readonly plain: boolean;
}

/** What a word for on or off is worth beside any other value. */
const plainStrength = 0.6;
const unlistedStrength = 0.55;

interface Phrase {
  readonly value: SettingValue;
  readonly words: readonly Word[];
  readonly strength: number;
  readonly listed: boolean;
  readonly plain: boolean;
}

/** Small words that join the parts of a value's name. */
const joining = new Set(['and', 'the', 'of', 'to', 'all']);

export class ValueIndex {
  readonly #phrases: readonly (readonly Phrase[])[];

  constructor(catalogue: readonly Setting[]) {
    this.#phrases = catalogue.map((setting) => phrasesOf(setting));
  }

  /**
   * Values of a setting in the sentence, the best match of each, best first.
   * @param taken positions that the setting's name or an amount explains: they can complete a value's name but not make it
   */
  matches(setting: number, sentence: Sentence, taken: ReadonlySet<number>): ValueMatch[] {
    const best = new Map<string, ValueMatch>();
    for (const phrase of this.#phrases[setting]) {
      const match = matchOf(phrase, sentence, taken);
      if (match !== null && match.score > (best.get(match.value.name)?.score ?? 0))
        best.set(match.value.name, match);
    }
    return [...best.values()].sort((a, b) => b.score - a.score);
  }
}

function phrasesOf({ values }: Setting): Phrase[] {
  // A value that only an amount says, like "set", is told by the amount.
  const phrases = values
    .filter(({ requiresAmount }) => !requiresAmount)
    .flatMap((value) =>
      value.says.map((text) => ({
        value,
        words: wordsOf(text),
        strength: isPlain(text) ? plainStrength : 1,
        listed: true,
        plain: isPlain(text),
      })),
    );
  const further = (value: SettingValue, texts: readonly string[], plain = false): void => {
    for (const text of texts)
      phrases.push({ value, words: wordsOf(text), strength: unlistedStrength, listed: false, plain });
  };
  const feels = values.some(({ own }) => own.includes('warm') || own.includes('warmer'));
  for (const value of values) {
    const name = value.name.toLowerCase();
    if (/^(auto |all )?(on|enabled?)$/.test(name)) further(value, english.on, true);
    if (/^(auto |all )?(off|disabled?)$/.test(name)) further(value, english.off, true);
    if (name === 'increase') further(value, feels ? [...english.increase, ...warm] : english.increase);
    if (name === 'decrease') further(value, feels ? [...english.decrease, ...cold] : english.decrease);
  }
  return phrases.filter(({ words }) => words.length > 0);
}

/** On and off are prepositions and parts of verbs too; any other value that was said goes before. */
function isPlain(text: string): boolean {
  return /^(on|off|(de|in)?activated?|(de|in)?active|(en|dis)abled?|start( up)?|stop|shut down|used?)$/i.test(
    text,
  );
}

function matchOf(
  phrase: Phrase,
  { fits, words: said }: Sentence,
  taken: ReadonlySet<number>,
): ValueMatch | null {
  const at: number[] = [];
  let [matched, missing, exact] = [0, 0, true];
  for (const word of phrase.words) {
    const light = joining.has(word.lemma) && phrase.words.length > 1;
    const found = fits.get(word.stem) ?? [];
    const fit = found.find((each) => !taken.has(each.at) && !at.includes(each.at));
    if (fit !== undefined) {
      const same = said[fit.at].lemma === word.lemma;
      at.push(fit.at);
      matched += (light ? 0.1 : 1) * fit.weight * (same ? 1 : 0.95);
      exact &&= fit.weight === 1;
    } else if (found.some((each) => taken.has(each.at))) {
      // "Auto" of an automatic blower completes "auto on"; only a switching word can be completed so for sure.
      exact &&= light || phrase.words.some(({ lemma }) => lemma === 'on' || lemma === 'off');
    } else {
      missing += light ? 0 : 0.6;
      exact &&= light;
    }
  }
  if (at.length === 0 || matched < 0.5 || (missing > 0 && !phrase.listed)) return null;
  const span = Math.max(...at) - Math.min(...at) + 1;
  const score = phrase.strength * (matched - missing) - 0.03 * Math.min(5, span - at.length);
  return score <= 0
    ? null
    : { value: phrase.value, at, score, sure: exact && phrase.listed, plain: phrase.plain };
}
