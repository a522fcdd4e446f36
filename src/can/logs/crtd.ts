import { FrameFlag } from '../frames.js';
import type { FrameRows } from './frame-rows.js';
import type { LogFormat, LogHeader } from './log-format.js';
import { millisecondsOf, startOfDates } from './stamps.js';
import type { Tally } from './tally.js';
import type { TextCursor } from './text-cursor.js';
import { TextLog, headLines, type LineReader } from './text-log.js';

const [letterR, letterT] = [0x52, 0x54];

/** Lines such as `1320745424.123456 1R11 402 FA 01 C3`; the digit is the bus. */
class CrtdReader implements LineReader {
  readonly header: LogHeader;
  readonly countsPayload = false;
  readonly #startSeconds: number;

  constructor(head: Uint8Array) {
    const stamp = headLines(head, 5)
      .map((line) => /^(\d+)\.\d+ /.exec(line))
      .find(Boolean);
    const startNs = startOfDates(Number(stamp?.[1] ?? 0));
    this.#startSeconds = Number((startNs ?? 0n) / 1_000_000_000n);
    this.header = { startNs, channelNames: [] };
  }

  readLine(line: TextCursor, rows: FrameRows, tally: Tally): string | null {
    if (!line.time() || !line.blanks()) return 'a time in seconds';
    const t = millisecondsOf(line.whole - this.#startSeconds, line.fraction);
    const bus = line.number(10);
    const sent = line.byte === letterT;
    if (!sent && line.byte !== letterR) {
      tally.skip('event');
      return null;
    }
    line.at += 1;
    const wide = line.takeText('29');
    if ((!wide && !line.takeText('11')) || !line.blanks()) return 'R11, R29, T11 or T29';
    const id = line.number(16);
    if (id < 0 || id > (wide ? 0x1fffffff : 0x7ff)) return 'a hexadecimal identifier of that many bits';
    let length = 0;
    for (line.blanks(); !line.atEnd; line.blanks()) {
      const byte = line.hexByte();
      if (byte < 0 || length === 8) return 'at most 8 bytes of two hexadecimal digits';
      rows.data[rows.end + length++] = byte;
    }
    const flags = (wide ? FrameFlag.extended : 0) | (sent ? FrameFlag.transmitted : 0);
    rows.add(t, id, flags, bus > 0 ? bus - 1 : 0, length);
    return null;
  }
}

function sniff(head: Uint8Array): number {
  const frame = /^\d+\.\d+ \d?([RT](11|29) [\dA-F]{1,8}|C(XX|EV|VR|BC) )/i;
  return headLines(head, 10).some((line) => frame.test(line)) ? 0.9 : 0;
}

/** The CRTD log of OVMS, for reading. */
export const crtdFormat: LogFormat = {
  name: 'crtd',
  title: 'OVMS CRTD log',
  extensions: ['crtd'],
  sniff,
  open: (source, options) => Promise.resolve(new TextLog(source, new CrtdReader(source.head), options)),
};
