import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FrameFlag } from '../src/can/frames.js';
import { readText, type Row } from './47-support/logs.js';

const { extended, remote, error, fd, bitRateSwitch, errorStateIndicator, transmitted } = FrameFlag;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigil-lines-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('candump without -L', () => {
  it.each<[string, Partial<Row>]>([
    ['  can1  123   [8]  11 22 33 44 55 66 77 88', { id: 0x123, channel: 1, data: '1122334455667788' }],
    ['  can0  12345678   [2]  AA BB', { id: 0x12345678, flags: extended, data: 'aabb' }],
    ["  can0  123   [3]  41 42 00               'AB.'", { id: 0x123, data: '414200' }],
    ['  can0  123   [0]  remote request', { id: 0x123, flags: remote }],
    [
      '  can0  123  [12]  00 01 02 03 04 05 06 07 08 09 0A 0B',
      { id: 0x123, flags: fd, data: '000102030405060708090a0b' },
    ],
    ['  can0  123  [01]  FF', { id: 0x123, flags: fd, data: 'ff' }],
    ['  can0  RX - -  123   [1]  00', { id: 0x123, data: '00' }],
    [
      '  can0  TX B E  123  [01]  00',
      { id: 0x123, flags: fd | transmitted | bitRateSwitch | errorStateIndicator, data: '00' },
    ],
    [
      '  can0  20000088   [8]  00 00 08 00 00 00 00 00   ERRORFRAME',
      { id: 0x88, flags: error, data: '0000080000000000' },
    ],
    ['  can0  123   [8] {F}  01 02 03 04 05 06 07 08', { id: 0x123, data: '0102030405060708' }],
  ])('%j is a frame', async (line, expected) => {
    const row = { id: 0, flags: 0, channel: 0, data: '', ...expected };
    const stamped = await readText(join(folder, 'line'), ` (1.5)${line}\n`);
    expect(stamped.rows).toEqual([{ ns: 1_500_000_000n, ...row }]);
    const { format, rows, summary } = await readText(join(folder, 'line'), `${line}\n`);
    expect(rows).toEqual([{ ns: 0n, ...row }]);
    expect({ format, damaged: summary.damaged }).toEqual({ format: 'candump', damaged: 0 });
  });

  it.each([
    '  can0  123   [9]  00 01 02 03 04 05 06 07 08',
    '  can0  123   [2]  00',
    '  can0  123   [1]  0',
    '  can0  123   [1]  00 11',
    '  can0  123   [x]  00',
    '  can0  800   [1]  00',
    '  can0  12G   [1]  00',
    '  can0  123  [65]  00',
    '  can0  123  [08]  remote request',
    '  can0  RX X -  123   [1]  00',
  ])('%j is left out', async (line) => {
    const good = '  can0  001   [1]  00\n';
    const { rows, summary } = await readText(join(folder, 'line'), `${good}${line}\n${good}`);
    expect(rows).toHaveLength(2);
    expect(summary).toMatchObject({ damaged: 1, problems: [{ place: 'line 2' }] });
  });

  it('reads dates of -tA, adds up what -td counts, and keeps what -tz does', async () => {
    const line = (stamp: string) => ` (${stamp})  can0  001   [1]  00\n`;
    const dates = await readText(join(folder, 'dates'), line('2015-07-10 06:17:32.249713').repeat(2));
    expect(dates.header.startNs).toBe(1_436_509_052_000_000_000n);
    expect(dates.rows[1].ns).toBe(1_436_509_052_249_713_000n);
    const zeros = await readText(
      join(folder, 'zero'),
      ['000.000000', '000.010000', '000.030000'].map(line).join(''),
    );
    expect(zeros.rows.map(({ ns }) => ns)).toEqual([0n, 10_000_000n, 30_000_000n]);
    const deltas = await readText(
      join(folder, 'delta'),
      ['000.000000', '000.020000', '000.010000'].map(line).join(''),
    );
    expect(deltas.rows.map(({ ns }) => ns)).toEqual([0n, 20_000_000n, 30_000_000n]);
    expect(deltas.summary.notes).toEqual([expect.stringContaining('-td')]);
    const plain = await readText(join(folder, 'plain'), '  can0  001   [1]  00\n');
    expect(plain.summary.notes).toEqual([expect.stringContaining('no time stamps')]);
  });

  it('keeps names of interfaces and nanoseconds of dates', async () => {
    const { header, rows } = await readText(join(folder, 'ns'), '(1436509052.123456789) vcan3 001#00\n');
    expect(header.channelNames[3]).toBe('vcan3');
    expect(rows[0].ns).toBe(1_436_509_052_123_456_789n);
  });
});

