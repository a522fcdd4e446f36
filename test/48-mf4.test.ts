import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LogHeader, LogSummary } from '../src/can/logs/log-format.js';
import { mf4Format } from '../src/can/logs/mf4.js';
import { Mf4Log } from '../src/can/logs/mf4-reader.js';
import { openSource } from '../src/can/logs/source.js';
import { VigilError } from '../src/runtime/errors.js';
import { packageRoot } from '../src/runtime/paths.js';
import { goldenFrames, mulberry, rowsOf, type Row } from './48-support.js';

const golden = join(packageRoot, 'test', 'golden', 'can', 'logs');
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigil-mf4-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function read(
  file: string,
  batchFrames?: number,
): Promise<{ header: LogHeader; rows: Row[]; summary: LogSummary }> {
  const log = await Mf4Log.open(await openSource(file), batchFrames === undefined ? {} : { batchFrames });
  const rows: Row[] = [];
  for await (const frames of log) rows.push(...rowsOf(frames));
  return { header: log.header, rows, summary: log.summary };
}

function readBytes(bytes: Uint8Array): ReturnType<typeof read> {
  const file = join(folder, 'bytes.mf4');
  writeFileSync(file, bytes);
  return read(file);
}

const files: readonly [string, Record<string, number>][] = [
  ['mf4-asammdf.mf4', {}],
  ['mf4-asammdf-packed.mf4', {}],
  ['mf4-unsorted.mf4', { LIN_Frame: 16 }],
  ['mf4-unfinished.mf4', { LIN_Frame: 16 }],
  ['mf4-sorted.mf4', { LIN_Frame: 3 }],
  ['mf4-sorted-packed.mf4', { LIN_Frame: 3 }],
];

describe('files as python-can and asammdf read them', () => {
  it.each(files)('%s gives the same frames', async (name, skipped) => {
    const expected = goldenFrames(join(golden, `${name}.json`));
    const { header, rows, summary } = await read(join(golden, name));
    expect(rows).toEqual(expected.rows);
    expect(header).toEqual({ startNs: expected.startNs, channelNames: [] });
    expect(summary).toEqual({
      frames: expected.rows.length,
      skipped,
      damaged: 0,
      problems: [],
      cutOff: false,
    });
  });

  it.each([1, 7, 100])('batches of %i hold the same frames', async (batchFrames) => {
    for (const name of ['mf4-unsorted.mf4', 'mf4-sorted.mf4']) {
      const { rows } = await read(join(golden, name), batchFrames);
      expect(rows).toEqual(goldenFrames(join(golden, `${name}.json`)).rows);
    }
  });

  it('reads a compressed file too', async () => {
    const file = join(folder, 'log.gz');
    writeFileSync(file, gzipSync(readFileSync(join(golden, 'mf4-unsorted.mf4'))));
    expect((await read(file)).rows).toEqual(goldenFrames(join(golden, 'mf4-unsorted.mf4.json')).rows);
  });

  it('knows the format by its first bytes', () => {
    expect(mf4Format.sniff(readFileSync(join(golden, 'mf4-unsorted.mf4')))).toBe(1);
    expect(mf4Format.sniff(readFileSync(join(golden, 'mf4-unfinished.mf4')))).toBe(1);
    expect(mf4Format.sniff(Buffer.from('MDF     3.30    '))).toBe(0);
    expect(mf4Format.sniff(Buffer.from('MDF'))).toBe(0);
  });
});

describe('what later versions of the standard have', () => {
  /** The bytes with the first block of this kind changed. */
  function changed(name: string, id: string, change: (bytes: Buffer, at: number) => void): Buffer {
    const bytes = readFileSync(join(golden, name));
    const at = bytes.indexOf(`##${id}`, 'latin1');
    expect(at).toBeGreaterThan(0);
    change(bytes, at);
    return bytes;
  }

  it.each(['DV', 'DI', 'LD'])(
    '##%s, column-oriented data, is refused by name, with what to do',
    async (id) => {
      const bytes = changed('mf4-sorted.mf4', 'DL', (all, at) => void all.write(id, at + 2, 'latin1'));
      await expect(readBytes(bytes)).rejects.toMatchObject({
        code: 'LOG_UNSUPPORTED',
        message: expect.stringContaining(`##${id}`) as unknown,
        advice: expect.stringContaining('MDF 4.11') as unknown,
      });
    },
  );

  it.each([
    [2, 'Zstandard'],
    [3, 'Zstandard'],
    [4, 'LZ4'],
    [5, 'LZ4'],
  ])('packing %i is refused as %s', async (how, name) => {
    const bytes = changed('mf4-sorted-packed.mf4', 'DZ', (all, at) => {
      const links = Number(all.readBigUInt64LE(at + 16));
      all[at + 24 + 8 * links + 2] = how;
    });
    await expect(readBytes(bytes)).rejects.toMatchObject({
      code: 'LOG_UNSUPPORTED',
      message: expect.stringContaining(name) as unknown,
    });
  });
});

