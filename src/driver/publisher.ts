import type { FaceObservation } from '../camera/observation.js';
import type { SignalSource } from '../vehicle/source.js';
import type { VehicleStore } from '../vehicle/store.js';
import type { SignalValue } from '../vehicle/value.js';
import type { Alert } from './policy/alert.js';
import type { Measured } from './measured.js';
import type { DriverMeasures, DriverOutput } from './outputs.js';
import type { AlertLevel, Policy } from './policy/policy.js';
import { isUnknown, unknownReason, type DriverState, type DriverStateKind } from './policy/state.js';
import type { Fault } from './visibility/fault.js';

/**
 * How long a published driver value may be relied on, ms. Ticks renew the state twenty times a second, frames
 * the measures: a graph that stops makes everything stale within this time.
 */
const maxAgeMs = 500;

const driver = 'Vehicle.Driver';
const vigil = 'Vehicle.Driver.Vigil';
const occupant = 'Vehicle.Occupant.Row1.DriverSide';
const dms = 'Vehicle.ADAS.DMS';

const paths = {
  state: `${vigil}.State`,
  alertLevel: `${vigil}.AlertLevel`,
  alertRule: `${vigil}.AlertRule`,
  perclos: `${vigil}.Eyes.Perclos`,
  closedShare: `${vigil}.Eyes.ClosedShare`,
  closure: `${vigil}.Eyes.Closure`,
  closedDuration: `${vigil}.Eyes.ClosedDuration`,
  blinkCount: `${vigil}.Eyes.BlinkCount`,
  blinkRate: `${vigil}.Eyes.BlinkRate`,
  availability: `${dms}.Vigil.Availability`,
  reason: `${dms}.Vigil.Reason`,
  isWarning: `${dms}.IsWarning`,
  isError: `${dms}.IsError`,
  isEyesOnRoad: `${driver}.IsEyesOnRoad`,
  distractionLevel: `${driver}.DistractionLevel`,
  fatigueLevel: `${driver}.FatigueLevel`,
  headYaw: `${occupant}.HeadPosition.Yaw`,
  headPitch: `${occupant}.HeadPosition.Pitch`,
  headRoll: `${occupant}.HeadPosition.Roll`,
  gazeAzimuth: `${occupant}.MidEyeGaze.Azimuth`,
  gazeElevation: `${occupant}.MidEyeGaze.Elevation`,
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

/** A hand that wipes the eyes is no error yet; ms. The protocol asks for 10 s at most. */
const errorAfterMs = 2000;

/** Gaze below this confidence is not published. */
const minGazeConfidence = 0.3;

/**
 * Writes what the driver graph finds into the vehicle store, where everyone reads it. Every value goes with its
 * quality: what is not known is withdrawn with its reason, never left at its last value.
 */
export class DriverPublisher {
  readonly #source: SignalSource;
  readonly #alerts = new Map<string, Alert>();
  #state: DriverState | null = null;
  #degradedBy = '';
  #faults: readonly Fault[] = [];

  /** Where the policy's rules fire, or Euro NCAP's do where it has none. */
  readonly #fullScale: { readonly awayMs: number; readonly perclos: number };

  constructor(store: VehicleStore, { rules }: Policy) {
    this.#fullScale = {
      awayMs: rules.longDistraction?.values.glanceMs ?? 3000,
      perclos: rules.drowsy?.values.shortPerclos ?? 0.15,
    };
    this.#source = store.provide(
      'driver',
      Object.values(paths).map((path) => ({ path, maxAgeMs })),
    );
  }

  /** Head pose and gaze as the camera saw them. */
  observation(observation: FaceObservation): void {
    const { t } = observation;
    if (observation.kind !== 'face') {
      const reason = observation.kind === 'noFace' ? 'noFace' : observation.reason;
      for (const path of [
        paths.headYaw,
        paths.headPitch,
        paths.headRoll,
        paths.gazeAzimuth,
        paths.gazeElevation,
      ])
        this.#source.withdraw(path, t, reason);
      return;
    }
    const { head, gaze } = observation;
    this.#source.write(paths.headYaw, t, head.yawDeg);
    this.#source.write(paths.headPitch, t, head.pitchDeg);
    this.#source.write(paths.headRoll, t, head.rollDeg);
    const covered = this.#faults.find(({ severity }) => severity !== 'degraded');
    const usable = gaze.confidence >= minGazeConfidence && covered === undefined;
    const reason = covered?.reason ?? 'eyesNotMeasurable';
    this.#put(paths.gazeAzimuth, t, usable ? gaze.azimuthDeg : null, reason);
    this.#put(paths.gazeElevation, t, usable ? gaze.elevationDeg : null, reason);
  }

  output(output: DriverOutput): void {
    switch (output.kind) {
      case 'measures':
        this.#measures(output.measures);
        return;
      case 'stateChanged':
        this.#state = output.state;
        this.tick(output.t);
        return;
      case 'alertStarted':
      case 'alertChanged':
        this.#alerts.set(output.alert.id, output.alert);
        this.tick(output.t);
        return;
      case 'alertEnded':
        this.#alerts.delete(output.alert.id);
        this.tick(output.t);
        return;
      case 'blink':
      case 'closure':
      case 'suggestion':
      case 'enabledChanged':
      case 'policyChanged':
      case 'policyRefused':
      case 'clockRestarted':
      case 'inputRejected':
        return;
    }
  }

  /** Renews the state and the alerts: the sign of life of the driver graph. */
  tick(t: number): void {
    const state = this.#state;
    if (state === null) return;
    const strongest = [...this.#alerts.values()]
      .sort((a, b) => levelOrder[b.level] - levelOrder[a.level])
      .at(0);
    const known = !isUnknown(state);
    this.#source.write(paths.state, t, stateNames[state.kind]);
    this.#source.write(paths.alertLevel, t, strongest === undefined ? 'NONE' : levelNames[strongest.level]);
    this.#source.write(
      paths.alertRule,
      t,
      strongest === undefined ? '' : `${strongest.policy.id}/${strongest.rule}`,
    );
    this.#source.write(paths.isWarning, t, strongest !== undefined && strongest.level !== 'inform');
    // A subsystem that is lost is an error also while another one still knows the state.
    const lost = this.#faults.some(
      ({ severity, sinceMs }) => severity !== 'degraded' && t - sinceMs >= errorAfterMs,
    );
    this.#source.write(paths.isError, t, state.kind === 'unavailable' || lost);
    const reason = unknownReason(state) ?? this.#degradedBy;
    this.#source.write(
      paths.availability,
      t,
      known ? (this.#degradedBy === '' ? 'AVAILABLE' : 'DEGRADED') : 'UNAVAILABLE',
    );
    this.#source.write(paths.reason, t, reason);
  }

  #measures(m: DriverMeasures): void {
    const { t } = m;
    this.#degradedBy = m.degradedBy.join(',');
    this.#faults = m.faults;
    this.#measured(paths.closure, t, m.closure, (value) => 100 * clamp01(value));
    this.#measured(paths.closedDuration, t, m.closureMs, (ms) => ms / 1000);
    this.#measured(paths.perclos, t, m.perclos, (share) => 100 * share);
    this.#measured(paths.closedShare, t, m.closedShare, (share) => 100 * share);
    this.#measured(paths.blinkCount, t, m.blinks.count, (count) => count);
    this.#measured(paths.blinkRate, t, m.blinks.ratePerMin, (rate) => rate);
    this.#measured(paths.isEyesOnRoad, t, m.eyesOnRoad, (on) => on);
    // 100 % is where the policy's rule fires: VSS gives the two levels a unit but no meaning.
    this.#measured(paths.distractionLevel, t, m.awayMs, (ms) => 100 * clamp01(ms / this.#fullScale.awayMs));
    this.#measured(
      paths.fatigueLevel,
      t,
      m.perclos,
      (share) => 100 * clamp01(share / this.#fullScale.perclos),
    );
  }

  #measured<T>(path: string, t: number, measured: Measured<T>, value: (known: T) => SignalValue): void {
    if (measured.quality === 'valid') this.#source.write(path, t, value(measured.value));
    else this.#source.withdraw(path, t, measured.reason);
  }

  #put(path: string, t: number, value: SignalValue | null, reason: string): void {
    if (value === null) this.#source.withdraw(path, t, reason);
    else this.#source.write(path, t, value);
  }
}

function clamp01(value: number): number {
  return Math.min(1, Math.max(0, value));
}
