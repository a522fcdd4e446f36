import { BehaviorSubject, Subject, type Observable } from 'rxjs';
import { tickMs, type GraphOutput } from '../fusion.js';
import { monotonicClock } from '../runtime/clock.js';
import { atDeadlines } from '../runtime/deadlines.js';
import { messageOf } from '../runtime/errors.js';
import type { HeartbeatOptions } from '../runtime/heartbeat.js';
import { BackOff } from '../runtime/sources/back-off.js';
import { StoreLink } from '../vehicle/store-link.js';
import { VehicleStore } from '../vehicle/store.js';
import { loadTree } from '../vehicle/tree.js';
import { configChanges, type ConfigChanges } from './config/changes.js';
import type { VigilConfig } from './config/schema.js';
import { DriverThread } from './driver/driver-thread.js';
import type { DriverStatus } from './driver/status.js';

/** What the service says of itself, for its log. */
export interface ServiceEvent {
  readonly level: 'error' | 'warn' | 'info' | 'debug';
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

export interface ServiceOptions {
  readonly heartbeat?: HeartbeatOptions;
  readonly onEvent?: (event: ServiceEvent) => void;
}

export type ServiceState =
  | { readonly kind: 'running' }
  | { readonly kind: 'restarting'; readonly reason: string }
  | { readonly kind: 'closed' };

/** How the service is; plain data. */
export interface ServiceStatus {
  readonly state: ServiceState;
  readonly uptimeMs: number;
  readonly restarts: number;
  /** Null while the driver's thread is being restarted, or does not answer. */
  readonly driver: DriverStatus | null;
}

/**
 * Vigil, live: the driver's thread is started, watched and started again. Values are read in `store`, a replica that
 * follows within a tick; with the driver's thread gone they are unavailable.
 */
export class VigilService {
  readonly store: VehicleStore;
  /** What the driver graph says: states, alerts, blinks, measures. Not observations, and not the store's changes. */
  readonly outputs$: Observable<GraphOutput>;
  readonly state$: Observable<ServiceState>;
  readonly #outputs = new Subject<GraphOutput>();
  readonly #state = new BehaviorSubject<ServiceState>({ kind: 'running' });
  readonly #backOff = new BackOff();
  readonly #startedMs = monotonicClock.now();
  readonly #onEvent: (event: ServiceEvent) => void;
  #threadStartedMs = 0;
  #thread: DriverThread | undefined;
  #link: StoreLink | undefined;
  #stopFlush: () => void = () => undefined;
  #retry: NodeJS.Timeout | undefined;
  #restarts = 0;

  private constructor(
    private config: VigilConfig,
    private readonly options: ServiceOptions,
  ) {
    this.#onEvent = options.onEvent ?? (() => undefined);
    this.outputs$ = this.#outputs.asObservable();
    this.state$ = this.#state.asObservable();
    this.store = new VehicleStore({
      tree: loadTree(),
      onListenerError: (error, path) =>
        this.#onEvent({ level: 'error', message: `a listener of ${path} failed: ${messageOf(error)}` }),
    });
  }

  /** @throws VigilError of models, mappings, policies, cabins and addresses */
  static async start(config: VigilConfig, options: ServiceOptions = {}): Promise<VigilService> {
    const service = new VigilService(config, options);
    await service.#startThread();
    service.#stopFlush = atDeadlines(monotonicClock, tickMs, () => service.#link?.flush());
    return service;
  }

  /** The driver answered a warning: a button, a touch of the screen. */
  acknowledge(): void {
    this.#thread?.acknowledge();
  }

  /**
   * Takes what can be taken of another configuration while running, and says what only a restart brings.
   * @throws VigilError of the policies named, and then nothing is changed
   */
  async reload(config: VigilConfig): Promise<ConfigChanges> {
    const changes = configChanges(this.config, config);
    if (changes.live.includes('driver.policy')) await this.#thread?.setPolicies(config.driver.policy);
    this.config = {
      ...this.config,
      driver: { ...this.config.driver, policy: config.driver.policy },
      log: { ...this.config.log, level: config.log.level },
    };
    return changes;
  }

  async status(): Promise<ServiceStatus> {
    const driver = await this.#thread?.status().catch(() => null);
    return {
      state: this.#state.value,
      uptimeMs: monotonicClock.now() - this.#startedMs,
      restarts: this.#restarts,
      driver: driver ?? null,
    };
  }

  /** Idempotent. */
  async close(): Promise<void> {
    if (this.#state.value.kind === 'closed') return;
    this.#state.next({ kind: 'closed' });
    clearTimeout(this.#retry);
    this.#stopFlush();
    this.#link?.close();
    await this.#thread?.close();
    this.#outputs.complete();
    this.#state.complete();
  }

  async #startThread(): Promise<void> {
    const thread = await DriverThread.start(
      { config: this.config, heartbeat: this.options.heartbeat ?? {} },
      {
        outputs: (outputs) => {
          for (const output of outputs) this.#outputs.next(output);
        },
        error: ({ code, message }, where) =>
          this.#onEvent({ level: 'error', message, details: { code, where } }),
        died: (reason) => this.#died(reason),
      },
    );
    this.#thread = thread;
    this.#threadStartedMs = monotonicClock.now();
    this.#link = new StoreLink(this.store, thread.link('embedder', null), {
      name: 'the driver service',
      mirrors: () => true,
      clock: monotonicClock,
      onRefused: ({ path }, message) =>
        this.#onEvent({ level: 'warn', message: `actuation refused: ${message}`, details: { path } }),
    });
  }

  #died(reason: string): void {
    if (this.#state.value.kind === 'closed') return;
    this.#thread = undefined;
    this.#link?.close();
    this.#link = undefined;
    this.#state.next({ kind: 'restarting', reason });
    this.#onEvent({ level: 'error', message: `the driver service ended: ${reason}` });
    this.#restart(monotonicClock.now() - this.#threadStartedMs);
  }

  #restart(upMs: number): void {
    this.#retry = setTimeout(() => {
      this.#restarts += 1;
      this.#startThread().then(
        () => {
          if (this.#state.value.kind === 'closed') void this.#thread?.close();
          else this.#state.next({ kind: 'running' });
        },
        (error: unknown) => {
          if (this.#state.value.kind === 'closed') return;
          this.#onEvent({ level: 'error', message: `the driver service did not start: ${messageOf(error)}` });
          this.#restart(0);
        },
      );
    }, this.#backOff.failed(upMs));
  }
}
