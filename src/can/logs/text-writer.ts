import { FrameFlag, type CanFrames } from '../frames.js';
import type { LogSink, LogWriter } from './log-format.js';

const hexadecimal = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).toUpperCase().padStart(2, '0'),
);

/** Payload bytes as two upper-case hexadecimal digits each. */
export function payloadHex(frames: CanFrames, row: number, separator: string): string {
  const start = frames.offset[row];
  const end = start + frames.length[row];
  let text = '';
  for (let at = start; at < end; at++) {
    text += at === start ? hexadecimal[frames.data[at]] : separator + hexadecimal[frames.data[at]];
  }
  return text;
}

export function hexText(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, '0');
}

/** What a format could not take, counted. */
export class Losses {
  readonly leftOut: Record<string, number> = {};
  readonly reduced: Record<string, number> = {};

  /** @returns null, so that a line can be left out in one expression */
  leave(kind: string): null {
    this.leftOut[kind] = (this.leftOut[kind] ?? 0) + 1;
    return null;
  }

  reduce(what: string): void {
    this.reduced[what] = (this.reduced[what] ?? 0) + 1;
  }

  /** Counts an error frame whose class and bytes have no place: only that there was one is written. */
  reduceError(frames: CanFrames, row: number): void {
    if (frames.id[row] !== 0 || frames.length[row] > 0) this.reduce('content of error frames');
    if ((frames.flags[row] & FrameFlag.transmitted) !== 0) this.reduce('direction of error frames');
  }
}

/** One frame as a line with its line end; null when the format has none for it. */
export type LineOf = (frames: CanFrames, row: number, losses: Losses) => string | null;

/** A log of lines. Frames are written as they come, in one piece for each batch. */
export class TextLogWriter implements LogWriter {
  readonly #sink: LogSink;
  readonly #lineOf: LineOf;
  readonly #footer: string;
  readonly #losses = new Losses();

  private constructor(sink: LogSink, lineOf: LineOf, footer: string) {
    this.#sink = sink;
    this.#lineOf = lineOf;
    this.#footer = footer;
  }

  static async begin(sink: LogSink, header: string, lineOf: LineOf, footer = ''): Promise<TextLogWriter> {
    if (header !== '') await sink.write(Buffer.from(header, 'utf8'));
    return new TextLogWriter(sink, lineOf, footer);
  }

  get leftOut(): Readonly<Record<string, number>> {
    return this.#losses.leftOut;
  }

  get reduced(): Readonly<Record<string, number>> {
    return this.#losses.reduced;
  }

  async write(frames: CanFrames): Promise<void> {
    const lines: string[] = [];
    for (let row = 0; row < frames.count; row++) {
      const line = this.#lineOf(frames, row, this.#losses);
      if (line !== null) lines.push(line);
    }
    if (lines.length > 0) await this.#sink.write(Buffer.from(lines.join(''), 'utf8'));
  }

  async close(): Promise<void> {
    if (this.#footer !== '') await this.#sink.write(Buffer.from(this.#footer, 'utf8'));
  }
}
