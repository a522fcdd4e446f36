import { floorParameters, learnFloor, ratioAtClosure } from './closure.js';

/**
 * Blink segmentation over relative openness (openness / open baseline).
 *
 * The eyes count as closed from the frame that falls below `closeBelow` to the frame that rises above it again.
 * Two things keep narrowed eyes (squint, smile, looking at the cluster) apart from closed ones: the band between
 * "deep" and `closeBelow` may be crossed but not stayed in (`shallowMs`), and the classic higher reopening
 * threshold holds for a limited time only (`reopenMs`), so eyes that reopen to a squint are open.
 */
export const blinkParameters = {
  closeBelow: 0.6,
  reopenAbove: 0.75,
  /** Above closeBelow for this long is open, even if reopenAbove is never reached. */
  reopenMs: 100,
  /** Between deep and closeBelow for this long is narrowed, not closed. */
  shallowMs: 300,
  /** Narrowed eyes are open again above this. */
  widenedAbove: 0.65,
  /** At or above this closure the eyes are certainly not just narrowed; the ratio is limited by deepMaxRatio. */
  deepClosure: 0.65,
  deepMaxRatio: 0.55,
  /** Lids that rose by this much from the deepest point of their closure are not deep: a blink into a squint. */
  deepMaxRise: 0.3,
  /** Lids that left deep are deep again only this far below its limit. */
  deepReturn: 0.05,
  /** Narrowed eyes close by falling this far, or slowly by reaching this closure. */
  narrowedFall: 0.15,
  narrowedClosure: 0.75,
  /** A dip that never got deep is a blink when it got below this, or fell by this much from the level before it. */
  dipBelow: 0.5,
  dipFall: 0.2,
  /** Lids that rose by this much to closeBelow, then fall clearly below it again, are a second blink. */
  reblinkRise: 0.35,
  /** "Clearly": jitter around closeBelow is no movement of the lid. */
  jitter: 0.08,
  /** The start is moved back to where the lid began to fall (below this share of the level before), ... */
  fallingBelowShare: 0.8,
  /** ... at most by this long: lids fall within 100 ms. */
  maxFallMs: 120,
  /** Time constant of the level before a dip. */
  levelTimeMs: 200,
  /** A closure with an unmeasured hole longer than this has no known duration and is not counted. */
  maxHoleMs: 250,
  /** Johns 2003: longer closures are long blinks. */
  longMs: 500,
  /** An interval computed from frame times may fall short of its nominal length by rounding. */
  toleranceMs: 0.5,
} as const;

export interface BlinkEvent {
  /** First frame with the lid visibly falling. */
  readonly startMs: number;
  /** Frame with the smallest openness. */
  readonly peakMs: number;
  /** First frame open again (exclusive end). */
  readonly endMs: number;
  readonly durationMs: number;
  /** Smallest openness over the open baseline. */
  readonly minRatio: number;
  /** `blink` below 500 ms, else `long`. */
  readonly kind: 'blink' | 'long';
}

export interface ClosedLids {
  readonly kind: 'closed';
  /** First frame below closeBelow. Durations of closures that raise an alert count from here. */
  readonly sinceMs: number;
  readonly onsetMs: number;
  readonly peakMs: number;
  readonly minRatio: number;
  readonly levelBefore: number;
  readonly wasDeep: boolean;
  /** Since when the lids have not been deep; null while they are. */
  readonly shallowSinceMs: number | null;
  readonly aboveSinceMs: number | null;
}

export type Lids = { readonly kind: 'open' } | { readonly kind: 'narrowed' } | ClosedLids;

export interface BlinkState {
  readonly lids: Lids;
  readonly lastT: number | null;
  /** Low-passed relative openness while not closed. */
  readonly level: number;
  readonly fallingSinceMs: number | null;
  /** This driver's closed over open. */
  readonly floor: number;
}

export const initialBlinkState: BlinkState = {
  lids: { kind: 'open' },
  lastT: null,
  level: 1,
  fallingSinceMs: null,
  floor: floorParameters.prior,
};

export interface BlinkStep {
  readonly state: BlinkState;
  readonly event?: BlinkEvent;
}

/**
 * One measured frame. Frames without measurable eyes are simply not given; the hole shows in `t`.
 * @param t ms, later than the last one
 * @param ratio openness over the open baseline, finite
 * @param learn whether blinks may teach the floor (the frame rate is high enough to see their bottom)
 */
export function stepBlink(state: BlinkState, t: number, ratio: number, learn = true): BlinkStep {
  const hole = state.lastT !== null && t - state.lastT > blinkParameters.maxHoleMs;
  const lids = hole && state.lids.kind === 'closed' ? ({ kind: 'open' } as const) : state.lids;
  const before: BlinkState = hole ? { ...state, lids, fallingSinceMs: null } : state;
  if (lids.kind === 'closed') return stepClosed(before, lids, t, ratio, learn);
  return { state: stepOpen(before, lids, t, ratio) };
}

