import { invalidArgument } from '../../runtime/errors.js';
import type { CanFrames } from '../frames.js';
import { FrameRows } from './frame-rows.js';
import type { CanLog, LogHeader, LogReadOptions, LogSource, LogSummary } from './log-format.js';
import { Tally } from './tally.js';
import { TextCursor } from './text-cursor.js';

/** A line longer than this is damaged; its rest is not even held. */
const longestLine = 8192;
const newline = 0x0a;
const carriageReturn = 0x0d;
const shownCharacters = 80;

/** How one line-oriented format reads a line; has the state that lines share. */
export interface LineReader {
  readonly header: LogHeader;
  /**
   * Reads the line under the cursor (blanks before it are gone, it is not empty): adds a frame to the rows, or tells
   * the tally what else it is.
   * @returns null, or what was expected instead
   */
  readLine(line: TextCursor, rows: FrameRows, tally: Tally): string | null;
  /** A last line without a line end can be trusted when it is read without complaint: its payload is counted. */
  readonly countsPayload: boolean;
  /** The byte that ends a line; newline, with or without a carriage return before it, where absent. */
  readonly lineEnd?: number;
}

/** @throws VigilError `INVALID_ARGUMENT` */
export function batchFramesOf(options: LogReadOptions): number {
  const frames = options.batchFrames ?? 4096;
  if (Number.isInteger(frames) && frames >= 1 && frames <= 1_000_000) return frames;
  throw invalidArgument('batchFrames', 'a whole number from 1 to 1000000', frames);
}

/** A log of lines, each read by the format's own reader. Holds one batch, one piece of the file and one line. */
export class TextLog implements CanLog {
  readonly #source: LogSource;
  readonly #reader: LineReader;
  readonly #rows: FrameRows;
  readonly #tally = new Tally();
  readonly #cursor = new TextCursor();
  /** The beginning of a line whose rest is in the next piece. */
  readonly #carry = new Uint8Array(longestLine);
  #carried = 0;
  /** Inside a line that is too long. */
  #skipping = false;
  #lines = 0;

  constructor(source: LogSource, reader: LineReader, options: LogReadOptions) {
    this.#source = source;
    this.#reader = reader;
    this.#rows = new FrameRows(batchFramesOf(options));
  }

  get header(): LogHeader {
    return this.#reader.header;
  }

  get summary(): LogSummary {
    return this.#tally.summary(this.#rows.total);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<CanFrames, void, undefined> {
    const lineEnd = this.#reader.lineEnd ?? newline;
    for await (const piece of this.#source.stream()) {
      let at = 0;
      for (;;) {
        const end = piece.indexOf(lineEnd, at);
        if (end < 0) break;
        this.#endOfLine(piece, at, end);
        at = end + 1;
        if (this.#rows.isFull) yield this.#rows.take();
      }
      this.#keep(piece, at);
    }
    this.#lastLine();
    if (this.#rows.count > 0) yield this.#rows.take();
  }

  #endOfLine(piece: Uint8Array, start: number, end: number): void {
    if (this.#skipping) {
      this.#skipping = false;
      this.#lines += 1;
      return;
    }
    if (this.#carried === 0) {
      this.#read(piece, start, end);
      return;
    }
    if (this.#keep(piece.subarray(0, end), start)) this.#read(this.#carry, 0, this.#carried);
    else this.#lines += 1;
    this.#carried = 0;
    this.#skipping = false;
  }

  /** False when the line has become too long, which is noted once. */
  #keep(piece: Uint8Array, start: number): boolean {
    if (this.#skipping) return false;
    const length = piece.length - start;
    if (this.#carried + length > longestLine) {
      this.#tally.damage(`line ${this.#lines + 1}`, 'expected a line end');
      this.#skipping = true;
      this.#carried = 0;
      return false;
    }
    this.#carry.set(piece.subarray(start), this.#carried);
    this.#carried += length;
    return true;
  }

  #read(bytes: Uint8Array, start: number, end: number): void {
    this.#lines += 1;
    const expected = this.#readLine(bytes, start, end);
    if (expected === null) return;
    const shown = this.#cursor.text(start, Math.min(end, start + shownCharacters)).replace(/[^ -~]/g, '?');
    this.#tally.damage(`line ${this.#lines}`, `expected ${expected} but found "${shown.trim()}"`);
  }

  #readLine(bytes: Uint8Array, start: number, end: number, tally = this.#tally): string | null {
    const cursor = this.#cursor;
    cursor.bytes = bytes;
    cursor.at = start;
    cursor.end = end > start && bytes[end - 1] === carriageReturn ? end - 1 : end;
    cursor.blanks();
    return cursor.atEnd ? null : this.#reader.readLine(cursor, this.#rows, tally);
  }

  #lastLine(): void {
    if (this.#skipping) this.#tally.cutOff = true;
    if (this.#carried === 0) return;
    this.#lines += 1;
    const { countsPayload } = this.#reader;
    if (!countsPayload || (this.#source.damage ?? null) !== null || !this.#isSound())
      this.#tally.cutOff = true;
  }

  /** Reads the last line, which may be half of one: what is no frame then may have been the beginning of one. */
  #isSound(): boolean {
    const tally = new Tally();
    const expected = this.#readLine(this.#carry, 0, this.#carried, tally);
    return expected === null && Object.keys(tally.summary(0).skipped).length === 0;
  }
}

/** The lines that are whole in a log's first bytes; for headers, which are read before the frames. */
export function headLines(head: Uint8Array, most = 200): string[] {
  const text = Buffer.from(head).toString('latin1');
  const lines = text.split('\n', most + 1);
  if (lines.length <= most) lines.pop();
  return lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line)).slice(0, most);
}
