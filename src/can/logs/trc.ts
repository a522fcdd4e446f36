import { FrameFlag, type CanFrames } from '../frames.js';
import { codeOfLength } from './fd-length.js';
import type { LogFormat, LogHeader, LogSink } from './log-format.js';
import { nanosecondsOf, wholeMilliseconds } from './stamps.js';
import { TextLog, headLines } from './text-log.js';
import { TextLogWriter, hexText, payloadHex, type Losses } from './text-writer.js';
import { daysText, trcVersions, type TrcColumn, type TrcVersion } from './trc-layout.js';
import { TrcReader } from './trc-reader.js';

function sniff(head: Uint8Array): number {
  const lines = headLines(head, 60);
  if (lines.some((line) => line.startsWith(';$FILEVERSION='))) return 1;
  if (lines.length === 0 || !/^(;|\s*\d+\))/.test(lines[0])) return 0;
  if (lines.some((line) => /^\s*\d+\)\s+\d+(\.\d+)?\s/.test(line))) return 0.8;
  return lines.some((line) => line.startsWith(';---')) ? 0.3 : 0;
}

const { extended, remote, error, fd, bitRateSwitch, errorStateIndicator, transmitted } = FrameFlag;
const unitNames: Readonly<Record<number, string>> = { 0: '1 ms', 1: '0.1 ms', 3: '1 us' };

/** Record type of version 2. */
function typeOf(flags: number): string {
  if ((flags & error) !== 0) return 'ER';
  if ((flags & remote) !== 0) return 'RR';
  if ((flags & fd) === 0) return 'DT';
  if ((flags & bitRateSwitch) !== 0) return (flags & errorStateIndicator) === 0 ? 'FB' : 'FE';
  return (flags & errorStateIndicator) === 0 ? 'FD' : 'BI';
}

/** Writes the lines of one log. */
class TrcLines {
  readonly #layout: TrcVersion;
  readonly #restMs: number;
  readonly #unitNs: number;
  #number = 0;

  constructor(layout: TrcVersion, restMs: number) {
    this.#layout = layout;
    this.#restMs = restMs;
    this.#unitNs = 10 ** (6 - layout.fractionDigits);
  }

