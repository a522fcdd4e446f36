import type { Measured, UnknownReason } from '../measured.js';
import type { Policy } from './policy.js';

/**
 * What the driver is doing, as far as it is known. The state is the driver's, whatever the vehicle does; the
 * policy's speed gates decide whether an alert comes of it (see alert.ts).
 */
export type DriverState =
  | { readonly kind: 'attentive'; readonly sinceMs: number }
  | { readonly kind: 'longDistraction'; readonly sinceMs: number; readonly awaySinceMs: number }
  | { readonly kind: 'microsleep'; readonly sinceMs: number; readonly closedSinceMs: number }
  | { readonly kind: 'sleep'; readonly sinceMs: number; readonly closedSinceMs: number }
  | { readonly kind: 'drowsy'; readonly sinceMs: number }
  | { readonly kind: 'noFace'; readonly sinceMs: number }
  | {
      readonly kind: 'unavailable';
      readonly sinceMs: number;
      readonly reason: UnknownReason;
      /** Share of the calibration done, 0 to 1, when that is the reason. */
      readonly calibration?: number;
    };

export type DriverStateKind = DriverState['kind'];

/** Everything the state follows from. Times are ms on the drive's clock; null where there has been none yet. */
export interface DriverFacts {
  readonly now: number;
  /** Time of the first input of any kind. */
  readonly startedMs: number;
  /** Why there can be no observations, as reported by the camera side; null while it works. */
  readonly cameraFault: UnknownReason | null;
  readonly lastObservationMs: number | null;
  readonly lastReadableMs: number | null;
  /** Why the newest frame was unreadable; null when it was readable. */
  readonly unreadable: UnknownReason | null;
  readonly lastFaceMs: number | null;
  /** Last frame that said something about eyes or, looking away, about the head. */
  readonly lastMeasuredMs: number | null;
  /** Why the newest face could not be measured; null when it could. */
  readonly unmeasured: UnknownReason | null;
  /** 0 to 1; below 1 nothing can be said about this driver yet. */
  readonly calibration: number;
  /** Eye closure as far as it counts, ms: seen closed, or held while out of sight. */
  readonly closureMs: number;
  readonly closedSinceMs: number;
  readonly awayMs: number;
  readonly awaySinceMs: number;
  /** See `drowsiness`. */
  readonly drowsy: boolean;
}

/**
 * The state at `facts.now`. The order is the order of urgency: what is known to be dangerous, then what is not
 * known, then what is known to be fine. Attentive comes last and only on a fresh measurement.
 */
export function driverState(previous: DriverState | null, facts: DriverFacts, policy: Policy): DriverState {
  const found = classify(facts, policy);
  return previous !== null && sameState(previous, found) ? { ...found, sinceMs: previous.sinceMs } : found;
}

/** The same state going on, rather than a change worth publishing. */
export function sameState(a: DriverState, b: DriverState): boolean {
  if (a.kind !== b.kind) return false;
  if (a.kind === 'unavailable' && b.kind === 'unavailable') return a.reason === b.reason;
  return true;
}

function classify(facts: DriverFacts, policy: Policy): DriverState {
  const p = policy.values;
  const sinceMs = facts.now;
  const { closedSinceMs, awaySinceMs } = facts;
  if (facts.closureMs > p['sleep.closureMs']) return { kind: 'sleep', sinceMs, closedSinceMs };
  if (facts.closureMs > p['microsleep.closureMs']) return { kind: 'microsleep', sinceMs, closedSinceMs };
  if (facts.awayMs > p['longDistraction.glanceMs'] && !silent(facts, policy)) {
    return { kind: 'longDistraction', sinceMs, awaySinceMs };
  }
  const unknown = notKnown(facts, policy);
  if (unknown === 'noFace') return { kind: 'noFace', sinceMs };
  if (unknown === 'calibrating') {
    return { kind: 'unavailable', sinceMs, reason: unknown, calibration: facts.calibration };
  }
  if (unknown !== null) return { kind: 'unavailable', sinceMs, reason: unknown };
  if (facts.drowsy) return { kind: 'drowsy', sinceMs };
  return { kind: 'attentive', sinceMs };
}

function silent(facts: DriverFacts, policy: Policy): boolean {
  return age(facts.lastObservationMs, facts) > policy.values['health.cameraSilentMs'];
}

/** Age of something that should keep happening; counted from the start while it never has. */
function age(lastMs: number | null, facts: DriverFacts): number {
  return facts.now - (lastMs ?? facts.startedMs);
}

function notKnown(facts: DriverFacts, policy: Policy): UnknownReason | null {
  const limit = policy.values['health.unmeasuredMs'];
  if (facts.cameraFault !== null) return facts.cameraFault;
  if (silent(facts, policy)) return 'cameraSilent';
  if (facts.unreadable !== null && age(facts.lastReadableMs, facts) > limit) return facts.unreadable;
  if (age(facts.lastFaceMs, facts) > limit) return 'noFace';
  if (age(facts.lastMeasuredMs, facts) > limit) return facts.unmeasured ?? 'eyesNotMeasurable';
  return facts.calibration < 1 ? 'calibrating' : null;
}

/**
 * Drowsy by PERCLOS: both windows must agree for it to begin; it ends when the short one has fallen to the lower
 * level, and lasts while that is not known. It may go on behind a more urgent state.
 */
export function drowsiness(
  already: boolean,
  perclosShort: Measured<number>,
  perclosLong: Measured<number>,
  policy: Policy,
): boolean {
  const p = policy.values;
  if (already) return perclosShort.quality !== 'valid' || perclosShort.value > p['drowsy.leavePerclos'];
  return (
    perclosShort.quality === 'valid' &&
    perclosLong.quality === 'valid' &&
    perclosShort.value >= p['drowsy.shortPerclos'] &&
    perclosLong.value >= p['drowsy.longPerclos']
  );
}
