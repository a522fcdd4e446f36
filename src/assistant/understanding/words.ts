import { normalise } from '../grammar/normalise.js';

/** A word of a sentence or a name, as it is compared. */
export interface Word {
  /** Lower case, singular, no possessive, one spelling for words that mean the same here. */
  readonly lemma: string;
  /** Without its ending: detect, detector and detection are one. */
  readonly stem: string;
}

/** Spellings and synonyms that mean the same part or place of any vehicle. */
const equivalents: Readonly<Record<string, string>> = {
  temp: 'temperature',
  back: 'rear',
  rearward: 'rear',
  forward: 'front',
  frontal: 'front',
  automatic: 'auto',
  automated: 'auto',
  automatically: 'auto',
  windscreen: 'windshield',
  max: 'maximum',
  maximal: 'maximum',
  min: 'minimum',
  minimal: 'minimum',
  defog: 'demist',
  defogger: 'demister',
  synch: 'sync',
  synchronize: 'sync',
  synchronise: 'sync',
  synchronized: 'synced',
  synchronised: 'synced',
  unsynch: 'unsync',
  unsynchronize: 'unsync',
  unsynchronise: 'unsync',
  unsynchronized: 'unsynced',
  tyre: 'tire',
  aircon: 'ac',
  lo: 'low',
  hi: 'high',
  lvl: 'level',
};

/** Words that tell settings apart that are alike otherwise. */
export const sides: ReadonlySet<string> = new Set(['front', 'rear', 'left', 'right', 'driver', 'passenger']);

const endings = ['ation', 'ing', 'ion', 'ed', 'er', 'or', 'ness', 'ant', 'ance', 'ment'];

/**
 * Text as comparable words. "co-driver" and "co driver" become passenger, "a/c" becomes ac, "air flow" airflow:
 * compounds that people write together and apart,
 * and "right" that is no side.
 */
export function wordsOf(text: string): Word[] {
  const parts = normalise(text).flatMap((word) => (word === 'a/c' ? ['ac'] : word.split('/')));
  const lemmas: string[] = [];
  for (const [i, part] of parts.entries()) {
    // "Put it back to auto" is about no rear.
    const lemma = part === 'back' && /^(to|too|two|2)$/.test(parts[i + 1] ?? '') ? 'again' : lemmaOf(part);
    const last = lemmas.at(-1);
    const together = last === undefined ? undefined : compounds.get(`${last} ${lemma}`);
    if (together === undefined) lemmas.push(lemma);
    else lemmas[lemmas.length - 1] = together;
  }
  return lemmas.filter((lemma) => lemma !== '').map((lemma) => ({ lemma, stem: stemOf(lemma) }));
}

const compounds: ReadonlyMap<string, string> = new Map([
  ['co driver', 'passenger'],
  ['air flow', 'airflow'],
  ['air condition', 'ac'],
  ['air conditioning', 'ac'],
  ['air conditioner', 'ac'],
  ['mid range', 'midrange'],
  ['right now', 'now'],
]);

/** Singular, without possessive, in the one spelling that is compared. */
export function lemmaOf(word: string): string {
  let lemma = word.replace(/'s$|s'$|'$/, '');
  if (lemma.length > 3 && /[^suiy]s$/.test(lemma)) {
    lemma = /(sh|ch|x|ss)es$/.test(lemma) ? lemma.slice(0, -2) : lemma.slice(0, -1);
  }
  return Object.hasOwn(equivalents, lemma) ? equivalents[lemma] : lemma;
}

/** Strips one ending where at least four letters stay; "heating" and "heater" meet in "heat", "brakes" in "brak". */
export function stemOf(lemma: string): string {
  for (const ending of endings) {
    if (lemma.length >= ending.length + 4 && lemma.endsWith(ending))
      return oneSpelling(tidy(lemma.slice(0, -ending.length)));
  }
  return oneSpelling(tidy(lemma));
}

/** "Synched" and "synchronizing" are "sync". */
function oneSpelling(stem: string): string {
  const match = /^(un)?synch(roni[sz])?$/.exec(stem);
  return match === null ? stem : `${match.at(1) ?? ''}sync`;
}

/** Double and silent last letters: "stopp", "brake". */
function tidy(stem: string): string {
  if (stem.length < 5) return stem.length === 4 ? stem.replace(/e$/, '') : stem;
  const short = stem.replace(/e$/, '');
  return /([^aeiouls])\1$/.test(short) ? short.slice(0, -1) : short;
}
