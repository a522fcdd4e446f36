import { FrameFlag, type CanFrames } from '../frames.js';
import { rolesOf } from './csv-columns.js';
import { CsvReader } from './csv-reader.js';
import type { LogFormat } from './log-format.js';
import { SecondsText } from './stamps.js';
import { TextLog, headLines } from './text-log.js';
import { TextLogWriter, hexText, payloadHex, type Losses } from './text-writer.js';

const { extended, remote, error, fd, bitRateSwitch, errorStateIndicator, transmitted } = FrameFlag;

function sniff(head: Uint8Array): number {
  const header = headLines(head, 1).at(0) ?? '';
  return header.includes(',') && rolesOf(header) ? 0.9 : 0;
}

/** 1 or 0. */
function truth(flags: number, flag: number): string {
  return (flags & flag) === 0 ? '0' : '1';
}

function identifier(frames: CanFrames, row: number): string {
  const wide = (frames.flags[row] & (extended | error)) !== 0;
  return hexText(frames.id[row], wide ? 8 : 3);
}

function csvLine(frames: CanFrames, row: number, clock: SecondsText): string {
  const flags = frames.flags[row];
  const bits = [extended, remote, error, fd, bitRateSwitch, errorStateIndicator].map((flag) =>
    truth(flags, flag),
  );
  const direction = (flags & transmitted) === 0 ? 'Rx' : 'Tx';
  const data = (flags & remote) === 0 ? payloadHex(frames, row, '') : '';
  return (
    `${clock.text(frames.t[row])},${frames.channel[row]},${direction},${identifier(frames, row)},` +
    `${bits.join(',')},${frames.length[row]},${data}\n`
  );
}

/**
 * A table with a header line; which columns there are, and in which order, is free for reading. Reads what Vigil,
 * python-can, and SavvyCAN (GVRET, generic) write. Ours loses nothing but names of channels; stamps are seconds since
 * 1970, or from the start of the log when that is not known.
 */
export const csvFormat: LogFormat = {
  name: 'csv',
  title: 'table with a header line (Vigil, python-can, SavvyCAN GVRET)',
  extensions: ['csv'],
  sniff,
  open: (source, options) => Promise.resolve(new TextLog(source, new CsvReader(source.head), options)),
  create: (sink, header) => {
    const clock = new SecondsText(header.startNs ?? 0n);
    const columns = 'time,channel,direction,id,extended,remote,error,fd,brs,esi,length,data\n';
    return TextLogWriter.begin(sink, columns, (frames, row) => csvLine(frames, row, clock));
  },
};

function pythonLine(frames: CanFrames, row: number, clock: SecondsText, losses: Losses): string | null {
  const flags = frames.flags[row];
  if ((flags & fd) !== 0) return losses.leave('CAN FD frame');
  if (frames.channel[row] !== 0) losses.reduce('channel');
  if ((flags & transmitted) !== 0) losses.reduce('direction');
  const start = frames.offset[row];
  const payload = (flags & remote) === 0 ? frames.data.subarray(start, start + frames.length[row]) : [];
  const bits = [extended, remote, error].map((flag) => truth(flags, flag));
  return (
    `${clock.text(frames.t[row])},0x${frames.id[row].toString(16)},${bits.join(',')},` +
    `${frames.length[row]},${Buffer.from(payload).toString('base64')}\n`
  );
}

/** The table that python-can reads: no CAN FD, no channel, no direction. */
export const pythonCsvFormat: LogFormat = {
  name: 'csv-python-can',
  title: 'the table that python-can writes and reads',
  extensions: [],
  sniff: () => 0,
  create: (sink, header) => {
    const clock = new SecondsText(header.startNs ?? 0n);
    const columns = 'timestamp,arbitration_id,extended,remote,error,dlc,data\n';
    return TextLogWriter.begin(sink, columns, (frames, row, losses) =>
      pythonLine(frames, row, clock, losses),
    );
  },
};
