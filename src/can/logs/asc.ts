import { FrameFlag, type CanFrames } from '../frames.js';
import { ascDate } from './asc-date.js';
import { AscReader } from './asc-reader.js';
import { codeOfLength } from './fd-length.js';
import type { LogFormat, LogHeader } from './log-format.js';
import { SecondsText, wholeMilliseconds } from './stamps.js';
import { TextLog, headLines } from './text-log.js';
import { TextLogWriter, hexText, payloadHex, type Losses } from './text-writer.js';

function sniff(head: Uint8Array): number {
  const lines = headLines(head, 30).map((line) => line.trim().toLowerCase());
  if (lines.some((line) => /^base\s+(hex|dec)/.test(line))) return 0.95;
  if (lines.some((line) => line.startsWith('begin triggerblock'))) return 0.9;
  const frame = /^\d+\.\d+\s+(canfd\s+)?\d+\s+([\da-f]+x?\s+[rt]x\s+[dr]\b|[rt]x\s+[\da-f]+x?\s|errorframe)/;
  return lines.some((line) => frame.test(line)) ? 0.8 : 0;
}

const { extended, remote, error, fd, bitRateSwitch, errorStateIndicator, transmitted } = FrameFlag;

/** Bits of the flags that close a CANFD line. */
function closingFlags(flags: number): string {
  const bits =
    0x1000 |
    ((flags & bitRateSwitch) === 0 ? 0 : 0x2000) |
    ((flags & errorStateIndicator) === 0 ? 0 : 0x4000);
  return hexText(bits, 8).toLowerCase();
}

function frameText(frames: CanFrames, row: number, losses: Losses): string {
  const flags = frames.flags[row];
  const channel = frames.channel[row] + 1;
  if ((flags & error) !== 0) {
    losses.reduceError(frames, row);
    return `${channel}  ErrorFrame`;
  }
  const length = frames.length[row];
  const direction = (flags & transmitted) === 0 ? 'Rx' : 'Tx';
  const id = `${frames.id[row].toString(16).toUpperCase()}${(flags & extended) === 0 ? '' : 'x'}`;
  if ((flags & remote) !== 0) return `${channel}  ${id.padEnd(15)} ${direction}   r ${length.toString(16)}`;
  const data = payloadHex(frames, row, ' ');
  if ((flags & fd) === 0) {
    return `${channel}  ${id.padEnd(15)} ${direction}   d ${length.toString(16)} ${data}`;
  }
  const switches = `${(flags & bitRateSwitch) === 0 ? 0 : 1} ${(flags & errorStateIndicator) === 0 ? 0 : 1}`;
  const code = codeOfLength(length).toString(16);
  return (
    `CANFD ${channel.toString().padStart(3)} ${direction}   ${id.padStart(8)}  ${''.padStart(32)} ${switches} ` +
    `${code} ${length.toString().padStart(2)} ${data}        0    0 ${closingFlags(flags)}        0        0        0        0        0`
  );
}

function headerText(startMs: number | null): string {
  const date = ascDate(startMs ?? 0);
  return (
    `date ${date}\nbase hex  timestamps absolute\ninternal events logged\n` +
    `Begin Triggerblock ${date}\n   0.000000 Start of measurement\n`
  );
}

/**
 * Vector's ASCII log. Dates name no zone and are taken and written as UTC. Not held: names of channels, what an error
 * frame says, and of a date what is below a millisecond (it is added to the stamps).
 */
export const ascFormat: LogFormat = {
  name: 'asc',
  title: 'Vector ASCII log',
  extensions: ['asc'],
  sniff,
  open: (source, options) => Promise.resolve(new TextLog(source, new AscReader(source.head), options)),
  create: (sink, header: LogHeader) => {
    const { startMs, restMs } = wholeMilliseconds(header);
    const clock = new SecondsText(0n);
    return TextLogWriter.begin(
      sink,
      headerText(startMs),
      (frames, row, losses) =>
        `${clock.text(frames.t[row] + restMs).padStart(11)} ${frameText(frames, row, losses)}\n`,
      'End TriggerBlock\n',
    );
  },
};
