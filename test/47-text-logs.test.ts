import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FrameFlag } from '../src/can/frames.js';
import { logFormats } from '../src/can/logs/registry.js';
import {
  frameRows,
  goldenRows,
  readLog,
  readText,
  writeLog,
  type Holds,
  type Row,
} from './47-support/logs.js';

const { extended, remote, error, fd, bitRateSwitch, transmitted } = FrameFlag;
const golden = fileURLToPath(new URL('golden/can/logs/text', import.meta.url));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigil-logs-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('a log that python-can wrote', () => {
  const all = goldenRows(golden);
  const isFd = ({ flags }: Row) => (flags & fd) !== 0;
  const isError = ({ flags }: Row) => (flags & error) !== 0;
  const isRemote = ({ flags }: Row) => (flags & remote) !== 0;

  it.each<[string, string, (rows: Row[]) => Row[]]>([
    // Its writer gives error frames the class "bus error", and remote frames no length.
    [
      'python-can.log',
      'candump',
      (rows) =>
        rows.map((row) => (isError(row) ? { ...row, id: 0x80 } : isRemote(row) ? { ...row, data: '' } : row)),
    ],
    ['python-can.asc', 'asc', (rows) => rows],
    ['python-can.trc', 'trc', (rows) => rows.filter((row) => !isFd(row) && !isError(row) && !isRemote(row))],
    [
      'python-can.csv',
      'csv',
      (rows) =>
        rows
          .filter((row) => !isFd(row))
          .map((row) => ({ ...row, channel: 0, flags: row.flags & ~transmitted })),
    ],
  ])('%s is read to the frame', async (name, format, expected) => {
    const log = await readLog(join(golden, name));
    expect(log.format).toBe(format);
    expect(log.rows).toEqual(expected(all));
    expect(log.summary).toMatchObject({ damaged: 0, cutOff: false });
  });
});

const everything: Holds = { unitNs: 1, channels: true, direction: true, fd: true, errors: 'whole' };
const holds: Readonly<Record<string, Holds>> = {
  candump: everything,
  'candump-time': everything,
  'candump-ascii': { ...everything, direction: false, fdBits: false },
  csv: everything,
  asc: { ...everything, errors: 'mark' },
  trc: { ...everything, unitNs: 1000, errors: 'mark' },
  'trc-2.0': { ...everything, unitNs: 1000, channels: false, errors: 'mark' },
  'trc-1.3': { ...everything, unitNs: 100_000, fd: false, errors: 'mark' },
  'trc-1.2': { ...everything, unitNs: 100_000, fd: false, errors: 'mark' },
  'trc-1.1': { ...everything, unitNs: 100_000, channels: false, fd: false, errors: 'mark' },
  'trc-1.0': { unitNs: 1_000_000, channels: false, direction: false, fd: false, errors: 'none' },
  'csv-python-can': { ...everything, channels: false, direction: false, fd: false },
};

