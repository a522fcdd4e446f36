import type { FaceObservation } from '../camera/observation.js';
import type { SignalSource } from '../vehicle/source.js';
import type { VehicleStore } from '../vehicle/store.js';
import type { UnknownReason } from './measured.js';
import type { DriverMeasures, DriverOutput } from './outputs.js';
import type { Alert } from './policy/alert.js';
import type { DriverState } from './policy/state.js';
import { distractionLevelSignal, driverSignals } from './publishing/driver-signals.js';
import { eyesNowSignals, eyesSignals } from './publishing/eyes-signals.js';
import { gazeSignals } from './publishing/gaze-signals.js';
import type { MeasureSignal } from './publishing/measure-signal.js';
import { monitorPaths, monitorSignals } from './publishing/monitor-signals.js';

/**
 * How long a published driver value may be relied on, ms. Ticks renew the state twenty times a second and, without
 * frames, the measures four times: a graph that stops makes everything stale within this time.
 */
const maxAgeMs = 500;

/** What is measured over minutes is renewed ten times a second, whatever the frame rate. */
const windowPeriodMs = 100;

const head = 'Vehicle.Occupant.Row1.DriverSide.HeadPosition';
/** Published so that whoever switches prompts off sees them come back with the next journey. */
export const enabledPath = 'Vehicle.ADAS.DMS.IsEnabled';
const headPaths = { yaw: `${head}.Yaw`, pitch: `${head}.Pitch`, roll: `${head}.Roll` } as const;

/** What the newest frame shows. */
const frameSignals: readonly MeasureSignal[] = [...eyesNowSignals, ...gazeSignals, distractionLevelSignal];
/** What is measured over time, with or without a camera. */
const windowSignals: readonly MeasureSignal[] = [...eyesSignals, ...driverSignals];

/**
 * Writes what the driver graph finds into the vehicle store, where everyone reads it. Every value goes with its
 * quality: what is not known is withdrawn with its reason, never left at its last value.
 */
export class DriverPublisher {
  readonly #source: SignalSource;
  readonly #alerts = new Map<string, Alert>();
  #state: DriverState | null = null;
  #enabled = true;
  #measures: DriverMeasures | null = null;
  #windowsMs = Number.NEGATIVE_INFINITY;

  constructor(store: VehicleStore) {
    const paths = [enabledPath, ...Object.values(monitorPaths), ...Object.values(headPaths)];
    const measured = [...frameSignals, ...windowSignals].map(({ path }) => path);
    this.#source = store.provide(
      'driver',
      [...paths, ...measured].map((path) => ({ path, maxAgeMs })),
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
    this.#withdrawHead(t, observation.kind === 'noFace' ? 'noFace' : observation.reason);
  }

  output(output: DriverOutput): void {
    switch (output.kind) {
      case 'measures':
        this.#takeMeasures(output.measures);
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
    this.#source.write(enabledPath, t, this.#enabled);
    const monitored = { t, state, alerts: this.#alerts.values(), measures: this.#measures };
    for (const [path, value] of monitorSignals(monitored)) this.#source.write(path, t, value);
  }

  #takeMeasures(measures: DriverMeasures): void {
    const { t, frameMs, cameraReason } = measures;
    this.#measures = measures;
    if (frameMs === t || cameraReason !== null) this.#put(frameSignals, measures);
    if (cameraReason !== null) this.#withdrawHead(t, cameraReason);
    const period = Math.floor(t / windowPeriodMs);
    if (frameMs === t && period === this.#windowsMs) return;
    this.#windowsMs = period;
    this.#put(windowSignals, measures);
  }

  #put(signals: readonly MeasureSignal[], measures: DriverMeasures): void {
    const { t } = measures;
    for (const { path, of } of signals) {
      const measured = of(measures);
      if (measured.quality === 'valid') this.#source.write(path, t, measured.value);
      else this.#source.withdraw(path, t, measured.reason);
    }
  }

  #withdrawHead(t: number, reason: UnknownReason): void {
    for (const path of Object.values(headPaths)) this.#source.withdraw(path, t, reason);
  }
}
