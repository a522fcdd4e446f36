import type { DbcMessage } from '../../can/dbc.js';
import { FrameFlag, type CanFrames } from '../../can/frames.js';
import { isUsable, Verdict } from '../../can/validity/verdict.js';
import type { FindMessage } from './databases.js';
import { Multiplexer, type SwitchValue } from './multiplexer.js';

/** Share of the newest interval in the smoothed period: about the last 16 frames count. */
const smoothing = 1 / 8;
/** A row that missed this many of its periods, and at least `silentMs`, has fallen silent. */
const missedPeriods = 10;
const silentMs = 1000;
const kinds = FrameFlag.extended | FrameFlag.remote | FrameFlag.error;
const noSwitches: readonly SwitchValue[] = [];

/** What is known of one identifier on one channel; of a multiplexed message, of one of its layouts. */
export class MonitorRow {
  count = 0;
  /** Time of the newest frame, ms. */
  lastMs = Number.NaN;
  /** Smoothed interval, ms; NaN before the second frame. */
  periodMs = Number.NaN;
  /** The newest payload. */
  payload: Uint8Array = new Uint8Array(0);
  /** The newest frame's flags. */
  flags = 0;
  /** What counter and checksum of the newest frame said. */
  verdict: number = Verdict.unchecked;
  /** Frames that must not be used, by counter or checksum. */
  refused = 0;
  /** When each bit changed last, ms; bit b of byte i is element 8 i + b. NaN: never. */
  #changedMs = new Float64Array(64).fill(Number.NaN);

  constructor(
    readonly channel: number,
    readonly id: number,
    readonly message: DbcMessage | undefined,
    readonly switches: readonly SwitchValue[],
  ) {}

  get extended(): boolean {
    return (this.flags & FrameFlag.extended) !== 0;
  }

  /** This row as it is now. */
  copy(): MonitorRow {
    const row = new MonitorRow(this.channel, this.id, this.message, this.switches);
    row.count = this.count;
    row.lastMs = this.lastMs;
    row.periodMs = this.periodMs;
    row.payload = this.payload.slice();
    row.flags = this.flags;
    row.verdict = this.verdict;
    row.refused = this.refused;
    row.#changedMs = this.#changedMs.slice();
    return row;
  }

  /** Frames a second; undefined before the second frame and for a log without times, 0 when silent. */
  rateHz(nowMs: number): number | undefined {
    if (this.isSilent(nowMs)) return 0;
    return this.periodMs > 0 ? 1000 / this.periodMs : undefined;
  }

  isSilent(nowMs: number): boolean {
    const period = Number.isNaN(this.periodMs) ? 0 : this.periodMs;
    return nowMs - this.lastMs > Math.max(silentMs, missedPeriods * period);
  }

  /** When a bit changed last, ms; NaN when never. */
  bitChangedMs(byte: number, bit: number): number {
    return this.#changedMs[byte * 8 + bit];
  }

  /** When any bit of a byte changed last, ms; NaN when never. */
  byteChangedMs(byte: number): number {
    let latest = Number.NaN;
    for (let i = byte * 8; i < byte * 8 + 8; i++) {
      const t = this.#changedMs[i];
      if (!(t <= latest)) latest = Number.isNaN(t) ? latest : t;
    }
    return latest;
  }

