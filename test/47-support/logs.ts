import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { FrameBatchBuilder } from '../../src/can/frame-batch.js';
import { FrameFlag, type CanFrames } from '../../src/can/frames.js';
import type { LogHeader, LogSummary, LogWriter } from '../../src/can/logs/log-format.js';
import { formatNamed, openLog } from '../../src/can/logs/registry.js';
import { FileSink, compressionForName } from '../../src/can/logs/sink.js';

const { extended, remote, error, fd, bitRateSwitch, errorStateIndicator, transmitted } = FrameFlag;

/** A frame as tests compare it. */
export interface Row {
  /** Nanoseconds: since 1970 when the log is dated, else from its start. */
  readonly ns: bigint;
  readonly id: number;
  readonly flags: number;
  readonly channel: number;
  readonly data: string;
}

export function rowsOf(frames: CanFrames, header: LogHeader): Row[] {
  return Array.from({ length: frames.count }, (_, row) => ({
    ns: (header.startNs ?? 0n) + BigInt(Math.round(frames.t[row] * 1e6)),
    id: frames.id[row],
    flags: frames.flags[row],
    channel: frames.channel[row],
    data: Buffer.from(
      frames.data.buffer,
      frames.data.byteOffset + frames.offset[row],
      frames.length[row],
    ).toString('hex'),
  }));
}

export interface ReadLog {
  readonly format: string;
  readonly header: LogHeader;
  readonly rows: Row[];
  readonly summary: LogSummary;
}

export async function readLog(path: string, batchFrames = 4096, format?: string): Promise<ReadLog> {
  const log = await openLog(path, format === undefined ? { batchFrames } : { batchFrames, format });
  const rows: Row[] = [];
  for await (const frames of log) rows.push(...rowsOf(frames, log.header));
  return { format: log.format.name, header: log.header, rows, summary: log.summary };
}

/** Reads a text as a file of that name. */
export function readText(path: string, text: string | Uint8Array): Promise<ReadLog> {
  writeFileSync(path, text);
  return readLog(path);
}

export function framesOf(rows: readonly Row[], startNs: bigint | null): CanFrames {
  const builder = new FrameBatchBuilder();
  for (const { ns, id, flags, channel, data } of rows) {
    builder.add(Number(ns - (startNs ?? 0n)) / 1e6, id, Buffer.from(data, 'hex'), flags, channel);
  }
  return builder.take();
}

export async function writeLog(
  path: string,
  format: string,
  rows: readonly Row[],
  startNs: bigint | null,
): Promise<LogWriter> {
  const sink = await FileSink.open(path, compressionForName(path));
  const writer = await formatNamed(format, 'write').create!(sink, { startNs, channelNames: [] });
  const middle = rows.length >> 1;
  await writer.write(framesOf(rows.slice(0, middle), startNs));
  await writer.write(framesOf(rows.slice(middle), startNs));
  await writer.close();
  await sink.close();
  return writer;
}

/** What a format holds; the frames that tests give it are made to fit. */
export interface Holds {
  readonly unitNs: number;
  readonly channels: boolean;
  readonly direction: boolean;
  readonly fd: boolean;
  readonly fdBits?: boolean;
  readonly errors: 'whole' | 'mark' | 'none';
}

const fdLengths = [0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 20, 24, 32, 48, 64];

/** Frames that a format can hold without loss, in the order of their times. */
export function frameRows(holds: Holds, startNs: bigint | null): fc.Arbitrary<Row[]> {
  const kinds = [
    'classic',
    'remote',
    ...(holds.fd ? ['fd'] : []),
    ...(holds.errors === 'none' ? [] : ['error']),
  ];
  const frame = fc.record({
    ticks: fc.nat({ max: Math.floor(4e15 / holds.unitNs) }),
    kind: fc.constantFrom(...kinds),
    wide: fc.boolean(),
    id: fc.nat({ max: 0x1fffffff }),
    bits: fc.constantFrom(0, bitRateSwitch, errorStateIndicator, bitRateSwitch | errorStateIndicator),
    sent: fc.boolean(),
    channel: fc.nat({ max: 255 }),
    length: fc.nat({ max: 15 }),
    data: fc.uint8Array({ minLength: 64, maxLength: 64 }),
  });
  return fc.array(frame, { maxLength: 25 }).map((list) => {
    list.sort((a, b) => a.ticks - b.ticks);
    return list.map(({ ticks, kind, wide, id, bits, sent, channel, length, data }) => {
      const isError = kind === 'error';
      const isMark = isError && holds.errors === 'mark';
      const isWide = wide && !isError;
      const kindFlags =
        { classic: 0, remote, fd: fd | (holds.fdBits === false ? 0 : bits), error }[kind] ?? 0;
      const isSent = sent && holds.direction && !isMark;
      const bytes = isMark ? 0 : kind === 'fd' ? fdLengths[length] : Math.min(8, length);
      const payload = kind === 'remote' ? new Uint8Array(bytes) : data.subarray(0, bytes);
      return {
        ns: (startNs ?? 0n) + BigInt(ticks) * BigInt(holds.unitNs),
        id: isMark ? 0 : isWide || isError ? id : id & 0x7ff,
        flags: kindFlags | (isWide ? extended : 0) | (isSent ? transmitted : 0),
        channel: holds.channels ? channel : 0,
        data: Buffer.from(payload).toString('hex'),
      };
    });
  });
}

/** A digest of what every format of a capture must agree on. */
export function digest(rows: readonly Row[]): string {
  const hash = createHash('sha256');
  for (const { id, flags, data } of rows) hash.update(`${id} ${flags} ${data}\n`);
  return hash.digest('hex');
}

interface GoldenFrame extends ReadonlyArray<number | string> {
  readonly 0: number;
  readonly 1: number;
  readonly 2: number;
  readonly 3: number;
  readonly 4: string;
}

/** The frames that the golden files were written from. */
export function goldenRows(folder: string): Row[] {
  const list = JSON.parse(readFileSync(`${folder}/expected.json`, 'utf8')) as GoldenFrame[];
  return list.map(([ns, id, flags, channel, data]) => ({
    ns: 1_436_509_052_000_000_000n + BigInt(ns),
    ...{ id, flags, channel, data },
  }));
}
