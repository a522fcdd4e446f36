import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseCandump, readCandump } from '../src/can/candump.js';
import { candumpText } from '../src/can/candump-text.js';
import { FrameBatchBuilder } from '../src/can/frame-batch.js';
import { FrameFlag, type CanFrames } from '../src/can/frames.js';

interface Row {
  readonly t: number;
  readonly id: number;
  readonly flags: number;
  readonly channel: number;
  readonly data: string;
}

function rowsOf(frames: CanFrames): Row[] {
  return Array.from({ length: frames.count }, (_, i) => {
    const start = frames.offset[i];
    return {
      t: frames.t[i],
      id: frames.id[i],
      flags: frames.flags[i],
      channel: frames.channel[i],
      data: Buffer.from(frames.data.subarray(start, start + frames.length[i])).toString('hex'),
    };
  });
}

const { extended, remote, error, fd, bitRateSwitch, errorStateIndicator, transmitted } = FrameFlag;
const t = 1436509052249.713;
const longPayload = '00112233445566778899aabbccddeeff'.repeat(4);

describe('a candump line', () => {
  it.each<[string, Partial<Row>]>([
    ['can0 123#DEADBEEF', { id: 0x123, data: 'deadbeef' }],
    ['can0 123#deadbeef', { id: 0x123, data: 'deadbeef' }],
    ['can0 7FF#', { id: 0x7ff }],
    ['can1 00000123#01', { id: 0x123, flags: extended, channel: 1, data: '01' }],
    ['can0 1FFFFFFF#0102030405060708', { id: 0x1fffffff, flags: extended, data: '0102030405060708' }],
    ['vcan12 123#01', { id: 0x123, channel: 12, data: '01' }],
    ['slcan 123#01', { id: 0x123, data: '01' }],
    ['can0 123#R', { id: 0x123, flags: remote }],
    ['can0 123#R8', { id: 0x123, flags: remote, data: '0000000000000000' }],
    ['can0 20000088#0000000000000000', { id: 0x88, flags: error, data: '0000000000000000' }],
    ['can0 123##0', { id: 0x123, flags: fd }],
    ['can0 123##401', { id: 0x123, flags: fd, data: '01' }],
    [
      `can0 12345678##5${longPayload}`,
      { id: 0x12345678, flags: extended | fd | bitRateSwitch, data: longPayload },
    ],
    ['can0 123##30102', { id: 0x123, flags: fd | bitRateSwitch | errorStateIndicator, data: '0102' }],
    ['can0 123#0102030405060708_E', { id: 0x123, data: '0102030405060708' }],
    ['can0 123#01 R', { id: 0x123, data: '01' }],
    ['can0 123#01 T', { id: 0x123, flags: transmitted, data: '01' }],
    ['can0 123#R T', { id: 0x123, flags: remote | transmitted }],
    [' can0\t123#01  \r', { id: 0x123, data: '01' }],
  ])('%j is a frame', (line, expected) => {
    const { frames, summary } = parseCandump(`(1436509052.249713) ${line}\n`);
    expect(rowsOf(frames)).toEqual([{ t, id: 0, flags: 0, channel: 0, data: '', ...expected }]);
    expect(summary).toMatchObject({ lines: 1, frames: 1, malformed: 0, endsMidLine: false });
  });

  it.each([
    ['(0.000001)', 0.001],
    ['(12)', 12_000],
    ['(12.)', 12_000],
    ['(12.5)', 12_500],
    ['(12.25)', 12_250],
    ['(12.125)', 12_125],
    ['(1631416514.717133)', 1631416514717.133],
    ['(1.123456789)', 1123.456789],
  ])('stamped %s is at %d ms', (stamp, expected) => {
    expect(parseCandump(`${stamp} can0 1FF#\n`).frames.t[0]).toBe(expected);
  });

  it.each([
    ['nonsense', 'expected a time such as (1436509052.249713) at the start of the line'],
    ['(12.5 can0 123#01', 'expected a time such as (1436509052.249713) at the start of the line'],
    ['(99999999999.0) can0 123#01', 'expected a time such as (1436509052.249713) at the start of the line'],
    ['(1.1234567890) can0 123#01', 'expected a time such as (1436509052.249713) at the start of the line'],
    ['(1.0)can0 123#01', 'expected a space after the time'],
    ['(1.0) can0', 'expected an interface name such as can0, then a frame'],
    ['(1.0) can0 12#01', 'expected an identifier of 3 or 8 hexadecimal digits, then #'],
    ['(1.0) can0 12345#01', 'expected an identifier of 3 or 8 hexadecimal digits, then #'],
    ['(1.0) can0 12G#01', 'expected hexadecimal digits in the identifier'],
    ['(1.0) can0 800#01', 'expected an identifier of 11 bits, or of 29 bits'],
    ['(1.0) can0 80000001#01', 'expected an identifier of 11 bits, or of 29 bits'],
    ['(1.0) can0 123#012', 'expected hexadecimal digits as payload'],
    ['(1.0) can0 123#0X', 'expected hexadecimal digits as payload'],
    ['(1.0) can0 123#010203040506070809', 'expected at most 8 bytes of payload'],
    [`(1.0) can0 123##0${longPayload}00`, 'expected at most 64 bytes of payload'],
    ['(1.0) can0 123##', 'expected a hexadecimal digit of flags after ##'],
    ['(1.0) can0 123#R9', 'expected a remote frame of at most 8 bytes'],
    ['(1.0) can0 123#01 X', 'expected hexadecimal digits as payload'],
    ['(1.0) can0 123#01 R T', 'expected the end of the line after the direction'],
  ])('%j is left out, with line and reason', (line, message) => {
    const { frames, summary } = parseCandump(`(1.0) can0 001#\n\n${line}\n(2.0) can0 002#\n`);
    expect(Array.from(frames.id)).toEqual([1, 2]);
    expect(summary).toMatchObject({ lines: 4, malformed: 1, problems: [{ line: 3, message }] });
  });
});

