import { FrameFlag } from '../frames.js';
import { parseAscDate } from './asc-date.js';
import { lengthOfCode } from './fd-length.js';
import type { FrameRows } from './frame-rows.js';
import type { LogHeader } from './log-format.js';
import { millisecondsOf } from './stamps.js';
import type { Tally } from './tally.js';
import type { TextCursor } from './text-cursor.js';
import { headLines, type LineReader } from './text-log.js';

const [letterX, letterLowerX, zero, one] = [0x58, 0x78, 0x30, 0x31];
/** Bits of the flags that close a CANFD line. */
const fdFlag = { remote: 0x10, fd: 0x1000 };

function startOf(lines: readonly string[]): bigint | null {
  const dateIn = (begin: RegExp): number | null => {
    for (const line of lines) {
      const match = begin.exec(line.trim());
      if (match) return parseAscDate(match[1]);
    }
    return null;
  };
  // The trigger's date is the time of stamp 0; the file's own may be that of writing it.
  const ms = dateIn(/^begin\s+triggerblock\s+(.+)$/i) ?? dateIn(/^date\s+(.+)$/i);
  return ms === null || ms === 0 ? null : BigInt(ms) * 1_000_000n;
}

/** Lines of a Vector ASC log. */
export class AscReader implements LineReader {
  readonly header: LogHeader;
  readonly countsPayload: boolean;
  readonly #base: number;
  readonly #relative: boolean;
  /** Time of the last event, ns; what relative stamps add to. */
  #lastNs = 0;

  constructor(head: Uint8Array) {
    const lines = headLines(head);
    this.header = { startNs: startOf(lines), channelNames: [] };
    const form = lines
      .map((line) => /^\s*base\s+(hex|dec)(?:\s+timestamps\s+(\w+))?/i.exec(line))
      .find(Boolean);
    this.#base = form?.[1].toLowerCase() === 'dec' ? 10 : 16;
    this.#relative = form?.[2]?.toLowerCase() === 'relative';
    // In decimal, 2 may be the beginning of 25.
    this.countsPayload = this.#base === 16;
  }

  readLine(line: TextCursor, rows: FrameRows, tally: Tally): string | null {
    const start = line.at;
    if (!line.time() || !line.blanks()) {
      line.at = start;
      return this.#otherLine(line, tally);
    }
    const ns = line.whole * 1e9 + line.fraction;
    this.#lastNs = this.#relative ? this.#lastNs + ns : ns;
    const t = millisecondsOf(0, this.#lastNs);
    const channel = line.number(10);
    if (channel < 0) {
      if (line.takeText('canfd') && line.blanks()) return this.#readFd(line, rows, tally, t);
      tally.skip('event');
      return null;
    }
    if (!line.blanks()) return 'a blank after the channel';
    if (channel > 256) return 'a channel from 1 to 256';
    return this.#readClassic(line, rows, tally, t, Math.max(0, channel - 1));
  }

  #readClassic(line: TextCursor, rows: FrameRows, tally: Tally, t: number, channel: number): string | null {
    if (line.takeText('errorframe')) {
      rows.add(t, 0, FrameFlag.error, channel, 0);
      return null;
    }
    const identifier = this.#identifier(line);
    if (identifier < 0) return this.#named(line, tally);
    const direction = this.#direction(line);
    if (direction < 0) {
      tally.skip('event');
      return null;
    }
    const flags = (identifier >= extendedMark ? FrameFlag.extended : 0) | direction;
    const id = identifier % extendedMark;
    if (line.takeText('r')) return this.#readRemote(line, rows, t, id, flags, channel);
    if (!line.takeText('d') || !line.blanks()) return 'd or r after the direction';
    const code = line.number(16);
    if (code < 0 || code > 15 || !line.atBreak()) return 'a data length code from 0 to f';
    const length = Math.min(8, code);
    const complaint = this.#payload(line, rows, length);
    if (complaint === null) rows.add(t, id, flags, channel, length);
    return complaint;
  }

