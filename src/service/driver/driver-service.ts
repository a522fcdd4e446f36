import { Subject, type Observable } from 'rxjs';
import { loadDbc } from '../../can/dbc-parser.js';
import { LastingBus } from '../../can/live/lasting-bus.js';
import { optionalDrowsinessModel } from '../../driver/drowsiness/optional-model.js';
import type { WallClock } from '../../driver/trip/time-of-day.js';
import { fuse, tickMs, type GraphInput, type GraphOutput } from '../../fusion.js';
import type { Clock } from '../../runtime/clock.js';
import { atDeadlines } from '../../runtime/deadlines.js';
import { Heartbeat, type HeartbeatOptions } from '../../runtime/heartbeat.js';
import { VehicleBus } from '../../vehicle/bus.js';
import { dbcFileOf, loadMapping, readMapping } from '../../vehicle/mapping.js';
import { VehicleStore } from '../../vehicle/store.js';
import { loadTree } from '../../vehicle/tree.js';
import type { CanConfig, VigilConfig } from '../config/schema.js';
import type { DriveSink } from './drive-sink.js';
import { LiveCamera } from './live-camera.js';
import { cabinOf, mappingFileOf, policiesOf } from './named-files.js';
import { StageClock } from '../../stage-clock.js';
import type { DriverStatus } from './status.js';

/** What the driver service needs of the process around it. */
export interface DriverServiceOptions {
  readonly clock: Clock;
  readonly heartbeat?: HeartbeatOptions;
  /** Keeps bus and camera; null: nothing is stored. Closed with the service. */
  readonly sink?: DriveSink | null;
  /** For the time of day, where the bus does not say it. */
  readonly wallClock?: WallClock;
  /** Receives what a listener of the store threw; the store carries on. */
  readonly onError: (error: unknown, where: string) => void;
}

/**
 * Watching the driver, live: bus and camera come and go, the graph and its heartbeat go on. Everything runs on the
 * thread that makes it, apart from native threads. Close it.
 */
export class DriverService {
  readonly store: VehicleStore;
  readonly outputs$: Observable<GraphOutput>;
  readonly #outputs = new Subject<GraphOutput>();
  readonly #inputs = new Subject<GraphInput>();
  readonly #stages: StageClock;
  readonly #heartbeat: Heartbeat;
  readonly #camera: LiveCamera | null;
  readonly #bus: LastingBus | null;
  readonly #stopTicks: () => void;
  readonly #policies: { current: readonly string[] };

  /** @throws VigilError of models, mappings, policies, cabins and addresses: what no waiting repairs */
  constructor(
    config: VigilConfig,
    private readonly options: DriverServiceOptions,
  ) {
    const { clock, onError } = options;
    this.outputs$ = this.#outputs.asObservable();
    this.#stages = new StageClock(clock);
    this.store = new VehicleStore({ tree: loadTree(), onListenerError: onError });
    const [policy, ...alongside] = policiesOf(config.driver.policy);
    this.#policies = { current: config.driver.policy };
    const cabin = cabinOf(config.driver.cabin);
    const can = config.can.at(0);
    const bus = can === undefined ? null : connectBus(this.store, can);
    this.#camera = config.camera === undefined ? null : new LiveCamera(config.camera, config.driver, clock);
    fuse(this.#inputs, {
      store: this.store,
      bus,
      driver: {
        policy,
        alongside,
        cabin,
        models: this.#camera?.models ?? {},
        mount: config.camera?.mount ?? { yawDeg: 0, pitchDeg: 0 },
        seat: config.camera?.seat ?? null,
        drowsiness: optionalDrowsinessModel(),
        wallClock: options.wallClock ?? null,
      },
    }).subscribe((output) => this.#outputs.next(output));
    this.#bus = can === undefined ? null : this.#openBus(can);
    this.#camera?.inputs$.subscribe((input) => this.#take(input));
    this.#camera?.frames$.subscribe((frame) => options.sink?.camera(frame));
    this.#camera?.timings$.subscribe((timings) => this.#stages.frame(timings));
    this.#heartbeat = new Heartbeat(options.heartbeat);
    this.#take({ kind: 'journey', t: clock.now() });
    this.#stopTicks = atDeadlines(clock, tickMs, (t) => {
      this.#take({ kind: 'tick', t });
      this.#heartbeat.alive();
    });
  }

  /** The driver answered a warning. */
  acknowledge(): void {
    this.#take({ kind: 'acknowledge', t: this.options.clock.now() });
  }

  /** Other policies; in force at the next standstill. @throws VigilError as `loadPolicy`, `POLICY_CONFLICT` */
  setPolicies(names: readonly string[]): void {
    const policies = policiesOf(names);
    this.#policies.current = names;
    this.#take({ kind: 'policy', t: this.options.clock.now(), policies });
  }

  status(): DriverStatus {
    return {
      policies: this.#policies.current,
      camera: this.#camera?.status() ?? null,
      can:
        this.#bus === null
          ? []
          : [{ address: this.#bus.address, state: this.#bus.state, counters: this.#bus.counters() ?? null }],
      stages: this.#stages.read(),
      recorder: this.options.sink?.status() ?? null,
      heartbeat: this.#heartbeat.counters(),
      store: this.store.counters,
    };
  }

  async close(): Promise<void> {
    this.#stopTicks();
    this.#camera?.close();
    await this.#bus?.close();
    await this.options.sink?.close();
    this.#inputs.complete();
    this.#outputs.complete();
    this.#heartbeat.close();
  }

  #openBus({ address, silentAfterMs }: CanConfig): LastingBus {
    const { clock } = this.options;
    const bus = new LastingBus(address, { silentAfterMs }, clock);
    bus.frames$.subscribe((frames) => {
      this.#take({ kind: 'can', t: clock.now(), frames });
      this.options.sink?.can(frames);
    });
    bus.bus$.subscribe((state) => this.#take({ kind: 'bus', t: clock.now(), state }));
    return bus;
  }

  #take(input: GraphInput): void {
    this.#stages.step(input, (next) => this.#inputs.next(next));
  }
}

function connectBus(store: VehicleStore, { mapping, dbc }: CanConfig): VehicleBus {
  const file = mappingFileOf(mapping);
  const { database } = loadDbc(dbc ?? dbcFileOf(readMapping(file)));
  return new VehicleBus(store, database, loadMapping(file, store.tree, database));
}
