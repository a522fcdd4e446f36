import type { SignalValue } from '../../vehicle/value.js';

/** Where somebody sits, and where a microphone listens. */
export const places = ['driver', 'passenger', 'rearLeft', 'rearRight'] as const;
export type Place = (typeof places)[number];

/** Side of the cabin the driver sits on. */
export type DriverSide = 'LEFT' | 'RIGHT';

/** Places that are acted on together. */
export const placeGroups = {
  all: places,
  front: ['driver', 'passenger'],
  rear: ['rearLeft', 'rearRight'],
} as const satisfies Record<string, readonly Place[]>;
export type PlaceGroup = keyof typeof placeGroups;

/** Slots whose value says where. */
export const placeSlots = ['side', 'seat', 'window'] as const;

/**
 * The place that a slot's value means: `mine` is the speaker's; `frontLeft` is the driver's or the passenger's.
 * Null when the value is no place.
 */
export function placeOf(value: SignalValue, speaker: Place, driverSide: DriverSide): Place | null {
  if (value === 'mine') return speaker;
  if (value === 'frontLeft') return driverSide === 'LEFT' ? 'driver' : 'passenger';
  if (value === 'frontRight') return driverSide === 'LEFT' ? 'passenger' : 'driver';
  return places.find((place) => place === value) ?? null;
}

/** Whether a path names a place. */
export function hasPlace(path: string): boolean {
  return /\{(place|station|side)\}/.test(path);
}

/** `Vehicle.Cabin.Seat.{place}.X` for a place: VSS counts sides from the driver, except for rows of stations. */
export function pathAt(path: string, place: Place, driverSide: DriverSide): string {
  const row = place === 'driver' || place === 'passenger' ? 'Row1' : 'Row2';
  const onDriverSide = place === 'driver' || place === (driverSide === 'LEFT' ? 'rearLeft' : 'rearRight');
  const side = onDriverSide ? 'DriverSide' : 'PassengerSide';
  return path
    .replace('{place}', `${row}.${side}`)
    .replace('{station}', `${row}.${onDriverSide ? 'Driver' : 'Passenger'}`)
    .replace('{side}', side);
}
