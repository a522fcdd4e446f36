import type { FaceObservation } from '../camera/observation.js';
import type { SignalSource } from '../vehicle/source.js';
import type { VehicleStore } from '../vehicle/store.js';
import type { SignalValue } from '../vehicle/value.js';
import type { Alert } from './policy/alert.js';
import type { Measured } from './measured.js';
import type { DriverMeasures, DriverOutput } from './outputs.js';
import type { Policy } from './policy/policy.js';
import type { DriverState } from './policy/state.js';
import { driverSignals } from './publishing/driver-signals.js';
import { eyesSignals } from './publishing/eyes-signals.js';
import { gazeSignals } from './publishing/gaze-signals.js';
import { percent, signal, type MeasureSignal } from './publishing/measure-signal.js';
import { levelPaths, monitorPaths, monitorSignals } from './publishing/monitor-signals.js';

/**
 * How long a published driver value may be relied on, ms. Ticks renew the state twenty times a second, frames
 * the measures: a graph that stops makes everything stale within this time.
 */
const maxAgeMs = 500;

const head = 'Vehicle.Occupant.Row1.DriverSide.HeadPosition';
/** Published so that whoever switches prompts off sees them come back with the next journey. */
export const enabledPath = 'Vehicle.ADAS.DMS.IsEnabled';
const headPaths = { yaw: `${head}.Yaw`, pitch: `${head}.Pitch`, roll: `${head}.Roll` } as const;

/**
 * Writes what the driver graph finds into the vehicle store, where everyone reads it. Every value goes with its
 * quality: what is not known is withdrawn with its reason, never left at its last value.
 */
export class DriverPublisher {
  readonly #source: SignalSource;
  readonly #alerts = new Map<string, Alert>();
  readonly #measured: readonly MeasureSignal[];
  #state: DriverState | null = null;
  #enabled = true;
  #health: Pick<DriverMeasures, 'degradedBy' | 'faults'> = { degradedBy: [], faults: [] };

  constructor(store: VehicleStore, policy: Policy) {
    this.#measured = [...eyesSignals, ...gazeSignals, ...driverSignals, ...levelSignals(policy)];
    const paths = [enabledPath, ...Object.values(monitorPaths), ...Object.values(headPaths)];
    this.#source = store.provide(
      'driver',
      [...paths, ...this.#measured.map(({ path }) => path)].map((path) => ({ path, maxAgeMs })),
    );
  }

  /** Head pose as the camera saw it. */
  observation(observation: FaceObservation): void {
    const { t } = observation;
    if (observation.kind === 'face') {
      const { yawDeg, pitchDeg, rollDeg } = observation.head;
      this.#source.write(headPaths.yaw, t, yawDeg);
      this.#source.write(headPaths.pitch, t, pitchDeg);
      this.#source.write(headPaths.roll, t, rollDeg);
      return;
    }
    const reason = observation.kind === 'noFace' ? 'noFace' : observation.reason;
    for (const path of Object.values(headPaths)) this.#source.withdraw(path, t, reason);
  }

  output(output: DriverOutput): void {
    switch (output.kind) {
      case 'measures': {
        const { measures } = output;
        this.#health = measures;
        for (const { path, of } of this.#measured) this.#put(path, measures.t, of(measures));
        return;
      }
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
      case 'enabledChanged':
        this.#enabled = output.enabled;
        this.tick(output.t);
        return;
      case 'blink':
      case 'closure':
      case 'suggestion':
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
    const { degradedBy, faults } = this.#health;
    const monitored = { t, state, alerts: this.#alerts.values(), degradedBy, faults };
    this.#source.write(enabledPath, t, this.#enabled);
    for (const [path, value] of monitorSignals(monitored)) this.#source.write(path, t, value);
  }

  #put(path: string, t: number, measured: Measured<SignalValue>): void {
    if (measured.quality === 'valid') this.#source.write(path, t, measured.value);
    else this.#source.withdraw(path, t, measured.reason);
  }
}

/** VSS gives these two a unit but no meaning: 100 % is where the policy's rule fires, or Euro NCAP's where it has none. */
function levelSignals({ rules }: Policy): MeasureSignal[] {
  const awayMs = rules.longDistraction?.values.glanceMs ?? 3000;
  const perclos = rules.drowsy?.values.shortPerclos ?? 0.15;
  return [
    signal(
      levelPaths.distraction,
      (m) => m.awayMs,
      (ms) => percent(ms / awayMs),
    ),
    signal(
      levelPaths.fatigue,
      (m) => m.perclos,
      (share) => percent(share / perclos),
    ),
  ];
}