describe('a candump log', () => {
  it('cut off in the middle of a line loses that line and says so', () => {
    const { frames, summary } = parseCandump('(1.0) can0 001#00\n(2.0) can0 002#01020');
    expect(Array.from(frames.id)).toEqual([1]);
    expect(summary).toMatchObject({ lines: 2, malformed: 0, endsMidLine: true });
    // Half a payload looks like a whole one, so that even a line that could be read is not trusted.
    expect(parseCandump('(2.0) can0 002#0102').summary).toMatchObject({ frames: 0, endsMidLine: true });
    expect(parseCandump('').summary).toMatchObject({ lines: 0, frames: 0, endsMidLine: false });
  });

  it('keeps interfaces apart that end in the same number', () => {
    const line = (name: string) => `(1.0) ${name} 001#\n`;
    const names = ['can1', 'vcan1', 'can0', 'bus', 'can300', 'can1', 'vcan1'];
    const { frames, summary } = parseCandump(names.map(line).join(''));
    expect(Array.from(frames.channel)).toEqual([1, 0, 2, 3, 4, 1, 0]);
    expect(summary.channels).toEqual(
      new Map([
        [0, 'vcan1'],
        [1, 'can1'],
        [2, 'can0'],
        [3, 'bus'],
        [4, 'can300'],
      ]),
    );
    const many = parseCandump(Array.from({ length: 257 }, (_, i) => line(`x${i}`)).join('')).summary;
    expect(many).toMatchObject({ frames: 256, malformed: 1 });
  });

  it('keeps the first problems only, and counts all', () => {
    const { summary } = parseCandump('junk\n'.repeat(1000));
    expect(summary.malformed).toBe(1000);
    expect(summary.problems.map(({ line }) => line)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  });

  it('written from any frames and read again gives the same frames', () => {
    const frame = fc
      .record({
        microseconds: fc.integer({ min: 0, max: 2 ** 51 }),
        wide: fc.boolean(),
        id: fc.nat({ max: 0x1fffffff }),
        kind: fc.constantFrom('classic', 'fd', 'remote', 'error'),
        bits: fc.constantFrom(0, bitRateSwitch, errorStateIndicator, bitRateSwitch | errorStateIndicator),
        sent: fc.boolean(),
        channel: fc.nat({ max: 255 }),
        data: fc.uint8Array({ maxLength: 64 }),
      })
      .map(({ microseconds, wide, id, kind, bits, sent, channel, data }) => {
        const kindFlags = { classic: 0, fd: fd | bits, remote, error }[kind];
        const flags = kindFlags | (wide && kind !== 'error' ? extended : 0) | (sent ? transmitted : 0);
        const bytes = kind === 'fd' ? data : data.subarray(0, 8);
        return {
          t: microseconds / 1000,
          id: wide || kind === 'error' ? id : id & 0x7ff,
          flags,
          channel,
          payload: kind === 'remote' ? new Uint8Array(bytes.length) : bytes,
        };
      });
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 30 }), (list) => {
        const builder = new FrameBatchBuilder(1);
        for (const { t: at, id, payload, flags, channel } of list)
          builder.add(at, id, payload, flags, channel);
        const frames = builder.take();
        const { frames: again, summary } = parseCandump(candumpText(frames));
        expect(summary.malformed).toBe(0);
        expect(again).toEqual(frames);
      }),
      { numRuns: 300 },
    );
  });

  it('never makes the parser fail, whatever bytes it holds', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '(1.0) ',
        'can0 ',
        '123#',
        '#',
        '##5',
        'R',
        '01',
        '\n',
        '\r',
        ' T',
        '\0',
        '(',
        '12345678#',
      ),
      fc.string({ maxLength: 6, unit: 'binary' }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        const { frames, summary } = parseCandump(pieces.join(''));
        expect(frames.count + summary.malformed).toBeLessThanOrEqual(summary.lines);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a candump file', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'vigil-candump-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it('is read in batches, across pieces of the file, and as a whole gives every frame once', async () => {
    const file = join(folder, 'long.log');
    const count = 20_000;
    const text = Array.from(
      { length: count },
      (_, i) =>
        `(${i}.000000) can${i % 3} ${(i % 2048).toString(16).padStart(3, '0')}##1${i.toString(16).padStart(96, '0')}\n`,
    ).join('');
    writeFileSync(file, text);
    const log = readCandump(file, { batchFrames: 999 });
    const sizes: number[] = [];
    let next = 0;
    for await (const frames of log) {
      sizes.push(frames.count);
      for (const { t: at, id, channel, data } of rowsOf(frames)) {
        expect({ at, id, channel, data }).toEqual({
          at: next * 1000,
          id: next % 2048,
          channel: next % 3,
          data: next.toString(16).padStart(96, '0'),
        });
        next += 1;
      }
    }
    expect(next).toBe(count);
    expect(sizes.slice(0, -1).every((size) => size === 999)).toBe(true);
    expect(log.summary).toMatchObject({ lines: count, frames: count, malformed: 0, endsMidLine: false });
  });

  it('may hold lines without end, which cost no memory', async () => {
    const file = join(folder, 'junk.log');
    writeFileSync(file, '(1.0) can0 001#00\n');
    for (let i = 0; i < 3; i++) appendFileSync(file, 'x'.repeat(300_000));
    appendFileSync(file, '\n(2.0) can0 002#00\n(3.0) can0 00');
    const log = readCandump(file);
    const ids: number[] = [];
    for await (const frames of log) ids.push(...frames.id);
    expect(ids).toEqual([1, 2]);
    expect(log.summary).toMatchObject({
      lines: 4,
      malformed: 1,
      endsMidLine: true,
      problems: [{ line: 2, message: 'expected a line end' }],
    });
  });

  it('that is not there is a VigilError, and so is a wrong batch size', async () => {
    const iterator = readCandump(join(folder, 'absent.log'))[Symbol.asyncIterator]();
    await expect(iterator.next()).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
    expect(() => readCandump('any', { batchFrames: 0 })).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    );
  });

  it('is closed when the reader stops early', async () => {
    const file = join(folder, 'long.log');
    for await (const frames of readCandump(file, { batchFrames: 10 })) {
      expect(frames.count).toBe(10);
      break;
    }
  });
});
