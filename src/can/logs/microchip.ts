import { FrameFlag } from '../frames.js';
import type { FrameRows } from './frame-rows.js';
import type { LogFormat, LogHeader } from './log-format.js';
import { millisecondsOf } from './stamps.js';
import type { TextCursor } from './text-cursor.js';
import { TextLog, headLines, type LineReader } from './text-log.js';

const semicolon = 0x3b;

/** Lines such as `166064;RX;0x0000021A;8;0xFE;0x36;`. */
class MicrochipReader implements LineReader {
  readonly header: LogHeader = { startNs: null, channelNames: [] };
  readonly countsPayload = true;
  /** Remarks stand before the first frame only. */
  #framesSeen = false;

  readLine(line: TextCursor, rows: FrameRows): string | null {
    const milliseconds = line.number(10);
    if (milliseconds < 0 || !line.take(semicolon)) {
      return this.#framesSeen ? 'a time in milliseconds, then ;' : null;
    }
    let flags = 0;
    if (line.takeText('tx')) flags = FrameFlag.transmitted;
    else if (!line.takeText('rx')) return 'RX or TX';
    if (!line.take(semicolon) || !line.takeText('0x')) return 'an identifier such as 0x0000021A';
    const id = line.number(16);
    if (id < 0 || id > 0x1fffffff || !line.take(semicolon)) return 'an identifier of at most 29 bits';
    const length = line.number(10);
    if (length < 0 || length > 8 || !line.take(semicolon)) return 'a length from 0 to 8';
    for (let i = 0; i < length; i++) {
      const byte = line.takeText('0x') ? line.hexByte() : -1;
      if (byte < 0 || !line.take(semicolon)) return `${length} bytes of payload`;
      rows.data[rows.end + i] = byte;
    }
    if (id > 0x7ff) flags |= FrameFlag.extended;
    this.#framesSeen = true;
    rows.add(millisecondsOf(0, milliseconds * 1e6), id, flags, 0, length);
    return null;
  }
}

function sniff(head: Uint8Array): number {
  return headLines(head, 20).some((line) => /^\d+;[RT]X;0x[\dA-F]+;\d;/i.test(line)) ? 0.9 : 0;
}

/** The log of Microchip's CAN Bus Analyzer, for reading; milliseconds, one channel, classic frames only. */
export const microchipFormat: LogFormat = {
  name: 'microchip',
  title: 'Microchip CAN Bus Analyzer log',
  extensions: [],
  sniff,
  open: (source, options) => Promise.resolve(new TextLog(source, new MicrochipReader(), options)),
};
