import type { VehicleContext } from '../context/vehicle-context.js';

/** A clock runs on by itself: its last reading stands for this long. */
const holdMs = 3_600_000;

/** Local time of day at `now`, 0 to 24 h; null when no clock has been read within the hour. */
export function timeOfDayHours(vehicle: VehicleContext, now: number): number | null {
  const reading = vehicle.timeOfDayHours;
  if (reading?.quality !== 'valid' || reading.value === null || !Number.isFinite(reading.value)) return null;
  const elapsedMs = now - reading.t;
  if (elapsedMs < 0 || elapsedMs > holdMs) return null;
  return (reading.value + elapsedMs / 3_600_000) % 24;
}