  /** When anything in the payload changed last, ms; NaN when never. */
  get changedMs(): number {
    let latest = Number.NaN;
    for (const t of this.#changedMs) if (!Number.isNaN(t) && !(t <= latest)) latest = t;
    return latest;
  }

  add(t: number, flags: number, payload: Uint8Array, verdict: number = Verdict.unchecked): void {
    if (this.count > 0 && t >= this.lastMs) {
      const interval = t - this.lastMs;
      this.periodMs = Number.isNaN(this.periodMs)
        ? interval
        : this.periodMs + (interval - this.periodMs) * smoothing;
    }
    this.#noteChanges(t, payload);
    this.count += 1;
    this.lastMs = t;
    this.flags = flags;
    this.verdict = verdict;
    if (!isUsable(verdict)) this.refused += 1;
  }

  #noteChanges(t: number, payload: Uint8Array): void {
    if (payload.length !== this.payload.length) {
      if (payload.length * 8 > this.#changedMs.length) {
        const longer = new Float64Array(payload.length * 8).fill(Number.NaN);
        longer.set(this.#changedMs);
        this.#changedMs = longer;
      }
      if (this.count > 0) {
        // Bytes that were not there before count as changed.
        for (let i = this.payload.length * 8; i < payload.length * 8; i++) this.#changedMs[i] = t;
      }
      const bytes = new Uint8Array(payload.length);
      bytes.set(this.count > 0 ? this.payload.subarray(0, payload.length) : payload);
      this.payload = bytes;
    }
    for (let i = 0; i < payload.length; i++) {
      const difference = payload[i] ^ this.payload[i];
      if (difference === 0) continue;
      for (let bit = 0; bit < 8; bit++) if ((difference >> bit) & 1) this.#changedMs[i * 8 + bit] = t;
      this.payload[i] = payload[i];
    }
  }
}

/**
 * The state behind the monitor: one row per channel and identifier, and per multiplexer value where the database
 * knows the message as multiplexed. Feeding it is cheap; nothing is decoded here.
 */
export class MonitorTable {
  readonly #find: FindMessage;
  readonly #rows = new Map<number | string, MonitorRow>();
  /** What was found once, by channel, kind and identifier; null: nothing. */
  readonly #messages = new Map<number, DbcMessage | null>();
  readonly #multiplexers = new Map<DbcMessage, Multiplexer>();
  #channels = new Set<number>();
  #frames = 0;
  #firstMs = Number.NaN;
  #lastMs = Number.NaN;

  constructor(find: FindMessage = () => undefined) {
    this.#find = find;
  }

  /** Takes the frames `from` to `to - 1` of a batch. @param verdicts one per frame of the batch, where they are checked */
  add(frames: CanFrames, from = 0, to = frames.count, verdicts?: Uint8Array): void {
    for (let i = from; i < to; i++) {
      const flags = frames.flags[i];
      const payload = frames.data.subarray(frames.offset[i], frames.offset[i] + frames.length[i]);
      const row = this.#row(frames.channel[i], frames.id[i], flags, payload);
      const t = frames.t[i];
      row.add(t, flags, payload, verdicts?.[i]);
      if (Number.isNaN(this.#firstMs)) this.#firstMs = t;
      this.#lastMs = t;
    }
    this.#frames += to - from;
  }

  get rows(): readonly MonitorRow[] {
    return [...this.#rows.values()];
  }

  /** Channel numbers seen. */
  get channels(): ReadonlySet<number> {
    return this.#channels;
  }

  get frames(): number {
    return this.#frames;
  }

  /** Time of the first frame since the start or the last reset, ms; NaN without frames. */
  get firstMs(): number {
    return this.#firstMs;
  }

  get lastMs(): number {
    return this.#lastMs;
  }

  /** This table as it is now; what is added to one is not seen in the other. */
  copy(): MonitorTable {
    const table = new MonitorTable(this.#find);
    for (const [key, row] of this.#rows) table.#rows.set(key, row.copy());
    table.#channels = new Set(this.#channels);
    table.#frames = this.#frames;
    table.#firstMs = this.#firstMs;
    table.#lastMs = this.#lastMs;
    return table;
  }

  /** Forgets all rows and counts. */
  reset(): void {
    this.#rows.clear();
    this.#channels = new Set();
    this.#frames = 0;
    this.#firstMs = Number.NaN;
  }

  #row(channel: number, id: number, flags: number, payload: Uint8Array): MonitorRow {
    const extended = (flags & FrameFlag.extended) !== 0;
    const hasData = (flags & (FrameFlag.remote | FrameFlag.error)) === 0;
    const number = (channel * 8 + (flags & kinds)) * 0x20000000 + id;
    let message = this.#messages.get(number);
    if (message === undefined) {
      message = (hasData ? this.#find(id, extended) : undefined) ?? null;
      this.#messages.set(number, message);
    }
    const switches = message === null ? noSwitches : this.#multiplexer(message).read(payload);
    const key =
      switches.length === 0 ? number : `${number}/${switches.map(({ raw }) => raw.toString()).join('/')}`;
    let row = this.#rows.get(key);
    if (row === undefined) {
      row = new MonitorRow(channel, id, message ?? undefined, switches);
      this.#rows.set(key, row);
      this.#channels.add(channel);
    }
    return row;
  }

  #multiplexer(message: DbcMessage): Multiplexer {
    let multiplexer = this.#multiplexers.get(message);
    if (multiplexer === undefined) {
      multiplexer = new Multiplexer(message);
      this.#multiplexers.set(message, multiplexer);
    }
    return multiplexer;
  }
}
