import { FrameFlag } from '../frames.js';
import type { FrameRows } from './frame-rows.js';
import type { LogFormat, LogHeader } from './log-format.js';
import { millisecondsOf } from './stamps.js';
import type { Tally } from './tally.js';
import type { TextCursor } from './text-cursor.js';
import { TextLog, headLines, type LineReader } from './text-log.js';

const [asterisk, colon] = [0x2a, 0x3a];
const secondsPerDay = 86_400;
/** Eleven years. */
const mostHours = 100_000;

/** A date of more digits is none: what lies outside a Date's range would have no start at all. */
const startPattern =
  /START DATE AND TIME (\d{1,2}):(\d{1,2}):(\d{4}) (\d{1,2}):(\d{1,2}):(\d{1,2})[:.](\d{1,9})(?!\d)/;

/** Lines of a BusMaster log. */
class BusMasterReader implements LineReader {
  readonly header: LogHeader;
  readonly countsPayload: boolean;
  readonly #base: number;
  readonly #mode: 'system' | 'absolute' | 'relative';
  /** Of the day the log began at, in system mode. */
  #daySeconds = 0;
  #lastSeconds = -1;
  #lastMs = 0;

  constructor(head: Uint8Array) {
    const lines = headLines(head).filter((line) => line.startsWith('***'));
    const has = (text: string) => lines.some((line) => line.startsWith(`***${text}`));
    this.#base = has('DEC') ? 10 : 16;
    this.countsPayload = this.#base === 16;
    this.#mode = has('SYSTEM MODE') ? 'system' : has('RELATIVE MODE') ? 'relative' : 'absolute';
    const start = lines.map((line) => startPattern.exec(line)).find(Boolean);
    let startNs: bigint | null = null;
    if (start) {
      const [day, month, year, hour, minute, second] = start.slice(1).map(Number);
      const ms = Number(start[7].slice(0, 3).padEnd(3, '0'));
      startNs = BigInt(Date.UTC(year, month - 1, day, hour, minute, second, ms)) * 1_000_000n;
      this.#daySeconds = hour * 3600 + minute * 60 + second + ms / 1000;
    }
    this.header = { startNs, channelNames: [] };
  }

  readLine(line: TextCursor, rows: FrameRows, tally: Tally): string | null {
    if (line.byte === asterisk) return null;
    const t = this.#time(line);
    if (Number.isNaN(t)) return 'a time such as 22:20:14:992';
    line.blanks();
    let flags = 0;
    if (line.takeText('tx')) flags = FrameFlag.transmitted;
    else if (!line.takeText('rx')) {
      tally.skip('event');
      return null;
    }
    line.blanks();
    const channel = line.number(10);
    if (channel < 0 || channel > 256 || !line.blanks()) return 'a channel from 1 to 256';
    if (!line.takeText('0x')) line.blanks();
    const id = line.number(this.#base);
    if (id < 0 || !line.blanks()) return 'an identifier';
    if (line.takeText('x')) flags |= FrameFlag.extended;
    else if (!line.takeText('s')) return 's or x after the identifier';
    if (line.takeText('r')) flags |= FrameFlag.remote;
    else if (line.takeText('fd')) flags |= FrameFlag.fd;
    if (id > ((flags & FrameFlag.extended) === 0 ? 0x7ff : 0x1fffffff))
      return 'an identifier of 11 or 29 bits';
    line.blanks();
    const length = line.number(10);
    if (length < 0 || length > ((flags & FrameFlag.fd) === 0 ? 8 : 64)) return 'a length from 0 to 8';
    if ((flags & FrameFlag.remote) !== 0) rows.data.fill(0, rows.end, rows.end + length);
    else {
      for (let i = 0; i < length; i++) {
        line.blanks();
        const byte = this.#base === 16 ? line.hexByte() : line.number(10);
        if (byte < 0 || byte > 255) return `${length} bytes of payload`;
        rows.data[rows.end + i] = byte;
      }
    }
    rows.add(t, id, flags, Math.max(0, channel - 1), length);
    return null;
  }

  /** Milliseconds from the start of the log; NaN when there is no time. */
  #time(line: TextCursor): number {
    const hours = line.number(10);
    if (!line.take(colon)) return NaN;
    const minutes = line.number(10);
    if (!line.take(colon)) return NaN;
    const seconds = line.number(10);
    if (!line.take(colon)) return NaN;
    const fraction = line.number(10);
    if (hours < 0 || minutes < 0 || seconds < 0 || fraction < 0 || line.digits > 9) return NaN;
    if (hours > (this.#mode === 'system' ? 23 : mostHours) || minutes > 59 || seconds > 59) return NaN;
    let whole = hours * 3600 + minutes * 60 + seconds;
    const nanoseconds = fraction * 10 ** (9 - line.digits);
    if (this.#mode === 'relative') {
      this.#lastMs += millisecondsOf(whole, nanoseconds);
      return this.#lastMs;
    }
    if (this.#mode === 'absolute') return millisecondsOf(whole, nanoseconds);
    // The clock of the day, which begins again at midnight.
    const behind = this.#lastSeconds - secondsPerDay / 2 - whole;
    if (behind > 0) whole += Math.ceil(behind / secondsPerDay) * secondsPerDay;
    this.#lastSeconds = Math.max(this.#lastSeconds, whole);
    return millisecondsOf(whole, nanoseconds - Math.round(this.#daySeconds * 1000) * 1e6);
  }
}

/** The log of BUSMASTER, for reading. Dates are taken as UTC. */
export const busMasterFormat: LogFormat = {
  name: 'busmaster',
  title: 'BUSMASTER log',
  extensions: [],
  sniff: (head) => (/^\*\*\*BUSMASTER/.test(headLines(head, 1).at(0) ?? '') ? 1 : 0),
  open: (source, options) => Promise.resolve(new TextLog(source, new BusMasterReader(source.head), options)),
};
