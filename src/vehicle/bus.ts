import { CanDecoder } from '../can/decoder.js';
import type { CanFrames } from '../can/frames.js';
import type { DbcDatabase } from '../can/dbc.js';
import { applyDecoded, connectMapping, type VehicleMapping } from './mapping.js';
import type { SignalSource } from './source.js';
import type { VehicleStore } from './store.js';

/** One CAN bus as a source of the vehicle store: frames in, mapped signals written. */
export class VehicleBus {
  readonly #decoder: CanDecoder;
  readonly #source: SignalSource;

  /** @throws as `VehicleStore.provide` */
  constructor(
    store: VehicleStore,
    database: DbcDatabase,
    private readonly mapping: VehicleMapping,
  ) {
    this.#decoder = CanDecoder.of(database);
    this.#source = connectMapping(store, mapping);
  }

  /** Decodes a batch and writes its mapped signals in order of time. Returns the number of frames written. */
  receive(frames: CanFrames): number {
    return applyDecoded(this.#source, this.mapping, this.#decoder.decode(frames).messages);
  }
}
