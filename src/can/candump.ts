import { open } from 'node:fs/promises';
import { VigilError, invalidArgument, messageOf, nativeCall } from '../runtime/errors.js';
import { canAddon, type NativeCandumpParser } from './can-addon.js';
import type { CanFrames } from './frames.js';

const maximumPayload = 64;
const chunkBytes = 256 * 1024;

/** A line that was left out; the first 20 are kept. */
export interface CandumpProblem {
  /** From 1. */
  readonly line: number;
  readonly message: string;
  /** The line's beginning. */
  readonly text: string;
}

/** What reading a log came to. */
export interface CandumpSummary {
  readonly lines: number;
  readonly frames: number;
  /** Lines left out because they are not frames. */
  readonly malformed: number;
  readonly problems: readonly CandumpProblem[];
  /** The text ended without a line end: its last line was cut off and is left out. */
  readonly endsMidLine: boolean;
  /** Interface name by channel number: the number at the end of the name, unless two names share it. */
  readonly channels: ReadonlyMap<number, string>;
}

interface Columns {
  readonly t: Float64Array;
  readonly id: Uint32Array;
  readonly flags: Uint8Array;
  readonly channel: Uint8Array;
  readonly length: Uint8Array;
  readonly offset: Uint32Array;
  readonly data: Uint8Array;
}

function columns(capacity: number): Columns {
  return {
    t: new Float64Array(capacity),
    id: new Uint32Array(capacity),
    flags: new Uint8Array(capacity),
    channel: new Uint8Array(capacity),
    length: new Uint8Array(capacity),
    offset: new Uint32Array(capacity),
    data: new Uint8Array(capacity * maximumPayload),
  };
}

/** How stamps are read. */
export interface CandumpStamps {
  /** Subtracted from every stamp, so that nanoseconds of dates stay exact. */
  readonly epochSeconds: number;
  /** Each stamp counts from the one before. */
  readonly deltas: boolean;
}

/** Fills the same columns again and again with the frames of a text that comes in pieces. */
export class CandumpBatches {
  readonly #parser: NativeCandumpParser;
  readonly #capacity: number;
  readonly #columns: Columns;
  /** Frames and data bytes in the columns, bytes consumed by the last call. */
  readonly #progress = new Uint32Array(3);
  #frames = 0;

  constructor(batchFrames: number, stamps: CandumpStamps = { epochSeconds: 0, deltas: false }) {
    this.#parser = new (canAddon().CandumpParser)(stamps.epochSeconds, stamps.deltas);
    if (!Number.isInteger(batchFrames) || batchFrames < 1 || batchFrames > 1_000_000) {
      throw invalidArgument('batchFrames', 'a whole number from 1 to 1000000', batchFrames);
    }
    this.#capacity = batchFrames;
    this.#columns = columns(batchFrames);
  }

  /** Bytes of the piece that were used up; fewer than given when the batch is full or a line is not whole. */
  parse(text: Uint8Array, start: number, end: number, last: boolean): number {
    const { t, id, flags, channel, length, offset, data } = this.#columns;
    nativeCall(() =>
      this.#parser.parse(text, start, end, last, t, id, flags, channel, length, offset, data, this.#progress),
    );
    return this.#progress[2];
  }

  get isFull(): boolean {
    return this.#progress[0] === this.#capacity;
  }

  get isEmpty(): boolean {
    return this.#progress[0] === 0;
  }

  /** A copy of the frames in the columns, which are empty then. */
  take(): CanFrames {
    const count = this.#progress[0];
    const bytes = this.#progress[1];
    this.#frames += count;
    this.#progress.fill(0);
    const { t, id, flags, channel, length, offset, data } = this.#columns;
    return {
      count,
      t: t.slice(0, count),
      id: id.slice(0, count),
      flags: flags.slice(0, count),
      channel: channel.slice(0, count),
      length: length.slice(0, count),
      offset: offset.slice(0, count),
      data: data.slice(0, bytes),
    };
  }

  summary(): CandumpSummary {
    const { channels, ...rest } = this.#parser.summary();
    return {
      ...rest,
      frames: this.#frames + this.#progress[0],
      channels: new Map(channels.map(({ channel, name }) => [channel, name])),
    };
  }
}

export interface CandumpOptions {
  /** Frames per batch; the last batch may have fewer. */
  readonly batchFrames?: number;
}

/** A log being read; one pass only. Memory does not depend on the length of the log. */
export class CandumpLog implements AsyncIterable<CanFrames> {
  readonly #parser: CandumpBatches;

  constructor(
    readonly file: string,
    options: CandumpOptions = {},
  ) {
    this.#parser = new CandumpBatches(options.batchFrames ?? 4096);
  }

  /** What has been read so far; final once the iteration has ended. */
  get summary(): CandumpSummary {
    return this.#parser.summary();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<CanFrames, void, undefined> {
    const parser = this.#parser;
    const text = new Uint8Array(chunkBytes);
    const handle = await this.#reading(() => open(this.file, 'r'));
    try {
      let held = 0;
      for (let last = false; !last;) {
        const { bytesRead } = await this.#reading(() => handle.read(text, held, text.length - held));
        last = bytesRead === 0;
        held += bytesRead;
        let start = 0;
        for (;;) {
          start += parser.parse(text, start, held, last);
          if (!parser.isFull) break;
          yield parser.take();
        }
        // The beginning of a line whose rest has not been read yet moves to the front.
        text.copyWithin(0, start, held);
        held -= start;
      }
      if (!parser.isEmpty) yield parser.take();
    } finally {
      await handle.close();
    }
  }

  async #reading<T>(operation: () => Promise<T>): Promise<T> {
    try {
      return await operation();
    } catch (error) {
      throw new VigilError(
        'FILE_UNREADABLE',
        `Expected a readable candump log at ${this.file} but reading failed: ${messageOf(error)}.`,
        'Check the path and its permissions.',
        { file: this.file },
        { cause: error },
      );
    }
  }
}

/**
 * Reads a log that `candump -L` wrote, in batches. Times are milliseconds as stamped. A remote frame has the
 * length it asks for and zeros as payload. Malformed lines are left out and counted in `summary`.
 * @throws VigilError `FILE_UNREADABLE` from the iteration, `INVALID_ARGUMENT` at once
 */
export function readCandump(file: string, options: CandumpOptions = {}): CandumpLog {
  return new CandumpLog(file, options);
}

/** A whole log that is in memory already. */
export function parseCandump(text: string | Uint8Array): { frames: CanFrames; summary: CandumpSummary } {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  let lines = 1;
  for (const byte of bytes) if (byte === 0x0a) lines += 1;
  if (lines > 1_000_000)
    throw invalidArgument('text', 'at most 1000000 lines; use readCandump for more', lines);
  const parser = new CandumpBatches(lines);
  parser.parse(bytes, 0, bytes.length, true);
  return { frames: parser.take(), summary: parser.summary() };
}
