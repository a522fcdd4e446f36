import { MessageChannel } from 'node:worker_threads';
import { Subject, type Observable } from 'rxjs';
import type { Place } from '../assistant/action/place.js';
import type { AssistantInput, AssistantOutput } from '../assistant/exchange.js';
import { tickMs, type GraphOutput } from '../fusion.js';
import { monotonicClock } from '../runtime/clock.js';
import { atDeadlines } from '../runtime/deadlines.js';
import { messageOf } from '../runtime/errors.js';
import type { HeartbeatOptions } from '../runtime/heartbeat.js';
import { StoreLink } from '../vehicle/store-link.js';
import { VehicleStore } from '../vehicle/store.js';
import { loadTree } from '../vehicle/tree.js';
import {
  assistantBranch,
  type AssistantCommand,
  type AssistantData,
  type AssistantEvent,
  type AssistantStatus,
} from './assistant/protocol.js';
import { configChanges, type ConfigChanges } from './config/changes.js';
import type { AssistantConfig, VigilConfig } from './config/schema.js';
import type { DriverCommand, DriverData, DriverEvent } from './driver/protocol.js';
import type { DriverStatus } from './driver/status.js';
import { Supervised, type PartState } from './supervised.js';
import { ServiceThread, type ThreadListener } from './thread/service-thread.js';

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

/** How a part is: its thread, and what it says of itself; null while it does not answer. */
export interface PartStatus<Status> {
  readonly state: PartState;
  readonly restarts: number;
  readonly status: Status | null;
}

/** How the service is; plain data. */
export interface ServiceStatus {
  readonly uptimeMs: number;
  readonly driver: PartStatus<DriverStatus>;
  /** Null where none is configured. */
  readonly assistant: PartStatus<AssistantStatus> | null;
}

/**
 * Vigil, live: the driver service and the assistant, each in a thread of its own, started, watched and started again.
 * Values are read in `store`, a replica of the driver service's that follows within a tick; with that gone they are
 * unavailable. Close it.
 */
export class VigilService {
  readonly store: VehicleStore;
  /** What the driver graph says: states, alerts, blinks, measures. Not observations, and not the store's changes. */
  readonly outputs$: Observable<GraphOutput>;
  /** What the assistant understood, says and does. */
  readonly assistant$: Observable<AssistantOutput>;
  readonly #outputs = new Subject<GraphOutput>();
  readonly #assistantOutputs = new Subject<AssistantOutput>();
  readonly #startedMs = monotonicClock.now();
  readonly #onEvent: (event: ServiceEvent) => void;
  #driver: Supervised<DriverCommand, DriverEvent> | undefined;
  #assistant: Supervised<AssistantCommand, AssistantEvent> | undefined;
  #link: StoreLink | undefined;
  #stopFlush: () => void = () => undefined;
  #isClosed = false;

  private constructor(
    private config: VigilConfig,
    private readonly options: ServiceOptions,
  ) {
    this.#onEvent = options.onEvent ?? (() => undefined);
    this.outputs$ = this.#outputs.asObservable();
    this.assistant$ = this.#assistantOutputs.asObservable();
    this.store = new VehicleStore({
      tree: loadTree(),
      onListenerError: (error, path) =>
        this.#onEvent({ level: 'error', message: `a listener of ${path} failed: ${messageOf(error)}` }),
    });
  }

  /** @throws VigilError of models, mappings, policies, cabins, commands and addresses */
  static async start(config: VigilConfig, options: ServiceOptions = {}): Promise<VigilService> {
    const service = new VigilService(config, options);
    try {
      await service.#start();
    } catch (error) {
      await service.close();
      throw error;
    }
    return service;
  }

  /** The driver answered a warning: a button, a touch of the screen. */
  acknowledge(): void {
    this.#driver?.thread?.tell({ kind: 'acknowledge' });
  }

  /** Something for the assistant: a sentence in writing, names and places that are known. Lost while it is down. */
  tellAssistant(input: AssistantInput): void {
    this.#assistant?.thread?.tell({ kind: 'input', input });
  }

  /** The assistant's button at a place: wakes, and held while speaking its release is the end. */
  press(zone: Place): void {
    this.#assistant?.thread?.tell({ kind: 'press', zone });
  }

  release(zone: Place): void {
    this.#assistant?.thread?.tell({ kind: 'release', zone });
  }

