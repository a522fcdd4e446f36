import type { Reading, VehicleContext } from '../context/vehicle-context.js';

/** What the clock on the wall said when the drive's clock read 0. */
export interface WallClock {
  /** Milliseconds since 1970-01-01 UTC. */
  readonly utcMs: number;
  /** Of local time, minutes east of UTC; null where nobody said. */
  readonly utcOffsetMin: number | null;
}

/** A clock runs on by itself: its last reading stands for this long. */
const holdMs = 3_600_000;

const hourMs = 3_600_000;

/**
 * Local time of day at `now`, 0 to 24 h; null when not known. A local clock on the bus comes first, then UTC (from
 * satellites, or of the recording) with the offset somebody gave, else with the sun's: an hour for 15 degrees of longitude,
 * which is within an hour or two of the clock nearly everywhere and closer to what the body goes by. UTC alone says nothing.
 */
export function timeOfDayHours(
  vehicle: VehicleContext,
  now: number,
  wallClock: WallClock | null,
): number | null {
  const local = held(vehicle.timeOfDayHours, now);
  if (local !== null) return within24(local.value + local.ageMs / hourMs);
  const utc = held(vehicle.utcMs, now);
  const utcMs = utc !== null ? utc.value + utc.ageMs : wallClock === null ? null : wallClock.utcMs + now;
  if (utcMs === null) return null;
  const offset = wallClock?.utcOffsetMin ?? null;
  if (offset !== null) return within24(utcMs / hourMs + offset / 60);
  const longitude = held(vehicle.longitudeDeg, now);
  return longitude === null ? null : within24(utcMs / hourMs + longitude.value / 15);
}

function held(
  reading: Reading<number> | undefined,
  now: number,
): { readonly value: number; readonly ageMs: number } | null {
  if (reading?.quality !== 'valid' || reading.value === null || !Number.isFinite(reading.value)) return null;
  const ageMs = now - reading.t;
  return ageMs < 0 || ageMs > holdMs ? null : { value: reading.value, ageMs };
}

function within24(hours: number): number {
  return ((hours % 24) + 24) % 24;
}

/** ISO 8601 with an offset or Z; Z alone leaves the local offset open. Null for anything else. */
export function wallClock(text: string): WallClock | null {
  const match = /(?:Z|([+-])(\d\d):?(\d\d))$/i.exec(text);
  const utcMs = Date.parse(text);
  if (match === null || !Number.isFinite(utcMs)) return null;
  const [, sign, hours, minutes] = match as unknown as [string, string | undefined, string, string];
  if (sign === undefined) return { utcMs, utcOffsetMin: null };
  return { utcMs, utcOffsetMin: (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) };
}
