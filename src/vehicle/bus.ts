import type { DbcDatabase } from '../can/dbc.js';
import { CanDecoder } from '../can/decoder.js';
import { FrameFlag, type CanFrames } from '../can/frames.js';
import { BusValidity } from './bus-validity.js';
import { applyDecoded, connectMapping, type VehicleMapping } from './mapping.js';
import type { SignalSource } from './source.js';
import type { VehicleStore } from './store.js';

/** SocketCAN's error class in the identifier of an error frame: the controller is off the bus. */
const busOffClass = 0x40;

/**
 * One CAN bus as a source of the vehicle store: frames in, mapped signals written, each with the quality that the
 * mapping's validity rules find (docs/validity.md). A value that fails is `invalid`, with the reason and the last good
 * value; a message that stops makes its signals `stale`; while the bus is off they are `unavailable`.
 */
export class VehicleBus {
  readonly #decoder: CanDecoder;
  readonly #source: SignalSource;
  readonly #validity: BusValidity;

  /** @throws as `VehicleStore.provide` and `compileValidity` */
  constructor(
    store: VehicleStore,
    database: DbcDatabase,
    private readonly mapping: VehicleMapping,
  ) {
    this.#decoder = CanDecoder.of(database);
    this.#source = connectMapping(store, mapping);
    this.#validity = new BusValidity(store, this.#source, mapping, this.#decoder.plan.messages);
  }

  /** Decodes a batch, checks it and writes its mapped signals in order of time. Returns the number of mapped frames. */
  receive(frames: CanFrames): number {
    let mapped = 0;
    let start = 0;
    for (let i = 0; i < frames.count; i++) {
      if ((frames.flags[i] & FrameFlag.error) === 0 || (frames.id[i] & busOffClass) === 0) continue;
      mapped += this.#apply(slice(frames, start, i));
      this.busOff(frames.t[i]);
      start = i + 1;
    }
    return mapped + this.#apply(start === 0 ? frames : slice(frames, start, frames.count));
  }

  /** From `t` on there is no bus (bus-off, interface down): every mapped signal becomes unavailable. */
  busOff(t: number, reason = 'bus off'): void {
    this.#validity.busOff(t, reason);
  }

  /** Notices what did not come; called regularly with the drive clock's time, ms. */
  tick(t: number): void {
    this.#validity.tick(t);
  }

  #apply(frames: CanFrames): number {
    if (frames.count === 0) return 0;
    const { messages } = this.#decoder.decode(frames);
    this.#validity.begin(frames, messages);
    return applyDecoded(this.#source, this.mapping, messages, this.#validity);
  }
}

function slice(frames: CanFrames, from: number, to: number): CanFrames {
  const { t, id, flags, channel, length, offset, data } = frames;
  return {
    count: to - from,
    t: t.subarray(from, to),
    id: id.subarray(from, to),
    flags: flags.subarray(from, to),
    channel: channel.subarray(from, to),
    length: length.subarray(from, to),
    offset: offset.subarray(from, to),
    data,
  };
}
