import { messageOf, VigilError } from '../runtime/errors.js';
import type { Sample } from './sample.js';
import { branchesAbove } from './tree.js';
import type { SignalTree } from './tree.js';
import type { Signal } from './value.js';

/** Receives the samples of what was subscribed to. */
export type SampleListener = (sample: Sample) => void;

/** Receives what a listener threw; the path is that of the sample being delivered. */
export type ListenerErrorHandler = (error: unknown, path: string) => void;

/** Held by who listens. */
export interface Subscription {
  unsubscribe(): void;
}

interface Subscriber {
  readonly serial: number;
  readonly listener: SampleListener;
}

export interface Publication {
  readonly signal: Signal;
  readonly sample: Sample;
}

interface Delivery extends Publication {
  /** Only subscribers up to this serial existed when the sample was written. */
  readonly lastSerial: number;
}

export interface DeliveryCounters {
  /** Subscribers looked at; equals `delivered` unless one of them left during delivery. */
  readonly visited: number;
  readonly delivered: number;
  readonly failed: number;
}

/** Writes that one outer write may cause through listeners before we call it a feedback loop. */
const maxCascade = 10_000;

/**
 * Subscriptions indexed by path: a sample visits the subscribers of its own leaf and of the branches above it
 * (a handful of sets), never anybody else's.
 *
 * Delivery is in write order for everyone: a listener that writes queues a further delivery behind the present
 * one. Within one delivery, leaf subscribers come before those of branches, each in order of subscription.
 */
export class Topics {
  private readonly subscribers = new Map<string, Set<Subscriber>>();
  /** Per signal: the sets of its leaf and of its branches, nearest first. */
  private readonly routes: readonly (readonly Set<Subscriber>[])[];
  private readonly queue: Delivery[] = [];
  private draining = false;
  private lastSerial = 0;
  private visited = 0;
  private delivered = 0;
  private failed = 0;

  constructor(
    tree: SignalTree,
    private readonly onError: ListenerErrorHandler,
  ) {
    for (const path of [...tree.branches.keys(), ...tree.byPath.keys()])
      this.subscribers.set(path, new Set());
    this.routes = tree.signals.map(({ path }) =>
      [path, ...branchesAbove(path)].map((topic) => this.subscribers.get(topic)!),
    );
  }

  get counters(): DeliveryCounters {
    return { visited: this.visited, delivered: this.delivered, failed: this.failed };
  }

  /** @param path a leaf or a branch of the tree. @throws VigilError `UNKNOWN_SIGNAL`. */
  subscribe(path: string, listener: SampleListener): Subscription {
    const topic = this.subscribers.get(path);
    if (topic === undefined) {
      throw new VigilError(
        'UNKNOWN_SIGNAL',
        `Expected the path of a signal or a branch to subscribe to but received ${JSON.stringify(path)}.`,
        'See signals/vss for the paths that exist.',
        { path },
      );
    }
    this.lastSerial += 1;
    const subscriber: Subscriber = { serial: this.lastSerial, listener };
    topic.add(subscriber);
    return { unsubscribe: () => void topic.delete(subscriber) };
  }

  /**
   * Delivers to everyone subscribed at this moment; returns after all of them were called, unless called by one
   * of them. Several entries are queued together: nothing a listener writes comes between them.
   */
  publish(entries: readonly Publication[]): void {
    for (const { signal, sample } of entries)
      this.queue.push({ signal, sample, lastSerial: this.lastSerial });
    if (!this.draining) this.drain();
  }

  /** The same for one sample: most writes are of one. */
  publishOne(signal: Signal, sample: Sample): void {
    this.queue.push({ signal, sample, lastSerial: this.lastSerial });
    if (!this.draining) this.drain();
  }

  private drain(): void {
    this.draining = true;
    try {
      for (let i = 0; i < this.queue.length; i++) {
        if (i >= maxCascade) throw this.feedbackLoop(this.queue[i]);
        this.deliver(this.queue[i]);
      }
    } finally {
      this.queue.length = 0;
      this.draining = false;
    }
  }

  private deliver({ signal, sample, lastSerial }: Delivery): void {
    for (const topic of this.routes[signal.index]) {
      if (topic.size === 0) continue;
      for (const subscriber of topic) {
        if (subscriber.serial > lastSerial) break;
        this.visited += 1;
        try {
          subscriber.listener(sample);
          this.delivered += 1;
        } catch (error) {
          this.failed += 1;
          this.report(error, sample.path);
        }
      }
    }
  }

  /** A handler that throws must not keep the sample from the subscribers still to come. */
  private report(error: unknown, path: string): void {
    try {
      this.onError(error, path);
    } catch (handlerError) {
      process.emitWarning(`vigil: the store's error handler failed for ${path}: ${messageOf(handlerError)}`);
    }
  }

  private feedbackLoop(delivery: Delivery): VigilError {
    const { path } = delivery.signal;
    return new VigilError(
      'STORE_FEEDBACK_LOOP',
      `Expected listeners to settle but one write caused ${maxCascade} further ones, the last to ${path}.`,
      'A listener writes, directly or through others, to what it listens to; break that cycle.',
      { path },
    );
  }
}
