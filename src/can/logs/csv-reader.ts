import { FrameFlag } from '../frames.js';
import { flagOfRole, readBase64, readTruth, rolesOf, type CsvRole } from './csv-columns.js';
import type { FrameRows } from './frame-rows.js';
import type { LogHeader } from './log-format.js';
import { millisecondsOf, startOfDates } from './stamps.js';
import type { Tally } from './tally.js';
import { TextCursor } from './text-cursor.js';
import { headLines, type LineReader } from './text-log.js';

const [comma, zero, letterX, quote, letterE, letterLowerE] = [0x2c, 0x30, 0x78, 0x22, 0x45, 0x65];
const maximumPayload = 64;

/** Seconds of the first line that has them. */
function firstSeconds(lines: readonly string[], roles: readonly CsvRole[]): number {
  const column = roles.indexOf('seconds');
  if (column < 0) return 0;
  const seconds = lines.map((line) => Number(line.split(',')[column])).find((value) => !Number.isNaN(value));
  return seconds ?? 0;
}

/** Lines of a table with a header line that names its columns. */
export class CsvReader implements LineReader {
  readonly header: LogHeader;
  readonly countsPayload: boolean;
  readonly #roles: readonly CsvRole[];
  readonly #startSeconds: number;
  #headerSeen = false;
  // What the cells of a line have said so far.
  #seconds = 0;
  #nanoseconds = 0;
  #id = 0;
  #flags = 0;
  #channel = 0;
  /** -1 when no column says it: the payload counts itself. */
  #length = 0;
  #held = 0;

  constructor(head: Uint8Array) {
    const [first = '', ...lines] = headLines(head, 20);
    this.#roles = rolesOf(first) ?? [];
    const startNs = startOfDates(firstSeconds(lines, this.#roles));
    this.#startSeconds = Number((startNs ?? 0n) / 1_000_000_000n);
    this.header = { startNs, channelNames: [] };
    // In columns of their own, 2 may be the beginning of 25.
    this.countsPayload = this.#roles.includes('length') && !this.#roles.includes('byte');
  }

  readLine(line: TextCursor, rows: FrameRows, tally: Tally): string | null {
    if (!this.#headerSeen) {
      this.#headerSeen = true;
      if (!this.#roles.includes('seconds') && !this.#roles.includes('microseconds')) {
        tally.note('the log has no time stamps: every frame is at 0');
      }
      return this.#roles.length > 0 ? null : 'a header line that names the columns';
    }
    this.#begin();
    for (const role of this.#roles) {
      const complaint = this.#cell(role, line, rows);
      if (complaint !== null) return complaint;
      line.blanks();
      if (!line.take(comma) && !line.atEnd) return 'a comma after the cell';
    }
    return this.#end(rows);
  }

  #begin(): void {
    this.#seconds = 0;
    this.#nanoseconds = 0;
    this.#flags = 0;
    this.#channel = 0;
    this.#length = -1;
    this.#held = 0;
  }

  #end(rows: FrameRows): string | null {
    if (this.#length < 0) this.#length = this.#held;
    if ((this.#flags & FrameFlag.remote) !== 0) rows.data.fill(0, rows.end, rows.end + this.#length);
    else if (this.#held < this.#length) return `${this.#length} bytes of payload`;
    if (this.#length > 8 && (this.#flags & FrameFlag.remote) === 0) this.#flags |= FrameFlag.fd;
    if (this.#id > 0x7ff && (this.#flags & FrameFlag.error) === 0) this.#flags |= FrameFlag.extended;
    const t = millisecondsOf(this.#seconds - this.#startSeconds, this.#nanoseconds);
    rows.add(t, this.#id, this.#flags, this.#channel, this.#length);
    return null;
  }

  #cell(role: CsvRole, line: TextCursor, rows: FrameRows): string | null {
    line.blanks();
    switch (role) {
      case 'seconds':
        return this.#time(line);
      case 'microseconds': {
        const microseconds = line.number(10);
        if (microseconds < 0) return 'a time in microseconds';
        this.#seconds = Math.floor(microseconds / 1e6);
        this.#nanoseconds = (microseconds % 1e6) * 1000;
        return null;
      }
      case 'id':
        if (line.byte === zero && line.bytes[line.at + 1] === letterX) line.at += 2;
        this.#id = line.number(16);
        return this.#id < 0 || this.#id > 0x1fffffff ? 'a hexadecimal identifier of at most 29 bits' : null;
      case 'direction':
        if (line.takeText('tx')) this.#flags |= FrameFlag.transmitted;
        else if (!line.takeText('rx')) return 'Rx or Tx';
        return null;
      case 'channel':
      case 'bus':
        this.#channel = line.number(10);
        return this.#channel < 0 || this.#channel > 255 ? 'a channel from 0 to 255' : null;
      case 'length':
        this.#length = line.number(10);
        return this.#length < 0 || this.#length > maximumPayload ? 'a length from 0 to 64' : null;
      case 'hexData':
        return this.#hexData(line, rows);
      case 'base64Data':
        this.#held = readBase64(line, rows.data, rows.end, maximumPayload);
        return this.#held < 0 ? 'a payload in base64' : null;
      case 'byte':
        return this.#byte(line, rows);
      case 'extended':
      case 'remote':
      case 'error':
      case 'fd':
      case 'bitRateSwitch':
      case 'errorStateIndicator':
        return this.#truth(role, line);
    }
  }

  #truth(role: CsvRole, line: TextCursor): string | null {
    const truth = readTruth(line);
    if (truth < 0) return '1 or 0, or true or false';
    if (truth === 1) this.#flags |= flagOfRole[role] ?? 0;
    return null;
  }

  #time(line: TextCursor): string | null {
    const start = line.at;
    if (!line.time()) return 'a time in seconds';
    if (line.byte !== letterE && line.byte !== letterLowerE) {
      this.#seconds = line.whole;
      this.#nanoseconds = line.fraction;
      return null;
    }
    // Python writes small numbers as 1e-05.
    while (!line.atEnd && line.byte !== comma) line.at += 1;
    const seconds = Number(line.text(start, line.at));
    if (!(Math.abs(seconds) < 1e15)) return 'a time in seconds';
    this.#seconds = Math.trunc(seconds);
    this.#nanoseconds = Math.round((seconds - this.#seconds) * 1e9);
    return null;
  }

  #hexData(line: TextCursor, rows: FrameRows): string | null {
    line.take(quote);
    for (;;) {
      line.blanks();
      const byte = line.hexByte();
      if (byte < 0) break;
      if (this.#held === maximumPayload) return 'at most 64 bytes of payload';
      rows.data[rows.end + this.#held++] = byte;
    }
    line.take(quote);
    return line.atEnd || line.byte === comma ? null : 'payload bytes of two hexadecimal digits';
  }

  /** One of the columns D1, D2 ...; those behind the length are empty, or zeros. */
  #byte(line: TextCursor, rows: FrameRows): string | null {
    if (line.atEnd || line.byte === comma) return null;
    const byte = line.number(16);
    if (byte < 0 || byte > 255) return 'payload bytes in hexadecimal digits';
    if (this.#held < maximumPayload) rows.data[rows.end + this.#held++] = byte;
    return null;
  }
}
