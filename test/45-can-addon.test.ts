import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { canAddon } from '../src/can/can-addon.js';
import { compileDecodePlan } from '../src/can/decode-plan.js';
import { CanDecoder } from '../src/can/decoder.js';
import { parseDbc } from '../src/can/dbc-parser.js';
import { FrameBatchBuilder } from '../src/can/frame-batch.js';
import { FrameFlag, type CanFrames } from '../src/can/frames.js';
import { buildDir } from '../src/runtime/paths.js';
import { bytesOf, framesOf } from './40-support/frames.js';

const { database } = parseDbc(`
BO_ 1 M: 8 A
 SG_ P M : 0|8@1+ (1,0) [0|0] "" A
 SG_ X m1 : 8|16@1+ (1,0) [0|0] "" A
BO_ 2 Fd: 64 A
 SG_ Y : 448|64@1+ (1,0) [0|0] "" A
`);
const frames = framesOf({ id: 1, extended: false }, [bytesOf('01ff000000000000'), bytesOf('00')]);

/** The same frames with some columns replaced by what a caller without types could pass. */
function tampered(change: Record<string, unknown>): CanFrames {
  return { ...frames, ...change };
}

describe('frames that lie', () => {
  const decoder = CanDecoder.of(database);

  it.each<[string, Record<string, unknown>]>([
    ['an offset behind the data', { offset: Uint32Array.of(0, 1_000_000) }],
    ['an offset that wraps around', { offset: Uint32Array.of(0xffffffff, 0) }],
    ['an offset one byte too far', { offset: Uint32Array.of(2, 0) }],
    ['a length over 64', { length: Uint8Array.of(65, 0), data: new Uint8Array(200) }],
    [
      'a length beyond the data',
      { length: Uint8Array.of(8, 8), data: new Uint8Array(8), offset: Uint32Array.of(0, 1) },
    ],
    ['no data', { data: new Uint8Array(0) }],
  ])('%s is CAN_FRAMES_INVALID', (_, change) => {
    expect(() => decoder.decode(tampered(change))).toThrow(
      expect.objectContaining({ code: 'CAN_FRAMES_INVALID' }),
    );
  });

  it.each<[string, Record<string, unknown>]>([
    ['a count above the columns', { count: 3 }],
    ['a negative count', { count: -1 }],
    ['a fractional count', { count: 1.5 }],
    ['a count that is no number', { count: '2' }],
    ['times as floats', { t: new Float32Array(2) }],
    ['times as numbers', { t: [0, 1] }],
    ['no times', { t: undefined }],
    ['signed identifiers', { id: new Int32Array(2) }],
    ['clamped bytes', { data: new Uint8ClampedArray(64) }],
    ['a DataView as data', { data: new DataView(new ArrayBuffer(64)) }],
    ['a short column', { flags: new Uint8Array(1) }],
  ])('%s is INVALID_ARGUMENT', (_, change) => {
    expect(() => decoder.decode(tampered(change))).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    );
  });

  it('leave the decoder as it was', () => {
    expect(() => decoder.decode(tampered({ offset: Uint32Array.of(0, 99) }))).toThrow();
    const { rows, truncated } = decoder.decode(frames).message('M')!;
    expect({ rows, truncated }).toEqual({ rows: 2, truncated: 1 });
    expect(Array.from(decoder.decode(frames).message('M')!.column('X'))).toEqual([255, NaN]);
  });

  it('may lie in a buffer that has been transferred away', () => {
    const data = new Uint8Array(frames.data);
    structuredClone(data.buffer, { transfer: [data.buffer] });
    expect(() => decoder.decode(tampered({ data }))).toThrow(
      expect.objectContaining({ code: 'CAN_FRAMES_INVALID' }),
    );
  });

  it('may end exactly where the data ends', () => {
    const builder = new FrameBatchBuilder();
    builder.add(0, 1, bytesOf('01ff00'));
    builder.add(0, 2, new Uint8Array(64).fill(1), FrameFlag.fd);
    builder.add(0, 1, bytesOf('010203'));
    const decoded = decoder.decode(builder.take());
    expect(Array.from(decoded.message('M')!.column('X'))).toEqual([255, 0x0302]);
    expect(Array.from(decoded.message('Fd')!.column('Y'))).toEqual([Number(0x0101010101010101n)]);
  });

  it('may be shared with other threads', () => {
    const data = new Uint8Array(new SharedArrayBuffer(frames.data.length));
    data.set(frames.data);
    expect(decoder.decode(tampered({ data })).message('M')!.rows).toBe(2);
  });
});

