import { loadDbc } from '../../src/can/dbc-parser.js';
import type { DecodedBatch } from '../../src/can/decoded-batch.js';
import { CanDecoder } from '../../src/can/decoder.js';
import { FrameBatchBuilder } from '../../src/can/frame-batch.js';
import type { CanFrames } from '../../src/can/frames.js';
import { ValidityChecker } from '../../src/can/validity/checker.js';
import { compileValidity } from '../../src/can/validity/compile.js';
import { readValidity, standardValidityFile } from '../../src/can/validity/rules-file.js';
import { isUsable } from '../../src/can/validity/verdict.js';
import { VigilError } from '../../src/runtime/errors.js';
import { signalsDir } from '../../src/runtime/paths.js';
import { join } from 'node:path';
import type { BenchRow } from './row.js';

const totalFrames = 200_000;
const batchFrames = 4096;
const rounds = 7;

/** Protected traffic of the demo vehicle: its messages in turn, counters running, payloads pseudo-random. */
function generate(checker: ValidityChecker): CanFrames[] {
  const { messages } = checker.plan;
  const builder = new FrameBatchBuilder(batchFrames);
  const batches: CanFrames[] = [];
  let state = 0x9e3779b9;
  for (let i = 0; i < totalFrames; i++) {
    const message = messages[i % messages.length];
    const payload = new Uint8Array(message.length);
    for (let k = 0; k < payload.length; k++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      payload[k] = state >>> 24;
    }
    checker.protect(message.name, payload, Math.floor(i / messages.length));
    builder.add(i * 0.25, message.id, payload);
    if (builder.count === batchFrames || i === totalFrames - 1) batches.push(builder.take());
  }
  return batches;
}

/** Seconds of the process's CPU time for one pass over all batches; the least of several, each of many passes. */
function best(pass: () => void): number {
  let least = Infinity;
  for (let round = 0; round < rounds; round++) {
    const start = process.cpuUsage();
    let passes = 0;
    let spent = 0;
    do {
      pass();
      passes += 1;
      const { user, system } = process.cpuUsage(start);
      spent = (user + system) / 1e6;
    } while (spent < 0.2);
    least = Math.min(least, spent / passes);
  }
  return least;
}

/** Frames per second of CPU: checking counter and checksum (E2E profile 1) of every frame, without and with decoding. */
export function run(): Promise<BenchRow[]> {
  const { database } = loadDbc(join(signalsDir, 'dbc', 'vigil-demo.dbc'));
  const decoder = CanDecoder.of(database);
  const rules = readValidity(standardValidityFile('vigil-demo'));
  const checker = new ValidityChecker(compileValidity(rules, decoder.plan.messages));
  const batches = generate(checker);
  const check = (): void => {
    checker.reset();
    let sound = 0;
    for (const frames of batches)
      for (const verdict of checker.check(frames).frames) sound += Number(isUsable(verdict));
    if (sound !== totalFrames)
      throw new VigilError('BENCH_INVALID', `Expected ${totalFrames} sound frames but counted ${sound}.`);
  };
  check();
  const checkSeconds = best(() => {
    checker.reset();
    for (const frames of batches) checker.check(frames);
  });
  let recycled: DecodedBatch | undefined;
  const decode = (): void => {
    for (const frames of batches) recycled = decoder.decode(frames, recycled);
  };
  const decodeSeconds = best(decode);
  const bothSeconds = best(() => {
    checker.reset();
    for (const frames of batches) {
      recycled = decoder.decode(frames, recycled);
      checker.check(frames);
    }
  });
  const row = (name: string, seconds: number, note: string): BenchRow => ({
    name,
    value: Math.round(totalFrames / seconds),
    unit: 'frames/s CPU',
    note,
  });
  const note = `E2E profile 1 on every frame, 5 to 8 bytes, batches of ${batchFrames}`;
  return Promise.resolve([
    row('CAN counter and checksum', checkSeconds, note),
    row('CAN decode to columns, unchecked', decodeSeconds, 'the same frames'),
    row('CAN decode to columns, checked', bothSeconds, note),
  ]);
}