  line(frames: CanFrames, row: number, losses: Losses): string | null {
    const { columns, generation } = this.#layout;
    const flags = frames.flags[row];
    if (generation === 1 && (flags & fd) !== 0) return losses.leave('CAN FD frame');
    if (!columns.includes('d') && (flags & error) !== 0) return losses.leave('error frame');
    if ((flags & error) !== 0) losses.reduceError(frames, row);
    if (!columns.includes('d') && (flags & transmitted) !== 0) losses.reduce('direction');
    if (!columns.includes('B') && frames.channel[row] !== 0) losses.reduce('channel');
    this.#number += 1;
    const cells = columns.map((column) => this.#cell(column, frames, row, losses));
    return `${cells.join(' ').trimEnd()}\r\n`;
  }

  #cell(column: TrcColumn, frames: CanFrames, row: number, losses: Losses): string {
    const flags = frames.flags[row];
    const length = (flags & error) === 0 ? frames.length[row] : 5;
    switch (column) {
      case 'N':
        return `${this.#number.toString().padStart(7)}${this.#layout.generation === 1 ? ')' : ''}`;
      case 'O':
        return this.#time(frames.t[row], losses).padStart(13);
      case 'T':
        return typeOf(flags);
      case 'B':
        return (frames.channel[row] + 1).toString().padStart(2);
      case 'I':
        if ((flags & error) !== 0) return '0008'.padStart(8);
        return hexText(frames.id[row], (flags & extended) === 0 ? 4 : 8).padStart(8);
      case 'd':
        if (this.#layout.generation === 1 && (flags & error) !== 0) return 'Error';
        return (flags & transmitted) === 0 || (flags & error) !== 0 ? 'Rx' : 'Tx';
      case 'R':
        return '-';
      case 'l':
        return length.toString().padEnd(2);
      case 'L':
        return ((flags & fd) === 0 ? length : codeOfLength(length)).toString().padEnd(2);
      case 'D':
        // An error of another kind than bit, form or stuff, seen while receiving; the counters are not known.
        if ((flags & error) !== 0) return '01 00 00 00 00';
        if ((flags & remote) !== 0) return this.#layout.generation === 1 ? 'RTR' : '';
        return payloadHex(frames, row, ' ');
    }
  }

  #time(t: number, losses: Losses): string {
    const ns = nanosecondsOf(t + this.#restMs);
    const units = Math.round(ns / this.#unitNs);
    const digits = this.#layout.fractionDigits;
    if (units * this.#unitNs !== ns) losses.reduce(`time below ${unitNames[digits]}`);
    if (digits === 0) return units.toString();
    const size = Math.abs(units);
    const perMs = 10 ** digits;
    const fraction = (size % perMs).toString().padStart(digits, '0');
    return `${units < 0 ? '-' : ''}${Math.floor(size / perMs)}.${fraction}`;
  }
}

function remarkDate(startMs: number): string {
  const [date, time] = new Date(startMs).toISOString().split('T');
  return `${date.split('-').reverse().join('.')} ${time.slice(0, -1)}.0`;
}

function headerText(layout: TrcVersion, startMs: number | null): string {
  const { version, columns, generation } = layout;
  const lines = [];
  if (version !== '1.0') {
    lines.push(`;$FILEVERSION=${version}`);
    lines.push(`;$STARTTIME=${startMs === null ? '0' : daysText(startMs)}`);
  }
  if (generation === 2) lines.push(`;$COLUMNS=${columns.join(',')}`);
  lines.push(';', ';   Written by Vigil');
  if (startMs !== null) lines.push(`;   Start time: ${remarkDate(startMs)}`);
  lines.push(`;   Columns: ${columns.map((column) => columnNames[column]).join(', ')}`);
  lines.push(';---+-- ------+------ ----+---- --+-- -+ -- -- --');
  return lines.map((line) => `${line}\r\n`).join('');
}

const columnNames: Readonly<Record<TrcColumn, string>> = {
  N: 'message number',
  O: 'time offset [ms]',
  T: 'type',
  B: 'bus',
  I: 'identifier [hex]',
  d: 'Rx/Tx',
  R: 'reserved',
  l: 'data length',
  L: 'data length code',
  D: 'data [hex]',
};

function create(layout: TrcVersion, sink: LogSink, header: LogHeader): Promise<TextLogWriter> {
  const { startMs, restMs } = wholeMilliseconds(header);
  const lines = new TrcLines(layout, restMs);
  return TextLogWriter.begin(sink, headerText(layout, startMs), (frames, row, losses) =>
    lines.line(frames, row, losses),
  );
}

function formatOf(layout: TrcVersion): LogFormat {
  return {
    name: `trc-${layout.version}`,
    title: `PEAK trace, version ${layout.version}`,
    extensions: [],
    sniff: () => 0,
    create: (sink, header) => create(layout, sink, header),
  };
}

/**
 * PEAK's trace: reads every version and writes the newest. Dates are taken and written as UTC. Not held: time below a
 * microsecond, names of channels, what an error frame says.
 */
export const trcFormat: LogFormat = {
  ...formatOf(trcVersions[5]),
  name: 'trc',
  title: 'PEAK trace (1.0 to 2.1; writes 2.1)',
  extensions: ['trc'],
  sniff,
  open: (source, options) => Promise.resolve(new TextLog(source, new TrcReader(source.head), options)),
};

/** Older versions, for writing only: 1.x hold no CAN FD, 1.0, 1.1 and 2.0 no channel, 1.0 neither direction nor errors. */
export const olderTrcFormats: readonly LogFormat[] = trcVersions.slice(0, 5).map(formatOf);
