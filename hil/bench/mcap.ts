import { mkdtemp, open, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { McapIndexedReader, McapWriter } from '@mcap/core';
import { FrameBatchBuilder } from '../../src/can/frame-batch.js';
import type { CanFrames } from '../../src/can/frames.js';
import { chunkCompressor, decompressHandlers } from '../recording/compression.js';
import { toNs } from '../recording/drive-time.js';
import { FileSink, FileSource } from '../recording/file-io.js';
import { openRecording } from '../recording/reader.js';
import { RecordingWriter } from '../recording/writer.js';
import type { BenchRow } from './row.js';

/** A drive as it is recorded live: 30 pictures a second and a busy 500 kbit/s bus. */
const driveSeconds = 60;
const jpegBytes = 30_000;
const framesPerSecond = 30;
const canFramesPerSecond = 4000;
/** What a live source hands over at once. */
const canBatchMs = 10;
const seeks = 100;

/** Pseudo-random 32 bits from a state of the same size (Marsaglia's xorshift), the same on every run. */
function xorshift(state: number): number {
  let next = state;
  next ^= next << 13;
  next ^= next >>> 17;
  next ^= next << 5;
  return next >>> 0;
}

/** Bytes that compress as little as a JPEG does. */
function incompressible(length: number, seed: number): Uint8Array {
  let state = xorshift(seed + 0x9e3779b9);
  return Uint8Array.from({ length }, () => (state = xorshift(state)) >>> 24);
}

/** Counters, slow values and noise in eight bytes of sixteen identifiers: as compressible as real traffic. */
function canBatch(startMs: number): CanFrames {
  const count = (canFramesPerSecond * canBatchMs) / 1000;
  const builder = new FrameBatchBuilder(count);
  for (let i = 0; i < count; i++) {
    const t = startMs + (i * canBatchMs) / count;
    const noise = xorshift(Math.round(t * 1000) + 1);
    const slow = Math.floor(t / 50);
    const payload = Uint8Array.of(slow & 255, slow >> 8, i & 15, noise & 255, (noise >> 8) & 255, 0, 0, 255);
    builder.add(t, 0x100 + (i % 16), payload, 0);
  }
  return builder.take();
}

interface Cost {
  readonly cpuS: number;
  readonly wallS: number;
}

/** CPU of the whole process, garbage collection included. */
async function cost(work: () => Promise<void>): Promise<Cost> {
  const wall = performance.now();
  const cpu = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { cpuS: (user + system) / 1e6, wallS: (performance.now() - wall) / 1000 };
}

async function writeDrive(
  path: string,
  jpegs: readonly Uint8Array[],
  batches: readonly CanFrames[],
): Promise<Cost> {
  return cost(async () => {
    const writer = await RecordingWriter.create(path);
    let sequence = 0;
    for (const batch of batches) {
      const t = batch.t[0];
      while ((sequence * 1000) / framesPerSecond <= t) {
        const data = jpegs[sequence % jpegs.length];
        const at = (sequence * 1000) / framesPerSecond;
        const message = { state: 'attentive', quality: 'valid', perclos: 0.03, frame: sequence };
        await writer.addCamera({ t: at, sequence, format: 'jpeg', data });
        await writer.addOutput({ t: at, topic: 'driver_state', typeName: 'vigil.DriverState', message });
        sequence++;
      }
      await writer.addCan(batch);
    }
    await writer.close();
  });
}

async function writeCan(path: string, batches: readonly CanFrames[]): Promise<Cost> {
  return cost(async () => {
    const writer = await RecordingWriter.create(path);
    for (const batch of batches) await writer.addCan(batch);
    await writer.close();
  });
}

/** The common way to put CAN into MCAP: a message for every frame. */
async function writeCanOneByOne(path: string, batches: readonly CanFrames[]): Promise<Cost> {
  const handle = await open(path, 'w');
  try {
    return await cost(async () => {
      const writer = new McapWriter({
        writable: new FileSink(handle, Infinity),
        chunkSize: 512 * 1024,
        compressChunk: chunkCompressor('zstd'),
      });
      await writer.start();
      const schemaId = await writer.registerSchema({ name: '', encoding: '', data: new Uint8Array(0) });
      const metadata = new Map<string, string>();
      const channelId = await writer.registerChannel({
        schemaId,
        topic: 'can',
        messageEncoding: '',
        metadata,
      });
      for (const { count, t, id, offset, length, data } of batches) {
        for (let i = 0; i < count; i++) {
          const message = new Uint8Array(4 + length[i]);
          new DataView(message.buffer).setUint32(0, id[i], true);
          message.set(data.subarray(offset[i], offset[i] + length[i]), 4);
          const logTime = toNs(t[i]);
          await writer.addMessage({ channelId, sequence: i, logTime, publishTime: logTime, data: message });
        }
      }
      await writer.end();
    });
  } finally {
    await handle.close();
  }
}

/** Reads a recording from end to end. */
async function readWhole(path: string): Promise<Cost> {
  return cost(async () => {
    const recording = await openRecording(path);
    for await (const message of recording.messages()) if (message.t < 0) throw new Error('out of the drive');
    await recording.close();
  });
}

/** The same by the MCAP library's own reader, which leaves messages encoded. */
async function readWholeByPeer(path: string): Promise<Cost> {
  return cost(async () => {
    const handle = await open(path);
    const readable = new FileSource(handle, (await handle.stat()).size);
    const reader = await McapIndexedReader.Initialize({ readable, decompressHandlers });
    for await (const message of reader.readMessages())
      if (message.logTime < 0n) throw new Error('out of the drive');
    await handle.close();
  });
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

/** Wall ms from asking to the first message, at instants spread over the drive. */
async function seekTimes(path: string): Promise<number[]> {
  const recording = await openRecording(path);
  const times: number[] = [];
  for (let i = 0; i < seeks; i++) {
    const fromMs = (recording.endMs * ((i * 37) % seeks)) / seeks;
    const started = performance.now();
    for await (const message of recording.messages({ fromMs })) {
      times.push(performance.now() - started);
      if (message.t >= fromMs) break;
    }
  }
  await recording.close();
  return times;
}

/** Wall ms to open a recording whose end is missing. */
async function openCut(path: string): Promise<number> {
  await truncate(path, (await stat(path)).size - 1000);
  const started = performance.now();
  const recording = await openRecording(path);
  const elapsed = performance.now() - started;
  await recording.close();
  return elapsed;
}

function rounded(value: number, digits = 3): number {
  return Number(value.toPrecision(digits));
}

async function measure(folder: string): Promise<BenchRow[]> {
  const jpegs = Array.from({ length: 64 }, (_, i) => incompressible(jpegBytes, i));
  const batchCount = (driveSeconds * 1000) / canBatchMs;
  const batches = Array.from({ length: batchCount }, (_, i) => canBatch(i * canBatchMs));
  const frames = driveSeconds * canFramesPerSecond;
  const [drive, can, single] = ['drive', 'can', 'single'].map((name) => join(folder, `${name}.mcap`));
  // A first round that is not measured: compilation, and the pages of the file system's cache.
  await writeDrive(join(folder, 'warm.mcap'), jpegs, batches.slice(0, 500));
  await readWhole(join(folder, 'warm.mcap'));
  const written = await writeDrive(drive, jpegs, batches);
  const megabytes = (await stat(drive)).size / 1e6;
  const writtenCan = await writeCan(can, batches);
  const writtenSingle = await writeCanOneByOne(single, batches.slice(0, batchCount / 10));
  const [readDrive, readDrivePeer] = [await readWhole(drive), await readWholeByPeer(drive)];
  const readCan = await readWhole(can);
  const bytesPerFrame = (await stat(can)).size / frames;
  const seek = await seekTimes(drive);
  const cut = await openCut(drive);
  const content = `${driveSeconds} s, ${framesPerSecond} pictures/s of ${jpegBytes / 1000} kB, ${canFramesPerSecond} CAN frames/s`;
  return [
    {
      name: 'MCAP write, whole drive',
      value: rounded(megabytes / written.cpuS),
      unit: 'MB/s CPU',
      note: content,
    },
    {
      ...{
        name: 'MCAP write, share of a core while recording',
        value: rounded((100 * written.cpuS) / driveSeconds),
      },
      unit: '%',
    },
    {
      ...{ name: 'MCAP write, CAN', value: rounded(frames / writtenCan.cpuS / 1e6), unit: 'M frames/s CPU' },
      peer: {
        name: '@mcap/core, a message per frame',
        value: rounded(frames / 10 / writtenSingle.cpuS / 1e6),
      },
      note: `${bytesPerFrame.toFixed(1)} bytes per frame on disk`,
    },
    {
      ...{ name: 'MCAP read, whole drive', value: rounded(megabytes / readDrive.cpuS), unit: 'MB/s CPU' },
      peer: { name: '@mcap/core, messages left encoded', value: rounded(megabytes / readDrivePeer.cpuS) },
    },
    { name: 'MCAP read, CAN', value: rounded(frames / readCan.cpuS / 1e6), unit: 'M frames/s CPU' },
    {
      name: 'MCAP seek, p50',
      value: rounded(percentile(seek, 0.5)),
      unit: 'ms',
      note: `${seeks} seeks, wall time`,
    },
    { name: 'MCAP seek, p99', value: rounded(percentile(seek, 0.99)), unit: 'ms' },
    { name: 'MCAP open after a crash', value: rounded(cut), unit: 'ms', note: `${megabytes.toFixed(0)} MB` },
  ];
}

/** Recording and reading: CPU rates and seek times. Writes to the folder for temporary files. */
export async function run(): Promise<BenchRow[]> {
  const folder = await mkdtemp(join(tmpdir(), 'vigil-bench-'));
  try {
    return await measure(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