describe('a Vector ASC log', () => {
  const read = (lines: string, head = 'base hex  timestamps absolute\n') =>
    readText(join(folder, 'any.asc'), `date Wed Jul 10 08:17:32.249 pm 2015\n${head}${lines}\n`);
  const start = 1_436_559_452_249_000_000n;

  it.each<[string, Partial<Row>]>([
    [
      '1  123             Rx   d 2 0A FF  Length = 230000 BitCount = 118 ID = 291',
      { id: 0x123, data: '0aff' },
    ],
    ['2  1ABCDEFx Tx d 0', { id: 0x1abcdef, flags: extended | transmitted, channel: 1 }],
    ['1 64 Rx r', { id: 0x64, flags: remote }],
    ['1 64 Rx r 3', { id: 0x64, flags: remote, data: '000000' }],
    ['1 64 Rx d F 01 02 03 04 05 06 07 08', { id: 0x64, data: '0102030405060708' }],
    ['3  ErrorFrame  ECC: 10100010', { flags: error, channel: 2 }],
    [
      'CANFD   1 Rx        300  Engine_1   1 0 9 12 01 02 03 04 05 06 07 08 09 0A 0B 0C 102203 133 303000 e0006659 0 0 0 0',
      { id: 0x300, flags: fd | bitRateSwitch, data: '0102030405060708090a0b0c' },
    ],
    [
      'CANFD   2 Tx   18DAF110x   0 1 1  1 7F   0 0 5000 0',
      { id: 0x18daf110, flags: extended | fd | errorStateIndicator | transmitted, channel: 1, data: '7f' },
    ],
    ['CANFD   1 Rx 7F 0 0 2 2 01 02 100 100 200000 0', { id: 0x7f, data: '0102' }],
    ['CANFD   1 Rx 7F 0 0 2 0 100 100 200010 0', { id: 0x7f, flags: remote, data: '0000' }],
    ['CANFD   1 Rx ErrorFrame Not Acknowledge error', { flags: error }],
  ])('has a frame in %j', async (line, expected) => {
    const { format, rows, summary } = await read(`   1.000001 ${line}`);
    expect(rows).toEqual([
      { ns: start + 1_000_001_000n, id: 0, flags: 0, channel: 0, data: '', ...expected },
    ]);
    expect({ format, damaged: summary.damaged }).toEqual({ format: 'asc', damaged: 0 });
  });

  it('may be decimal, and may count each stamp from the line before', async () => {
    const head = 'base dec  timestamps relative\nno internal events logged\n';
    const lines =
      '  0.5 1  291 Rx d 2 10 255\n  0.25 CAN 1 Status:chip status error active\n  0.25 1  100x Tx d 1 7';
    const { rows, summary } = await read(lines, head);
    expect(rows).toEqual([
      { ns: start + 500_000_000n, id: 291, flags: 0, channel: 0, data: '0aff' },
      { ns: start + 1_000_000_000n, id: 100, flags: extended | transmitted, channel: 0, data: '07' },
    ]);
    expect(summary.skipped).toEqual({ event: 1 });
  });

  it('passes over what is no frame and counts what is damaged', async () => {
    const lines = [
      'internal events logged',
      '// version 8.5.0',
      'Begin Triggerblock Wed Jul 10 08:17:32.249 pm 2015',
      '   0.000000 Start of measurement',
      '   0.1 1  Statistic: D 0 R 0 XD 0 XR 0 E 0 O 0 B 0.00%',
      '   0.2 1  EngineData Rx d 1 00',
      '   0.3 1  123 Rx d 3 00 11',
      '   0.4 1  123 TxRq d 1 00',
      '   0.5 CANFD 1 Rx 12 0 0 9 8 00 00 00 00 00 00 00',
      'End TriggerBlock',
    ];
    const { rows, summary } = await read(lines.join('\n'));
    expect(rows).toEqual([]);
    expect(summary).toMatchObject({
      damaged: 2,
      skipped: { event: 3, 'frame with a name for its identifier': 1 },
      problems: [{ place: 'line 9' }, { place: 'line 11' }],
    });
  });
});

