import { FrameFlag } from '../frames.js';
import { lengthOfCode } from './fd-length.js';
import type { FrameRows } from './frame-rows.js';
import type { LogHeader } from './log-format.js';
import type { Tally } from './tally.js';
import type { TextCursor } from './text-cursor.js';
import { headLines, type LineReader } from './text-log.js';
import { startOfDays, trcVersions, type TrcColumn, type TrcVersion } from './trc-layout.js';

const [semicolon, closingBracket, letterR, letterT] = [0x3b, 0x29, 0x52, 0x54];

interface TrcHead {
  readonly layout: TrcVersion;
  readonly header: LogHeader;
}

/** "16.05.2008 10:31:23.436.0", as version 1.0 has it in a remark. */
function startInRemark(lines: readonly string[]): bigint | null {
  for (const line of lines) {
    const match =
      /^;\s*Start time:\s*(\d{1,2})\.(\d{1,2})\.(\d{4}) (\d{1,2}):(\d{2}):(\d{2})(?:\.(\d{3}))?/.exec(line);
    if (!match) continue;
    const [day, month, year, hour, minute, second, ms] = match.slice(1).map((text) => Number(text || '0'));
    return BigInt(Date.UTC(year, month - 1, day, hour, minute, second, ms || 0)) * 1_000_000n;
  }
  return null;
}

function readHead(head: Uint8Array): TrcHead {
  const lines = headLines(head).filter((line) => line.startsWith(';'));
  const valueOf = (key: string): string | undefined =>
    lines
      .find((line) => line.startsWith(`;$${key}=`))
      ?.slice(key.length + 3)
      .trim();
  const version = valueOf('FILEVERSION') ?? '1.0';
  const known = trcVersions.find((candidate) => candidate.version === version) ?? trcVersions[5];
  const stated = valueOf('COLUMNS')?.split(',') as TrcColumn[] | undefined;
  const days = valueOf('STARTTIME');
  const startNs = days === undefined ? startInRemark(lines) : startOfDays(days);
  return {
    layout: known.generation === 2 && stated ? { ...known, columns: stated } : known,
    header: { startNs: days !== undefined && Number(days) === 0 ? null : startNs, channelNames: [] },
  };
}

/** Flags of the record types of version 2 that are frames. */
const frameTypes: Readonly<Record<string, number>> = {
  DT: 0,
  FD: FrameFlag.fd,
  FB: FrameFlag.fd | FrameFlag.bitRateSwitch,
  FE: FrameFlag.fd | FrameFlag.bitRateSwitch | FrameFlag.errorStateIndicator,
  BI: FrameFlag.fd | FrameFlag.errorStateIndicator,
  RR: FrameFlag.remote,
  ER: FrameFlag.error,
};
const otherTypes: Readonly<Record<string, string>> = {
  ST: 'hardware status',
  EC: 'error counter change',
  EV: 'event',
};

/** Lines of a PEAK trace of any version. */
export class TrcReader implements LineReader {
  readonly header: LogHeader;
  readonly countsPayload = true;
  readonly #columns: readonly TrcColumn[];
  readonly #generation: 1 | 2;
  // What the columns of a line have said so far.
  #t = 0;
  #id = 0;
  #flags = 0;
  #channel = 0;
  #length = 0;
  /** Kind of a record that is no frame; '' for a frame. */
  #other = '';

  constructor(head: Uint8Array) {
    const { layout, header } = readHead(head);
    this.header = header;
    this.#columns = layout.columns;
    this.#generation = layout.generation;
  }

