import { VigilError } from '../../runtime/errors.js';
import { number64, type Mf4Block, type Mf4File } from './mf4-blocks.js';

/** More than any logger has; what links to more is damaged. */
const maximumChannels = 1_000_000;

/** Channels met so far: a damaged link must not lead round in circles, nor to the same channels from many groups. */
class Visits {
  total = 0;
  readonly group = new Set<number>();

  /** False for a channel that was met in this group, or one too many. */
  add(position: number): boolean {
    if (this.group.has(position) || this.total >= maximumChannels) return false;
    this.group.add(position);
    this.total += 1;
    return true;
  }
}

/** Data types of channels (cn_data_type) that we tell apart. */
export const dataType = {
  unsignedBig: 1,
  signedLittle: 2,
  signedBig: 3,
  floatLittle: 4,
  floatBig: 5,
} as const;
export const channelType = { fixed: 0, variableLength: 1, master: 2 } as const;

export interface Mf4Channel {
  readonly name: string;
  readonly type: number;
  /** 1: time. */
  readonly syncType: number;
  readonly dataType: number;
  readonly bitOffset: number;
  readonly byteOffset: number;
  readonly bits: number;
  /** Raw to physical, where it is linear. */
  readonly factor: number;
  readonly offset: number;
  /** Where variable-length values lie: data blocks, or a channel group; 0 for none. */
  readonly dataLink: number;
}

export interface Mf4ChannelGroup {
  readonly position: number;
  readonly recordId: number;
  /** Records, as far as the logger filled it in. */
  readonly cycles: number;
  /** Its records are the variable-length values of a channel. */
  readonly isVariable: boolean;
  /** Data and invalidation bytes. */
  readonly recordBytes: number;
  readonly name: string;
  /** With those that others are composed of. */
  readonly channels: readonly Mf4Channel[];
}

export interface Mf4DataGroup {
  readonly position: number;
  readonly recordIdBytes: number;
  readonly dataLink: number;
  readonly groups: readonly Mf4ChannelGroup[];
}

export interface Mf4Structure {
  readonly startNs: bigint;
  readonly program: string;
  /** What the logger left undone (id_unfin_flags); 0 for a file that was closed. */
  readonly unfinished: number;
  readonly dataGroups: readonly Mf4DataGroup[];
}

/** Bits of id_unfin_flags that matter to us. */
export const unfinishedBit = { lastDataLength: 0x04, valueOffsets: 0x40 } as const;

const finishedId = 'MDF     ';
const unfinishedId = 'UnFinMF ';

export function isMf4(head: Uint8Array): boolean {
  const text = Buffer.from(head.subarray(0, 16)).toString('latin1');
  return (text.startsWith(finishedId) || text.startsWith(unfinishedId)) && text.slice(8, 10) === '4.';
}

/** @throws VigilError `LOG_HEADER_INVALID` */
export async function readMf4Structure(file: Mf4File, path: string): Promise<Mf4Structure> {
  const id = await file.read(0, 64);
  const header = isMf4(id) && id.length === 64 ? await file.block(64, 'HD', 1, 13) : null;
  if (header === null) {
    throw new VigilError(
      'LOG_HEADER_INVALID',
      `Expected an MDF 4 file with its header block at byte 64 at ${path} but found ${file.size} bytes beginning ` +
        `with ${id.toString('hex', 0, 16)}.`,
      'Copy the file again from the logger.',
      { path },
    );
  }
  const visits = new Visits();
  const dataGroups: Mf4DataGroup[] = [];
  for await (const block of file.chain(header.links[0], 'DG', 4, 1)) {
    dataGroups.push({
      position: block.position,
      recordIdBytes: block.data[0],
      dataLink: block.links[2],
      groups: await channelGroups(file, block.links[1], visits),
    });
  }
  return {
    startNs: startOf(header.data),
    program: id.toString('latin1', 16, 24).replace(/[\0 ]+$/, ''),
    unfinished: id.toString('latin1', 0, 8) === unfinishedId ? id.readUInt16LE(60) : 0,
    dataGroups,
  };
}

/**
 * hd_start_time_ns counts from 1970 in UTC, unless the first flag says local time; then the offsets, where they are
 * valid (second flag), lead back to UTC.
 */
function startOf(data: Buffer): bigint {
  const ns = data.readBigUInt64LE(0);
  const flags = data[12];
  const minutes = (flags & 1) !== 0 && (flags & 2) !== 0 ? data.readInt16LE(8) + data.readInt16LE(10) : 0;
  return ns - BigInt(minutes) * 60_000_000_000n;
}

async function channelGroups(file: Mf4File, link: number, visits: Visits): Promise<Mf4ChannelGroup[]> {
  const groups: Mf4ChannelGroup[] = [];
  for await (const { position, links, data } of file.chain(link, 'CG', 6, 32)) {
    const isVariable = (data.readUInt16LE(16) & 1) !== 0;
    const channels: Mf4Channel[] = [];
    visits.group.clear();
    if (!isVariable) await channelsOf(file, links[1], channels, visits);
    groups.push({
      position,
      recordId: number64(data, 0),
      cycles: number64(data, 8),
      isVariable,
      recordBytes: isVariable ? 0 : data.readUInt32LE(24) + data.readUInt32LE(28),
      name: await file.text(links[2]),
      channels,
    });
  }
  return groups;
}

async function channelsOf(file: Mf4File, link: number, into: Mf4Channel[], visits: Visits): Promise<void> {
  for await (const { position, links, data } of file.chain(link, 'CN', 8, 24)) {
    if (!visits.add(position)) {
      file.problems.damage(position, 'expected another channel and found one that the group has already');
      return;
    }
    const composition = links[1] === 0 ? null : await file.head(links[1], ['CN', 'CA']);
    const elements = composition?.id === 'CA' ? await elementsOf(file, links[1]) : 1;
    const [offset, factor] = await linearOf(file, links[4]);
    into.push({
      name: await file.text(links[2]),
      type: data[0],
      syncType: data[1],
      dataType: data[2],
      bitOffset: data[3],
      byteOffset: data.readUInt32LE(4),
      bits: data.readUInt32LE(8) * elements,
      factor,
      offset,
      dataLink: links[5],
    });
    if (composition?.id === 'CN') await channelsOf(file, links[1], into, visits);
  }
}

/** How many elements an array has. */
async function elementsOf(file: Mf4File, link: number): Promise<number> {
  const array = await file.block(link, 'CA', 1, 16);
  if (array === null) return 1;
  let elements = 1;
  for (let i = 0; i < array.data.readUInt16LE(2) && 24 + i * 8 <= array.data.length; i++) {
    elements *= number64(array.data, 16 + i * 8);
  }
  return elements;
}

/** Offset and factor of a linear conversion; 0 and 1 for others, which are only for show here. */
async function linearOf(file: Mf4File, link: number): Promise<readonly [number, number]> {
  const conversion: Mf4Block | null = link === 0 ? null : await file.block(link, 'CC', 4, 24);
  if (conversion?.data[0] !== 1 || conversion.data.length < 40) return [0, 1];
  return [conversion.data.readDoubleLE(24), conversion.data.readDoubleLE(32)];
}