describe('frames written and read again', () => {
  const dated = 1_533_224_087_123_000_000n;

  it.each(Object.keys(holds))('are the same in %s', async (format) => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc
          .constantFrom(dated, null)
          .chain((startNs) =>
            fc.record({ startNs: fc.constant(startNs), rows: frameRows(holds[format], startNs) }),
          ),
        async ({ startNs, rows }) => {
          const path = join(folder, `${format}-${run++}`);
          const writer = await writeLog(path, format, rows, startNs);
          expect(writer.leftOut ?? {}).toEqual({});
          expect(writer.reduced ?? {}).toEqual({});
          if (rows.length === 0) return;
          // Undated logs whose stamps are long after their start would read as dates.
          fc.pre(startNs !== null || rows[0].ns < 100_000_000_000_000_000n);
          const log = await readLog(path, 7);
          expect(log.rows).toEqual(rows);
          expect(log.summary).toMatchObject({ frames: rows.length, damaged: 0, cutOff: false });
          rmSync(path);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('covers every text format that can be written', () => {
    const binary = ['blf', 'mf4'];
    const written = logFormats.filter((format) => (format.create ? !binary.includes(format.name) : false));
    const untimed = 'candump-plain';
    expect(new Set([...Object.keys(holds), untimed])).toEqual(new Set(written.map(({ name }) => name)));
  });

  it('says what a format does not hold', async () => {
    const row = { ns: 1_234_567n, id: 1, flags: transmitted, channel: 2, data: '01' };
    const rows = [
      row,
      { ...row, flags: fd | bitRateSwitch, data: '00'.repeat(12) },
      { ...row, flags: error, id: 4 },
    ];
    const losses = async (format: string) => {
      const path = join(folder, `losses-${format}`);
      const { leftOut, reduced } = await writeLog(path, format, rows, null);
      return { leftOut, reduced };
    };
    expect(await losses('csv')).toEqual({ leftOut: {}, reduced: {} });
    expect(await losses('asc')).toEqual({ leftOut: {}, reduced: { 'content of error frames': 1 } });
    expect(await losses('trc')).toEqual({
      leftOut: {},
      reduced: { 'content of error frames': 1, 'time below 1 us': 3 },
    });
    expect(await losses('trc-1.0')).toEqual({
      leftOut: { 'CAN FD frame': 1, 'error frame': 1 },
      reduced: { direction: 1, channel: 1, 'time below 1 ms': 1 },
    });
    expect(await losses('csv-python-can')).toEqual({
      leftOut: { 'CAN FD frame': 1 },
      reduced: { direction: 1, channel: 2 },
    });
    expect(await losses('candump-plain')).toEqual({
      leftOut: {},
      reduced: { time: 3, direction: 1, 'CAN FD bits': 1 },
    });
  });
});

describe('tables and other tools', () => {
  it.each<[string, string, string, Partial<Row>[]]>([
    [
      'SavvyCAN GVRET',
      'csv',
      'Time Stamp,ID,Extended,Dir,Bus,LEN,D1,D2,D3,D4,D5,D6,D7,D8\n166064123,0000021A,false,Rx,0,2,FE,36,\n5,18EFC034,true,Tx,1,1,7,\n',
      [
        { ns: 166_064_123_000n, id: 0x21a, data: 'fe36' },
        { ns: 5000n, id: 0x18efc034, flags: extended | transmitted, channel: 1, data: '07' },
      ],
    ],
    [
      'GVRET of old, with zeros behind the payload',
      'csv',
      'Time Stamp,ID,Extended,Bus,LEN,D1,D2,D3,D4\n166064000,0000021A,false,0,2,FE,36,00,00,\n',
      [{ ns: 166_064_000_000n, id: 0x21a, data: 'fe36' }],
    ],
    ['generic', 'csv', 'ID,Data Bytes\n0000021A,FE 36 \n', [{ ns: 0n, id: 0x21a, data: 'fe36' }]],
    [
      'python-can with exponents',
      'csv',
      'timestamp,arbitration_id,extended,remote,error,dlc,data\n1e-05,0x7,0,1,0,2,\n0.5,0x7,0,0,0,2,AQI=\n',
      [
        { ns: 10_000n, id: 7, flags: remote, data: '0000' },
        { ns: 500_000_000n, id: 7, data: '0102' },
      ],
    ],
    [
      'CRTD',
      'crtd',
      '0.0 CXX OVMS\n12.25 R11 402 FA 01\n12.5 2T29 18EFC034 00\n',
      [
        { ns: 12_250_000_000n, id: 0x402, data: 'fa01' },
        { ns: 12_500_000_000n, id: 0x18efc034, flags: extended | transmitted, channel: 1, data: '00' },
      ],
    ],
    [
      'CARBUS Analyzer 2, lines ended by a carriage return',
      'carbus',
      '@ TEXT @ 2 @ 64 @ 0 @ 2 @ 718 @ 00:00:00.718 @\r46,016\t1\t0004\t45A\t3\t5A 04 00               \t00000000\tZ  \t\r' +
        '46,734\t2\t0004\t18EFC034\t0\t                       \t00000000\t        \t\r',
      [
        { ns: 46_016_000_000n, id: 0x45a, data: '5a0400' },
        { ns: 46_734_000_000n, id: 0x18efc034, flags: extended, channel: 1, data: '' },
      ],
    ],
    [
      'CARBUS Analyzer 3',
      'carbus',
      '@ TEXT @ 3 @ 64 @ 0 @ 1 @ 0 @ 00:00:00.000 @\r\n# $LocalTime=12:05:10.123\r\n26,678369\t1\t0004\t001\t2\t01 02\t00000000\t\t\r\n',
      [{ ns: 26_678_369_000n, id: 1, data: '0102' }],
    ],
    [
      'Microchip',
      'microchip',
      '//---\nCAN BUS Analyzer\nLogging Started: 23/9/2015 22:17:43\n//---\n166064;RX;0x0000021A;2;0xFE;0x36;\n',
      [{ ns: 166_064_000_000n, id: 0x21a, data: 'fe36' }],
    ],
    [
      'BUSMASTER',
      'busmaster',
      '***BUSMASTER Ver 2.4.0***\n***START DATE AND TIME 23:9:2015 23:59:59:500***\n***HEX***\n***SYSTEM MODE***\n' +
        '23:59:59:9990 Rx 1 0x21A s 2 FE 36 \n00:00:00:0010 Tx 2 0x18EFC034 xr 1 \n',
      [
        { ns: 1_443_052_799_999_000_000n, id: 0x21a, data: 'fe36' },
        {
          ns: 1_443_052_800_001_000_000n,
          id: 0x18efc034,
          flags: extended | remote | transmitted,
          channel: 1,
          data: '00',
        },
      ],
    ],
  ])('%s is read', async (_, format, text, expected) => {
    const log = await readText(join(folder, 'table'), text);
    expect(log.format).toBe(format);
    expect(log.rows).toEqual(expected.map((row) => ({ flags: 0, channel: 0, ...row })));
    expect(log.summary).toMatchObject({ damaged: 0, cutOff: false });
  });

  it('a CARBUS trace leaves out what is not certain, and says so', async () => {
    const { rows, summary } = await readText(
      join(folder, 'uncertain'),
      '@ TEXT @ 2 @ 64 @ 0 @ 4 @ 0 @ 00:00:00.000 @\r1,001\t1\t0008\t123\t2\t\t\t\t\r' +
        '1,002000\t1\t0004\t123\t0\t\t\t\t\r1,003\t1\t0004\t123\t1\t01 02\t\t\t\r1,004\t1\t0004\t123\t1\t05\t\t\t\r',
    );
    expect(rows).toEqual([{ ns: 1_004_000_000n, id: 0x123, flags: 0, channel: 0, data: '05' }]);
    expect(summary).toMatchObject({ damaged: 2, skipped: { 'line with flags 0008': 1 } });
  });
});
