import type { CanFrames } from '../../src/can/frames.js';
import { FrameFlag } from '../../src/can/frames.js';

/** Time (f64, seconds), identifier and flags (u32), channel and code (u8), length (u8), payload (8). */
const recordBytes = 22;

/** A block whose links are other blocks; positions are given when the file is put together. */
interface Block {
  readonly id: string;
  readonly links: readonly (Block | null)[];
  readonly data: Buffer;
}

function block(id: string, links: readonly (Block | null)[], data: Buffer = Buffer.alloc(0)): Block {
  return { id, links, data };
}

function text(value: string): Block {
  return block('TX', [], Buffer.from(value.padEnd((value.length & ~7) + 8, '\0'), 'latin1'));
}

interface ChannelShape {
  readonly name: string;
  readonly byte: number;
  readonly bit?: number;
  readonly bits: number;
  readonly type?: number;
  readonly dataType?: number;
}

/** Channels linked one to the next; `inner` is what the last one is composed of. */
function channels(shapes: readonly ChannelShape[], inner: Block | null = null): Block | null {
  let next: Block | null = null;
  for (const [i, shape] of [...shapes.entries()].reverse()) {
    const data = Buffer.alloc(72);
    data[0] = shape.type ?? 0;
    data[1] = shape.type === 2 ? 1 : 0;
    data[2] = shape.dataType ?? 0;
    data[3] = shape.bit ?? 0;
    data.writeUInt32LE(shape.byte, 4);
    data.writeUInt32LE(shape.bits, 8);
    const composed = i === shapes.length - 1 ? inner : null;
    next = block('CN', [next, composed, text(shape.name), null, null, null, null, null], data);
  }
  return next;
}

function records(batches: readonly CanFrames[]): Buffer {
  const data = Buffer.alloc(recordBytes * batches.reduce((sum, { count }) => sum + count, 0));
  let at = 0;
  for (const { count, t, id, flags, channel, length, offset, data: payload } of batches) {
    for (let i = 0; i < count; i++, at += recordBytes) {
      const extended = (flags[i] & FrameFlag.extended) !== 0 ? 0x20000000 : 0;
      data.writeDoubleLE(t[i] / 1000, at);
      data.writeUInt32LE(id[i] | extended, at + 8);
      data[at + 12] = channel[i] + 1;
      data[at + 13] = length[i];
      data.set(payload.subarray(offset[i], offset[i] + length[i]), at + 14);
    }
  }
  return data;
}

/**
 * Classic data frames as a sorted MDF 4 file, as a logger that closes its files leaves it: one data group, one block
 * of records. Only what the benchmark needs.
 */
export function mf4Sample(batches: readonly CanFrames[]): Buffer {
  const prefix = 'CAN_DataFrame';
  const fields = channels([
    { name: `${prefix}.ID`, byte: 8, bits: 29 },
    { name: `${prefix}.IDE`, byte: 11, bit: 5, bits: 1 },
    { name: `${prefix}.BusChannel`, byte: 12, bits: 8 },
    { name: `${prefix}.DLC`, byte: 13, bits: 4 },
    { name: `${prefix}.DataLength`, byte: 13, bits: 4 },
    { name: `${prefix}.DataBytes`, byte: 14, bits: 64, dataType: 10 },
  ]);
  const all = channels(
    [
      { name: 'Timestamp', byte: 0, bits: 64, type: 2, dataType: 4 },
      { name: prefix, byte: 8, bits: 8 * (recordBytes - 8), dataType: 10 },
    ],
    fields,
  );
  const data = block('DT', [], records(batches));
  const group = Buffer.alloc(32);
  group.writeUInt32LE(data.data.length / recordBytes, 8);
  group.writeUInt16LE(6, 16); // bus events, plain
  group.writeUInt32LE(recordBytes, 24);
  const source = block('SI', [text('CAN'), null, null], Buffer.from([2, 2, 0, 0, 0, 0, 0, 0]));
  const channelGroup = block('CG', [null, all, text(prefix), source, null, null], group);
  const dataGroup = block('DG', [null, channelGroup, data, null], Buffer.alloc(8));
  return assembled(block('HD', [dataGroup, null, null, null, null, null], Buffer.alloc(32)));
}

function assembled(header: Block): Buffer {
  const positions = new Map<Block, number>();
  let position = 64;
  const place = (block: Block): void => {
    if (positions.has(block)) return;
    positions.set(block, position);
    position += (24 + 8 * block.links.length + block.data.length + 7) & ~7;
    for (const link of block.links) if (link) place(link);
  };
  place(header);
  const file = Buffer.alloc(position);
  file.write('MDF     4.11    vigil   ', 'latin1');
  file.writeUInt16LE(411, 28);
  for (const [block, at] of positions) {
    file.write(`##${block.id}`, at, 'latin1');
    file.writeBigUInt64LE(BigInt(24 + 8 * block.links.length + block.data.length), at + 8);
    file.writeUInt32LE(block.links.length, at + 16);
    block.links.forEach((link, i) => {
      file.writeBigUInt64LE(BigInt(link ? (positions.get(link) ?? 0) : 0), at + 24 + 8 * i);
    });
    file.set(block.data, at + 24 + 8 * block.links.length);
  }
  return file;
}
