/** Lips move two to seven times a second when somebody speaks: chewing is slower, jitter smaller. */
export const speakingParameters = {
  windowMs: 2000,
  /** Enough of the window must have been seen, and often enough to see seven movements a second. */
  minSeenMs: 1500,
  minHz: 14.5,
  minSpread: 0.012,
  minPerSecond: 2,
  maxPerSecond: 7,
  /** A crossing of the mean counts when it leaves it by this much of the spread: noise does not cross. */
  hysteresis: 0.3,
} as const;

interface Lips {
  readonly t: number;
  readonly opening: number;
}

export type Speaking = readonly Lips[];

/** One frame. @param opening inner-lip gap over mouth width; null when the mouth was not seen */
export function stepSpeaking(samples: Speaking, t: number, opening: number | null): Speaking {
  const oldest = t - speakingParameters.windowMs;
  let old = 0;
  while (old < samples.length && samples[old].t <= oldest) old++;
  if (opening === null) return old === 0 ? samples : samples.slice(old);
  const kept = samples.slice(old);
  kept.push({ t, opening });
  return kept;
}

/** @returns null when too little was seen to tell */
export function isSpeaking(samples: Speaking): boolean | null {
  const p = speakingParameters;
  const seenMs = samples.length < 2 ? 0 : samples[samples.length - 1].t - samples[0].t;
  if (seenMs < p.minSeenMs || ((samples.length - 1) * 1000) / seenMs < p.minHz) return null;
  const mean = samples.reduce((sum, { opening }) => sum + opening, 0) / samples.length;
  const squares = samples.reduce((sum, { opening }) => sum + (opening - mean) ** 2, 0);
  const spread = Math.sqrt(squares / samples.length);
  if (spread < p.minSpread) return false;
  let side = 0;
  let crossings = 0;
  for (const { opening } of samples) {
    const off = opening - mean;
    if (Math.abs(off) < p.hysteresis * spread || Math.sign(off) === side) continue;
    if (side !== 0) crossings++;
    side = Math.sign(off);
  }
  const perSecond = (crossings * 1000) / (2 * seenMs);
  return perSecond >= p.minPerSecond && perSecond <= p.maxPerSecond;
}
