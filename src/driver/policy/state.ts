import type { GazeZone, MovementType } from '../gaze/glance-facts.js';
import type { UnknownReason } from '../measured.js';
import { ageMs, type DriverFacts } from './facts.js';
import type { Policy } from './policy.js';

/**
 * What the driver is doing, as far as it is known. The state is the driver's, whatever the vehicle does; the
 * policies' speed gates decide whether an alert comes of it. Only `unresponsive` needs an open gate: nobody has to
 * answer in a parked car.
 */
export type DriverState =
  | { readonly kind: 'attentive'; readonly sinceMs: number }
  | {
      readonly kind: 'longDistraction';
      readonly sinceMs: number;
      readonly awaySinceMs: number;
      readonly movement: MovementType | null;
      readonly zone: GazeZone | null;
    }
  | {
      readonly kind: 'shortDistraction';
      readonly sinceMs: number;
      readonly movement: MovementType | null;
      readonly cumulativeMs: number;
    }
  | { readonly kind: 'phoneUse'; readonly sinceMs: number; readonly phoneSinceMs: number }
  | { readonly kind: 'microsleep'; readonly sinceMs: number; readonly closedSinceMs: number }
  | { readonly kind: 'sleep'; readonly sinceMs: number; readonly closedSinceMs: number }
  | {
      readonly kind: 'unresponsive';
      readonly sinceMs: number;
      readonly because: 'noReturn' | 'eyesClosed' | 'lookingAway';
    }
  | { readonly kind: 'drowsy'; readonly sinceMs: number }
  /** Impaired by all that is measured but the lids, which say awake. Never a word for "something else". */
  | { readonly kind: 'impairedUnknown'; readonly sinceMs: number }
  | {
      readonly kind: 'absent';
      readonly sinceMs: number;
      readonly because: 'seatEmpty' | 'doorOpen' | 'standstill';
    }
  | { readonly kind: 'noFace'; readonly sinceMs: number }
  /** Nothing can be said yet about this driver; `percent` done, 0 to 100. */
  | { readonly kind: 'calibrating'; readonly sinceMs: number; readonly percent: number }
  | { readonly kind: 'unavailable'; readonly sinceMs: number; readonly reason: UnknownReason };

export type DriverStateKind = DriverState['kind'];

/**
 * The order in which states hide each other: what is known to be dangerous now, then what is not known, then what is
 * known to build up, then well. Attentive comes last and only on a fresh measurement.
 */
const order: readonly DriverStateKind[] = [
  'unresponsive',
  'sleep',
  'microsleep',
  'phoneUse',
  'longDistraction',
  'shortDistraction',
  'absent',
  'noFace',
  'unavailable',
  'calibrating',
  'drowsy',
  'impairedUnknown',
  'attentive',
];
const ranks = Object.fromEntries(order.map((kind, i) => [kind, i])) as Record<DriverStateKind, number>;

/** 0 is the state that hides all others. */
export function stateRank(kind: DriverStateKind): number {
  return ranks[kind];
}

const unknownKinds: readonly DriverStateKind[] = ['absent', 'noFace', 'unavailable', 'calibrating'];

/** Whether this state says that nothing is known of what the driver does. */
export function isUnknown({ kind }: DriverState): boolean {
  return unknownKinds.includes(kind);
}

/** Why nothing is known, for those who publish it; null when something is. */
export function unknownReason(state: DriverState): UnknownReason | null {
  if (state.kind === 'unavailable') return state.reason;
  if (state.kind === 'calibrating') return 'calibrating';
  return isUnknown(state) ? 'noFace' : null;
}

/** The same state going on, rather than a change worth publishing. */
export function sameState(a: DriverState, b: DriverState): boolean {
  if (a.kind !== b.kind) return false;
  if (a.kind === 'unavailable' && b.kind === 'unavailable') return a.reason === b.reason;
  return true;
}

/**
 * The state at `facts.now`: the one that hides the others.
 * @param found states that policies' rules found, in any order
 */
export function driverState(
  previous: DriverState | null,
  found: readonly DriverState[],
  facts: DriverFacts,
  policy: Policy,
): DriverState {
  let state: DriverState = unknownState(facts, policy) ?? { kind: 'attentive', sinceMs: facts.now };
  for (const other of found) {
    if (stateRank(other.kind) < stateRank(state.kind)) state = other;
  }
  return previous !== null && sameState(previous, state) ? { ...state, sinceMs: previous.sinceMs } : state;
}

/** No frame for too long to go by the last one. */
export function cameraSilent(facts: DriverFacts, policy: Policy): boolean {
  return ageMs(facts.lastObservationMs, facts) > policy.values['health.cameraSilentMs'];
}

/** A speed below this is standing still; wheel sensors do not read less. */
export const standstillKmh = 1;

/** The state of not knowing, or null when enough is known. */
export function unknownState(facts: DriverFacts, policy: Policy): DriverState | null {
  const sinceMs = facts.now;
  const unavailable = (reason: UnknownReason): DriverState => ({ kind: 'unavailable', sinceMs, reason });
  const limit = policy.values['health.unmeasuredMs'];
  if (facts.cameraFault !== null) return unavailable(facts.cameraFault);
  if (cameraSilent(facts, policy)) return unavailable('cameraSilent');
  if (facts.unreadable !== null && ageMs(facts.lastReadableMs, facts) > limit) {
    return unavailable(facts.unreadable);
  }
  if (ageMs(facts.lastFaceMs, facts) > limit) return noFace(facts);
  if (ageMs(facts.lastMeasuredMs, facts) > limit) return unavailable(facts.unmeasured ?? 'eyesNotMeasurable');
  if (facts.calibration >= 1) return null;
  return { kind: 'calibrating', sinceMs, percent: Math.floor(100 * facts.calibration) };
}

/** No face with another sign that nobody sits there is absence; without one it may be a covered camera. */
function noFace({ now, speedKmh, cabin }: DriverFacts): DriverState {
  const { driverSeat, driverDoorOpen, driverBelted } = cabin;
  const absent = (because: 'seatEmpty' | 'doorOpen' | 'standstill'): DriverState => ({
    kind: 'absent',
    sinceMs: now,
    because,
  });
  if (driverSeat === 'EMPTY') return absent('seatEmpty');
  const held = driverSeat === 'OCCUPIED' || driverBelted === true;
  if (!held && driverDoorOpen === true) return absent('doorOpen');
  if (!held && speedKmh !== null && speedKmh < standstillKmh) return absent('standstill');
  return { kind: 'noFace', sinceMs: now };
}
