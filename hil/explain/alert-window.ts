import type { Alert, AlertChange, AlertEnd } from '../../src/driver/policy/alert.js';
import type { DriverMeasures } from '../../src/driver/outputs.js';
import type { DriverState } from '../../src/driver/policy/state.js';
import type { GraphOutput } from '../../src/fusion.js';

/** Drive time kept before an alert begins and after it ends, ms. */
export interface WindowLength {
  readonly beforeMs: number;
  readonly afterMs: number;
}

/** One alert with everything that was known around it. */
export interface AlertWindow {
  /** Running number within the drive, from 1. */
  readonly number: number;
  readonly alert: Alert;
  /** Null while the alert goes on at the end of the drive. */
  readonly end: AlertEnd | null;
  /** How it grew or was answered, in order. */
  readonly changes: readonly AlertStep[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly measures: readonly DriverMeasures[];
  readonly states: readonly { readonly t: number; readonly state: DriverState }[];
  readonly speed: readonly { readonly t: number; readonly kmh: number }[];
}

/** A change of an alert while it was on. */
export interface AlertStep {
  readonly t: number;
  readonly change: AlertChange;
  readonly alert: Alert;
}

/** One alert as a list shows it. */
export interface AlertEntry {
  readonly number: number;
  readonly alert: Alert;
  readonly end: AlertEnd | null;
}

/**
 * Watches a graph's outputs for one alert, by running number or id, and keeps what surrounds it; memory is bounded
 * by the window. Also lists all alerts.
 */
export class AlertFinder {
  readonly #entries: AlertEntry[] = [];
  #measures: DriverMeasures[] = [];
  #states: { t: number; state: DriverState }[] = [];
  #speed: { t: number; kmh: number }[] = [];
  #found: AlertEntry | null = null;
  readonly #changes: AlertStep[] = [];
  #lastMs = 0;

  /** @param wanted running number or id; null only lists */
  constructor(
    private readonly wanted: string | null,
    private readonly length: WindowLength,
  ) {}

  get entries(): readonly AlertEntry[] {
    return this.#entries;
  }

  /** Everything about the wanted alert has been seen: the rest of the drive adds nothing. */
  get complete(): boolean {
    const endedMs = this.#found?.alert.endedMs ?? null;
    return endedMs !== null && this.#lastMs > endedMs + this.length.afterMs;
  }

  add(output: GraphOutput): void {
    if (this.complete) return;
    this.#lastMs = Math.max(this.#lastMs, output.t);
    switch (output.kind) {
      case 'measures':
        this.#measures.push(output.measures);
        this.#forget();
        return;
      case 'stateChanged':
        this.#states.push({ t: output.t, state: output.state });
        return;
      case 'vehicle':
        for (const { path, t, value, quality } of output.samples) {
          if (path === 'Vehicle.Speed' && typeof value === 'number' && quality === 'valid')
            this.#speed.push({ t, kmh: value });
        }
        return;
      case 'alertStarted':
        this.#start(output.alert);
        return;
      case 'alertEnded':
        this.#end(output.alert, output.reason);
        return;
      case 'alertChanged':
        this.#change(output.alert, output.change, output.t);
        return;
      case 'observation':
      case 'assistant':
      case 'blink':
      case 'closure':
      case 'clockRestarted':
      case 'inputRejected':
      case 'enabledChanged':
      case 'policyChanged':
      case 'policyRefused':
      case 'suggestion':
        return;
    }
  }

  /** Null when the drive holds no such alert. */
  window(): AlertWindow | null {
    if (this.#found === null) return null;
    const { number, alert, end } = this.#found;
    const fromMs = alert.startedMs - this.length.beforeMs;
    const toMs = Math.min(this.#lastMs, (alert.endedMs ?? this.#lastMs) + this.length.afterMs);
    const within = ({ t }: { readonly t: number }): boolean => t >= fromMs && t <= toMs;
    const before = this.#states.filter(({ t }) => t < fromMs).at(-1);
    return {
      number,
      alert,
      end,
      changes: this.#changes.filter((step) => step.alert.id === alert.id),
      fromMs,
      toMs,
      measures: this.#measures.filter(within),
      states: [...(before === undefined ? [] : [before]), ...this.#states.filter(within)],
      speed: this.#speed.filter(within),
    };
  }

  #start(alert: Alert): void {
    const entry = { number: this.#entries.length + 1, alert, end: null };
    this.#entries.push(entry);
    if (this.#found === null && (String(entry.number) === this.wanted || alert.id === this.wanted))
      this.#found = entry;
  }

  #change(alert: Alert, change: AlertChange, t: number): void {
    if (alert.id === this.#found?.alert.id) this.#changes.push({ t, change, alert });
  }

  #end(alert: Alert, end: AlertEnd): void {
    const index = this.#entries.findIndex((entry) => entry.alert.id === alert.id && entry.end === null);
    if (index < 0) return;
    const entry = { ...this.#entries[index], alert, end };
    this.#entries[index] = entry;
    if (this.#found?.number === entry.number) this.#found = entry;
  }

  /** Until the alert is found, only what may come before it is kept. */
  #forget(): void {
    if (this.#found !== null || this.#measures.length % 256 !== 0) return;
    const from = this.#lastMs - this.length.beforeMs;
    this.#measures = this.#measures.filter(({ t }) => t >= from);
    this.#speed = this.#speed.filter(({ t }) => t >= from);
    const older = this.#states.filter(({ t }) => t < from).at(-1);
    this.#states = [...(older === undefined ? [] : [older]), ...this.#states.filter(({ t }) => t >= from)];
  }
}