describe('a damaged file', () => {
  it('that is no MDF 4 is refused', async () => {
    await expect(readBytes(Buffer.from('MDF     4.11    '))).rejects.toMatchObject({
      code: 'LOG_HEADER_INVALID',
    });
    await expect(readBytes(Buffer.alloc(200))).rejects.toMatchObject({ code: 'LOG_HEADER_INVALID' });
  });

  it.each(['mf4-unsorted.mf4', 'mf4-unfinished.mf4'])('%s cut anywhere gives a beginning', async (name) => {
    const whole = readFileSync(join(golden, name));
    const expected = goldenFrames(join(golden, `${name}.json`)).rows;
    const data = whole.indexOf('##DT');
    const random = mulberry(5);
    let cut = 0;
    for (let i = 0; i < 40; i++) {
      const length = data + 24 + Math.floor(random() * (whole.length - data - 24));
      const { rows, summary } = await readBytes(whole.subarray(0, length));
      expect(rows).toEqual(expected.slice(0, rows.length));
      if (summary.cutOff) cut += 1;
      else expect(name).toBe('mf4-unfinished.mf4');
    }
    expect(cut).toBeGreaterThan(30);
  });

  it('whose data are cut says so and keeps the frames before', async () => {
    const whole = readFileSync(join(golden, 'mf4-sorted-packed.mf4'));
    const { rows, summary } = await readBytes(whole.subarray(0, whole.length - 700));
    expect(summary.cutOff || summary.damaged > 0).toBe(true);
    expect(rows.length).toBeGreaterThan(20);
  });

  it('whose channels are composed of each other does not go round in circles', async () => {
    const bytes = readFileSync(join(golden, 'mf4-unsorted.mf4'));
    const channels: number[] = [];
    for (let at = bytes.indexOf('##CN'); at !== -1; at = bytes.indexOf('##CN', at + 1)) channels.push(at);
    for (const [i, at] of channels.entries()) {
      bytes.writeBigUInt64LE(BigInt(channels[(i + 7) % channels.length]), at + 32);
    }
    const { summary } = await readBytes(bytes);
    expect(summary.damaged).toBeGreaterThan(5);
    expect(summary.problems[0].text).toContain('that the group has already');
  });

  it('with an unknown record id says what is lost', async () => {
    const whole = readFileSync(join(golden, 'mf4-unsorted.mf4'));
    const bytes = Buffer.from(whole);
    bytes[bytes.indexOf('##DT') + 24] = 77;
    const { rows, summary } = await readBytes(bytes);
    expect(rows).toEqual([]);
    expect(summary.damaged).toBe(1);
    expect(summary.problems[0].text).toContain('found 77');
  });

  it.each(files)(
    '%s never gives an impossible frame nor an unexpected error, whatever changed',
    async (name) => {
      const whole = readFileSync(join(golden, name));
      const random = mulberry(11);
      let refused = 0;
      let complaints = 0;
      for (let i = 0; i < 60; i++) {
        const bytes = Buffer.from(whole);
        const changes = 1 + Math.floor(random() * 4);
        for (let k = 0; k < changes; k++) {
          bytes[64 + Math.floor(random() * (bytes.length - 64))] = Math.floor(random() * 256);
        }
        try {
          const { rows, summary } = await readBytes(bytes);
          expect(summary.frames).toBe(rows.length);
          for (const { id, data } of rows) {
            expect(id).toBeLessThanOrEqual(0x1fffffff);
            expect(data.length).toBeLessThanOrEqual(128);
          }
          if (summary.damaged > 0 || summary.cutOff) complaints += 1;
        } catch (error) {
          expect(error).toBeInstanceOf(VigilError);
          expect(error).toMatchObject({ code: 'LOG_HEADER_INVALID' });
          refused += 1;
        }
      }
      expect(complaints).toBeGreaterThan(3);
      expect(refused).toBeLessThan(20);
    },
  );
});
