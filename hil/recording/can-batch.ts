import type { CanFrames } from '../../src/can/frames.js';
import { VigilError } from '../../src/runtime/errors.js';
import { nsPerMs, wholeNs } from './drive-time.js';
import { WireReader, WireWriter, packedVarintBytes, zigzag } from './wire.js';

/** Frames of one batch lie within this span, ms. */
export const batchSpanMs = 20;

/** No batch is longer, so that a flood on the bus cannot make one message huge. */
export const batchMaxFrames = 4096;

const field = { timestamp: 1, timeDeltaNs: 2, id: 3, flags: 4, channel: 5, length: 6, data: 7 } as const;
const timestampField = { seconds: 1, nanos: 2 } as const;
const wire = { varint: 0, bytes: 2 } as const;

/** Rows `from` (included) to `to` (excluded), sharing memory with `frames`. */
export function sliceFrames(frames: CanFrames, from: number, to: number): CanFrames {
  return {
    count: to - from,
    t: frames.t.subarray(from, to),
    id: frames.id.subarray(from, to),
    flags: frames.flags.subarray(from, to),
    channel: frames.channel.subarray(from, to),
    length: frames.length.subarray(from, to),
    offset: frames.offset.subarray(from, to),
    data: frames.data,
  };
}

/** The same rows in memory of their own, exactly as large as needed, payloads without gaps. */
export function packFrames(frames: CanFrames): CanFrames {
  const { count } = frames;
  let bytes = 0;
  for (let i = 0; i < count; i++) bytes += frames.length[i];
  const data = new Uint8Array(bytes);
  const offset = new Uint32Array(count);
  let end = 0;
  for (let i = 0; i < count; i++) {
    const start = frames.offset[i];
    const length = frames.length[i];
    offset[i] = end;
    for (let k = 0; k < length; k++) data[end + k] = frames.data[start + k]!;
    end += length;
  }
  return {
    count,
    t: frames.t.slice(0, count),
    id: frames.id.slice(0, count),
    flags: frames.flags.slice(0, count),
    channel: frames.channel.slice(0, count),
    length: frames.length.slice(0, count),
    offset,
    data,
  };
}

/**
 * Splits a batch of any length into batches for a recording, in order and sharing memory. A batch ends when a
 * stamp lies `spanMs` or more away from the batch's first one, in either direction: logs of several buses
 * step back a little, a restarted logger a lot.
 */
export function* splitFrames(frames: CanFrames, spanMs = batchSpanMs): Generator<CanFrames> {
  let start = 0;
  for (let i = 1; i <= frames.count; i++) {
    const full = i - start >= batchMaxFrames;
    if (i < frames.count && !full && Math.abs(frames.t[i] - frames.t[start]) < spanMs) continue;
    yield sliceFrames(frames, start, i);
    start = i;
  }
}

/** When the last of the frames was on the bus, ms: the time at which the batch was complete. */
export function lastStamp(frames: CanFrames): number {
  let last = -Infinity;
  for (let i = 0; i < frames.count; i++) last = Math.max(last, frames.t[i]);
  return last;
}

function isAllZero(column: Uint8Array, count: number): boolean {
  for (let i = 0; i < count; i++) if (column[i] !== 0) return false;
  return true;
}

/**
 * Encodes a batch as a vigil.CanFrames message, by hand as this is the one message on a hot path (reflection
 * costs about 40 times more per frame). Stamps keep whole nanoseconds.
 * @throws VigilError `CAN_BATCH_INVALID` when it is empty, begins before 0, or two neighbours are more than 2 s apart
 */