describe('a PEAK trace', () => {
  const read = (head: string, lines: string) => readText(join(folder, 'any.trc'), `${head}${lines}\r\n`);

  it.each<[string, string, string, Partial<Row>]>([
    [
      '1.0',
      ';\r\n;--\r\n',
      '     1)      1841        0001  2  0A FF',
      { ns: 1_841_000_000n, id: 1, data: '0aff' },
    ],
    [
      '1.0',
      ';\r\n;--\r\n',
      '     1)      1841    18EFC034  1  RTR',
      { ns: 1_841_000_000n, id: 0x18efc034, flags: extended | remote, data: '00' },
    ],
    [
      '1.1',
      ';$FILEVERSION=1.1\r\n',
      '     2)      1059.9  Tx     0300  1  07',
      { ns: 1_059_900_000n, id: 0x300, flags: transmitted, data: '07' },
    ],
    [
      '1.1',
      ';$FILEVERSION=1.1\r\n',
      '     3)      5.0  Error  0008  4  00 19 08 08',
      { ns: 5_000_000n, flags: error },
    ],
    [
      '1.2',
      ';$FILEVERSION=1.2\r\n',
      '     2)      1059.9 2 Rx     0300  1  07',
      { ns: 1_059_900_000n, id: 0x300, channel: 1, data: '07' },
    ],
    [
      '1.3',
      ';$FILEVERSION=1.3\r\n',
      '     2)      1059.9 2 Rx     0300 -  1  07',
      { ns: 1_059_900_000n, id: 0x300, channel: 1, data: '07' },
    ],
    [
      '2.0',
      ';$FILEVERSION=2.0\r\n;$COLUMNS=N,O,T,I,d,l,D\r\n',
      '  1  1059.9001 FB     0300 Rx 12 00 01 02 03 04 05 06 07 08 09 0A 0B',
      { ns: 1_059_900_100n, id: 0x300, flags: fd | bitRateSwitch, data: '000102030405060708090a0b' },
    ],
    [
      '2.1',
      ';$FILEVERSION=2.1\r\n;$COLUMNS=N,O,T,B,I,d,R,L,D\r\n',
      '  1  1.5 BI 2 18EFC034 Tx - 9 00 01 02 03 04 05 06 07 08 09 0A 0B',
      {
        ns: 1_500_000n,
        id: 0x18efc034,
        flags: extended | fd | errorStateIndicator | transmitted,
        channel: 1,
        data: '000102030405060708090a0b',
      },
    ],
    [
      '2.1',
      ';$FILEVERSION=2.1\r\n;$COLUMNS=N,O,T,B,I,d,R,L,D\r\n',
      '  1  1.5 RR 1 0123 Rx - 4',
      { ns: 1_500_000n, id: 0x123, flags: remote, data: '00000000' },
    ],
    [
      '2.1',
      ';$FILEVERSION=2.1\r\n;$COLUMNS=N,O,T,B,I,d,R,L,D\r\n',
      '  1  1.5 ER 1 - Rx - 5 04 00 02 00 00',
      { ns: 1_500_000n, flags: error },
    ],
  ])('of version %s (%j) has a frame in %j', async (_, head, line, expected) => {
    const { format, rows, summary } = await read(head, line);
    expect(rows).toEqual([{ id: 0, flags: 0, channel: 0, data: '', ...expected }]);
    expect({ format, damaged: summary.damaged }).toEqual({ format: 'trc', damaged: 0 });
  });

  it('passes over what is no frame and counts what is damaged', async () => {
    const head = ';$FILEVERSION=2.1\r\n;$STARTTIME=43314.649155092592593\r\n;$COLUMNS=N,O,T,B,I,d,R,L,D\r\n';
    const lines = [
      '1 0.1 ST 1 - Rx - 4 00 00 00 08',
      '2 0.2 EV User-defined event',
      '3 0.3 DT 1 0123 Rx - 2 00',
      '4 x',
    ];
    const { rows, header, summary } = await read(head, lines.join('\r\n'));
    expect(rows).toEqual([]);
    expect(header.startNs).toBe(1_533_224_087_000_000_000n);
    expect(summary).toMatchObject({ damaged: 2, skipped: { 'hardware status': 1, event: 1 } });
    const old = await read(';$FILEVERSION=1.1\r\n', '1) 1.1 Warng FFFFFFFF 4 00 00 00 08 BUSHEAVY');
    expect(old.summary).toMatchObject({ damaged: 0, skipped: { 'bus status': 1 } });
  });
});
