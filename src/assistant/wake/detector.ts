import { wakeHopMs } from './features.js';

export interface WakeRule {
  /** Scores from this on speak for the phrase. */
  readonly threshold: number;
  /** So many of them one after the other are a detection. */
  readonly windows: number;
  /** No second detection for so long, ms. */
  readonly refractoryMs: number;
}

/** One score: each is a mean over several windows already. */
export const defaultRule: Omit<WakeRule, 'threshold'> = { windows: 1, refractoryMs: 1000 };

export interface WakeState {
  /** High scores without a gap so far. */
  readonly high: number;
  /** A score below the threshold was seen since the last detection: one phrase is detected once. */
  readonly armed: boolean;
  /** Time of the last detection and of the last score, ms on the drive clock. */
  readonly lastDetection: number | null;
  readonly lastScore: number | null;
}

export const wakeStart: WakeState = { high: 0, armed: true, lastDetection: null, lastScore: null };

/** Scores further apart than this do not belong together, ms. */
const gapMs = 2 * wakeHopMs;

/**
 * One score further. A score that is not a number speaks against the phrase; a gap or a step back in time begins anew.
 * @param t end of the window that the score is about, ms on the drive clock
 */
export function stepWake(
  state: WakeState,
  score: number,
  t: number,
  rule: WakeRule,
): { readonly state: WakeState; readonly detected: boolean } {
  const isHigh = score >= rule.threshold;
  const follows = state.lastScore !== null && t > state.lastScore && t - state.lastScore <= gapMs;
  const high = isHigh ? (follows ? state.high : 0) + 1 : 0;
  const armed = state.armed || !isHigh;
  const rested = state.lastDetection === null || Math.abs(t - state.lastDetection) >= rule.refractoryMs;
  const detected = armed && rested && high >= rule.windows;
  return {
    detected,
    state: {
      high: detected ? 0 : high,
      armed: detected ? false : armed,
      lastDetection: detected ? t : state.lastDetection,
      lastScore: t,
    },
  };
}

/** Times of the detections in a row of scores, one each 80 ms from `firstMs` on. */
export function detections(scores: readonly number[], rule: WakeRule, firstMs = wakeHopMs): number[] {
  const times: number[] = [];
  let state = wakeStart;
  scores.forEach((score, index) => {
    const t = firstMs + index * wakeHopMs;
    const step = stepWake(state, score, t, rule);
    state = step.state;
    if (step.detected) times.push(t);
  });
  return times;
}

/**
 * The highest threshold at which a row of scores holds a detection: the best run of `windows` scores, each at least so
 * high. 0 for a row that is too short.
 */
export function bestRun(scores: readonly number[], windows = defaultRule.windows): number {
  let best = 0;
  for (let at = 0; at + windows <= scores.length; at++)
    best = Math.max(best, Math.min(...scores.slice(at, at + windows)));
  return best;
}
