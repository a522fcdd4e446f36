import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { candumpText } from '../../src/can/candump-text.js';
import { loadDbc } from '../../src/can/dbc-parser.js';
import type { DbcDatabase } from '../../src/can/dbc.js';
import type { DecodedBatch } from '../../src/can/decoded-batch.js';
import { CanDecoder } from '../../src/can/decoder.js';
import { FrameBatchBuilder } from '../../src/can/frame-batch.js';
import { FrameFlag, type CanFrames } from '../../src/can/frames.js';
import { BlfWriter } from '../../src/can/logs/blf-writer.js';
import { openLog } from '../../src/can/logs/registry.js';
import { VigilError } from '../../src/runtime/errors.js';
import { packageRoot, signalsDir } from '../../src/runtime/paths.js';
import { leastCpuSeconds } from './cpu-time.js';
import { mf4Sample } from './mf4-sample.js';
import type { BenchRow } from './row.js';

const totalFrames = 200_000;
const batchFrames = 4096;
/** python-can takes some 5 µs a frame; a tenth of the log is enough for it. */
const peerFrames = 20_000;

/** The database's messages of up to 8 bytes in turn, their payloads pseudo-random, so that packing has some work. */
function generate({ messages }: DbcDatabase, count: number): CanFrames[] {
  const classic = messages.filter(({ length }) => length <= 8);
  const builder = new FrameBatchBuilder(batchFrames);
  const batches: CanFrames[] = [];
  let state = 0x9e3779b9;
  for (let i = 0; i < count; i++) {
    const { id, extended, length } = classic[i % classic.length];
    const payload = new Uint8Array(length);
    for (let k = 0; k < length; k++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      payload[k] = state >>> 24;
    }
    builder.add(i * 0.25, id, payload, extended ? FrameFlag.extended : 0);
    if (builder.count === batchFrames || i === count - 1) batches.push(builder.take());
  }
  return batches;
}

async function blfBytes(batches: readonly CanFrames[]): Promise<Buffer> {
  const pieces: Buffer[] = [];
  const sink = {
    write: (bytes: Uint8Array) => {
      pieces.push(Buffer.from(bytes));
      return Promise.resolve();
    },
  };
  const writer = await BlfWriter.create(sink, { startNs: 0n, channelNames: [] });
  for (const frames of batches) await writer.write(frames);
  await writer.close();
  return Buffer.concat(pieces);
}

const formats: readonly {
  readonly name: string;
  readonly extension: string;
  readonly bytes: (batches: readonly CanFrames[]) => Promise<Buffer> | Buffer;
  /** Frames a second to columns, from the plan of the product. */
  readonly limit: number;
}[] = [
  {
    name: 'candump',
    extension: 'log',
    bytes: (batches) => Buffer.from(batches.map((frames) => candumpText(frames)).join(''), 'latin1'),
    limit: 8_000_000,
  },
  { name: 'BLF', extension: 'blf', bytes: blfBytes, limit: 3_000_000 },
  { name: 'MF4', extension: 'mf4', bytes: mf4Sample, limit: 3_000_000 },
];

function requireFrames(what: string, actual: number): void {
  if (actual === totalFrames) return;
  throw new VigilError('BENCH_INVALID', `Expected ${totalFrames} ${what} but counted ${actual}.`);
}

interface PeerResult {
  readonly version: string;
  readonly asammdf: string | null;
  readonly files: Readonly<Record<string, { readonly frames: number; readonly seconds: number }>>;
}

/** python-can on logs of the same kind, when a Python that has it is at hand; undefined otherwise. */
function peerOf(files: readonly string[]): PeerResult | undefined {
  const program = join(packageRoot, 'hil', 'bench', 'peers', 'can_logs.py');
  const python = process.env['VIGIL_PEER_PYTHON'] ?? 'python3';
  const { status, stdout } = spawnSync(python, [program, ...files], { encoding: 'utf8' });
  return status === 0 ? (JSON.parse(stdout) as PeerResult) : undefined;
}

function peerRow(result: PeerResult | undefined, file: string): Pick<BenchRow, 'peer'> {
  const measured = result?.files[file];
  if (!result || !measured) return {};
  const name = file.endsWith('.mf4')
    ? `python-can ${result.version} with asammdf ${result.asammdf ?? '?'}`
    : `python-can ${result.version}`;
  return { peer: { name, value: Math.round(measured.frames / measured.seconds) } };
}

/** Frames per second of CPU from a file to frames, and to decoded columns, for each kind of log. */
export async function run(): Promise<BenchRow[]> {
  const { database } = loadDbc(join(signalsDir, 'dbc', 'vigil-demo.dbc'));
  const decoder = CanDecoder.of(database);
  const batches = generate(database, totalFrames);
  const peerBatches = generate(database, peerFrames);
  const folder = mkdtempSync(join(tmpdir(), 'vigil-bench-'));
  try {
    const peerFiles: string[] = [];
    for (const { extension, bytes } of formats) {
      const file = join(folder, `peer.${extension}`);
      writeFileSync(file, await bytes(peerBatches));
      peerFiles.push(file);
    }
    const peer = peerOf(peerFiles);
    const rows: BenchRow[] = [];
    for (const [i, { name, extension, bytes, limit }] of formats.entries()) {
      const file = join(folder, `all.${extension}`);
      const content = await bytes(batches);
      writeFileSync(file, content);
      const readSeconds = await leastCpuSeconds(async () => {
        let count = 0;
        for await (const frames of await openLog(file, { batchFrames })) count += frames.count;
        requireFrames(`frames in the ${name} log`, count);
      });
      let recycled: DecodedBatch | undefined;
      const columnSeconds = await leastCpuSeconds(async () => {
        let decoded = 0;
        for await (const frames of await openLog(file, { batchFrames })) {
          recycled = decoder.decode(frames, recycled);
          for (const message of recycled.messages) decoded += message.rows;
        }
        requireFrames(`decoded frames of the ${name} log`, decoded);
      });
      const perFrame = (content.length / totalFrames).toFixed(1);
      rows.push(
        {
          name: `${name} file to frames`,
          value: Math.round(totalFrames / readSeconds),
          unit: 'frames/s CPU',
          ...peerRow(peer, peerFiles[i]),
          note: `${perFrame} bytes a frame`,
        },
        {
          name: `${name} file to columns`,
          value: Math.round(totalFrames / columnSeconds),
          unit: 'frames/s CPU',
          limit,
        },
      );
    }
    const writeSeconds = await leastCpuSeconds(async () => {
      await blfBytes(batches);
    });
    rows.push({
      name: 'frames to BLF',
      value: Math.round(totalFrames / writeSeconds),
      unit: 'frames/s CPU',
      note: 'packed by zlib, in memory',
    });
    return rows;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