describe('a plan that lies', () => {
  const plan = compileDecodePlan(database);

  it.each<[string, Record<string, unknown>]>([
    ['signal starts that fall', { signalStart: Uint32Array.of(0, 9, 3) }],
    ['signal starts beyond the signals', { signalStart: Uint32Array.of(0, 2, 4) }],
    ['no signal starts', { signalStart: new Uint32Array(0) }],
    ['a signal of no bits', { bitLength: Uint8Array.of(8, 0, 64) }],
    ['a signal of 65 bits', { bitLength: Uint8Array.of(8, 65, 64) }],
    ['a float of 16 bits', { kind: Uint8Array.of(0, 4, 0) }],
    ['columns of different lengths', { factor: new Float64Array(2) }],
    ['a switch of another message', { switchIndex: Int32Array.of(-1, 2, -1) }],
    ['a switch that is not there', { switchIndex: Int32Array.of(-1, 1_000_000, -1) }],
    ['a switch before the first', { switchIndex: Int32Array.of(-1, -7, -1) }],
    ['switches in a circle', { switchIndex: Int32Array.of(1, 0, -1) }],
    ['ranges beyond the ranges', { rangeStart: Uint32Array.of(0, 0, 5, 5) }],
    ['range ends missing', { rangeHigh: new BigInt64Array(0) }],
    ['an identifier of 12 bits', { key: Uint32Array.of(0x800, 2) }],
    ['an identifier of 30 bits', { key: Uint32Array.of(0xa0000000, 2) }],
    ['one identifier twice', { key: Uint32Array.of(2, 2) }],
    ['keys of another type', { key: new Float64Array(2) }],
  ])('%s is INVALID_ARGUMENT', (_, change) => {
    expect(() => new CanDecoder({ ...plan, ...change })).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    );
  });

  it('is refused for a channel that cannot be', () => {
    expect(() => new CanDecoder(plan, { channel: 256 })).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    );
  });

  it('may place signals anywhere in 16 bits: beyond 64 bytes they are never present', () => {
    const decoder = new CanDecoder({ ...plan, firstBit: Uint16Array.of(0, 65535, 448) });
    expect(Array.from(decoder.decode(frames).message('M')!.column('X'))).toEqual([NaN, NaN]);
  });
});

describe('the addon', () => {
  const addon = canAddon();

  it('refuses methods called on a foreign object', () => {
    const parser = new addon.CandumpParser();
    const methods = addon.DecodePlan.prototype as unknown as { decode: () => void };
    // Node-API gives every method its class's signature, so that V8 checks `this` before our code runs.
    expect(() => methods.decode.call(parser)).toThrow(TypeError);
    expect(() => methods.decode.call(Object.create(parser))).toThrow(TypeError);
    expect(() => parser.summary.call({} as typeof parser)).toThrow(TypeError);
    expect(() => (addon.CandumpParser as unknown as () => void)()).toThrow(TypeError);
  });

  it('refuses text ranges and progress that lie outside their arrays', () => {
    const parser = new addon.CandumpParser();
    const text = new TextEncoder().encode('(1.0) can0 001#00\n');
    const parse = (start: number, end: number, progress: Uint32Array, data = new Uint8Array(64)) =>
      parser.parse(
        text,
        start,
        end,
        true,
        new Float64Array(1),
        new Uint32Array(1),
        new Uint8Array(1),
        new Uint8Array(1),
        new Uint8Array(1),
        new Uint32Array(1),
        data,
        progress,
      );
    const refused = expect.objectContaining({ vigilCode: 'INVALID_ARGUMENT' }) as Error;
    expect(() => parse(0, text.length + 1, new Uint32Array(3))).toThrow(refused);
    expect(() => parse(5, 4, new Uint32Array(3))).toThrow(refused);
    expect(() => parse(-1, 4, new Uint32Array(3))).toThrow(refused);
    expect(() => parse(0, text.length, Uint32Array.of(2, 0, 0))).toThrow(refused);
    expect(() => parse(0, text.length, Uint32Array.of(0, 65, 0))).toThrow(refused);
    expect(() => parse(0, text.length, new Uint32Array(2))).toThrow(refused);
    const noRoom = new Uint32Array(3);
    parse(0, text.length, noRoom, new Uint8Array(63));
    expect(Array.from(noRoom)).toEqual([0, 0, 0]);
    const progress = new Uint32Array(3);
    parse(0, text.length, progress);
    expect(Array.from(progress)).toEqual([1, 1, text.length]);
  });

  it('works in several worker threads at once and when they end with work done', async () => {
    const file = join(buildDir, 'native', 'Release', 'can.node');
    const program = `
      const { parentPort, workerData } = require('node:worker_threads');
      const { CandumpParser } = require(workerData);
      const n = 5000;
      const text = Buffer.from('(1.0) can0 001#0011223344556677\\n'.repeat(n));
      const progress = new Uint32Array(3);
      const parser = new CandumpParser();
      parser.parse(text, 0, text.length, true, new Float64Array(n), new Uint32Array(n), new Uint8Array(n),
        new Uint8Array(n), new Uint8Array(n), new Uint32Array(n), new Uint8Array(n * 64), progress);
      parentPort.postMessage([progress[0], parser.summary().lines]);
    `;
    const results = await Promise.all(
      Array.from(
        { length: 4 },
        () =>
          new Promise<unknown>((resolve, reject) => {
            const worker = new Worker(program, { eval: true, workerData: file });
            let message: unknown;
            worker.on('message', (received: unknown) => {
              message = received;
            });
            worker.on('error', reject);
            worker.on('exit', () => resolve(message));
          }),
      ),
    );
    expect(results).toEqual(Array.from({ length: 4 }, () => [5000, 5000]));
    // Each thread has its own classes and state; this one's still work.
    expect(CanDecoder.of(database).decode(frames).message('M')!.rows).toBe(2);
  });
});
