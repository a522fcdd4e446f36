import type { ActuationRequest, ActuatorClaim } from './actuators.js';
import type { Sample } from './sample.js';
import type { SignalSource } from './source.js';
import type { VehicleStore } from './store.js';
import { requireSignal } from './tree.js';

/** What a feed passes on at a time: the newest sample of each path that was written since, unchanged values too. */
export interface StoreFeed {
  take(): Sample[];
  close(): void;
}

/**
 * Collects what is written in a store, for a replica elsewhere. Bounded by the number of paths. The first `take` gives
 * every path's present sample.
 * @param passes which paths; a replica's own are not passed back to it
 */
export function storeFeed(store: VehicleStore, passes: (path: string) => boolean): StoreFeed {
  const newest = new Map<string, Sample>();
  const subscription = store.subscribe(
    'Vehicle',
    (sample) => {
      if (passes(sample.path)) newest.set(sample.path, sample);
    },
    true,
  );
  return {
    take: () => {
      const samples = [...newest.values()];
      newest.clear();
      return samples;
    },
    close: () => subscription.unsubscribe(),
  };
}

export interface ReplicaOptions {
  /** Of the other store, for reasons that name it: `driver service`. */
  readonly name: string;
  /** Which paths come from the other store. Nobody else may provide them here. */
  readonly mirrors: (path: string) => boolean;
  /** Passes an actuation to the other store. Absent: actuators stay with this one. */
  readonly actuate?: (request: ActuationRequest) => void;
}

/**
 * Keeps in a store what another one, in another thread or process, knows: samples as they are, with their own times,
 * qualities and sources. Staleness is found where the values are measured; when the other side is lost, all that came
 * from it is unavailable.
 */
export class Replica {
  readonly #source: SignalSource;
  readonly #claims = new Map<string, ActuatorClaim>();
  #isLost = false;

  /** @throws VigilError `SIGNAL_ALREADY_PROVIDED` */
  constructor(
    private readonly store: VehicleStore,
    private readonly options: ReplicaOptions,
  ) {
    this.#source = store.provide(
      options.name,
      store.tree.signals
        .filter(({ path }) => options.mirrors(path))
        .map(({ path }) => ({ path, maxAgeMs: Infinity })),
    );
  }

  /** The actuators that are claimed here for the other side. */
  get claimed(): ReadonlyMap<string, unknown> {
    return this.#claims;
  }

  /** Stores samples of the other side. One older than the present one is counted as late and left. */
  put(samples: readonly Sample[]): void {
    if (this.#isLost) return;
    for (const sample of samples) {
      if (!this.options.mirrors(sample.path) || sample.t === Number.NEGATIVE_INFINITY) continue;
      this.store.accept(requireSignal(this.store.tree, sample.path), sample, Infinity);
    }
  }

  /** The actuators that have an owner on the other side; requests for others are refused here at once. */
  ownedThere(paths: readonly string[]): void {
    const { actuate, name } = this.options;
    if (actuate === undefined || this.#isLost) return;
    for (const [path, claim] of this.#claims) {
      if (paths.includes(path)) continue;
      claim.release();
      this.#claims.delete(path);
    }
    for (const path of paths) {
      if (!this.#claims.has(path)) this.#claims.set(path, this.store.provideActuator(path, name, actuate));
    }
  }

  /** The other side is gone: its signals are unavailable from `t` on, its actuators without an owner. Final. */
  lost(t: number, reason: string): void {
    if (this.#isLost) return;
    this.#isLost = true;
    for (const claim of this.#claims.values()) claim.release();
    this.#claims.clear();
    this.#source.close(t, reason);
  }
}