  /**
   * Takes what can be taken of another configuration while running, and says what only a restart brings.
   * @throws VigilError of the policies named, and then nothing is changed
   */
  async reload(config: VigilConfig): Promise<ConfigChanges> {
    const changes = configChanges(this.config, config);
    const { policy } = config.driver;
    if (changes.live.includes('driver.policy'))
      await this.#driver?.thread?.ask({ kind: 'policies', names: policy });
    this.config = {
      ...this.config,
      driver: { ...this.config.driver, policy },
      log: { ...this.config.log, level: config.log.level },
    };
    return changes;
  }

  async status(): Promise<ServiceStatus> {
    const [driver, assistant] = await Promise.all([
      statusOf<DriverStatus, DriverCommand>(this.#driver, { kind: 'status' }),
      statusOf<AssistantStatus, AssistantCommand>(this.#assistant, { kind: 'status' }),
    ]);
    return {
      uptimeMs: monotonicClock.now() - this.#startedMs,
      driver: driver ?? { state: { kind: 'closed' }, restarts: 0, status: null },
      assistant,
    };
  }

  /** Idempotent. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stopFlush();
    this.#link?.close();
    await this.#assistant?.close();
    await this.#driver?.close();
    this.#outputs.complete();
    this.#assistantOutputs.complete();
  }

  async #start(): Promise<void> {
    this.#driver = await Supervised.start<DriverCommand, DriverEvent>({
      start: (listener) => this.#startDriver(listener),
      up: (thread) => this.#driverUp(thread),
      down: (reason) => this.#driverDown(reason),
      events: (events) => this.#fromDriver(events),
      error: ({ code, message }, where) => this.#tell('error', message, { code, where }),
    });
    const { assistant } = this.config;
    if (assistant !== undefined) {
      this.#assistant = await Supervised.start<AssistantCommand, AssistantEvent>({
        start: (listener) => this.#startAssistant(assistant, listener),
        up: () => undefined,
        down: (reason) => this.#tell('error', `the assistant ended: ${reason}`),
        events: (events) => {
          for (const event of events) this.#assistantOutputs.next(event);
        },
        error: ({ code, message }, where) => this.#tell('error', message, { code, where }),
      });
    }
    this.#stopFlush = atDeadlines(monotonicClock, tickMs, () => this.#link?.flush());
  }

  #startDriver(listener: ThreadListener<DriverEvent>): Promise<ServiceThread<DriverCommand, DriverEvent>> {
    const data: DriverData = { config: this.config, heartbeat: this.options.heartbeat ?? {} };
    const file = new URL('./driver/driver-worker.js', import.meta.url);
    return ServiceThread.start(file, 'the driver service', data, [], listener);
  }

  #startAssistant(
    config: AssistantConfig,
    listener: ThreadListener<AssistantEvent>,
  ): Promise<ServiceThread<AssistantCommand, AssistantEvent>> {
    const { port1, port2 } = new MessageChannel();
    this.#driver?.thread?.giveLink('the assistant', assistantBranch, port1);
    const data: AssistantData = { config, store: port2 };
    const file = new URL('./assistant/assistant-worker.js', import.meta.url);
    return ServiceThread.start(file, 'the assistant', data, [port2], listener);
  }

  #driverUp(thread: ServiceThread<DriverCommand, DriverEvent>): void {
    this.#link = new StoreLink(this.store, thread.link('the host', null), {
      name: 'the driver service',
      mirrors: () => true,
      clock: monotonicClock,
      onRefused: ({ path }, message) => this.#tell('warn', `actuation refused: ${message}`, { path }),
    });
    // The assistant is still tied to the store of the thread before.
    void this.#assistant?.renew();
  }

  #driverDown(reason: string): void {
    this.#link?.close();
    this.#link = undefined;
    this.#tell('error', `the driver service ended: ${reason}`);
  }

  #fromDriver(outputs: readonly DriverEvent[]): void {
    for (const output of outputs) {
      if (output.kind === 'suggestion')
        this.tellAssistant({ kind: 'suggestion', t: output.t, what: output.what });
      this.#outputs.next(output);
    }
  }

  #tell(level: ServiceEvent['level'], message: string, details: Record<string, unknown> = {}): void {
    this.#onEvent({ level, message, details });
  }
}

async function statusOf<Status, Command>(
  part:
    | Supervised<Command, never>
    | Supervised<Command, DriverEvent>
    | Supervised<Command, AssistantEvent>
    | undefined,
  command: Command,
): Promise<PartStatus<Status> | null> {
  if (part === undefined) return null;
  const answer = await part.thread?.ask(command).catch(() => null);
  return { state: part.state, restarts: part.restarts, status: (answer ?? null) as Status | null };
}
