import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDbc } from '../src/can/dbc-parser.js';
import { decodeMessage } from '../src/can/decode-message.js';
import { FrameBatchBuilder } from '../src/can/frame-batch.js';
import { FrameFlag } from '../src/can/frames.js';
import { FrameDecoder } from '../src/cli/decode/frame-decoder.js';
import { globFilter } from '../src/cli/decode/glob.js';
import { batchText, humanLines, jsonLines, secondsText } from '../src/cli/decode/line.js';
import { decode } from '../src/cli/decode/run.js';
import { register } from '../src/cli/decode.js';
import { runCommand } from './54-support.js';

const dbcText = `
BU_: N
BO_ 37 STEER: 4 N
 SG_ ANGLE : 0|16@1- (0.1,0) [0|0] "deg" N
 SG_ MODE : 16|2@1+ (1,0) [0|3] "" N
 SG_ LATE : 24|8@1+ (1,0) [0|0] "" N
BO_ 2147484037 WIDE: 8 N
 SG_ SERIAL : 0|64@1+ (1,0) [0|0] "" N
BO_ 64 MUX: 8 N
 SG_ KIND M : 0|8@1+ (1,0) [0|0] "" N
 SG_ ONE m1 : 8|8@1+ (1,0) [0|0] "V" N
 SG_ TWO m2 : 8|16@1- (0.5,-3) [0|0] "A" N
VAL_ 37 MODE 0 "off" 2 "assist" ;
`;
const otherText = `
BU_: N
BO_ 37 OTHER: 1 N
 SG_ X : 0|8@1+ (1,0) [0|0] "" N
`;
const { database } = parseDbc(dbcText);
const other = parseDbc(otherText).database;
const all = { messages: [], signals: [] };

function text(
  frames: ReturnType<FrameBatchBuilder['take']>,
  json: boolean,
  decoder = new FrameDecoder([{ database }], all),
): string[] {
  const line = json ? jsonLines(null) : humanLines(null, ['can0', 'can1']);
  return batchText(frames, decoder.match(frames), line).split('\n').slice(0, -1);
}

describe('a decoded line', () => {
  const builder = new FrameBatchBuilder();
  builder.add(0.013, 37, Uint8Array.of(0xf6, 0xff, 2, 9), 0, 1);
  builder.add(1500, 99, Uint8Array.of(1));
  builder.add(1500, 64, Uint8Array.of(2, 6, 0, 0, 0, 0, 0, 0));
  builder.add(1501, 389, Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 255), FrameFlag.extended);
  builder.add(1501, 37, new Uint8Array(4), FrameFlag.remote);
  builder.add(2000.000001, 37, Uint8Array.of(1, 0, 1), 0, 7);
  const frames = builder.take();

  it('is one JSON object', () => {
    expect(text(frames, true)).toEqual([
      '{"t":0.000013,"channel":1,"id":37,"message":"STEER","signals":{"ANGLE":-1,"MODE":2,"LATE":9}}',
      '{"t":1.500000,"channel":0,"id":64,"message":"MUX","signals":{"KIND":2,"TWO":0}}',
      '{"t":1.501000,"channel":0,"id":389,"extended":true,"message":"WIDE","signals":{"SERIAL":18446744073709551615}}',
      '{"t":2.000000001,"channel":7,"id":37,"message":"STEER","truncated":true,"signals":{"ANGLE":0.1,"MODE":1}}',
    ]);
  });

  it('is text with units and value names', () => {
    expect(text(frames, false)).toEqual([
      '0.000013  can1  025  STEER  ANGLE=-1 deg  MODE=assist (2)  LATE=9',
      '1.500000  can0  040  MUX  KIND=2  TWO=0 A',
      '1.501000  can0  00000185  WIDE  SERIAL=18446744073709551615',
      '2.000000001  7  025  STEER  ANGLE=0.1 deg  MODE=1  (truncated)',
    ]);
  });

  it('counts what becomes of every frame', () => {
    const decoder = new FrameDecoder([{ database }], all);
    decoder.match(frames);
    decoder.match(frames);
    expect(decoder.counts).toEqual({ frames: 12, decoded: 8, truncated: 2, withoutData: 2 });
  });

  it('holds to the filters and to the database of its channel', () => {
    const only = (messages: string[], signals: string[]) =>
      text(frames, false, new FrameDecoder([{ database }], { messages, signals })).map((line) =>
        line.slice(line.indexOf('  ') + 2),
      );
    expect(only(['m?x'], [])).toEqual(['can0  040  MUX  KIND=2  TWO=0 A']);
    expect(only([], ['STEER.m*'])).toEqual([
      'can1  025  STEER  MODE=assist (2)',
      '7  025  STEER  MODE=1  (truncated)',
    ]);
    expect(only([], ['no*'])).toEqual([]);
    const perChannel = new FrameDecoder([{ database }, { database: other, channel: 1 }], all);
    expect(text(frames, false, perChannel).map((line) => line.split('  ')[3])).toEqual([
      'OTHER',
      'MUX',
      'WIDE',
      'STEER',
    ]);
    const lastCounts = new FrameDecoder([{ database }, { database: other }], all);
    expect(text(frames, false, lastCounts).map((line) => line.split('  ')[3])).toEqual([
      'OTHER',
      'MUX',
      'WIDE',
      'OTHER',
    ]);
  });

  it('says of every frame what the exact decoder says, in the order of the log', () => {
    const frame = fc.record({
      id: fc.constantFrom(37, 64, 389, 12),
      payload: fc.uint8Array({ minLength: 0, maxLength: 8 }),
    });
    const byId = new Map(database.messages.map((message) => [message.id, message]));
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 30 }), (list) => {
        const batch = new FrameBatchBuilder();
        list.forEach(({ id, payload }, i) => {
          batch.add(i * 10, id, payload, id === 389 ? FrameFlag.extended : 0);
        });
        const expected = list.flatMap(({ id, payload }, i) => {
          const message = byId.get(id);
          if (message === undefined) return [];
          const decoded = decodeMessage(message, payload);
          const signals = Object.fromEntries(
            [...decoded.signals].map(([name, { physical }]) => [name, physical]),
          );
          return [
            {
              t: i / 100,
              channel: 0,
              id,
              ...(id === 389 ? { extended: true } : {}),
              message: message.name,
              ...(decoded.truncated ? { truncated: true } : {}),
              signals,
            },
          ];
        });
        expect(text(batch.take(), true).map((line): unknown => JSON.parse(line))).toEqual(expected);
      }),
    );
  });
});

