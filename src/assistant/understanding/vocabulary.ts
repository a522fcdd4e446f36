import type { Catalogue } from './catalogue.js';
import { similarity } from './similarity.js';
import { wordsOf, type Word } from './words.js';

/** Words that carry grammar, politeness or degree, not a setting. */
const functional = new Set(
  (
    'a an the my our your this that these those it its me i you we he she they is are am be been was were do does did ' +
    'have has had to too two 2 for of in at by with from into onto as than then there here and or please could can ' +
    'would will want need like love id just only really still currently current right-now now already back again so ' +
    "very bit kind somewhat way little darn friggin some any all it's i'm i'd i'll what's i've let get got go ahead make " +
    'sure able possible if whether what which how tell know check confirm inform remind show help give be moment yet kind car vehicle automobile ' +
    'wanna gonna hey hi hello ok okay well um uh er alright excuse kindly status state update rundown'
  ).split(' '),
);

/** Nouns and verbs of handling that fit every setting. */
const generic = new Set(
  (
    'set setting mode system control mechanism level stage feature function option button speed turn ' +
    'turned switch switched change changed adjust adjusted put place placed keep maintain select choose press modify ' +
    'modified alter altered customize customise tune tweak configure move power shut reset convert operating ' +
    'operational side part degree number notch'
  ).split(' '),
);

/** How a word of a sentence fits a word of a name. */
export interface Fit {
  readonly at: number;
  /** 1 the same word, less for the same stem, less for a misheard word. */
  readonly weight: number;
}

/** The words of a catalogue's names and how much each tells. */
export class Vocabulary {
  readonly #settingsByStem = new Map<string, Set<number>>();
  readonly #values = new Set<string>();
  readonly #words = new Map<string, string>();

  constructor(private readonly catalogue: Catalogue) {
    catalogue.forEach(({ says, values }, setting) => {
      for (const { lemma, stem } of says.flatMap(wordsOf)) {
        const settings = this.#settingsByStem.get(stem) ?? new Set();
        this.#settingsByStem.set(stem, settings.add(setting));
        this.#words.set(lemma, stem);
      }
      for (const { lemma, stem } of values.flatMap((value) => value.says).flatMap(wordsOf)) {
        this.#values.add(stem);
        this.#words.set(lemma, stem);
      }
    });
  }

  knows(stem: string): boolean {
    return this.#settingsByStem.has(stem) || this.#values.has(stem);
  }

  names(stem: string): boolean {
    return this.#settingsByStem.has(stem);
  }

  /**
   * How much a word tells about the setting meant: inverse document frequency over settings (Spärck Jones 1972),
   * little for words that fit every setting.
   */
  weight({ lemma, stem }: Word): number {
    const settings = this.#settingsByStem.get(stem)?.size ?? 1;
    const idf = Math.log((this.catalogue.length + 1) / settings) + 0.2;
    if (functional.has(lemma)) return 0.05;
    return generic.has(lemma) || generic.has(stem) ? 0.25 * Math.min(idf, 1) : idf;
  }

  /** Whether leaving the word unexplained says nothing. */
  negligible({ lemma, stem }: Word): boolean {
    return functional.has(lemma) || generic.has(lemma) || generic.has(stem);
  }

  /** Words of the catalogue that an unknown word may be a mishearing of, with how alike they are; known words: none. */
  alike({ lemma, stem }: Word): ReadonlyMap<string, number> {
    const found = new Map<string, number>();
    if (lemma.length < 4 || this.knows(stem) || this.negligible({ lemma, stem })) return found;
    for (const [word, wordStem] of this.#words) {
      if (Math.abs(word.length - lemma.length) > 3) continue;
      const like = similarity(lemma, word);
      if (like >= 0.74) found.set(wordStem, Math.max(like, found.get(wordStem) ?? 0));
    }
    return found;
  }
}