function deepRatio(floor: number): number {
  return Math.min(blinkParameters.deepMaxRatio, ratioAtClosure(blinkParameters.deepClosure, floor));
}

function stepOpen(state: BlinkState, lids: Lids, t: number, ratio: number): BlinkState {
  const p = blinkParameters;
  const deep = ratio <= deepRatio(state.floor);
  const fell =
    state.level - ratio >= p.narrowedFall || ratio <= ratioAtClosure(p.narrowedClosure, state.floor);
  const closes = lids.kind === 'narrowed' ? deep && fell : deep || ratio < p.closeBelow;
  const falling = ratio < p.fallingBelowShare * state.level;
  const fallingSinceMs = falling ? (state.fallingSinceMs ?? t) : null;
  if (closes) {
    const closed: ClosedLids = {
      kind: 'closed',
      sinceMs: t,
      onsetMs: Math.max(fallingSinceMs ?? t, t - p.maxFallMs),
      peakMs: t,
      minRatio: ratio,
      levelBefore: state.level,
      wasDeep: deep,
      shallowSinceMs: deep ? null : t,
      aboveSinceMs: null,
    };
    return { ...state, lids: closed, lastT: t, fallingSinceMs: null };
  }
  const next: Lids = lids.kind === 'narrowed' && ratio <= p.widenedAbove ? lids : { kind: 'open' };
  const elapsed = state.lastT === null ? Number.POSITIVE_INFINITY : t - state.lastT;
  const level = state.level + (1 - Math.exp(-elapsed / p.levelTimeMs)) * (ratio - state.level);
  return { ...state, lids: next, lastT: t, level, fallingSinceMs };
}

function stepClosed(
  state: BlinkState,
  lids: ClosedLids,
  t: number,
  ratio: number,
  learn: boolean,
): BlinkStep {
  const p = blinkParameters;
  const lower = ratio < lids.minRatio;
  const limit = Math.min(deepRatio(state.floor), lids.minRatio + p.deepMaxRise);
  const deep = ratio <= (lids.wasDeep && lids.shallowSinceMs !== null ? limit - p.deepReturn : limit);
  const wasAbove = lids.aboveSinceMs;
  const fellBack = wasAbove !== null && ratio < p.closeBelow - p.jitter;
  if (fellBack && p.closeBelow - lids.minRatio >= p.reblinkRise) {
    const first = finish(state, lids, wasAbove, { kind: 'open' }, state.lastT ?? t, p.closeBelow, learn);
    return { ...first, state: stepOpen(first.state, first.state.lids, t, ratio) };
  }
  const now: ClosedLids = {
    ...lids,
    peakMs: lower ? t : lids.peakMs,
    minRatio: lower ? ratio : lids.minRatio,
    wasDeep: lids.wasDeep || deep,
    shallowSinceMs: deep ? null : (lids.shallowSinceMs ?? t),
    aboveSinceMs: fellBack ? null : (wasAbove ?? (ratio > p.closeBelow ? t : null)),
  };
  const above = now.aboveSinceMs;
  if (above !== null && (ratio > p.reopenAbove || t - above >= p.reopenMs - p.toleranceMs)) {
    return finish(state, now, above, { kind: 'open' }, t, ratio, learn);
  }
  const shallow = now.shallowSinceMs;
  if (shallow !== null && t - shallow >= p.shallowMs - p.toleranceMs) {
    return finish(state, now, shallow, { kind: above === null ? 'narrowed' : 'open' }, t, ratio, learn);
  }
  return { state: { ...state, lids: now, lastT: t } };
}

function finish(
  state: BlinkState,
  closed: ClosedLids,
  endMs: number,
  lids: Lids,
  t: number,
  ratio: number,
  learn: boolean,
): BlinkStep {
  const p = blinkParameters;
  const after: BlinkState = { ...state, lids, lastT: t, level: ratio, fallingSinceMs: null };
  const dipped = closed.minRatio < p.dipBelow || closed.levelBefore - closed.minRatio >= p.dipFall;
  const stayedShallow = !closed.wasDeep && endMs <= closed.sinceMs;
  if (!(closed.wasDeep || dipped) || stayedShallow) return { state: after };
  const durationMs = endMs - closed.onsetMs;
  const event: BlinkEvent = {
    startMs: closed.onsetMs,
    peakMs: closed.peakMs,
    endMs,
    durationMs,
    minRatio: closed.minRatio,
    kind: durationMs < p.longMs - p.toleranceMs ? 'blink' : 'long',
  };
  const teaches = learn && closed.minRatio < p.dipBelow;
  return { state: teaches ? { ...after, floor: learnFloor(state.floor, closed.minRatio) } : after, event };
}
