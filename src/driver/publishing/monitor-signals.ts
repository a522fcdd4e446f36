import type { SignalValue } from '../../vehicle/value.js';
import type { UnknownReason } from '../measured.js';
import { perclosMinHz } from '../eyes/perclos.js';
import type { DriverMeasures } from '../outputs.js';
import { ruleKeyOf, type Alert } from '../policy/alert.js';
import { alertLevels, type AlertLevel } from '../policy/rule.js';
import { isUnknown, unknownReason, type DriverState, type DriverStateKind } from '../policy/state.js';
import type { FaultSeverity } from '../visibility/fault.js';
import { vigilBranch } from './measure-signal.js';
import { consequenceOf } from './monitor-causes.js';

const dms = 'Vehicle.ADAS.DMS';

export const monitorPaths = {
  state: `${vigilBranch}.State`,
  alertLevel: `${vigilBranch}.AlertLevel`,
  alertRule: `${vigilBranch}.AlertRule`,
  isUnresponsive: `${vigilBranch}.IsUnresponsive`,
  degradedReasons: `${vigilBranch}.DegradedReasons`,
  availability: `${dms}.Vigil.Availability`,
  reason: `${dms}.Vigil.Reason`,
  faults: `${dms}.Vigil.Faults`,
  faultSeverity: `${dms}.Vigil.FaultSeverity`,
  faultDuration: `${dms}.Vigil.FaultDuration`,
  isWarning: `${dms}.IsWarning`,
  isError: `${dms}.IsError`,
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

const severityNames: Record<FaultSeverity, string> = {
  degraded: 'DEGRADED',
  eyesLost: 'EYES_LOST',
  all: 'ALL',
};

/** A camera set to exactly the least rate jitters around it. */
const toleratedShare = 0.97;

/** A face may be out of sight for a look back; longer, and the camera does not do what it is for. */
const noFaceErrorMs = 5000;

export interface Monitored {
  readonly t: number;
  readonly state: DriverState;
  readonly alerts: Iterable<Alert>;
  /** Null before the first. */
  readonly measures: Pick<DriverMeasures, 'degradedBy' | 'faults' | 'frameRateHz' | 'perclos'> | null;
}

/** Why the monitor does not do what it is for; null while it does. */
export function monitorError({ t, state, alerts, measures }: Monitored): UnknownReason | null {
  if (state.kind === 'unavailable') return state.reason;
  if (state.kind === 'noFace' && t - state.sinceMs >= noFaceErrorMs) return 'noFace';
  if (measures === null) return null;
  const { faults, frameRateHz, perclos } = measures;
  for (const { reason } of faults) if (consequenceOf[reason] === 'error') return reason;
  // So few frames that sleepiness cannot be told from them.
  if (frameRateHz.quality === 'valid' && frameRateHz.value < toleratedShare * perclosMinHz)
    return 'frameRateTooLow';
  for (const { rule } of alerts) {
    // Nothing of sleepiness was measured for longer than learning may take.
    if (rule === 'notFunctional') return perclos.quality === 'valid' ? 'tooLittleMeasured' : perclos.reason;
  }
  return null;
}

/** State, alerts and the monitor's own health as they are published. */
export function monitorSignals(
  monitored: Monitored,
): readonly (readonly [path: string, value: SignalValue])[] {
  const { t, state, alerts, measures } = monitored;
  const strongest = strongestOf(alerts);
  const error = monitorError(monitored);
  const degraded = measures === null ? '' : namesOf(measures.degradedBy);
  const faults = measures?.faults ?? [];
  const gravest = faults.at(0);
  const available = isUnknown(state)
    ? 'UNAVAILABLE'
    : error !== null || degraded !== ''
      ? 'DEGRADED'
      : 'AVAILABLE';
  return [
    [monitorPaths.state, stateNames[state.kind]],
    [monitorPaths.isUnresponsive, state.kind === 'unresponsive'],
    [monitorPaths.alertLevel, strongest === null ? 'NONE' : levelNames[strongest.level]],
    [monitorPaths.alertRule, strongest === null ? '' : ruleKeyOf(strongest)],
    [monitorPaths.isWarning, strongest !== null && strongest.level !== 'inform'],
    [monitorPaths.isError, error !== null],
    [monitorPaths.availability, available],
    [monitorPaths.reason, unknownReason(state) ?? error ?? degraded],
    [monitorPaths.degradedReasons, degraded],
    [monitorPaths.faults, faults.length === 0 ? '' : faults.map(({ reason }) => reason).join(',')],
    [monitorPaths.faultSeverity, gravest === undefined ? 'NONE' : severityNames[gravest.severity]],
    [monitorPaths.faultDuration, gravest === undefined ? 0 : Math.max(0, t - gravest.sinceMs) / 1000],
  ];
}

function strongestOf(alerts: Iterable<Alert>): Alert | null {
  let strongest: Alert | null = null;
  for (const alert of alerts) {
    const louder =
      strongest === null || alertLevels.indexOf(alert.level) > alertLevels.indexOf(strongest.level);
    if (louder) strongest = alert;
  }
  return strongest;
}

function namesOf(reasons: readonly UnknownReason[]): string {
  return reasons.length < 2 ? (reasons.at(0) ?? '') : [...new Set(reasons)].join(',');
}
