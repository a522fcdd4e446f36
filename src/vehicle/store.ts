import { invalidArgument, VigilError } from '../runtime/errors.js';
import { Actuators } from './actuators.js';
import type { ActuationRequest, Actuate, ActuatorClaim } from './actuators.js';
import { Expiry } from './expiry.js';
import { History } from './history.js';
import type { Sample } from './sample.js';
import { SignalSource } from './source.js';
import type { ProvidedSignal, SourceBackend } from './source.js';
import { Topics } from './topics.js';
import type {
  DeliveryCounters,
  ListenerErrorHandler,
  Publication,
  SampleListener,
  Subscription,
} from './topics.js';
import { requireSignal } from './tree.js';
import type { SignalTree } from './tree.js';
import type { Signal } from './value.js';

export interface StoreOptions {
  readonly tree: SignalTree;
  /** Samples kept per path. */
  readonly historyLength?: number;
  /** Receives what a listener threw; the store and the other listeners carry on. */
  readonly onListenerError: ListenerErrorHandler;
}

export interface StoreCounters extends DeliveryCounters {
  /** Samples stored, whatever their quality. */
  readonly stored: number;
  /** Stored with quality `invalid`. */
  readonly invalid: number;
  /** Not stored, because a newer sample of that path was there already. */
  readonly late: number;
  /** Turned stale by `expire`. */
  readonly expired: number;
}

/**
 * The latest value of every signal of the vehicle, with its time, quality, reason and source. Whoever knows
 * something writes here through a source; whoever shows something reads here.
 *
 * - One source per path: two writers of one signal would hide each other's failures.
 * - No clock is read. `expire(t)` is called with the drive clock's time and makes stale what is too old.
 * - An implausible value of a source (outside limits or allowed values, not finite) is stored as `invalid` with
 *   a reason, because that is what is known; a value of the wrong type is the writer's mistake and throws.
 */
export class VehicleStore implements SourceBackend {
  readonly tree: SignalTree;
  private readonly latest: Sample[];
  private readonly histories: History<Sample>[];
  private readonly owners: (SignalSource | undefined)[];
  private readonly topics: Topics;
  private readonly actuators: Actuators;
  private readonly expiry: Expiry;
  private stored = 0;
  private invalid = 0;
  private late = 0;
  private expired = 0;

  constructor(options: StoreOptions) {
    const { tree, historyLength = 64, onListenerError } = options;
    this.tree = tree;
    this.latest = tree.signals.map(({ path }) => neverProvided(path));
    this.histories = tree.signals.map(() => new History<Sample>(historyLength));
    this.owners = tree.signals.map(() => undefined);
    this.topics = new Topics(tree, onListenerError);
    this.actuators = new Actuators(tree);
    this.expiry = new Expiry(tree.signals.length);
  }

  get counters(): StoreCounters {
    const { stored, invalid, late, expired } = this;
    return { stored, invalid, late, expired, ...this.topics.counters };
  }

  // ---- reading ----------------------------------------------------------------------------------------------

  /** The latest sample, whatever its quality. @throws VigilError `UNKNOWN_SIGNAL`. */
  get(path: string): Sample {
    return this.latest[requireSignal(this.tree, path).index];
  }

  /** The latest samples of a leaf or of all leaves of a branch, ordered by path. @throws VigilError `UNKNOWN_SIGNAL`. */
  snapshot(path: string): Sample[] {
    const leaves = this.tree.branches.get(path) ?? [requireSignal(this.tree, path)];
    return leaves.map(({ index }) => this.latest[index]);
  }

  /** The last samples of a path, oldest first, the latest included; none before the first. */
  history(path: string): Sample[] {
    return this.histories[requireSignal(this.tree, path).index].toArray();
  }

  /**
   * Calls `listener` with every further sample of a leaf, or of every leaf of a branch.
   * @param present `true`: also with the present samples, before this returns. What the listener throws then
   *   goes to the caller.
   * @throws VigilError `UNKNOWN_SIGNAL`.
   */
  subscribe(path: string, listener: SampleListener, present = false): Subscription {
    const subscription = this.topics.subscribe(path, listener);
    if (!present) return subscription;
    try {
      for (const sample of this.snapshot(path)) listener(sample);
    } catch (error) {
      subscription.unsubscribe();
      throw error;
    }
    return subscription;
  }

  // ---- writing ----------------------------------------------------------------------------------------------

