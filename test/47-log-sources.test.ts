import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LogSource } from '../src/can/logs/log-format.js';
import { formatNamed, openLog, sniffFormat } from '../src/can/logs/registry.js';
import { openSource } from '../src/can/logs/source.js';
import { compress } from '../src/runtime/zstd.js';
import { readLog, readText } from './47-support/logs.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigil-sources-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Lines of a candump log that compress badly enough to fill more than one piece. */
function manyLines(count: number): string {
  let state = 1;
  const random = () => (state = (state * 48_271) % 0x7fffffff);
  const line = (_: unknown, i: number) =>
    `(${i}.000000) can0 ${(i % 2048).toString(16).padStart(3, '0')}#${random().toString(16).padStart(8, '0')}\n`;
  return Array.from({ length: count }, line).join('');
}

async function contentOf(source: LogSource): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of source.stream()) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

const packers: readonly [string, (bytes: Uint8Array) => Uint8Array][] = [
  ['gzip', (bytes) => gzipSync(bytes)],
  ['zstd', (bytes) => compress(bytes, 3)],
];

describe.each(packers)('a %s file', (name, pack) => {
  const text = Buffer.from(manyLines(60_000));

  it('is read as what it holds, members one after the other', async () => {
    const half = text.length >> 1;
    const path = join(folder, `whole-${name}`);
    writeFileSync(path, Buffer.concat([pack(text.subarray(0, half)), pack(text.subarray(half))]));
    const source = await openSource(path);
    expect(source.head).toEqual(new Uint8Array(text.subarray(0, 65_536)));
    expect((await contentOf(source)).equals(text)).toBe(true);
    expect(source.damage).toBeNull();
    const log = await readLog(path);
    expect(log).toMatchObject({
      format: 'candump',
      summary: { frames: 60_000, cutOff: false, problems: [] },
    });
  });

  it('gives what is whole when it is cut off or damaged, and says so', async () => {
    const packed = pack(text);
    const path = join(folder, `cut-${name}`);
    for (const share of [0.3, 0.7, 0.999]) {
      writeFileSync(path, packed.subarray(0, Math.floor(packed.length * share)));
      const { rows, summary } = await readLog(path);
      expect(rows.length).toBeGreaterThan(60_000 * (share - 0.3));
      expect(rows.length).toBeLessThan(60_000);
      expect(rows.every(({ ns }, i) => ns === BigInt(i) * 1_000_000_000n)).toBe(true);
      expect(summary.cutOff).toBe(true);
      expect(summary.problems[0]).toMatchObject({ place: 'compression' });
    }
    const damaged = Buffer.from(packed);
    damaged.fill(0xff, packed.length >> 1, (packed.length >> 1) + 64);
    writeFileSync(path, damaged);
    const { summary } = await readLog(path);
    expect(summary.cutOff).toBe(true);
    expect(summary.problems[0].text).toContain('damaged');
  });

  it('can be read at any place, from a temporary file that is gone', async () => {
    const path = join(folder, `random-${name}`);
    writeFileSync(path, pack(text));
    const before = readdirSync(tmpdir()).filter((entry) => entry.startsWith('vigil-log-'));
    const access = await (await openSource(path)).randomAccess();
    expect(readdirSync(tmpdir()).filter((entry) => entry.startsWith('vigil-log-'))).toEqual(before);
    expect(access.size).toBe(text.length);
    expect(Buffer.from(await access.read(1_000_003, 100))).toEqual(text.subarray(1_000_003, 1_000_103));
    expect(await access.read(text.length - 3, 100)).toHaveLength(3);
    expect(await access.read(text.length + 3, 100)).toHaveLength(0);
    await access.close();
  });

  it('of any bytes never fails to be read', async () => {
    const path = join(folder, `any-${name}`);
    const packed = pack(text.subarray(0, 3000));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat({ max: packed.length - 1 }), fc.nat({ max: 255 })), {
          minLength: 1,
          maxLength: 4,
        }),
        fc.nat({ max: packed.length }),
        async (changes, length) => {
          const bytes = Buffer.from(packed);
          for (const [at, value] of changes) if (at > 3) bytes[at] = value;
          writeFileSync(path, bytes.subarray(0, Math.max(4, length)));
          const source = await openSource(path);
          expect((await contentOf(source)).length).toBeLessThan(100_000_000);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('the registry', () => {
  it('refuses what is no log, what is empty and what is not there', async () => {
    await expect(readText(join(folder, 'none'), 'nothing of the kind\n')).rejects.toMatchObject({
      code: 'LOG_FORMAT_UNKNOWN',
      message: expect.stringContaining('6e6f7468696e67') as string,
    });
    await expect(readText(join(folder, 'none'), '')).rejects.toMatchObject({ code: 'LOG_EMPTY' });
    await expect(openLog(join(folder, 'absent'))).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
    await expect(openLog(folder)).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
    await expect(openLog(join(folder, 'none'), { format: 'doc' })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });

  it('reads a log as the format that it is told', async () => {
    const path = join(folder, 'told');
    writeFileSync(path, 'x\n(1.0) can0 001#00\n');
    expect(await readLog(path, 10, 'candump')).toMatchObject({ summary: { frames: 1, damaged: 1 } });
  });

  it('never fails on the first bytes, whatever they are', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'base hex',
        ';$FILEVERSION=',
        '***BUSMASTER',
        '(1.0) can0 1#',
        'LOGG',
        'MDF     ',
        'ID,Data Bytes',
        '\n',
        ';',
        '\r',
      ),
      fc.string({ maxLength: 8, unit: 'binary' }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        sniffFormat(Buffer.from(pieces.join(''), 'latin1'));
      }),
      { numRuns: 300 },
    );
  });
});

