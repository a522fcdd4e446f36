import { initialGlance, stepGlance, type Glance } from '../gaze/eyes-on-road.js';
import type { GlanceFacts } from '../gaze/glance-facts.js';
import type { Policy } from '../policy/policy.js';
import type { ViewedFrame } from '../view.js';

/** Looks away added up, and the look below the 30 degree plane, from the direction of the head. */
export interface GlanceHistory {
  readonly below: Glance;
  readonly lastT: number | null;
  readonly away: boolean;
  readonly aheadSinceMs: number | null;
  readonly spans: readonly { readonly fromMs: number; readonly toMs: number }[];
}

export const initialGlanceHistory: GlanceHistory = {
  below: initialGlance,
  lastT: null,
  away: false,
  aheadSinceMs: null,
  spans: [],
};

/** A look stands until the next frame, at most this long. */
const maxFrameMs = 250;
/** EU 2023/2590: area 3 lies below a plane 30 degrees downward from the ocular reference point. */
const areaPitchDeg = -30;

/** One frame. */
export function stepGlanceHistory(
  history: GlanceHistory,
  { t, looking, head }: ViewedFrame,
  policy: Policy,
): GlanceHistory {
  const p = policy.values;
  const low = looking === 'unknown' ? looking : (head?.pitchDeg ?? 0) <= areaPitchDeg ? 'away' : 'ahead';
  const below = stepGlance(history.below, t, low, p['longDistraction.flickerMs'], p['closure.unseenHoldMs']);
  const aheadSinceMs = looking === 'ahead' ? (history.aheadSinceMs ?? t) : null;
  const reset = aheadSinceMs !== null && t - aheadSinceMs >= p['vats.resetMs'];
  const spans = reset ? [] : spansOf(history, t, p['vats.windowMs']);
  return { below, lastT: t, away: looking === 'away', aheadSinceMs, spans };
}

function spansOf({ spans, lastT, away }: GlanceHistory, t: number, windowMs: number): GlanceHistory['spans'] {
  const kept = spans.length > 0 && spans[0].toMs <= t - windowMs ? spans.slice(1) : spans;
  if (!away || lastT === null) return kept;
  const toMs = Math.min(t, lastT + maxFrameMs);
  const last = kept.at(-1);
  if (last?.toMs === lastT) return [...kept.slice(0, -1), { fromMs: last.fromMs, toMs }];
  return [...kept, { fromMs: lastT, toMs }];
}

/** What policies judge by. @param glance the look away in progress */
export function glanceFactsOf(
  history: GlanceHistory,
  glance: Glance,
  now: number,
  policy: Policy,
): GlanceFacts {
  const from = now - policy.values['vats.windowMs'];
  const cumulativeAwayMs = history.spans.reduce(
    (sum, { fromMs, toMs }) => sum + Math.max(0, toMs - Math.max(from, fromMs)),
    0,
  );
  return {
    zone: null,
    movement: glance.offSinceMs === null ? null : 'owl',
    awayMs: glance.offMs,
    awaySinceMs: glance.offSinceMs,
    drivingTask: false,
    area3Ms: history.below.offMs,
    cumulativeAwayMs,
    attentionBufferMs: Math.max(0, 2000 - cumulativeAwayMs),
  };
}