  /**
   * Registers the one writer of some signals.
   * @throws VigilError `UNKNOWN_SIGNAL`, `SIGNAL_ALREADY_PROVIDED`, `INVALID_ARGUMENT` (maximum age not positive).
   *   Nothing is registered then.
   */
  provide(name: string, signals: readonly ProvidedSignal[]): SignalSource {
    const claimed = signals.map(({ path, maxAgeMs }) => {
      if (!(maxAgeMs > 0))
        throw invalidArgument(`the maximum age of ${path}`, 'a positive number of ms', maxAgeMs);
      const signal = requireSignal(this.tree, path);
      const owner = this.owners[signal.index];
      if (owner !== undefined) throw alreadyProvided(path, name, owner.name);
      return { signal, maxAgeMs };
    });
    if (new Set(signals.map(({ path }) => path)).size !== signals.length) {
      throw invalidArgument(
        `the signals of ${name}`,
        'different paths',
        signals.map(({ path }) => path).join(', '),
      );
    }
    const source = new SignalSource(name, this, claimed);
    const entries = claimed.map(({ signal }) => {
      this.owners[signal.index] = source;
      const { value, t } = this.latest[signal.index];
      const reason = 'nothing received yet';
      return {
        signal,
        sample: { path: signal.path, value, t, quality: 'unavailable', reason, source: name } as const,
      };
    });
    this.publish(entries);
    return source;
  }

  /** Makes stale every valid sample that is older at `t` (drive clock, ms) than its source allows. Returns how many. */
  expire(t: number): number {
    const overdue = this.expiry.takeOverdue(t);
    const entries = overdue.map(({ index, maxAgeMs }) => {
      const reason = `nothing received for more than ${maxAgeMs} ms`;
      return {
        signal: this.tree.signals[index],
        sample: { ...this.latest[index], quality: 'stale', reason } as const,
      };
    });
    this.publish(entries);
    this.expired += overdue.length;
    return overdue.length;
  }

  /** For sources only: stores and publishes a sample unless a newer one is there. Returns whether it was stored. */
  accept(signal: Signal, sample: Sample, maxAgeMs: number): boolean {
    if (sample.t < this.latest[signal.index].t) {
      this.late += 1;
      return false;
    }
    if (sample.quality === 'invalid') this.invalid += 1;
    if (sample.quality === 'valid') this.expiry.watch(signal.index, sample.t, maxAgeMs);
    else this.expiry.forget(signal.index);
    this.keep(signal, sample);
    this.stored += 1;
    this.topics.publishOne(signal, sample);
    return true;
  }

  /** For sources only: gives paths up; they become unavailable, not before the time of their last sample. */
  release(signals: readonly Signal[], source: string, t: number, reason: string): void {
    const entries = signals.map((signal) => {
      this.owners[signal.index] = undefined;
      this.expiry.forget(signal.index);
      const time = Math.max(t, this.latest[signal.index].t);
      const sample = {
        path: signal.path,
        value: undefined,
        t: time,
        quality: 'unavailable',
        reason,
        source,
      } as const;
      return { signal, sample };
    });
    this.publish(entries);
  }

  private publish(entries: readonly Publication[]): void {
    for (const { signal, sample } of entries) this.keep(signal, sample);
    this.stored += entries.length;
    this.topics.publish(entries);
  }

  private keep({ index }: Signal, sample: Sample): void {
    this.latest[index] = sample;
    this.histories[index].push(sample);
  }

  // ---- actuators --------------------------------------------------------------------------------------------

  /** Registers the one owner of an actuator. @throws VigilError `ACTUATOR_ALREADY_OWNED` and as `Actuators.claim`. */
  provideActuator(path: string, owner: string, actuate: Actuate): ActuatorClaim {
    return this.actuators.claim(path, owner, actuate);
  }

  /** Asks owners to act; all requests are checked before any is passed on. @throws as `Actuators.request`. */
  actuate(...requests: readonly ActuationRequest[]): void {
    this.actuators.request(requests);
  }

  /** The actuators that have an owner now. */
  ownedActuators(): string[] {
    return this.actuators.owned();
  }

  /** The last request the present owner of an actuator accepted. @throws VigilError `UNKNOWN_SIGNAL`. */
  target(path: string): ActuationRequest | undefined {
    return this.actuators.targetOf(requireSignal(this.tree, path).path);
  }
}

function neverProvided(path: string): Sample {
  return {
    path,
    value: undefined,
    t: -Infinity,
    quality: 'unavailable',
    reason: 'nobody provides it',
    source: '',
  };
}

function alreadyProvided(path: string, name: string, owner: string): VigilError {
  return new VigilError(
    'SIGNAL_ALREADY_PROVIDED',
    `Expected ${path} to be free for ${name} but it is provided by ${owner}.`,
    'A signal has one source; close the other one or map the path once.',
    { path, owner },
  );
}
