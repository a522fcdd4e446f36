import { candumpText } from '../../src/can/candump-text.js';
import type { DecodedBatch } from '../../src/can/decoded-batch.js';
import { CanDecoder } from '../../src/can/decoder.js';
import { LatestValues } from '../../src/can/latest-values.js';
import { ValidityChecker } from '../../src/can/validity/checker.js';
import { compileValidity } from '../../src/can/validity/compile.js';
import { isUsable } from '../../src/can/validity/verdict.js';
import { VigilError } from '../../src/runtime/errors.js';
import { cantoolsOnText } from './can-peer.js';
import {
  batchFrames,
  protectedTraffic,
  signalsPerFrame,
  trafficDatabase,
  trafficDbc,
  trafficRules,
} from './can-traffic.js';
import { leastCpuSeconds } from './cpu-time.js';
import type { BenchRow } from './row.js';

const totalFrames = 200_000;
/** cantools takes some 10 µs a frame; a tenth of the log is enough for it. */
const peerFrames = 20_000;

/**
 * Least frames per second of CPU, from the product's plan. That of the latest values is ten times what a decoder with
 * an object per signal reached on such a log (dbcppp, 2.5 million, measured once on a machine of the same kind).
 */
const latestLimit = 25_000_000;
const columnsLimit = 15_000_000;
const timesCantools = 100;

function require(what: string, actual: number, expected: number): void {
  if (actual === expected) return;
  throw new VigilError('BENCH_INVALID', `Expected ${expected} ${what} but counted ${actual}.`);
}

/**
 * Frames per second of CPU on a log of 8 bytes and 6 signals a frame: counter and checksum (E2E profile 1), latest
 * values and columns, each unchecked and with every frame checked.
 */
export async function run(): Promise<BenchRow[]> {
  const decoder = CanDecoder.of(trafficDatabase());
  const { plan } = decoder;
  const checker = new ValidityChecker(compileValidity(trafficRules(), plan.messages));
  const batches = protectedTraffic(checker, totalFrames);
  const latest = new LatestValues(plan);
  let recycled: DecodedBatch | undefined;

  // Once with everything counted, so that nothing below measures work that is not done.
  checker.reset();
  let sound = 0;
  let seen = 0;
  let rows = 0;
  for (const frames of batches) {
    const verdicts = checker.check(frames).frames;
    for (const verdict of verdicts) sound += Number(isUsable(verdict) && verdict !== 0);
    latest.update(frames, verdicts);
    for (const count of latest.seen) seen += count;
    for (const message of decoder.decode(frames).messages) rows += message.rows;
  }
  require('sound frames', sound, totalFrames);
  require('frames behind the latest values', seen, totalFrames);
  require('decoded frames', rows, totalFrames);

  const checkSeconds = await leastCpuSeconds(() => {
    checker.reset();
    for (const frames of batches) checker.check(frames);
  });
  const latestSeconds = await leastCpuSeconds(() => {
    for (const frames of batches) latest.update(frames);
  });
  const latestChecked = await leastCpuSeconds(() => {
    checker.reset();
    for (const frames of batches) latest.update(frames, checker.check(frames).frames);
  });
  const columnSeconds = await leastCpuSeconds(() => {
    for (const frames of batches) recycled = decoder.decode(frames, recycled);
  });
  const columnsChecked = await leastCpuSeconds(() => {
    checker.reset();
    for (const frames of batches) {
      recycled = decoder.decode(frames, recycled);
      checker.check(frames);
    }
  });

  const log = batches.map((frames) => candumpText(frames)).join('');
  const other = cantoolsOnText(trafficDbc, `${log.split('\n', peerFrames).join('\n')}\n`);
  const rate = (seconds: number) => Math.round(totalFrames / seconds);
  const row = (name: string, seconds: number, least: number, note: string): BenchRow => ({
    name,
    value: rate(seconds),
    unit: 'frames/s CPU',
    limit: least,
    note,
  });
  /** Beside cantools, which checks nothing: the limit is whichever of the two is higher. */
  const likeForLike = (name: string, seconds: number, least: number): BenchRow => {
    const ours = row(name, seconds, least, off);
    if (other === undefined) return ours;
    const peer = { name: `cantools ${other.version}`, value: Math.round(other.frames / other.decodeSeconds) };
    return { ...ours, peer, limit: Math.max(least, timesCantools * peer.value) };
  };
  const on = 'E2E profile 1 checked on every frame';
  const off = `no checks; 8 bytes, ${signalsPerFrame} signals a frame, batches of ${batchFrames}`;
  return [
    {
      name: 'CAN counter and checksum',
      value: rate(checkSeconds),
      unit: 'frames/s CPU',
      note: 'E2E profile 1, without decoding',
    },
    likeForLike('CAN to latest values, unchecked', latestSeconds, latestLimit),
    row('CAN to latest values, checked', latestChecked, latestLimit, on),
    likeForLike('CAN to columns, unchecked', columnSeconds, columnsLimit),
    row('CAN to columns, checked', columnsChecked, columnsLimit, on),
  ];
}
