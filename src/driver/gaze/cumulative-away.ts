import { spokenForMs, type Looking } from './look.js';

/**
 * Time away from the road within a sliding window, reset by a long enough look at the road (Euro NCAP's visual
 * attention time sharing: 10 s within 30 s, reset by 2 s). Each frame speaks for the time until the next one; time of
 * which nothing is known counts neither as away nor as a look back.
 */
export interface CumulativeAway {
  /** Stretches away since the last reset, in order, none older than the window: at most one for two frames. */
  readonly stretches: readonly Stretch[];
  /** Length of the look at the road in progress, interruptions left out. */
  readonly onRoadMs: number;
  /** Since when it has been interrupted. */
  readonly interruptedMs: number | null;
  readonly last: { readonly t: number; readonly looking: Looking } | null;
  /** The sum at the newest frame. */
  readonly ms: number;
}

interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface CumulativeLimits {
  readonly windowMs: number;
  /** A look at the road of this length forgets all. */
  readonly resetMs: number;
  /** What interrupts that look for less than this is an artefact and only stops its clock. */
  readonly flickerMs: number;
}

export const initialCumulativeAway: CumulativeAway = {
  stretches: [],
  onRoadMs: 0,
  interruptedMs: null,
  last: null,
  ms: 0,
};

/** One frame, later than the last one. */
export function stepCumulativeAway(
  away: CumulativeAway,
  t: number,
  looking: Looking,
  limits: CumulativeLimits,
): CumulativeAway {
  const { last } = away;
  const spoken = last === null ? 0 : spokenForMs(last.t, t);
  const was = spoken > 0 ? last!.looking : 'unknown';
  const { onRoadMs, interruptedMs } = stepOnRoad(away, last?.t ?? t, t, was, limits.flickerMs);

  const reset = was === 'ahead' && onRoadMs >= limits.resetMs;
  const stretches = reset ? [] : within(away.stretches, t - limits.windowMs, was, last?.t ?? t, t);
  const oldest = t - limits.windowMs;
  const ms = stretches.reduce((sum, { fromMs, toMs }) => sum + toMs - Math.max(fromMs, oldest), 0);
  return { stretches, onRoadMs, interruptedMs, last: { t, looking }, ms };
}

function stepOnRoad(
  { onRoadMs, interruptedMs }: CumulativeAway,
  fromMs: number,
  t: number,
  was: Looking,
  flickerMs: number,
): Pick<CumulativeAway, 'onRoadMs' | 'interruptedMs'> {
  if (was === 'ahead') return { onRoadMs: onRoadMs + t - fromMs, interruptedMs: null };
  const since = interruptedMs ?? fromMs;
  return { onRoadMs: t - since < flickerMs ? onRoadMs : 0, interruptedMs: since };
}

function within(
  stretches: readonly Stretch[],
  oldest: number,
  was: Looking,
  fromMs: number,
  t: number,
): readonly Stretch[] {
  const kept =
    (stretches.at(0)?.toMs ?? t) <= oldest ? stretches.filter(({ toMs }) => toMs > oldest) : stretches;
  if (was !== 'away') return kept;
  const newest = kept.at(-1);
  return newest?.toMs === fromMs
    ? [...kept.slice(0, -1), { fromMs: newest.fromMs, toMs: t }]
    : [...kept, { fromMs, toMs: t }];
}
