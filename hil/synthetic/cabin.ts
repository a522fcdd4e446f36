import { VigilError } from '../../src/runtime/errors.js';
import type { Quality } from '../../src/vehicle/quality.js';
import type { SignalSource } from '../../src/vehicle/source.js';
import type { VehicleStore } from '../../src/vehicle/store.js';
import { requireSignal } from '../../src/vehicle/tree.js';
import type { SignalValue } from '../../src/vehicle/value.js';
import { shownAfter } from './shown-after.js';

export interface CabinOptions {
  /** How long an actuator takes, ms. */
  readonly lagMs?: number;
  /** Actuators that take a request and do not move. */
  readonly stuck?: readonly string[];
  /** Actuators whose owner takes no request. */
  readonly refused?: readonly string[];
}

const usualLagMs = 500;

/**
 * A vehicle's cabin for the bench: it provides the signals that nobody else does, owns their actuators, and shows what
 * was asked for after a while of drive time.
 */
export class SyntheticCabin {
  readonly #source: SignalSource;
  readonly #provided: ReadonlySet<string>;
  #planned: { readonly t: number; readonly path: string; readonly value: SignalValue }[] = [];

  /** @param paths signals that the cabin has; those that the store gets elsewhere are left to whoever provides them */
  constructor(
    store: VehicleStore,
    paths: readonly string[],
    { lagMs = usualLagMs, stuck = [], refused = [] }: CabinOptions = {},
  ) {
    const provided = paths.filter((path) => store.get(path).source === '');
    this.#provided = new Set(provided);
    this.#source = store.provide(
      'cabin',
      provided.map((path) => ({ path, maxAgeMs: Infinity })),
    );
    for (const path of provided) {
      if (requireSignal(store.tree, path).kind !== 'actuator') continue;
      store.provideActuator(path, 'cabin', ({ t, value }) => {
        if (refused.includes(path))
          throw new VigilError('CABIN_REFUSED', `Expected ${path} to be free but it is in use.`);
        if (stuck.includes(path)) return;
        const [seenPath, seen] = shownAfter(path, value);
        this.#planned.push({ t: t + lagMs, path: seenPath, value: seen });
      });
    }
  }

  /** @throws VigilError `NOT_THE_SOURCE` for what somebody else provides, `INVALID_VALUE` */
  set(path: string, value: SignalValue, t: number): void {
    this.#source.write(path, t, value);
  }

  lose(path: string, quality: Exclude<Quality, 'valid'>, t: number): void {
    if (quality === 'stale') this.#source.outdate(path, t, 'scenario', undefined);
    else if (quality === 'invalid') this.#source.invalidate(path, t, 'scenario');
    else this.#source.withdraw(path, t, 'scenario');
  }

  has(path: string): boolean {
    return this.#provided.has(path);
  }

  /** Shows what is due up to `t`. */
  tick(t: number): void {
    const due = this.#planned.filter((planned) => planned.t <= t).sort((a, b) => a.t - b.t);
    this.#planned = this.#planned.filter((planned) => planned.t > t);
    for (const { path, value, t: at } of due) if (this.has(path)) this.#source.write(path, at, value);
  }
}
