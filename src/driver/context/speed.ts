import type { Quality } from '../../vehicle/quality.js';

/** What is known about the vehicle's speed. */
export interface SpeedReading {
  readonly t: number;
  readonly speedKmh: number;
  readonly quality: Quality;
}

/** The speed at `now`, or null when it is not known: never reported, not valid, not a number, or too old. */
export function knownSpeedKmh(reading: SpeedReading | null, now: number, staleMs: number): number | null {
  if (reading === null || reading.quality !== 'valid' || !Number.isFinite(reading.speedKmh)) return null;
  return now - reading.t > staleMs ? null : Math.abs(reading.speedKmh);
}

/**
 * Whether a rule with a minimum speed applies. An unknown speed counts as driving: a lost CAN signal must not
 * silence an alert about a sleeping driver.
 * @param wasOpen an open gate closes only `hysteresisKmh` below its limit
 */
export function speedGateOpen(
  speedKmh: number | null,
  minSpeedKmh: number,
  wasOpen: boolean,
  hysteresisKmh: number,
): boolean {
  if (speedKmh === null) return true;
  return speedKmh >= (wasOpen ? minSpeedKmh - hysteresisKmh : minSpeedKmh);
}
