import type { GazeZone } from './glance-facts.js';
import { gazeLimits } from './limits.js';

/** A finished look at one zone. */
export interface PastGlance {
  readonly zone: GazeZone;
  readonly fromMs: number;
  readonly toMs: number;
}

/** The last looks, and the one in progress; looks shorter than a fixation are on the way to another. */
export interface GlanceHistory {
  /** Oldest first. */
  readonly past: readonly PastGlance[];
  readonly present: { readonly zone: GazeZone; readonly fromMs: number } | null;
  /** Where the eyes may just have gone. */
  readonly coming: { readonly zone: GazeZone | null; readonly fromMs: number } | null;
}

export const initialGlanceHistory: GlanceHistory = { past: [], present: null, coming: null };

/** Enough for the glances of a minute at the pace of an overtaking manoeuvre. */
export const rememberedGlances = 64;

/** One frame. @param zone null where it is not known */
export function stepGlanceHistory(history: GlanceHistory, t: number, zone: GazeZone | null): GlanceHistory {
  const { past, present, coming } = history;
  if (zone === (present?.zone ?? null)) return coming === null ? history : { past, present, coming: null };
  if (coming?.zone !== zone) return { past, present, coming: { zone, fromMs: t } };
  if (t - coming.fromMs < gazeLimits.dwellMs) return history;
  const ended = present === null ? past : [...past, { ...present, toMs: coming.fromMs }];
  return {
    past: ended.length > rememberedGlances ? ended.slice(-rememberedGlances) : ended,
    present: zone === null ? null : { zone, fromMs: coming.fromMs },
    coming: null,
  };
}
