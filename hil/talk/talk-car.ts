import { watchedPaths } from '../../src/assistant/dialog/watched-paths.js';
import type { DialogConfig } from '../../src/assistant/dialog/turn.js';
import type { AssistantInput } from '../../src/assistant/exchange.js';
import { destinationsFrom, namesFrom } from '../../src/assistant/understanding/place-book.js';
import { invalidArgument } from '../../src/runtime/errors.js';
import type { VehicleStore } from '../../src/vehicle/store.js';
import { requireSignal } from '../../src/vehicle/tree.js';
import type { SignalValue } from '../../src/vehicle/value.js';
import { SyntheticCabin } from '../synthetic/cabin.js';
import { usualCabin } from '../synthetic/usual-cabin.js';
import { here, places } from './places.js';

/** A car to talk to: a cabin that obeys, a driver whose state is set by hand, and a few places. */
export class TalkCar {
  readonly #cabin: SyntheticCabin;

  constructor(
    private readonly store: VehicleStore,
    config: DialogConfig,
    speedKmh: number,
    t: number,
  ) {
    const start = usualCabin(store.tree);
    const paths = [...watchedPaths(config), ...start.map(([path]) => path)];
    this.#cabin = new SyntheticCabin(store, [...new Set(paths)]);
    for (const [path, value] of start) this.#cabin.set(path, value, t);
    this.set('Vehicle.Speed', speedKmh, t);
    this.set('Vehicle.Driver.Vigil.State', 'ATTENTIVE', t);
    this.set('Vehicle.Driver.Vigil.AlertLevel', 'NONE', t);
  }

  /** @throws VigilError `UNKNOWN_SIGNAL`, `INVALID_ARGUMENT` for what the car does not have, `INVALID_VALUE` */
  set(path: string, value: SignalValue, t: number): void {
    requireSignal(this.store.tree, path);
    if (!this.#cabin.has(path))
      throw invalidArgument('the path', 'a signal of the bench’s cabin, which the dialog looks at', path);
    this.#cabin.set(path, value, t);
  }

  /** A value in words, by the signal's type. @throws as `set` */
  setText(path: string, text: string, t: number): void {
    const { datatype } = requireSignal(this.store.tree, path);
    if (datatype === 'boolean') this.set(path, text === 'true', t);
    else this.set(path, datatype === 'string' ? text : Number(text), t);
  }

  tick(t: number): void {
    this.#cabin.tick(t);
  }
}

/** What the car tells the assistant at the beginning. */
export function knowledge(t: number): AssistantInput[] {
  return [
    { kind: 'destinations', t, destinations: destinationsFrom(places, here) },
    ...Object.entries(namesFrom(places)).map(([source, values]): AssistantInput => ({
      kind: 'names',
      t,
      source,
      values,
    })),
  ];
}
