/**
 * The eye closure in progress, as long as it may be a microsleep or sleep: from the first closed frame until the
 * eyes have been seen open for long enough to be believed. It bridges what a blink may not: a frame or two that
 * read open (no eye opens and shuts again within `reopenedAfterMs`), dropped frames, a face that sinks out of
 * view.
 */
export interface EyeClosure {
  /** Running number; pieces of one closure share it. */
  readonly id: number;
  readonly sinceMs: number;
  /** Time for which the lids were measured deep. */
  readonly closedMs: number;
  /** Last frame with closed eyes. */
  readonly lastClosedMs: number;
  /** Last frame with the lids deep down, rather than in the band that narrowed eyes also cross. */
  readonly lastDeepMs: number;
  /** The last sample was closed. */
  readonly closedNow: boolean;
  /** The last sample was deep, so the time up to the next one counts. */
  readonly deepNow: boolean;
  readonly openSinceMs: number | null;
}

export const eyeClosureParameters = {
  reopenedAfterMs: 120,
  /** A closed sample stands for at most this long. */
  maxSampleMs: 250,
  /** Unmeasured for longer than this, a closure that was not yet held is forgotten. */
  maxHoleMs: 1000,
  /** Below this share, a "closure" is several blinks with bridges between them, or narrowed eyes. */
  minMeasuredShare: 0.75,
} as const;

export type EyeSample =
  { readonly kind: 'open' } | { readonly kind: 'closed'; readonly sinceMs: number; readonly deep: boolean };

/** One measured frame. @param id the number a new closure would get */
export function stepEyeClosure(
  closure: EyeClosure | null,
  t: number,
  sample: EyeSample,
  id: number,
): EyeClosure | null {
  const p = eyeClosureParameters;
  if (sample.kind === 'open') {
    if (closure === null) return null;
    const openSinceMs = closure.openSinceMs ?? t;
    if (t - openSinceMs >= p.reopenedAfterMs) return null;
    return { ...closure, closedMs: closedUntil(closure, t), closedNow: false, deepNow: false, openSinceMs };
  }
  const reopened = closure?.openSinceMs != null && t - closure.openSinceMs >= p.reopenedAfterMs;
  const { sinceMs, deep } = sample;
  const now = { lastClosedMs: t, closedNow: true, deepNow: deep, openSinceMs: null };
  if (closure === null || reopened)
    return { id, sinceMs, closedMs: 0, lastDeepMs: deep ? t : sinceMs, ...now };
  return { ...closure, closedMs: closedUntil(closure, t), lastDeepMs: deep ? t : closure.lastDeepMs, ...now };
}

function closedUntil(closure: EyeClosure, t: number): number {
  if (!closure.deepNow) return closure.closedMs;
  return closure.closedMs + Math.min(eyeClosureParameters.maxSampleMs, t - closure.lastDeepMs);
}

/** Length of the closure up to its last deep frame, ms; 0 when too little of it was measured deep. */
export function seenClosureMs(closure: EyeClosure | null): number {
  if (closure === null) return 0;
  const length = closure.lastDeepMs - closure.sinceMs;
  return closure.closedMs >= eyeClosureParameters.minMeasuredShare * length ? length : 0;
}

/**
 * Time passes without a measured frame. Below `holdFromMs` a closure is soon forgotten; from there on it is held
 * for `holdMs`, because a driver who fell asleep and sank out of view has not woken up.
 */
export function stepUnseenClosure(
  closure: EyeClosure | null,
  now: number,
  holdFromMs: number,
  holdMs: number,
): EyeClosure | null {
  if (closure === null) return null;
  const limit = seenClosureMs(closure) > holdFromMs ? holdMs : eyeClosureParameters.maxHoleMs;
  return now - closure.lastClosedMs > limit ? null : closure;
}
