import { FrameFlag } from '../frames.js';
import type { FrameRows } from './frame-rows.js';
import type { LogFormat, LogHeader } from './log-format.js';
import { millisecondsOf } from './stamps.js';
import type { Tally } from './tally.js';
import type { TextCursor } from './text-cursor.js';
import { TextLog, type LineReader } from './text-log.js';

const [tab, comma, hash, at, carriageReturn] = [0x09, 0x2c, 0x23, 0x40, 0x0d];
/** The only flags whose meaning is beyond doubt: a data frame. */
const dataFrame = 4;
/** Digits behind the comma of a stamp, by version of the format: milliseconds, microseconds. */
const stampDigits: Readonly<Record<string, number>> = { 2: 3, 3: 6 };

const firstLine = /^@ TEXT @ (\d+) @ (?:32|64) @ \d+ @ \d+ @ \d+ @ [\d:.]+ @(\r?\n|\r)/;

function firstLineOf(head: Uint8Array): { version: string; lineEnd: string } | null {
  const found = firstLine.exec(Buffer.from(head.subarray(0, 200)).toString('latin1'));
  return found === null ? null : { version: found[1], lineEnd: found[2] };
}

/**
 * Lines such as `46,016 1 0004 45A 8 5A 04 00 00 00 00 00 00 00000000 Z`, with tabs between the columns: time, channel
 * from 1, flags, identifier, length, payload, checksum, the payload as text, a remark.
 */
class CarbusReader implements LineReader {
  readonly header: LogHeader = { startNs: null, channelNames: [] };
  readonly countsPayload = true;
  readonly lineEnd: number;
  readonly #stampDigits: number;

  constructor(head: Uint8Array) {
    const first = firstLineOf(head);
    this.lineEnd = first?.lineEnd === '\r' ? carriageReturn : 0x0a;
    this.#stampDigits = stampDigits[first?.version ?? ''] ?? 0;
  }

  readLine(line: TextCursor, rows: FrameRows, tally: Tally): string | null {
    if (line.byte === hash || line.byte === at) return null;
    const seconds = line.number(10);
    if (seconds < 0 || !line.take(comma)) return 'a time such as 46,016';
    const part = line.number(10);
    if (part < 0 || line.digits !== this.#stampDigits) return `${this.#stampDigits} digits behind the comma`;
    if (!line.take(tab)) return 'a tab behind the time';
    const channel = line.number(10);
    if (channel < 0 || channel > 256 || !line.take(tab)) return 'a channel from 1 to 256';
    const kind = line.number(16);
    if (kind < 0 || !line.take(tab)) return 'flags of up to 8 hexadecimal digits';
    if (kind !== dataFrame) {
      tally.skip(`line with flags ${kind.toString(16).padStart(4, '0')}`);
      return null;
    }
    const id = line.number(16);
    // Three digits hold all identifiers of 11 bits.
    const wide = line.digits > 3;
    if (id < 0 || id > (wide ? 0x1fffffff : 0x7ff) || !line.take(tab)) return 'an identifier';
    const length = line.number(10);
    if (length < 0 || length > 8 || !line.take(tab)) return 'a length from 0 to 8';
    for (let i = 0; i < length; i++) {
      const byte = line.hexByte();
      if (byte < 0) return `${length} bytes of payload`;
      rows.data[rows.end + i] = byte;
      line.take(0x20);
    }
    while (line.take(0x20)); // payloads of fewer bytes are filled up
    if (!line.atEnd && line.byte !== tab) return `${length} bytes of payload`;
    const t = millisecondsOf(seconds, part * 10 ** (9 - this.#stampDigits));
    rows.add(t, id, wide ? FrameFlag.extended : 0, Math.max(channel - 1, 0), length);
    return null;
  }
}

function sniff(head: Uint8Array): number {
  const first = firstLineOf(head);
  return first !== null && first.version in stampDigits ? 1 : 0;
}

/** The trace of CARBUS Analyzer (CAN Hacker), versions 2 and 3, for reading; SavvyCAN writes it too. */
export const carbusFormat: LogFormat = {
  name: 'carbus',
  title: 'CARBUS Analyzer trace',
  extensions: [],
  sniff,
  open: (source, options) => Promise.resolve(new TextLog(source, new CarbusReader(source.head), options)),
};