export function encodeFrames(batch: CanFrames): Uint8Array {
  const frames = packFrames(batch);
  const { count } = frames;
  if (count === 0)
    throw new VigilError(
      'CAN_BATCH_INVALID',
      'Expected a batch of at least one CAN frame but received none.',
    );
  const deltas = new Uint32Array(count);
  const first = wholeNs(frames.t[0]);
  if (!(first >= 0)) {
    throw new VigilError(
      'CAN_BATCH_INVALID',
      `Expected stamps on the drive's clock, from 0 on, but the first frame's is ${frames.t[0]} ms.`,
    );
  }
  let previous = first;
  for (let i = 0; i < count; i++) {
    const now = wholeNs(frames.t[i]);
    const delta = now - previous;
    if (!(Math.abs(delta) < 2 ** 31)) {
      throw new VigilError(
        'CAN_BATCH_INVALID',
        `Expected neighbours in a batch within 2 s of each other but frames ${i - 1} and ${i} are ${delta / nsPerMs} ms apart.`,
        'Split the frames with splitFrames first.',
      );
    }
    deltas[i] = zigzag(delta);
    previous = now;
  }
  const deltaBytes = packedVarintBytes(deltas, count);
  const idBytes = packedVarintBytes(frames.id, count);
  // 64 covers the tags, the lengths and the time stamp.
  const writer = new WireWriter(64 + deltaBytes + idBytes + 3 * count + frames.data.length);
  const seconds = Math.floor(first / 1e9);
  const stamp = new WireWriter(24);
  stamp.tag(timestampField.seconds, wire.varint).varint(seconds);
  stamp.tag(timestampField.nanos, wire.varint).varint(first - seconds * 1e9);
  writer.tag(field.timestamp, wire.bytes).bytes(stamp.finish());
  writer.tag(field.timeDeltaNs, wire.bytes).packed(deltas, count, deltaBytes);
  writer.tag(field.id, wire.bytes).packed(frames.id, count, idBytes);
  if (!isAllZero(frames.flags, count)) writer.tag(field.flags, wire.bytes).bytes(frames.flags);
  if (!isAllZero(frames.channel, count)) writer.tag(field.channel, wire.bytes).bytes(frames.channel);
  writer.tag(field.length, wire.bytes).bytes(frames.length);
  writer.tag(field.data, wire.bytes).bytes(frames.data);
  return writer.finish();
}

interface Columns {
  seconds: number;
  nanos: number;
  deltas: Uint32Array;
  ids: Uint32Array;
  flags: Uint8Array;
  channel: Uint8Array;
  length: Uint8Array;
  data: Uint8Array;
}

function readTimestamp(reader: WireReader, columns: Columns): void {
  while (!reader.done) {
    const { number, type } = reader.tag();
    if (number === timestampField.seconds && type === wire.varint) columns.seconds = reader.varint();
    else if (number === timestampField.nanos && type === wire.varint) columns.nanos = reader.varint();
    else reader.skip(type);
  }
}

function readColumns(message: Uint8Array): Columns {
  const none = new Uint8Array(0);
  const columns: Columns = {
    seconds: 0,
    nanos: 0,
    deltas: new Uint32Array(0),
    ids: new Uint32Array(0),
    flags: none,
    channel: none,
    length: none,
    data: none,
  };
  const reader = new WireReader(message);
  while (!reader.done) {
    const { number, type } = reader.tag();
    if (type !== wire.bytes) {
      reader.skip(type);
      continue;
    }
    const value = reader.bytes();
    if (number === field.timestamp) readTimestamp(new WireReader(value), columns);
    else if (number === field.timeDeltaNs) columns.deltas = new WireReader(value).packed();
    else if (number === field.id) columns.ids = new WireReader(value).packed();
    else if (number === field.flags) columns.flags = value;
    else if (number === field.channel) columns.channel = value;
    else if (number === field.length) columns.length = value;
    else if (number === field.data) columns.data = value;
  }
  return columns;
}

function corrupt(what: string): VigilError {
  return new VigilError('RECORDING_CORRUPT', `Expected a batch of CAN frames but ${what}.`);
}

/** A byte column of `count` rows in memory of its own; empty stands for all zeros. */
function byteColumn(name: string, column: Uint8Array, count: number): Uint8Array {
  if (column.length === 0) return new Uint8Array(count);
  if (column.length !== count) throw corrupt(`its ${name} column has ${column.length} rows of ${count}`);
  return new Uint8Array(column);
}

/**
 * Decodes a vigil.CanFrames message.
 * @throws VigilError `RECORDING_CORRUPT`
 */
export function decodeFrames(message: Uint8Array): CanFrames {
  const columns = readColumns(message);
  const count = columns.deltas.length;
  if (columns.ids.length !== count)
    throw corrupt(`it has ${columns.ids.length} identifiers for ${count} stamps`);
  const length = byteColumn('length', columns.length, count);
  const t = new Float64Array(count);
  const offset = new Uint32Array(count);
  let now = columns.seconds * 1e9 + columns.nanos;
  let end = 0;
  for (let i = 0; i < count; i++) {
    const coded = columns.deltas[i];
    now += coded % 2 === 0 ? coded / 2 : -(coded + 1) / 2;
    t[i] = now / nsPerMs;
    offset[i] = end;
    end += length[i];
  }
  if (end !== columns.data.length)
    throw corrupt(`its payloads are ${columns.data.length} bytes instead of ${end}`);
  return {
    count,
    t,
    id: columns.ids,
    flags: byteColumn('flags', columns.flags, count),
    channel: byteColumn('channel', columns.channel, count),
    length,
    offset,
    data: new Uint8Array(columns.data),
  };
}
