import { candumpFrameText, candumpIdentifier } from '../candump-text.js';
import { FrameFlag, type CanFrames } from '../frames.js';
import { CandumpReader } from './candump-reader.js';
import type { LogFormat, LogHeader } from './log-format.js';
import { SecondsText } from './stamps.js';
import { headLines } from './text-log.js';
import { TextLogWriter, payloadHex, type LineOf, type Losses } from './text-writer.js';

const short = /^\s*\([\d.]+\)\s+\S+\s+[\da-f]+#/i;
const long = /^\s*(\([\d :.-]+\)\s+)?\S+\s+([RT]X [B-] [E-]\s+)?[\da-f]{3,8}\s+\[\d{1,2}\]/i;

function sniff(head: Uint8Array): number {
  const lines = headLines(head, 20).filter((line) => line.trim() !== '');
  const fits = lines.filter((line) => short.test(line) || long.test(line)).length;
  if (fits === 0) return 0;
  return fits === lines.length ? 0.95 : 0.5;
}

const { remote, error, fd, bitRateSwitch, errorStateIndicator, transmitted } = FrameFlag;
const blanks = /\s/g;

/** The name of an interface; one word, whatever the log it comes from calls it. */
function nameOf(header: LogHeader, channel: number): string {
  const name = (header.channelNames[channel] as string | undefined) ?? '';
  return name === '' ? `can${channel}` : name.replace(blanks, '_');
}

/** Names by channel, made once each. */
function namesOf(header: LogHeader): (channel: number) => string {
  const names = new Map<number, string>();
  return (channel) => {
    let name = names.get(channel);
    if (name === undefined) {
      name = nameOf(header, channel);
      names.set(channel, name);
    }
    return name;
  };
}

function logLines(header: LogHeader): LineOf {
  const clock = new SecondsText(header.startNs ?? 0n);
  const name = namesOf(header);
  return (frames, row) =>
    `(${clock.text(frames.t[row])}) ${candumpFrameText(frames, row, name(frames.channel[row]))}\n`;
}

/** `RX B -` as `candump -x` adds it. */
function extraText(flags: number): string {
  const direction = (flags & transmitted) === 0 ? 'RX' : 'TX';
  const bits = `${(flags & bitRateSwitch) === 0 ? '-' : 'B'} ${(flags & errorStateIndicator) === 0 ? '-' : 'E'}`;
  return `  ${direction} ${bits}`;
}

/** The payload's characters; a dot for those that can't be shown. */
function asciiText(frames: CanFrames, row: number): string {
  const start = frames.offset[row];
  let text = '';
  for (let at = start; at < start + frames.length[row]; at++) {
    const byte = frames.data[at];
    text += byte > 0x1f && byte < 0x7f ? String.fromCharCode(byte) : '.';
  }
  return text;
}

interface LongShape {
  readonly isStamped: boolean;
  readonly hasExtra: boolean;
  readonly hasAscii: boolean;
}

function longLine(frames: CanFrames, row: number, shape: LongShape, losses: Losses): string {
  const flags = frames.flags[row];
  const length = frames.length[row];
  const isFd = (flags & fd) !== 0;
  if (!shape.hasExtra && (flags & transmitted) !== 0) losses.reduce('direction');
  if (!shape.hasExtra && (flags & (bitRateSwitch | errorStateIndicator)) !== 0) losses.reduce('CAN FD bits');
  const size = `[${isFd ? length.toString().padStart(2, '0') : length}]`;
  const head =
    `${shape.hasExtra ? extraText(flags) : ''}  ${candumpIdentifier(frames.id[row], flags).padStart(isFd ? 8 : 3)}` +
    `  ${size.padStart(4)} `;
  if ((flags & remote) !== 0) return `${head} remote request`;
  const width = isFd ? 0 : 3 * 8;
  let line = `${head}${Array.from(payloadHex(frames, row, ' ').matchAll(/\S+/g), ([byte]) => ` ${byte}`).join('')}`;
  if (shape.hasAscii) line = `${line.padEnd(head.length + width)}   '${asciiText(frames, row)}'`;
  else if ((flags & error) !== 0) line = `${line.padEnd(head.length + width)}   ERRORFRAME`;
  return line;
}

function longLines(header: LogHeader, shape: LongShape): LineOf {
  const clock = new SecondsText(header.startNs ?? 0n);
  const name = namesOf(header);
  return (frames, row, losses) => {
    if (!shape.isStamped) losses.reduce('time');
    const stamp = shape.isStamped ? ` (${clock.text(frames.t[row])})` : '';
    return `${stamp}  ${name(frames.channel[row])}${longLine(frames, row, shape, losses)}\n`;
  };
}

/** candump's log (`-L`). Holds everything; stamps are seconds since 1970, with nine digits where they need them. */
export const candumpFormat: LogFormat = {
  name: 'candump',
  title: "candump's text in all its shapes (writes that of -L)",
  extensions: ['log', 'candump'],
  sniff,
  open: (source, options) => Promise.resolve(new CandumpReader(source, options)),
  create: (sink, header) => TextLogWriter.begin(sink, '', logLines(header)),
};

function longFormat(name: string, title: string, shape: LongShape): LogFormat {
  return {
    name,
    title,
    extensions: [],
    sniff: () => 0,
    create: (sink, header) => TextLogWriter.begin(sink, '', longLines(header, shape)),
  };
}

/** candump's other shapes, for writing; `candumpFormat` reads them. */
export const longCandumpFormats: readonly LogFormat[] = [
  longFormat('candump-plain', 'lines of candump without options', {
    ...{ isStamped: false, hasExtra: false, hasAscii: false },
  }),
  longFormat('candump-time', 'lines of candump -ta -x', { isStamped: true, hasExtra: true, hasAscii: false }),
  longFormat('candump-ascii', 'lines of candump -ta -a', {
    isStamped: true,
    hasExtra: false,
    hasAscii: true,
  }),
];
