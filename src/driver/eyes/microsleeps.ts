import type { Measured } from '../measured.js';

/** Closures that lasted long enough for a microsleep: how many, and when the newest ones began. */
export interface Microsleeps {
  /** Since the start of the drive. */
  readonly count: number;
  /** Beginnings within the last quarter of an hour, oldest first. */
  readonly beganMs: readonly number[];
  /** The closure counted last; one closure counts once however long it lasts. */
  readonly lastId: number | null;
}

/** Euro NCAP Driver Engagement: an eye closure of 1 to 2 s; published ones last 0.5 to 15 s. A measure, whatever limits a policy sets. */
export const microsleepMs = 1000;
export const microsleepMemoryMs = 15 * 60_000;

export const initialMicrosleeps: Microsleeps = { count: 0, beganMs: [], lastId: null };

/** One frame. @param closure the eye closure in progress and its length so far; null with open eyes */
export function stepMicrosleeps(
  microsleeps: Microsleeps,
  closure: { readonly id: number; readonly sinceMs: number } | null,
  closureMs: number,
): Microsleeps {
  if (closure === null || closureMs <= microsleepMs || closure.id === microsleeps.lastId) return microsleeps;
  const { id, sinceMs } = closure;
  return {
    count: microsleeps.count + 1,
    beganMs: [...microsleeps.beganMs.filter((began) => began > sinceMs - microsleepMemoryMs), sinceMs],
    lastId: id,
  };
}

/** How many began within the last `windowMs` before `now`; at most `microsleepMemoryMs` are remembered. */
export function recentMicrosleeps(microsleeps: Microsleeps, now: number, windowMs: number): number {
  return microsleeps.beganMs.filter((began) => began > now - windowMs).length;
}

export interface MicrosleepMeasures {
  /** Since the start of the drive. */
  readonly count: Measured<number>;
  /** Beginnings within the last quarter of an hour, ms on the drive's clock, oldest first. */
  readonly beganMs: readonly number[];
}
