/** What a rejection score allows. */
export type Zone = 'act' | 'confirm' | 'reject';

/**
 * Limits of log P(free) - log P(command). Set where synthesized commands and sentences outside the grammar part:
 * commands lie below 5 in 95 % of cases, other sentences above 11; between the limits Vigil asks.
 */
export const zoneLimits = { act: 4, confirm: 10 } as const;

/** @param llr null: nothing in the grammar fitted */
export function zoneOf(llr: number | null): Zone {
  if (llr === null || Number.isNaN(llr) || llr > zoneLimits.confirm) return 'reject';
  return llr <= zoneLimits.act ? 'act' : 'confirm';
}
