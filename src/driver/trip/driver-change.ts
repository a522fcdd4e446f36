import { knownReading, type VehicleContext } from '../context/vehicle-context.js';

/**
 * Whether another driver may have sat down. Nobody is recognised and nothing about faces is kept: a change is
 * taken for possible when the seat was left, and everything learnt about the driver then starts anew.
 */
export interface DriverChange {
  /** Why the driver may have left the seat since the last change; null when nothing says so. */
  readonly left: 'seatEmpty' | 'doorOpen' | 'journey' | null;
}

export const initialDriverChange: DriverChange = { left: null };

export type ChangeCause = 'faceGone' | 'seatEmpty' | 'doorOpen' | 'journey';

/** Out of sight for longer than this, the next face may be another one. */
export const faceGoneMs = 10_000;

/** Faster than this nobody changes seats: a door that reads open is not shut, a seat that reads empty is broken. */
const standingBelowKmh = 3;
/** Doors and seats report on change or once a second or slower. */
const staleMs = 5000;

export interface ChangeFacts {
  readonly now: number;
  readonly vehicle: VehicleContext;
  readonly speedKmh: number | null;
  /** This input shows a face. */
  readonly faceNow: boolean;
  /** When a face was seen before that. */
  readonly lastFaceMs: number | null;
}

/**
 * One input. A seat that empties or a door that opens is noted; the change comes with the next face after it, since
 * only then is there somebody to learn about, and so that one stop gives one change.
 * @returns `cause` when what was learnt has to be forgotten now
 */
export function stepDriverChange(
  change: DriverChange,
  { now, vehicle, speedKmh, faceNow, lastFaceMs }: ChangeFacts,
): { readonly change: DriverChange; readonly cause: ChangeCause | null } {
  const standing = speedKmh !== null && speedKmh < standingBelowKmh;
  const empty = standing && knownReading(vehicle, 'driverSeat', now, staleMs) === 'EMPTY';
  const open = standing && knownReading(vehicle, 'driverDoorOpen', now, staleMs) === true;
  const left = change.left ?? (empty ? 'seatEmpty' : open ? 'doorOpen' : null);
  const noted = left === change.left ? change : { left };
  if (!faceNow) return { change: noted, cause: null };
  // With the door still open or the seat still empty the face may be anybody leaning in.
  if (left !== null && !empty && !open) return { change: initialDriverChange, cause: left };
  const gone = lastFaceMs !== null && now - lastFaceMs > faceGoneMs;
  return { change: noted, cause: gone ? 'faceGone' : null };
}