describe('seconds', () => {
  it.each([
    [0, null, '0.000000'],
    [13.5, null, '0.013500'],
    [0.000001, null, '0.000000001'],
    [-1, null, '-0.001000'],
    [1_533_224_087_000.013, null, '1533224087.000013'],
    [0.013, 1_533_224_087_000_000_000n, '1533224087.000013'],
    [999.9999999, 1_533_224_087_000_000_001n, '1533224088.000000001'],
  ])('%d ms after %s are %s', (t, startNs, expected) => {
    expect(secondsText(t, startNs)).toBe(expected);
  });
});

describe('globs', () => {
  it('match whole names, whatever their case', () => {
    const matches = globFilter(['STEER*', 'a?c', 'x.y+']);
    expect(['steer_angle', 'STEER', 'abc', 'x.y+'].every(matches)).toBe(true);
    expect(['PRE_STEER', 'abbc', 'xzy', 'x.yy'].some(matches)).toBe(false);
    expect(globFilter([])('anything')).toBe(true);
  });
});

describe('vigil decode', () => {
  const folder = mkdtempSync(join(tmpdir(), 'vigil-decode-'));
  const dbc = join(folder, 'a.dbc');
  const log = join(folder, 'a.log');
  writeFileSync(dbc, dbcText);
  writeFileSync(log, '(1533224087.000013) can0 025#F6FF0209\n(1533224087.100000) can1 123#00\n');

  it('prints a line a frame, and the counts beside it', async () => {
    const { out, err, exitCode } = await runCommand(register, ['decode', log, '--dbc', dbc]);
    expect(out).toBe('1533224087.000013  can0  025  STEER  ANGLE=-1 deg  MODE=assist (2)  LATE=9\n');
    expect(err).toBe('2 frames: 1 decoded, 1 of no wanted message, 0 remote or error\n');
    expect(exitCode).toBe(0);
  });

  it('finds the log behind an option that takes several values', async () => {
    const first = await runCommand(register, ['decode', log, '--dbc', dbc]);
    for (const args of [
      ['--dbc', dbc, log],
      ['--dbc', dbc, '--signal', '*', log],
      ['--message', 'STEER', 'MUX', log, '--dbc', dbc],
    ])
      expect((await runCommand(register, ['decode', ...args])).out).toBe(first.out);
    await expect(runCommand(register, ['decode', '--dbc', dbc])).rejects.toThrow(/expected a log file/);
  });

  it('exits with 3 when the log is damaged, after what is whole', async () => {
    const cut = join(folder, 'cut.log');
    writeFileSync(cut, '(1533224087.000013) can0 025#F6FF0209\nnonsense\n(1533224087.1');
    const { out, err, exitCode } = await runCommand(register, ['decode', cut, '--dbc', dbc, '--json']);
    expect(JSON.parse(out)).toEqual({
      t: 1533224087.000013,
      channel: 0,
      id: 37,
      message: 'STEER',
      signals: { ANGLE: -1, MODE: 2, LATE: 9 },
    });
    expect(err).toContain('cut off at the end');
    expect(err).toContain('line 2');
    expect(exitCode).toBe(3);
  });

  it('refuses to start without a database, with a channel that is none, or with filters that match nothing', async () => {
    await expect(runCommand(register, ['decode', log])).rejects.toThrow(/expected a database/);
    await expect(runCommand(register, ['decode', log, '--channel', `x=${dbc}`])).rejects.toThrow(
      /channel number/,
    );
    await expect(runCommand(register, ['decode', log, '--dbc', dbc, '--signal', 'none'])).rejects.toThrow(
      /match something/,
    );
  });

  it('decodes each channel with its own database', async () => {
    const { out } = await runCommand(register, ['decode', log, '--channel', `1=${dbc}`]);
    expect(out).toBe('');
  });

  it('waits for a slow reader instead of piling up text', async () => {
    const long = join(folder, 'long.log');
    writeFileSync(long, '(1533224087.000013) can0 025#F6FF0209\n'.repeat(20_000));
    let [chunks, waiting, most] = [0, 0, 0];
    const output = new Writable({
      highWaterMark: 1000,
      write: (_chunk, _encoding, done) => {
        chunks += 1;
        setImmediate(done);
      },
    });
    output.on('drain', () => (waiting = 0));
    const write = output.write.bind(output);
    output.write = (chunk: unknown) => {
      most = Math.max(most, ++waiting);
      return write(chunk);
    };
    const options = { log: long, dbc: [dbc], channels: [], messages: [], signals: [], json: false };
    expect(await decode(options, { output, notes: new PassThrough() })).toBe(0);
    expect(chunks).toBeGreaterThan(3);
    expect(most).toBe(1);
  });
});
