import type { Decision } from '../../src/assistant/understanding/decision.js';
import type { Gold } from './utterances-gold.js';
import type { Interval } from './wilson.js';

export type Outcome = 'correct' | 'wrong' | 'rest';

/**
 * Correct: acted right, or the right one first in "did you mean", or, for a question, taken as one about the right
 * setting. Wrong: acted otherwise; so is any act on a question, on a setting that was not named in full, or where no
 * value was labelled. The rest was rejected, or asked or answered about something else.
 */
export function outcomeOf(decision: Decision, gold: Gold): Outcome {
  const { question } = gold;
  switch (decision.kind) {
    case 'act': {
      const unasked = question || gold.values === null || (!gold.exact && gold.settings.size > 1);
      return !unasked && isRight(decision.act, gold) ? 'correct' : 'wrong';
    }
    case 'ask':
      return !question && isRight(decision.candidates[0], gold) ? 'correct' : 'rest';
    case 'query':
      return question && gold.settings.has(decision.settings[0]) ? 'correct' : 'rest';
    case 'reject':
      return 'rest';
  }
}

function isRight({ setting, value }: { setting: string; value: string | null }, gold: Gold): boolean {
  if (!gold.settings.has(setting)) return false;
  if (gold.values === null) return true;
  return value !== null && gold.values.get(setting)?.has(value) === true;
}

/** One scored utterance; utterances of one cluster are not independent. */
export interface Scored {
  readonly cluster: string;
  readonly outcome: Outcome;
}

const resamples = 1000;

/** 95 % percentile interval of a share, whole clusters drawn with replacement; the seed is fixed. NaN without any. */
export function clusterInterval(scored: readonly Scored[], outcome: Outcome): Interval {
  const clusters = new Map<string, { n: number; hits: number }>();
  for (const each of scored) {
    const { n, hits } = clusters.get(each.cluster) ?? { n: 0, hits: 0 };
    clusters.set(each.cluster, { n: n + 1, hits: hits + (each.outcome === outcome ? 1 : 0) });
  }
  const all = [...clusters.values()];
  if (all.length === 0) return { low: Number.NaN, high: Number.NaN };
  const random = seeded(20);
  const shares = new Float64Array(resamples).map(() => {
    let [n, hits] = [0, 0];
    for (let i = 0; i < all.length; i++) {
      const drawn = all[Math.floor(random() * all.length)];
      n += drawn.n;
      hits += drawn.hits;
    }
    return hits / n;
  });
  shares.sort();
  return { low: shares[Math.floor(0.025 * resamples)], high: shares[Math.ceil(0.975 * resamples) - 1] };
}

/** Uniform in [0, 1): mulberry32. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface Share {
  readonly share: number;
  readonly low: number;
  readonly high: number;
}

export interface Figures {
  readonly correct: Share;
  readonly wrong: Share;
  readonly rest: Share;
  readonly n: number;
  readonly templates: number;
}

export function figuresOf(scored: readonly Scored[]): Figures {
  const share = (outcome: Outcome): Share => ({
    share: scored.filter((each) => each.outcome === outcome).length / scored.length,
    ...clusterInterval(scored, outcome),
  });
  return {
    correct: share('correct'),
    wrong: share('wrong'),
    rest: share('rest'),
    n: scored.length,
    templates: new Set(scored.map(({ cluster }) => cluster)).size,
  };
}
