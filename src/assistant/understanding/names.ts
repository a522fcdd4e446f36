import type { Catalogue } from './catalogue.js';
import type { Sentence } from './sentence.js';
import type { Vocabulary } from './vocabulary.js';
import { sides, wordsOf, type Word } from './words.js';

/** How a name of a setting was found in a sentence. */
export interface NameMatch {
  readonly setting: number;
  readonly name: string;
  /** Positions of the sentence that are the name's words. */
  readonly at: readonly number[];
  /** Weight of the name's words that were said, and of those that were not. */
  readonly matched: number;
  readonly missing: number;
  /** Every word was said as it is written. */
  readonly complete: boolean;
}

interface Name {
  readonly setting: number;
  readonly text: string;
  /** In the catalogue's own words; otherwise it is no name in full. */
  readonly own: boolean;
  readonly words: readonly Word[];
}

/** Names by word. */
export class NameIndex {
  readonly #names: readonly Name[];
  readonly #byStem = new Map<string, number[]>();

  constructor(
    catalogue: Catalogue,
    private readonly vocabulary: Vocabulary,
  ) {
    const names = new Map<string, Name>();
    catalogue.forEach(({ says }, setting) => {
      for (const text of [...says, ...says.flatMap(alternatives)]) {
        const words = wordsOf(text);
        const key = `${setting} ${words.map(({ lemma }) => lemma).join(' ')}`;
        if (words.length > 0 && !names.has(key))
          names.set(key, { setting, text, own: says.includes(text), words });
      }
    });
    this.#names = [...names.values()];
    this.#names.forEach(({ words }, index) => {
      for (const stem of new Set(
        words.filter((word) => vocabulary.weight(word) > 0.1).map((word) => word.stem),
      ))
        this.#byStem.set(stem, [...(this.#byStem.get(stem) ?? []), index]);
    });
  }

  /** The best few matches of each setting that shares a word with the sentence; best first. */
  matches(sentence: Sentence, perSetting: number): NameMatch[] {
    const touched = new Set([...sentence.fits.keys()].flatMap((stem) => this.#byStem.get(stem) ?? []));
    const bySetting = new Map<number, NameMatch[]>();
    for (const index of touched) {
      const match = this.#match(this.#names[index], sentence);
      bySetting.set(match.setting, [...(bySetting.get(match.setting) ?? []), match]);
    }
    return [...bySetting.values()]
      .flatMap((matches) => matches.sort(better).slice(0, perSetting))
      .sort(better);
  }

  /** Places where words that tell something come between these positions. */
  #gaps(at: readonly number[], said: readonly Word[]): number {
    return at
      .slice(1)
      .filter((to, i) => said.slice(at[i] + 1, to).some((word) => !this.vocabulary.negligible(word))).length;
  }

  #match({ setting, text, own, words }: Name, { fits, late, words: said }: Sentence): NameMatch {
    const at: number[] = [];
    let [matched, missing] = [0, 0];
    let complete = own;
    for (const word of words) {
      const weight = this.vocabulary.weight(word);
      const fit = fits.get(word.stem)?.find((each) => !at.includes(each.at));
      if (fit === undefined) {
        missing += weight * (sides.has(word.lemma) ? missingSide : 1);
        complete &&= weight <= 0.05;
        continue;
      }
      const same = said[fit.at].lemma === word.lemma;
      at.push(fit.at);
      matched += weight * (same ? 1 : 0.9) * fit.weight * (late.has(fit.at) ? whereValuesAre : 1);
      complete &&= same || fit.weight === 1;
    }
    at.sort((a, b) => a - b);
    return { setting, name: text, at, matched, missing: missing + apart * this.#gaps(at, said), complete };
  }
}

/** "Rear defog or defrost" is called "rear defog" and "rear defrost" too. */
function alternatives(text: string): string[] {
  const match = /^(.*?)(\S+) or (\S+)(.*)$/.exec(text);
  return match === null ? [] : [`${match[1]}${match[2]}${match[4]}`, `${match[1]}${match[3]}${match[4]}`];
}

/** What a name's word is worth where a value is expected. */
const whereValuesAre = 0.6;
/** People leave out which side before they leave out which device. */
const missingSide = 0.6;
/** What a name costs for every place where other words come between its own. */
const apart = 0.3;

function better(a: NameMatch, b: NameMatch): number {
  return b.matched - b.missing - (a.matched - a.missing);
}
