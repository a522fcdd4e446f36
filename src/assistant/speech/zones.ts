import { isTooSlow } from './pace.js';

/** What a rejection score allows. */
export type Zone = 'act' | 'confirm' | 'reject';

/**
 * Limits of log P(free) - log P(command). Set where synthesized commands and sentences outside the grammar part:
 * commands lie below 5 in 95 % of cases, other sentences above 11; between the limits Vigil asks.
 */
export const zoneLimits = { act: 4, confirm: 10 } as const;

/** What the best sentence says, and how long the sound is that it was heard in. */
export interface Spoken {
  readonly words: readonly string[];
  readonly soundS: number;
}

const oneLess: Readonly<Record<Zone, Zone>> = { act: 'confirm', confirm: 'reject', reject: 'reject' };

/**
 * Words that nobody takes so long for are allowed less than their score says: a long sentence that the network cannot
 * write has a short one in it somewhere ("what's the time" in "what time is the next appointment with my dentist").
 * @param llr null: nothing in the grammar fitted
 * @param spoken null: not known, the score alone decides
 */
export function zoneOf(llr: number | null, spoken: Spoken | null = null): Zone {
  if (llr === null || Number.isNaN(llr) || llr > zoneLimits.confirm) return 'reject';
  const zone = llr <= zoneLimits.act ? 'act' : 'confirm';
  return spoken !== null && isTooSlow(spoken.words, spoken.soundS) ? oneLess[zone] : zone;
}
