import { wakeHopMs } from './features.js';

export interface CandidateRule {
  /** Scores from this on may be the phrase. */
  readonly candidate: number;
  /** From this on they are asked about at once. */
  readonly sure: number;
}

export interface CandidateState {
  /** Time of the first high score in this row that was not asked about yet, ms; null: the last was low. */
  readonly since: number | null;
  /** The highest of them. */
  readonly top: number;
  /** Times of the last two questions, oldest first, ms on the drive clock. */
  readonly asked: readonly number[];
  /** Time of the last score. */
  readonly lastScore: number | null;
}

export const candidateStart: CandidateState = { since: null, top: 0, asked: [], lastScore: null };

/** Scores go on rising until a phrase is over; it is asked about when they fall, or after so long, ms. */
const settleMs = 240;
/** Between two questions, and for two of them, ms: a second opinion takes up to 0.2 s of a core. */
const restMs = 320;
const twoInMs = 2000;
/** Scores further apart than this do not belong together, ms. */
const gapMs = 2 * wakeHopMs;

/**
 * One score further, where a second opinion is to be had: when to ask for it. Unlike a detection a question costs little,
 * so it is asked again while scores stay high, twice in two
 * seconds at most; a high score that was asked about too early loses nothing.
 * @param t end of the window that the score is about, ms on the drive clock
 */
export function stepCandidate(
  state: CandidateState,
  score: number,
  t: number,
  { candidate, sure }: CandidateRule,
): { readonly state: CandidateState; readonly ask: boolean; readonly top: number } {
  const follows = state.lastScore !== null && t > state.lastScore && t - state.lastScore <= gapMs;
  const isHigh = score >= candidate;
  const before = follows ? state.since : null;
  const since = before ?? (isHigh ? t : null);
  const top = Math.max(before === null ? 0 : state.top, isHigh ? score : 0);
  const [before2, before1] = state.asked.length === 2 ? state.asked : [undefined, state.asked.at(0)];
  const isAfter = (asked: number | undefined, ms: number): boolean =>
    asked === undefined || t < asked || t - asked >= ms;
  const rested = isAfter(before1, restMs) && isAfter(before2, twoInMs);
  const isSettled = since !== null && (score >= sure || !isHigh || score < top || t - since >= settleMs);
  const ask = isSettled && rested;
  return {
    ask,
    top,
    state: {
      since: ask || !isHigh ? null : since,
      top: ask || !isHigh ? 0 : top,
      asked: ask ? [...state.asked, t].slice(-2) : state.asked,
      lastScore: t,
    },
  };
}
