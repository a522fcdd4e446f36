import type { SignalValue } from '../../vehicle/value.js';
import type { UnknownReason } from '../measured.js';
import type { Alert } from '../policy/alert.js';
import type { AlertLevel } from '../policy/policy.js';
import { isUnknown, unknownReason, type DriverState, type DriverStateKind } from '../policy/state.js';
import type { Fault } from '../visibility/fault.js';
import { driverBranch, vigilBranch } from './measure-signal.js';

const dms = 'Vehicle.ADAS.DMS';

export const monitorPaths = {
  state: `${vigilBranch}.State`,
  alertLevel: `${vigilBranch}.AlertLevel`,
  alertRule: `${vigilBranch}.AlertRule`,
  isUnresponsive: `${vigilBranch}.IsUnresponsive`,
  degradedReasons: `${vigilBranch}.DegradedReasons`,
  availability: `${dms}.Vigil.Availability`,
  reason: `${dms}.Vigil.Reason`,
  isWarning: `${dms}.IsWarning`,
  isError: `${dms}.IsError`,
} as const;

/** Published from measures, but scaled by the policy. */
export const levelPaths = {
  distraction: `${driverBranch}.DistractionLevel`,
  fatigue: `${driverBranch}.FatigueLevel`,
} as const;

const stateNames: Record<DriverStateKind, string> = {
  attentive: 'ATTENTIVE',
  longDistraction: 'LONG_DISTRACTION',
  shortDistraction: 'SHORT_DISTRACTION',
  phoneUse: 'PHONE_USE',
  microsleep: 'MICROSLEEP',
  sleep: 'SLEEP',
  unresponsive: 'UNRESPONSIVE',
  drowsy: 'DROWSY',
  impairedUnknown: 'IMPAIRED_UNKNOWN',
  absent: 'ABSENT',
  noFace: 'NO_FACE',
  calibrating: 'CALIBRATING',
  unavailable: 'UNAVAILABLE',
};

const levelNames: Record<AlertLevel, string> = { inform: 'INFORM', warning: 'WARN', urgent: 'ALARM' };
const levelOrder: Record<AlertLevel, number> = { inform: 0, warning: 1, urgent: 2 };

/** A face may be out of sight for a look back; longer, and the camera does not do what it is for. */
const noFaceErrorMs = 5000;

export interface Monitored {
  readonly t: number;
  readonly state: DriverState;
  readonly alerts: Iterable<Alert>;
  readonly degradedBy: readonly UnknownReason[];
  readonly faults: readonly Fault[];
}

/**
 * Why the monitor does not do what it is for; null while it does. A whole part of it must be gone: nothing at all is
 * known of the driver, or nothing of the eyes. Anything less is degraded, which is not an error.
 */
export function monitorError({ t, state, faults }: Monitored): UnknownReason | null {
  if (state.kind === 'unavailable') return state.reason;
  if (state.kind === 'noFace' && t - state.sinceMs >= noFaceErrorMs) return 'noFace';
  return faults.find(({ severity }) => severity !== 'degraded')?.reason ?? null;
}

/** State, alerts and the monitor's own health as they are published. */
export function monitorSignals(
  monitored: Monitored,
): readonly (readonly [path: string, value: SignalValue])[] {
  const { state, alerts, degradedBy } = monitored;
  const strongest = [...alerts].sort((a, b) => levelOrder[b.level] - levelOrder[a.level]).at(0);
  const error = monitorError(monitored);
  const degraded = [...new Set(degradedBy)].join(',');
  const available = isUnknown(state)
    ? 'UNAVAILABLE'
    : error !== null || degraded !== ''
      ? 'DEGRADED'
      : 'AVAILABLE';
  return [
    [monitorPaths.state, stateNames[state.kind]],
    [monitorPaths.isUnresponsive, state.kind === 'unresponsive'],
    [monitorPaths.alertLevel, strongest === undefined ? 'NONE' : levelNames[strongest.level]],
    [monitorPaths.alertRule, strongest === undefined ? '' : `${strongest.policy.id}/${strongest.rule}`],
    [monitorPaths.isWarning, strongest !== undefined && strongest.level !== 'inform'],
    [monitorPaths.isError, error !== null],
    [monitorPaths.availability, available],
    [monitorPaths.reason, unknownReason(state) ?? error ?? degraded],
    [monitorPaths.degradedReasons, degraded],
  ];
}
