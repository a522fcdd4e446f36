/**
 * How long the driver has been driving since the last real rest. Standing for a quarter of an hour is a rest;
 * shorter stops neither count nor rest.
 */
export interface TimeOnTask {
  readonly drivingMs: number;
  /** Since when the vehicle has been standing; null while it moves. */
  readonly standingSinceMs: number | null;
  readonly lastT: number | null;
}

export const initialTimeOnTask: TimeOnTask = { drivingMs: 0, standingSinceMs: null, lastT: null };

/** A quarter of an hour: the least that counts as a break in EU 561/2006, article 7. */
export const restMs = 15 * 60_000;

const standingBelowKmh = 3;

/** The source slept for longer than this (ignition off): whoever drives now has not been driving meanwhile. */
const maxStepMs = 10_000;

/** Time has come to `now`. @param speedKmh null when not known: that counts as driving, as with the speed gates */
export function stepTimeOnTask(task: TimeOnTask, now: number, speedKmh: number | null): TimeOnTask {
  const { lastT } = task;
  if (lastT !== null && now <= lastT) return task;
  const standing = speedKmh !== null && speedKmh < standingBelowKmh;
  const elapsedMs = lastT === null ? 0 : now - lastT;
  const sinceMs = task.standingSinceMs ?? (elapsedMs > maxStepMs ? lastT : null);
  const restedMs = sinceMs === null ? 0 : now - sinceMs;
  const drivingMs = restedMs >= restMs ? 0 : task.drivingMs;
  if (standing) return { drivingMs, standingSinceMs: sinceMs ?? now, lastT: now };
  const drove = sinceMs === null ? elapsedMs : 0;
  return { drivingMs: drivingMs + drove, standingSinceMs: null, lastT: now };
}
