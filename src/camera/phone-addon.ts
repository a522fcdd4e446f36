import type { LatencySnapshot } from '../runtime/core-addon.js';
import type { Box } from './observation.js';
import type { PhoneObservation } from './phone-observation.js';
import { placeOfPhone } from './phone-place.js';

/** The part of a face tracker's native config that switches the phone watch on. */
export interface NativePhoneConfig {
  readonly phoneModel: string;
  /** On the drive's clock, between two pictures that are looked at; 0 looks at as many as it can. */
  readonly phoneIntervalMs: number;
  /** Look within the frame's own turn instead of on the idle thread. */
  readonly phoneLockStep: boolean;
}

/** Counters of the phone watch. */
export interface PhoneCounters {
  /** Pictures that were looked at. */
  readonly looked: number;
  /** Frames at which a picture was due while the network still worked. */
  readonly skipped: number;
  /** Frames at which a picture was due while the vision thread had to wait for the processor: then it looks at none. */
  readonly yielded: number;
  /** Pictures for which the network failed. */
  readonly failed: number;
  /** Time that one look took on its thread: of the processor's, and by the clock. */
  readonly cpu: LatencySnapshot;
  readonly wall: LatencySnapshot;
}

export const sightingColumns = 14;

/** Row of the batch's observations with which a sighting came. */
export function sightingFrameRow(rows: Float64Array, row: number): number {
  return rows[row * sightingColumns];
}

/**
 * Row `row` of the columns that the addon wrote (same order as AppendSighting in addon_phone.cc).
 * @param minScore from this score on it is a phone
 */
export function readSighting(rows: Float64Array, row: number, minScore: number): PhoneObservation {
  const at = (column: number): number => rows[row * sightingColumns + column];
  const [t, frame, score] = [at(1), at(2), at(4)];
  if (at(3) === 1) return { kind: 'unavailable', t, frame, reason: 'inferenceFailed' };
  if (score < minScore) return { kind: 'noPhone', t, frame, score };
  const box = boxAt(at, 5);
  const face = at(9) === 1 ? boxAt(at, 10) : undefined;
  return { kind: 'phone', t, frame, score, box, place: placeOfPhone(box, face) };
}

function boxAt(at: (column: number) => number, first: number): Box {
  return { x: at(first), y: at(first + 1), width: at(first + 2), height: at(first + 3) };
}
