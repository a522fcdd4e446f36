import { scoreOf } from '../head.js';

/** Highest log-odds of separate stretches of speech, and how much speech that is. */
export interface Peaks {
  readonly odds: readonly number[];
  readonly hours: number;
}

/** So great a part of the stretches, the highest, is the tail. */
const tailShare = 0.1;
const fewestInTail = 10;

/**
 * The score that other speech exceeds so often an hour. A rate below one in the speech at hand is found by continuing
 * the tail of the peaks as an exponential one (peaks over threshold, Pickands 1975, with shape 0).
 * @param perHour above 0
 */
export function scoreForRate({ odds, hours }: Peaks, perHour: number): number {
  const ordered = [...odds].sort((a, b) => b - a);
  const wanted = perHour * hours;
  const tail = Math.min(ordered.length - 1, Math.max(fewestInTail, Math.round(tailShare * ordered.length)));
  // Within the tail's body the count itself says it.
  if (wanted >= tail) return scoreOf(ordered[Math.min(ordered.length - 1, Math.round(wanted))]);
  const from = ordered[tail];
  const excess = ordered.slice(0, tail).reduce((sum, value) => sum + value - from, 0) / tail;
  return scoreOf(from + excess * Math.log(tail / wanted));
}

/**
 * How well peaks of the phrase stand out from peaks of other speech: the mean share above the 1st, 2nd, 3rd, 5th and
 * 9th highest of these, 0 to 1.
 */
export function standsOut(phrase: readonly number[], other: readonly number[]): number {
  const ordered = [...other].sort((a, b) => b - a);
  const ranks = [0, 1, 2, 4, 8].filter((rank) => rank < ordered.length);
  const share = (rank: number): number =>
    phrase.filter((value) => value > ordered[rank]).length / Math.max(1, phrase.length);
  return ranks.reduce((sum, rank) => sum + share(rank), 0) / Math.max(1, ranks.length);
}
