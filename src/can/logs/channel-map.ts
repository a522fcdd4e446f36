import { VigilError } from '../../runtime/errors.js';
import type { CanFrames } from '../frames.js';
import type { LogHeader } from './log-format.js';

/** New number of each channel; `null` leaves its frames out. Channels that are not named keep theirs. */
export type ChannelMap = ReadonlyMap<number, number | null>;

function wrong(text: string, why: string): VigilError {
  return new VigilError(
    'INVALID_ARGUMENT',
    `Expected pairs of channels such as 0=1,can2=0,3=- but received "${text}": ${why}.`,
  );
}

/**
 * Reads `FROM=TO,...`: FROM is a number or an interface's name in the log, TO a number or `-`.
 * @throws VigilError `INVALID_ARGUMENT`
 */
export function parseChannelMap(text: string, header: LogHeader): ChannelMap {
  const map = new Map<number, number | null>();
  for (const pair of text.split(',')) {
    const [from, to, ...more] = pair.split('=').map((part) => part.trim());
    if (from === '' || (to as string | undefined) === undefined || more.length > 0) {
      throw wrong(text, `"${pair}" is no pair`);
    }
    const channel = /^\d+$/.test(from) ? Number(from) : header.channelNames.indexOf(from);
    if (channel < 0) {
      const names = header.channelNames.filter((name) => name !== '').join(', ');
      throw wrong(text, `the log names no channel ${from}${names === '' ? '' : `, only ${names}`}`);
    }
    const target = to === '-' ? null : /^\d{1,3}$/.test(to) ? Number(to) : NaN;
    if (channel > 255 || (target !== null && !(target <= 255)))
      throw wrong(text, 'channels go from 0 to 255');
    if (map.has(channel)) throw wrong(text, `channel ${from} is mapped twice`);
    map.set(channel, target);
  }
  return map;
}

/** The header with the channels' names at their new numbers. */
export function mapHeader(header: LogHeader, map: ChannelMap): LogHeader {
  const names: string[] = [];
  header.channelNames.forEach((name, channel) => {
    const target = map.get(channel);
    if (target === undefined) names[channel] ??= name;
    else if (target !== null) names[target] = name;
  });
  return { ...header, channelNames: Array.from(names, (name: string | undefined) => name ?? '') };
}

/** The frames with new channels, without those that are left out. Payloads are shared with the frames given. */
export function mapChannels(frames: CanFrames, map: ChannelMap): CanFrames {
  const rows: number[] = [];
  for (let row = 0; row < frames.count; row++) if (map.get(frames.channel[row]) !== null) rows.push(row);
  const channelOf = (channel: number) => map.get(channel) ?? channel;
  if (rows.length === frames.count) return { ...frames, channel: frames.channel.map(channelOf) };
  return {
    count: rows.length,
    t: Float64Array.from(rows, (row) => frames.t[row]),
    id: Uint32Array.from(rows, (row) => frames.id[row]),
    flags: Uint8Array.from(rows, (row) => frames.flags[row]),
    channel: Uint8Array.from(rows, (row) => channelOf(frames.channel[row])),
    length: Uint8Array.from(rows, (row) => frames.length[row]),
    offset: Uint32Array.from(rows, (row) => frames.offset[row]),
    data: frames.data,
  };
}