  #readRemote(
    line: TextCursor,
    rows: FrameRows,
    t: number,
    id: number,
    flags: number,
    channel: number,
  ): string | null {
    if (!line.atBreak()) return 'd or r after the direction';
    line.blanks();
    const code = line.number(16);
    const length = code < 0 || !line.atBreak() ? 0 : Math.min(8, code);
    rows.data.fill(0, rows.end, rows.end + length);
    rows.add(t, id, flags | FrameFlag.remote, channel, length);
    return null;
  }

  #readFd(line: TextCursor, rows: FrameRows, tally: Tally, t: number): string | null {
    const number = line.number(10);
    if (number < 0 || number > 256) return 'a channel from 1 to 256';
    const channel = Math.max(0, number - 1);
    line.blanks();
    const direction = this.#direction(line);
    if (direction < 0) return 'Rx or Tx after the channel';
    if (line.takeText('errorframe')) {
      rows.add(t, 0, FrameFlag.error | direction, channel, 0);
      return null;
    }
    const identifier = this.#identifier(line);
    if (identifier < 0) return this.#named(line, tally);
    // A symbolic name may stand here; it never begins with a digit.
    if (line.byte !== zero && line.byte !== one) {
      line.word();
      line.blanks();
    }
    const bitRateSwitch = line.number(10);
    line.blanks();
    const errorState = line.number(10);
    line.blanks();
    const code = line.number(16);
    line.blanks();
    const length = line.number(10);
    if ((bitRateSwitch | errorState) < 0 || bitRateSwitch > 1 || errorState > 1) {
      return '0 or 1 for bit rate switch and error state indicator';
    }
    if (code < 0 || code > 15 || length < 0 || length > 64) {
      return 'a data length code from 0 to f and a length from 0 to 64';
    }
    const complaint = this.#payload(line, rows, length);
    if (complaint !== null) return complaint;
    const bits = this.#closingFlags(line);
    const id = identifier % extendedMark;
    let flags = (identifier >= extendedMark ? FrameFlag.extended : 0) | direction;
    if ((bits & fdFlag.fd) === 0 && length <= 8) {
      // A classic frame on a channel that is configured for FD.
      const remote = (bits & fdFlag.remote) !== 0;
      const held = remote ? Math.min(8, code) : length;
      if (remote) rows.data.fill(0, rows.end, rows.end + held);
      rows.add(t, id, remote ? flags | FrameFlag.remote : flags, channel, held);
      return null;
    }
    flags |= FrameFlag.fd;
    if (bitRateSwitch === 1) flags |= FrameFlag.bitRateSwitch;
    if (errorState === 1) flags |= FrameFlag.errorStateIndicator;
    if (length > lengthOfCode(code)) return `at most ${lengthOfCode(code)} bytes for this data length code`;
    rows.add(t, id, flags, channel, length);
    return null;
  }

  /** Duration, length, then the flags; FD where a writer leaves them out. */
  #closingFlags(line: TextCursor): number {
    line.blanks();
    if (line.number(10) < 0) return fdFlag.fd;
    line.blanks();
    if (line.number(10) < 0) return fdFlag.fd;
    line.blanks();
    const bits = line.number(16);
    return bits < 0 ? fdFlag.fd : bits;
  }

  #payload(line: TextCursor, rows: FrameRows, length: number): string | null {
    for (let i = 0; i < length; i++) {
      line.blanks();
      const byte = this.#base === 16 ? line.hexByte() : line.number(10);
      if (byte < 0 || byte > 255 || !line.atBreak()) return `${length} bytes of payload`;
      rows.data[rows.end + i] = byte;
    }
    return null;
  }

  /** The identifier, plus `extendedMark` for 29 bits; -1 when there is none. */
  #identifier(line: TextCursor): number {
    const start = line.at;
    const id = line.number(this.#base);
    const extended = line.byte === letterLowerX || line.byte === letterX;
    if (extended) line.at += 1;
    if (id < 0 || !line.atBreak() || id > (extended ? 0x1fffffff : 0x7ff)) {
      line.at = start;
      return -1;
    }
    line.blanks();
    return extended ? id + extendedMark : id;
  }

  /** Flag of the direction; -1 when there is none. */
  #direction(line: TextCursor): number {
    const sent = line.takeText('tx');
    if (!sent && !line.takeText('rx')) return -1;
    // TxRq, a request to send, is no frame.
    if (!line.blanks()) return -1;
    return sent ? FrameFlag.transmitted : 0;
  }

  /** A symbolic name stands for the identifier, or the line is no frame. */
  #named(line: TextCursor, tally: Tally): null {
    tally.skip(
      /\s[RT]x\s/.test(line.text(line.at, line.end)) ? 'frame with a name for its identifier' : 'event',
    );
    return null;
  }

  #otherLine(line: TextCursor, tally: Tally): string | null {
    const text = line.text(line.at, line.end).toLowerCase();
    if (/^(date|base|begin|end|no internal|internal|previous|\/\/|\*|split)/.test(text)) return null;
    if (/^[\d.]/.test(text)) return 'a time at the start of the line';
    tally.skip('remark');
    return null;
  }
}

/** Above every identifier: added to those of 29 bits. */
const extendedMark = 0x20000000;
