import { filter, map, type Observable } from 'rxjs';
import type { Place } from './assistant/action/place.js';
import type { AssistantOutput } from './assistant/exchange.js';
import type { AlertOutput } from './driver/policy/alert.js';
import type { DriverState } from './driver/policy/state.js';
import type { GraphOutput } from './fusion.js';
import { monotonicClock } from './runtime/clock.js';
import type { HeartbeatOptions } from './runtime/heartbeat.js';
import type { ConfigChanges } from './service/config/changes.js';
import { checkConfig, loadConfig } from './service/config/load.js';
import type { VigilConfig, VigilConfigInput } from './service/config/schema.js';
import { VigilService, type ServiceEvent, type ServiceStatus } from './service/service.js';
import type { Actuate, ActuatorClaim } from './vehicle/actuators.js';
import { observe } from './vehicle/observe.js';
import type { Sample } from './vehicle/sample.js';

/** How an embedded Vigil is set up. */
export interface VigilOptions {
  /** A `vigil.yaml`, or what would be in it. Default: all defaults, that is no camera and no bus. */
  readonly config?: string | VigilConfigInput;
  readonly heartbeat?: HeartbeatOptions;
  /** What Vigil says of itself, for the host's log. */
  readonly onEvent?: (event: ServiceEvent) => void;
}

/**
 * Vigil in somebody else's process. The driver is watched in threads of its own; everything here arrives on the caller's
 * thread. Times are ms on the machine's monotonic clock. `dispose` it.
 */
export interface Vigil {
  /** Every change of the driver's state. Completes with `dispose`. */
  readonly driverState$: Observable<DriverState>;
  /** Alerts as they start, change and end, with the measured values that fired them. */
  readonly alerts$: Observable<AlertOutput>;
  /** All that the driver graph says: states, alerts, blinks, measures. */
  readonly outputs$: Observable<GraphOutput>;
  /** What the assistant understood, says and does; silent where none is configured. */
  readonly assistant$: Observable<AssistantOutput>;
  /** The latest sample of a VSS path, with quality, reason and time. @throws VigilError `UNKNOWN_SIGNAL` */
  value(path: string): Sample;
  /**
   * The present sample and every further one, of a leaf or of all leaves of a branch.
   * @throws VigilError `UNKNOWN_SIGNAL`, to the subscriber
   */
  value$(path: string): Observable<Sample>;
  /**
   * Makes the host the owner of an actuator: it is asked to move it, for example by the assistant.
   * @throws VigilError `UNKNOWN_SIGNAL`, `NOT_AN_ACTUATOR`, `ACTUATOR_ALREADY_OWNED`
   */
  provideActuator(path: string, actuate: Actuate): ActuatorClaim;
  /** The driver answered a warning: a button, a touch of the screen. */
  acknowledge(): void;
  /** A sentence in writing for the assistant, as if it were spoken at a place. */
  say(text: string, zone?: Place): void;
  /** The assistant's button at a place: wakes, and held while speaking its release is the end. */
  press(zone?: Place): void;
  release(zone?: Place): void;
  /**
   * Takes what can be taken of another configuration while running, and says what only a new start brings.
   * @throws VigilError `CONFIG_INVALID`, `CONFIG_UNREADABLE`, and of the policies named; then nothing is changed
   */
  reload(config: string | VigilConfigInput): Promise<ConfigChanges>;
  status(): Promise<ServiceStatus>;
  /** Ends threads and connections. Idempotent. */
  dispose(): Promise<void>;
}

/**
 * Starts a Vigil. Several may run in one process, with different cameras.
 * @throws VigilError `CONFIG_INVALID`, `CONFIG_UNREADABLE`, and those of models, mappings, policies and addresses
 */
export async function createVigil({ config = {}, heartbeat, onEvent }: VigilOptions = {}): Promise<Vigil> {
  const service = await VigilService.start(configOf(config), {
    ...(heartbeat === undefined ? {} : { heartbeat }),
    ...(onEvent === undefined ? {} : { onEvent }),
  });
  const { store, outputs$ } = service;
  return {
    outputs$,
    driverState$: outputs$.pipe(
      filter((output) => output.kind === 'stateChanged'),
      map(({ state }) => state),
    ),
    alerts$: outputs$.pipe(
      filter((output): output is AlertOutput => /^alert(Started|Changed|Ended)$/.test(output.kind)),
    ),
    value: (path) => store.get(path),
    value$: (path) => observe(store, path),
    provideActuator: (path, actuate) => store.provideActuator(path, 'host', actuate),
    assistant$: service.assistant$,
    acknowledge: () => service.acknowledge(),
    say: (text, zone = 'driver') =>
      service.tellAssistant({ kind: 'typed', t: monotonicClock.now(), zone, text }),
    press: (zone = 'driver') => service.press(zone),
    release: (zone = 'driver') => service.release(zone),
    reload: async (changed) => service.reload(configOf(changed)),
    status: () => service.status(),
    dispose: () => service.close(),
  };
}

function configOf(config: string | VigilConfigInput): VigilConfig {
  return typeof config === 'string' ? loadConfig(config) : checkConfig(config);
}
