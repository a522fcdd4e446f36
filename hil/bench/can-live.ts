import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, writeSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { loadDbc } from '../../src/can/dbc-parser.js';
import { messageKey, type DbcMessage } from '../../src/can/dbc.js';
import { compileDecodePlan } from '../../src/can/decode-plan.js';
import type { DecodedBatch } from '../../src/can/decoded-batch.js';
import { CanDecoder } from '../../src/can/decoder.js';
import { SocketCanBus, createFrameChannel } from '../../src/can/live/socketcan-bus.js';
import { monotonicClock } from '../../src/runtime/clock.js';
import { VigilError } from '../../src/runtime/errors.js';
import { signalsDir } from '../../src/runtime/paths.js';
import { join } from 'node:path';
import type { BenchRow } from './row.js';

/** Eight saturated buses of 500 kbit/s. */
const framesPerSecond = 32_000;
const subscribedSignals = 50;
/** Identifiers on the wire that nobody asked for, for each that somebody did. */
const strangers = 7;
const warmUpMs = 1000;
const measureMs = 5000;
const latencyFrames = 300;

/**
 * Writes `struct canfd_frame`s to descriptor 3, the keys and lengths of argv[1] in turn, so many a second by argv[2],
 * in bursts a millisecond apart at absolute times.
 */
const injector = `
  const { writeSync } = require('node:fs');
  const frames = JSON.parse(process.argv[1]).map(([id, length]) => {
    const frame = Buffer.alloc(72);
    frame.writeUInt32LE(id >>> 0, 0);
    frame[4] = length;
    for (let i = 8; i < 8 + length; i++) frame[i] = (id * 31 + i * 7) & 255;
    return frame;
  });
  const perMs = Number(process.argv[2]) / 1000;
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  const start = performance.now();
  for (let sent = 0; ;) {
    const due = (performance.now() - start) * perMs;
    for (; sent < due; sent++) writeSync(3, frames[sent % frames.length]);
    Atomics.wait(sleeper, 0, 0, 1);
  }`;

/** The first messages that together have as many signals. */
function subscribed(messages: readonly DbcMessage[]): DbcMessage[] {
  const chosen: DbcMessage[] = [];
  let signals = 0;
  for (const message of messages) {
    if (signals >= subscribedSignals) break;
    chosen.push(message);
    signals += message.signals.length;
  }
  return chosen;
}

interface Load {
  /** Percent of a core, the whole process. */
  readonly cpu: number;
  readonly framesPerSecond: number;
  readonly lost: number;
}

async function underLoad(
  messages: readonly DbcMessage[],
  decoder: CanDecoder,
  filter: boolean,
): Promise<Load> {
  const known = messages.map(({ id, extended, length }) => [messageKey(id, extended), length] as const);
  const keys = known.map(([key]) => key);
  const others = Array.from({ length: strangers * keys.length }, (_, i) => [0x9000_0000 + i, 8] as const);
  const wire = known.flatMap((message, i) => [message, ...others.slice(strangers * i, strangers * (i + 1))]);
  const [near, far] = createFrameChannel();
  const bus = new SocketCanBus('bench', { descriptor: near }, monotonicClock);
  let child: ChildProcess | undefined;
  try {
    if (filter) bus.setFilter(keys);
    let recycled: DecodedBatch | undefined;
    let rows = 0;
    bus.frames$.subscribe((frames) => {
      recycled = decoder.decode(frames, recycled);
      for (const message of recycled.messages) rows += message.rows;
    });
    const words = ['-e', injector, JSON.stringify(wire), String(framesPerSecond)];
    child = spawn(process.execPath, words, { stdio: ['ignore', 'ignore', 'inherit', far] });
    await new Promise((resolve) => setTimeout(resolve, warmUpMs));
    const before = { ...bus.counters(), cpu: process.cpuUsage(), time: performance.now(), rows };
    await new Promise((resolve) => setTimeout(resolve, measureMs));
    const { user, system } = process.cpuUsage(before.cpu);
    const elapsed = performance.now() - before.time;
    const after = bus.counters();
    const came = after.received + after.filtered - before.received - before.filtered;
    if (rows === before.rows) throw new VigilError('BENCH_INVALID', 'Expected decoded frames but none came.');
    return {
      cpu: ((user + system) / 1000 / elapsed) * 100,
      framesPerSecond: (came / elapsed) * 1000,
      lost: after.dropped - before.dropped,
    };
  } finally {
    child?.kill();
    await bus.close();
    closeSync(near);
    closeSync(far);
  }
}

/** From before the write until the subscriber has the frame, ms; one frame at a time on a quiet bus. */
async function latencies(): Promise<number[]> {
  const [near, far] = createFrameChannel();
  const bus = new SocketCanBus('bench', { descriptor: near }, monotonicClock);
  const frame = new Uint8Array(72);
  frame[0] = 1;
  frame[4] = 8;
  const taken: number[] = [];
  try {
    for (let i = 0; i < latencyFrames; i++) {
      // Longer than the least distance of two batches, and never in step with a timer.
      await new Promise((resolve) => setTimeout(resolve, 13 + (i % 5)));
      taken.push(
        await new Promise<number>((resolve) => {
          const subscription = bus.frames$.subscribe(() => {
            subscription.unsubscribe();
            resolve(performance.now() - start);
          });
          const start = performance.now();
          writeSync(far, frame);
        }),
      );
    }
  } finally {
    await bus.close();
    closeSync(near);
    closeSync(far);
  }
  return taken.sort((a, b) => a - b);
}

/** CPU of reading and decoding a live bus, and the way of a single frame into JavaScript. */
export async function run(): Promise<BenchRow[]> {
  const { database } = loadDbc(join(signalsDir, 'dbc', 'vigil-demo.dbc'));
  const messages = subscribed(database.messages);
  const names = new Set(messages.map(({ name }) => name));
  const decoder = new CanDecoder(compileDecodePlan(database, (message) => names.has(message.name)));
  const signals = messages.reduce((sum, message) => sum + message.signals.length, 0);
  const filtered = await underLoad(messages, decoder, true);
  const all = await underLoad(messages, decoder, false);
  const sorted = await latencies();
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  const describe = ({ framesPerSecond: rate, lost }: Load) =>
    `${Math.round(rate).toLocaleString('en')} frames/s came, ${lost} lost`;
  return [
    {
      name: 'live CAN, 32,000 frames/s: CPU',
      value: filtered.cpu,
      unit: '% of a core',
      limit: 10,
      note: `${signals} signals of ${messages.length} messages subscribed, an eighth of the traffic; ${describe(filtered)}`,
    },
    {
      name: 'live CAN, 32,000 frames/s, no filter: CPU',
      value: all.cpu,
      unit: '% of a core',
      note: `every frame into JavaScript, ${signals} signals decoded; ${describe(all)}`,
    },
    { name: 'one frame, socket to JavaScript: p50', value: at(0.5), unit: 'ms', note: 'quiet bus' },
    {
      name: 'one frame, socket to JavaScript: p99',
      value: at(0.99),
      unit: 'ms',
      limit: 1,
      note: `${latencyFrames} frames; the largest ${at(1).toFixed(2)} ms`,
    },
  ];
}