  readLine(line: TextCursor, rows: FrameRows, tally: Tally): string | null {
    if (line.byte === semicolon) return null;
    this.#flags = 0;
    this.#channel = 0;
    this.#other = '';
    for (const column of this.#columns) {
      line.blanks();
      const complaint = column === 'D' ? this.#payload(line, rows) : this.#read(column, line);
      if (complaint !== null) return complaint;
      if (this.#other !== '') {
        tally.skip(this.#other);
        return null;
      }
    }
    const isError = (this.#flags & FrameFlag.error) !== 0;
    if (isError) rows.add(this.#t, 0, this.#flags, this.#channel, 0);
    else rows.add(this.#t, this.#id, this.#flags, this.#channel, this.#length);
    return null;
  }

  #read(column: Exclude<TrcColumn, 'D'>, line: TextCursor): string | null {
    switch (column) {
      case 'N':
        if (line.number(10) < 0) return 'a message number';
        line.take(closingBracket);
        return null;
      case 'O':
        if (!line.time() || !line.atBreak()) return 'a time offset in milliseconds';
        // One division, so that the double is the nearest to what is written.
        this.#t = (line.whole * 1e6 + line.fraction / 1e3) / 1e6;
        return null;
      case 'T':
        return this.#type(line.word());
      case 'B': {
        const bus = line.number(10);
        if (bus > 256 || (bus < 0 && line.word() !== '-')) return 'a bus from 1 to 256';
        this.#channel = Math.max(0, bus - 1);
        return null;
      }
      case 'I':
        return this.#identifier(line);
      case 'd':
        return this.#direction(line);
      case 'R':
        line.word();
        return null;
      case 'L':
      case 'l':
        return this.#readLength(column, line);
    }
  }

  #type(type: string): string | null {
    const flags = Object.hasOwn(frameTypes, type) ? frameTypes[type] : undefined;
    if (flags !== undefined) this.#flags |= flags;
    else
      this.#other = Object.hasOwn(otherTypes, type) ? otherTypes[type] : `record of type ${type.slice(0, 8)}`;
    return null;
  }

  #identifier(line: TextCursor): string | null {
    const id = line.number(16);
    if (id < 0 || !line.atBreak()) {
      if ((this.#flags & FrameFlag.error) === 0 || line.word() !== '-') return 'a hexadecimal identifier';
      return null;
    }
    if (id === 0xffffffff) this.#other = 'bus status';
    this.#id = id;
    if (line.digits > 4) this.#flags |= FrameFlag.extended;
    if ((this.#flags & FrameFlag.error) !== 0) this.#flags &= ~FrameFlag.extended;
    return this.#other === '' && id > ((this.#flags & FrameFlag.extended) === 0 ? 0x7ff : 0x1fffffff)
      ? 'an identifier of 11 bits in 4 digits, or of 29 bits in more'
      : null;
  }

  #direction(line: TextCursor): string | null {
    if (line.byte === letterR || line.byte === letterT) {
      const sent = line.byte === letterT;
      line.word();
      if (sent) this.#flags |= FrameFlag.transmitted;
      return null;
    }
    if (this.#generation === 2) return line.word() === '-' ? null : 'Rx or Tx';
    if (line.takeText('error')) this.#flags |= FrameFlag.error;
    else if (line.takeText('warng')) this.#other = 'bus status';
    else return 'Rx, Tx, Error or Warng';
    return null;
  }

  #readLength(column: 'L' | 'l', line: TextCursor): string | null {
    const value = line.number(10);
    const isFd = (this.#flags & FrameFlag.fd) !== 0;
    if (value < 0 || !line.atBreak() || value > (column === 'l' ? 64 : 15)) {
      return column === 'l' ? 'a length from 0 to 64' : 'a data length code from 0 to 15';
    }
    if (!isFd) this.#length = Math.min(8, value);
    else this.#length = column === 'l' ? value : lengthOfCode(value);
    return null;
  }

  #payload(line: TextCursor, rows: FrameRows): string | null {
    // What an error record says about the controller has no place in a frame.
    if ((this.#flags & FrameFlag.error) !== 0) return null;
    if (this.#generation === 1 && line.takeText('rtr')) this.#flags |= FrameFlag.remote;
    if ((this.#flags & FrameFlag.remote) !== 0) {
      rows.data.fill(0, rows.end, rows.end + this.#length);
      return null;
    }
    for (let i = 0; i < this.#length; i++) {
      line.blanks();
      const byte = line.hexByte();
      if (byte < 0 || !line.atBreak()) return `${this.#length} bytes of payload`;
      rows.data[rows.end + i] = byte;
    }
    return null;
  }
}
