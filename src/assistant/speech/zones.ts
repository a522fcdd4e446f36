import { normalise } from '../grammar/normalise.js';
import { isTooSlow } from './pace.js';

/** What a rejection score allows. */
export type Zone = 'act' | 'confirm' | 'reject';

/** Limits of the rejection score; docs/speech-results.md says how they were chosen. Between them Vigil asks. */
export const zoneLimits = { act: 5, confirm: 10 } as const;

/** What was heard besides the score. */
export interface Spoken {
  /** Of the best sentence of the grammar. */
  readonly words: readonly string[];
  /** What the network writes without a grammar. */
  readonly freeText: string;
  /** How long the sound is, with the silence around the speech. */
  readonly soundS: number;
}

/**
 * log P(free) - log P(command), and one more for each word that the free sentence has more: where the network cannot
 * write what it hears, a short sentence is likelier than any long one, whatever was said.
 * @param llr null: nothing in the grammar fitted
 * @returns infinite for null and NaN
 */
export function rejectionScore(llr: number | null, { words, freeText }: Spoken): number {
  if (llr === null || Number.isNaN(llr)) return Number.POSITIVE_INFINITY;
  return llr + Math.max(0, normalise(freeText).length - words.length);
}

const oneLess: Readonly<Record<Zone, Zone>> = { act: 'confirm', confirm: 'reject', reject: 'reject' };

/**
 * Words that nobody takes so long for are allowed less than their score says: a long sentence that the network cannot
 * write has a short one in it somewhere ("what's the time" in "what time is the next appointment with my dentist").
 * @param llr null: nothing in the grammar fitted
 */
export function zoneOf(llr: number | null, spoken: Spoken): Zone {
  const score = rejectionScore(llr, spoken);
  if (score > zoneLimits.confirm) return 'reject';
  const zone = score <= zoneLimits.act ? 'act' : 'confirm';
  return isTooSlow(spoken.words, spoken.soundS) ? oneLess[zone] : zone;
}
