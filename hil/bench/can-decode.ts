import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { candumpText } from '../../src/can/candump-text.js';
import { parseCandump, readCandump } from '../../src/can/candump.js';
import { loadDbc } from '../../src/can/dbc-parser.js';
import type { DbcDatabase } from '../../src/can/dbc.js';
import type { DecodedBatch } from '../../src/can/decoded-batch.js';
import { CanDecoder } from '../../src/can/decoder.js';
import { FrameBatchBuilder } from '../../src/can/frame-batch.js';
import { FrameFlag, type CanFrames } from '../../src/can/frames.js';
import { VigilError } from '../../src/runtime/errors.js';
import { signalsDir } from '../../src/runtime/paths.js';
import { cantools } from './can-peer.js';
import { leastCpuSeconds } from './cpu-time.js';
import type { BenchRow } from './row.js';

const totalFrames = 200_000;
const batchFrames = 4096;
/** cantools takes some 10 µs a frame; a tenth of the log is enough for it. */
const peerFrames = 20_000;

/** Pseudo-random 32 bits from a state of the same size (Marsaglia's xorshift), the same on every run. */
function xorshift(state: number): number {
  let next = state;
  next ^= next << 13;
  next ^= next >>> 17;
  next ^= next << 5;
  return next >>> 0;
}

/** Batches with the database's messages in turn, payloads random. */
function generate(database: DbcDatabase): CanFrames[] {
  const builder = new FrameBatchBuilder(batchFrames);
  const batches: CanFrames[] = [];
  let state = 0x9e3779b9;
  for (let i = 0; i < totalFrames; i++) {
    const { id, extended, length } = database.messages[i % database.messages.length];
    const payload = new Uint8Array(length);
    for (let k = 0; k < length; k++) {
      state = xorshift(state);
      payload[k] = state >>> 24;
    }
    const flags = (extended ? FrameFlag.extended : 0) | (length > 8 ? FrameFlag.fd : 0);
    builder.add(i * 0.25, id, payload, flags);
    if (builder.count === batchFrames || i === totalFrames - 1) batches.push(builder.take());
  }
  return batches;
}

function requireFrames(what: string, actual: number): void {
  if (actual === totalFrames) return;
  throw new VigilError('BENCH_INVALID', `Expected ${totalFrames} ${what} but counted ${actual}.`);
}

/** Frames per second of CPU: decoding, reading candump text, and both, on our demo vehicle's messages. */
export async function run(): Promise<BenchRow[]> {
  const dbc = join(signalsDir, 'dbc', 'vigil-demo.dbc');
  const { database } = loadDbc(dbc);
  const decoder = CanDecoder.of(database);
  const batches = generate(database);
  const text = batches.map((frames) => candumpText(frames)).join('');
  const folder = mkdtempSync(join(tmpdir(), 'vigil-bench-'));
  try {
    const log = join(folder, 'all.log');
    writeFileSync(log, text);
    const peerLog = join(folder, 'peer.log');
    writeFileSync(peerLog, candumpText(parseCandump(text.split('\n', peerFrames).join('\n') + '\n').frames));

    let recycled: DecodedBatch | undefined;
    const decodeSeconds = await leastCpuSeconds(() => {
      let rows = 0;
      for (const frames of batches) {
        recycled = decoder.decode(frames, recycled);
        for (const message of recycled.messages) rows += message.rows;
      }
      requireFrames('decoded frames', rows);
    });
    const parseSeconds = await leastCpuSeconds(async () => {
      let count = 0;
      for await (const frames of readCandump(log, { batchFrames })) count += frames.count;
      requireFrames('frames in the log', count);
    });
    const bothSeconds = await leastCpuSeconds(async () => {
      let rows = 0;
      for await (const frames of readCandump(log, { batchFrames })) {
        recycled = decoder.decode(frames, recycled);
        for (const message of recycled.messages) rows += message.rows;
      }
      requireFrames('decoded frames', rows);
    });

    const other = cantools(dbc, peerLog);
    const row = (name: string, seconds: number, peerSeconds?: number): BenchRow => ({
      name,
      value: Math.round(totalFrames / seconds),
      unit: 'frames/s CPU',
      ...(other === undefined || peerSeconds === undefined
        ? {}
        : { peer: { name: `cantools ${other.version}`, value: Math.round(other.frames / peerSeconds) } }),
    });
    const signals = database.messages.reduce((sum, message) => sum + message.signals.length, 0);
    return [
      {
        ...row('CAN decode to columns', decodeSeconds, other?.decodeSeconds),
        limit: 15_000_000,
        note: `${(signals / database.messages.length).toFixed(1)} signals a frame, batches of ${batchFrames}`,
      },
      {
        ...row('candump text to frames', parseSeconds, other?.parseSeconds),
        note: `${Math.round(text.length / totalFrames)} bytes a line, from a file`,
      },
      {
        ...row(
          'candump text to columns',
          bothSeconds,
          other === undefined ? undefined : other.decodeSeconds + other.parseSeconds,
        ),
        limit: 8_000_000,
      },
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}
