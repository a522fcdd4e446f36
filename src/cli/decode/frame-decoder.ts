import { compileDecodePlan } from '../../can/decode-plan.js';
import type { DecodedBatch } from '../../can/decoded-batch.js';
import { CanDecoder } from '../../can/decoder.js';
import type { DbcDatabase, DbcMessage, DbcSignal } from '../../can/dbc.js';
import { FrameFlag, type CanFrames } from '../../can/frames.js';
import { globFilter } from './glob.js';

/** Which database speaks for which channel. */
export interface DecodeSource {
  readonly database: DbcDatabase;
  /** Absent: all channels that have no database of their own. */
  readonly channel?: number;
}

export interface DecodeFilter {
  /** Globs over message names; empty: all. */
  readonly messages: readonly string[];
  /** Globs over `SIGNAL` or `MESSAGE.SIGNAL`; empty: all. */
  readonly signals: readonly string[];
}

/** A message with the signals that are wanted of it. Lives as long as the decoder: a formatter may hang data on it. */
export interface MessageView {
  readonly message: DbcMessage;
  readonly signals: readonly DbcSignal[];
  /** Their places in `message.signals`. */
  readonly places: readonly number[];
}

/** The rows of one message in one batch. */
export interface MessageRows {
  readonly view: MessageView;
  /** One per wanted signal; NaN where a frame holds none. */
  readonly columns: readonly Float64Array[];
}

/** A batch, ready to be walked through in the order of its frames. */
export interface MatchedFrames {
  readonly rows: readonly MessageRows[];
  /** Per frame: index into `rows`, or -1 when nothing wanted decodes it. */
  readonly which: Int32Array;
  /** Per frame: its row in the columns. */
  readonly row: Uint32Array;
}

interface Part {
  readonly decoder: CanDecoder;
  readonly channel: number | undefined;
  readonly views: ReadonlyMap<DbcMessage, MessageView>;
  recycled: DecodedBatch | undefined;
}

function viewsOf(messages: readonly DbcMessage[], filter: DecodeFilter): Map<DbcMessage, MessageView> {
  const wanted = globFilter(filter.signals);
  const views = new Map<DbcMessage, MessageView>();
  for (const message of messages) {
    const places = message.signals.flatMap(({ name }, i) =>
      wanted(name) || wanted(`${message.name}.${name}`) ? [i] : [],
    );
    if (places.length === 0 && (message.signals.length > 0 || filter.signals.length > 0)) continue;
    views.set(message, { message, places, signals: places.map((i) => message.signals[i]) });
  }
  return views;
}

/** What became of the frames so far. */
export interface FrameCounts {
  frames: number;
  /** With a wanted signal. */
  decoded: number;
  /** Shorter than their message. */
  truncated: number;
  /** Remote and error frames. */
  withoutData: number;
}

/** Decodes batches with several databases; of two that know a frame the last one counts, as within a DBC. */
export class FrameDecoder {
  readonly #parts: readonly Part[];
  /** Channels with a database of their own. */
  readonly #special: ReadonlySet<number>;
  readonly counts: FrameCounts = { frames: 0, decoded: 0, truncated: 0, withoutData: 0 };

  constructor(sources: readonly DecodeSource[], filter: DecodeFilter) {
    const wanted = globFilter(filter.messages);
    this.#special = new Set(sources.flatMap(({ channel }) => (channel === undefined ? [] : [channel])));
    this.#parts = sources.map(({ database, channel }) => {
      const views = viewsOf(
        database.messages.filter(({ name }) => wanted(name)),
        filter,
      );
      const plan = compileDecodePlan(database, (message) => views.has(message));
      const decoder = new CanDecoder(plan, channel === undefined ? {} : { channel });
      return { decoder, channel, views, recycled: undefined };
    });
  }

  /** Messages that can be decoded, after filtering. */
  get messages(): number {
    return this.#parts.reduce((total, { views }) => total + views.size, 0);
  }

  /** Good until the next call. */
  match(frames: CanFrames): MatchedFrames {
    const { count } = frames;
    // The decoder sorts frames by message and keeps their times: with numbers as times, the order comes back.
    const numbered = { ...frames, t: Float64Array.from({ length: count }, (_, i) => i) };
    const which = new Int32Array(count).fill(-1);
    const row = new Uint32Array(count);
    const rows: MessageRows[] = [];
    for (const part of this.#parts) {
      const batch = part.decoder.decode(numbered, part.recycled);
      part.recycled = batch;
      for (const decoded of batch.messages) {
        const view = part.views.get(decoded.message);
        if (view === undefined) continue;
        const index = rows.push({ view, columns: view.places.map((i) => decoded.columnAt(i)) }) - 1;
        decoded.t.forEach((frame, r) => {
          if (part.channel === undefined && this.#special.has(frames.channel[frame])) return;
          which[frame] = index;
          row[frame] = r;
        });
      }
    }
    this.#count(frames, which, rows);
    return { rows, which, row };
  }

  #count({ count, flags, length }: CanFrames, which: Int32Array, rows: readonly MessageRows[]): void {
    const { counts } = this;
    counts.frames += count;
    for (let i = 0; i < count; i++) {
      if (which[i] >= 0) {
        counts.decoded += 1;
        if (length[i] < rows[which[i]].view.message.length) counts.truncated += 1;
      } else if ((flags[i] & (FrameFlag.remote | FrameFlag.error)) !== 0) counts.withoutData += 1;
    }
  }
}
