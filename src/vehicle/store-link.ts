import type { MessagePort } from 'node:worker_threads';
import type { Clock } from '../runtime/clock.js';
import { messageOf } from '../runtime/errors.js';
import type { ActuationRequest } from './actuators.js';
import { Replica, storeFeed, type StoreFeed } from './replica.js';
import type { Sample } from './sample.js';
import type { VehicleStore } from './store.js';

type LinkMessage =
  | { readonly kind: 'samples'; readonly samples: readonly Sample[] }
  /** All that this side can move. */
  | { readonly kind: 'actuators'; readonly paths: readonly string[] }
  | { readonly kind: 'actuate'; readonly request: ActuationRequest }
  | { readonly kind: 'refused'; readonly request: ActuationRequest; readonly message: string };

export interface StoreLinkOptions {
  /** Of the other side, for reasons that name it. */
  readonly name: string;
  /** Which paths the other side provides; all others go there. */
  readonly mirrors: (path: string) => boolean;
  readonly clock: Clock;
  /** The other side's owner of an actuator refused what was asked from here. */
  readonly onRefused?: (request: ActuationRequest, message: string) => void;
}

/**
 * Ties two vehicle stores in two threads together: each side's samples appear on the other, and actuations go to their
 * owner on whichever side that is. Batches leave with `flush`. When the other side ends, what came from it is
 * unavailable. Links may form a tree, not a ring.
 */
export class StoreLink {
  readonly #replica: Replica;
  readonly #feed: StoreFeed;
  #told: readonly string[] = [];
  #isOpen = true;

  /** @throws VigilError `SIGNAL_ALREADY_PROVIDED` */
  constructor(
    private readonly store: VehicleStore,
    private readonly port: MessagePort,
    private readonly options: StoreLinkOptions,
  ) {
    const { name, mirrors, clock } = options;
    this.#replica = new Replica(store, {
      name,
      mirrors,
      actuate: (request) => this.#post({ kind: 'actuate', request }),
    });
    this.#feed = storeFeed(store, (path) => !mirrors(path));
    port.on('message', (message: LinkMessage) => this.#take(message));
    port.once('close', () => this.#lost(clock.now(), `${name} ended`));
    port.unref();
  }

  /** Sends what is new. Call it at every tick. */
  flush(): void {
    if (!this.#isOpen) return;
    const samples = this.#feed.take();
    if (samples.length > 0) this.#post({ kind: 'samples', samples });
    const theirs = this.#replica.claimed;
    const paths = this.store.ownedActuators().filter((path) => !theirs.has(path));
    if (paths.length === this.#told.length && paths.every((path, i) => path === this.#told[i])) return;
    this.#told = paths;
    this.#post({ kind: 'actuators', paths });
  }

  /** Idempotent. The other side sees it as an end of this one. */
  close(): void {
    this.#lost(this.options.clock.now(), 'closed');
    this.port.close();
  }

  #take(message: LinkMessage): void {
    if (!this.#isOpen) return;
    switch (message.kind) {
      case 'samples':
        this.#replica.put(message.samples);
        return;
      case 'actuators':
        this.#replica.ownedThere(message.paths);
        return;
      case 'actuate':
        this.#actuate(message.request);
        return;
      case 'refused':
        this.options.onRefused?.(message.request, message.message);
    }
  }

  #actuate(request: ActuationRequest): void {
    try {
      this.store.actuate(request);
    } catch (error) {
      this.#post({ kind: 'refused', request, message: messageOf(error) });
    }
  }

  #post(message: LinkMessage): void {
    if (this.#isOpen) this.port.postMessage(message);
  }

  #lost(t: number, reason: string): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#feed.close();
    this.#replica.lost(t, reason);
  }
}