const lineOf: Readonly<Record<string, readonly [head: string, line: string]>> = {
  candump: ['', '(1.000000) can0 123#0102030405060708\n'],
  asc: [
    'base hex  timestamps absolute\n',
    '   1.000000 1  123             Rx   d 8 01 02 03 04 05 06 07 08\n',
  ],
  trc: [';$FILEVERSION=1.1\r\n', '     1)      1059.9  Rx        0300  8  01 02 03 04 05 06 07 08\r\n'],
  csv: ['Time Stamp,ID,Extended,Bus,LEN,D1,D2\n', '1000000,00000123,false,0,2,01,02,\n'],
  busmaster: ['***BUSMASTER Ver 2.4.0***\n', '22:20:14:992 Rx 1 0x21A s 2 FE 36 \n'],
  microchip: ['', '166064;RX;0x0000021A;2;0xFE;0x36;\n'],
  crtd: ['', '12.25 R11 402 FA 01\n'],
};

describe.each(Object.entries(lineOf))('%s', (name, [head, line]) => {
  /** A log of 10 GB that is made while it is read. */
  function endless(pulled: { bytes: number }): LogSource {
    const piece = Buffer.from(line.repeat(Math.ceil(262_144 / line.length)));
    // Pieces end anywhere in a line.
    const cut = piece.length - 7;
    async function* stream(): AsyncGenerator<Uint8Array, void, undefined> {
      yield Buffer.from(head);
      for (let bytes = 0; bytes < 10e9; bytes += cut) {
        pulled.bytes += cut;
        yield await Promise.resolve(
          bytes === 0 ? piece.subarray(0, cut) : Buffer.concat([piece.subarray(cut), piece.subarray(0, cut)]),
        );
      }
    }
    return {
      path: 'endless',
      head: Buffer.concat([Buffer.from(head), piece.subarray(0, 65_536)]),
      stream,
      randomAccess: () => Promise.reject(new Error('not needed')),
    };
  }

  it('reads no further ahead than a piece of the file', async () => {
    const pulled = { bytes: 0 };
    const log = await formatNamed(name, 'read').open!(endless(pulled), { batchFrames: 1000 });
    let frames = 0;
    for await (const batch of log) {
      frames += batch.count;
      expect(pulled.bytes - frames * line.length).toBeLessThanOrEqual(300_000);
      if (frames >= 50_000) break;
    }
    expect(frames).toBe(50_000);
    expect(log.summary).toMatchObject({ frames: 50_000, damaged: 0 });
  });

  it('holds nothing of a line without end', async () => {
    const path = join(folder, `long-${name}`);
    writeFileSync(path, head + line + 'x'.repeat(1_000_000) + '\n' + line + line);
    const { rows, summary } = await readLog(path, 10, name);
    expect(rows).toHaveLength(3);
    // CRTD and Microchip remarks may be anything, but not that long either.
    expect(summary).toMatchObject({
      damaged: 1,
      problems: [{ text: expect.stringContaining('line end') as string }],
    });
  });

  it('gives what is whole when it is cut off in the middle of a line', async () => {
    const path = join(folder, `cut-${name}`);
    const whole = head + line.repeat(3);
    const trimmed = line.trimEnd().length;
    const blanks = line.length - line.trimStart().length;
    for (let cut = blanks + 1; cut < trimmed; cut++) {
      writeFileSync(path, whole + line.slice(0, cut));
      const { rows, summary } = await readLog(path, 10, name);
      // A payload that is counted and there is whole, whatever would have come behind it.
      const isWhole = rows.length === 4 && rows[3].data === rows[2].data;
      expect(isWhole || (rows.length === 3 && summary.cutOff), line.slice(0, cut)).toBe(true);
      expect(summary.damaged).toBe(0);
    }
  });

  it('never fails, whatever bytes a line holds', async () => {
    const path = join(folder, `fuzz-${name}`);
    const bytes = Buffer.from(head + line.repeat(5));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: head.length, max: bytes.length - 1 }), fc.nat({ max: 255 })), {
          maxLength: 12,
        }),
        async (changes) => {
          const text = Buffer.from(bytes);
          for (const [at, value] of changes) text[at] = value;
          writeFileSync(path, text);
          const { rows, summary } = await readLog(path, 2, name);
          expect(summary.frames).toBe(rows.length);
          for (const { id, data, flags } of rows) {
            expect(id).toBeLessThanOrEqual(0x1fffffff);
            expect(data.length).toBeLessThanOrEqual((flags & 8) === 0 ? 16 : 128);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
