import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FrameBatchBuilder } from '../src/can/frame-batch.js';
import { FrameFlag, type CanFrames } from '../src/can/frames.js';
import { blfFormat } from '../src/can/logs/blf.js';
import { BlfLog } from '../src/can/logs/blf-reader.js';
import { BlfWriter } from '../src/can/logs/blf-writer.js';
import type { LogHeader, LogSink, LogSummary } from '../src/can/logs/log-format.js';
import { openSource } from '../src/can/logs/source.js';
import { packageRoot } from '../src/runtime/paths.js';
import { goldenFrames, mulberry, rowsOf, type Row } from './48-support.js';

const golden = join(packageRoot, 'test', 'golden', 'can', 'logs');
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigil-blf-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function read(
  file: string,
  batchFrames?: number,
): Promise<{ header: LogHeader; rows: Row[]; summary: LogSummary }> {
  const log = new BlfLog(await openSource(file), batchFrames === undefined ? {} : { batchFrames });
  const rows: Row[] = [];
  for await (const frames of log) rows.push(...rowsOf(frames));
  return { header: log.header, rows, summary: log.summary };
}

function readBytes(bytes: Uint8Array, batchFrames?: number): ReturnType<typeof read> {
  const file = join(folder, 'bytes.blf');
  writeFileSync(file, bytes);
  return read(file, batchFrames);
}

/** A sink in memory; without `patch` where a pipe is meant. */
class MemorySink implements LogSink {
  bytes: Buffer = Buffer.alloc(0);

  write(bytes: Uint8Array): Promise<void> {
    this.bytes = Buffer.concat([this.bytes, bytes]);
    return Promise.resolve();
  }

  patch(position: number, bytes: Uint8Array): Promise<void> {
    this.bytes.set(bytes, position);
    return Promise.resolve();
  }
}

async function written(
  batches: readonly CanFrames[],
  startNs: bigint | null,
): Promise<{ bytes: Buffer; writer: BlfWriter }> {
  const sink = new MemorySink();
  const writer = await BlfWriter.create(sink, { startNs, channelNames: [] });
  for (const frames of batches) await writer.write(frames);
  await writer.close();
  return { bytes: sink.bytes, writer };
}

describe('files that python-can wrote or reads', () => {
  it.each([
    ['blf-python-can.blf', { 'global marker': 4 }],
    ['blf-stored.blf', { 'global marker': 4 }],
    ['blf-vector.blf', { 'LIN message': 10, 'Ethernet frame': 10 }],
  ])('%s gives the same frames', async (name, skipped) => {
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
    const { rows } = await read(join(golden, 'blf-vector.blf'), batchFrames);
    expect(rows).toEqual(goldenFrames(join(golden, 'blf-vector.blf.json')).rows);
  });

  it('knows the format by its first bytes', () => {
    expect(blfFormat.sniff(readFileSync(join(golden, 'blf-vector.blf')))).toBe(1);
    expect(blfFormat.sniff(Buffer.from('LOG'))).toBe(0);
    expect(blfFormat.sniff(Buffer.from('(1436509052.249713) can0 123#01\n'))).toBe(0);
  });
});

const frameArbitrary = fc
  .record({
    ns: fc.integer({ min: 0, max: 2 ** 51 }),
    kind: fc.constantFrom('data', 'remote', 'error', 'fd'),
    extended: fc.boolean(),
    bits: fc.nat(0xffffffff),
    more: fc.nat(7),
    channel: fc.nat(255),
    data: fc.uint8Array({ maxLength: 64 }),
  })
  .map(({ ns, kind, extended, bits, more, channel, data }) => {
    const fd = kind === 'fd';
    const flags =
      (extended ? FrameFlag.extended : 0) |
      (kind === 'remote' ? FrameFlag.remote : 0) |
      (kind === 'error' ? FrameFlag.error : 0) |
      (fd ? FrameFlag.fd : 0) |
      (fd && (more & 1) !== 0 ? FrameFlag.bitRateSwitch : 0) |
      (fd && (more & 2) !== 0 ? FrameFlag.errorStateIndicator : 0) |
      (kind !== 'error' && (more & 4) !== 0 ? FrameFlag.transmitted : 0);
    const payload = fd ? data : data.subarray(0, 8);
    return {
      ns,
      id: extended || kind === 'error' ? bits & 0x1fffffff : bits & 0x7ff,
      flags,
      channel,
      data: kind === 'remote' ? new Uint8Array(payload.length) : payload,
    };
  });

function batchOf(
  frames: readonly { ns: number; id: number; flags: number; channel: number; data: Uint8Array }[],
) {
  const builder = new FrameBatchBuilder();
  for (const { ns, id, flags, channel, data } of frames) builder.add(ns / 1e6, id, data, flags, channel);
  return builder.take();
}

describe('writing', () => {
  it('keeps every frame, to the nanosecond', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(frameArbitrary, { maxLength: 40 }),
        fc.option(fc.bigInt({ min: 0n, max: 4_000_000_000_000_000_000n })),
        async (frames, startNs) => {
          const { bytes, writer } = await written([batchOf(frames)], startNs);
          const { header, rows, summary } = await readBytes(bytes);
          const base = header.startNs ?? 0n;
          const shift = startNs === null ? 0 : Number(startNs - base);
          expect(shift).toBeLessThan(1_000_000);
          expect(rows).toEqual(rowsOf(batchOf(frames.map((frame) => ({ ...frame, ns: frame.ns + shift })))));
          expect(summary).toMatchObject({ damaged: 0, cutOff: false, problems: [] });
          expect(writer.reduced).toEqual({});
        },
      ),
      { numRuns: 60, seed: 48 },
    );
  });

  it('spreads a long log over containers and fills the header in', async () => {
    const payload = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
    const frames = Array.from({ length: 9000 }, (_, i) => ({
      ns: i * 250_000,
      id: i & 0x7ff,
      flags: i % 3 === 0 ? FrameFlag.fd : 0,
      channel: i & 3,
      data: payload,
    }));
    const batch = batchOf(frames);
    const { bytes } = await written([batch, batch], 1_700_000_000_123_000_000n);
    expect(bytes.readBigUInt64LE(16)).toBe(BigInt(bytes.length));
    expect(bytes.readUInt32LE(32)).toBe(18_000);
    // Unpacked: the file's header, the containers' headers of 32 bytes, objects of 48 and 116 bytes.
    const containers = (Number(bytes.readBigUInt64LE(24)) - 144 - 6000 * 116 - 12_000 * 48) / 32;
    expect(containers).toBe(10);
    const { rows } = await readBytes(bytes, 5000);
    expect(rows).toEqual([...rowsOf(batch), ...rowsOf(batch)]);
  });

  it('leaves a readable file where the header cannot be filled in', async () => {
    const sink = new MemorySink();
    const pipe: LogSink = { write: (bytes) => sink.write(bytes) };
    const writer = await BlfWriter.create(pipe, { startNs: null, channelNames: [] });
    const batch = batchOf([{ ns: 5, id: 1, flags: 0, channel: 0, data: Uint8Array.of(9) }]);
    await writer.write(batch);
    await writer.close();
    const { rows, summary } = await readBytes(sink.bytes);
    expect(rows).toEqual(rowsOf(batch));
    expect(summary.cutOff).toBe(false);
  });

  it('says what it had to reduce', async () => {
    const { error, transmitted, fd } = FrameFlag;
    const { writer } = await written(
      [
        batchOf([
          { ns: 0, id: 1, flags: error | transmitted, channel: 0, data: new Uint8Array(8) },
          { ns: 0, id: 1, flags: error | fd, channel: 0, data: new Uint8Array(12) },
          { ns: -1, id: 1, flags: 0, channel: 0, data: new Uint8Array(1) },
        ]),
      ],
      null,
    );
    expect(writer.reduced).toEqual({
      'direction of an error frame': 1,
      'error frame of CAN FD': 1,
      'time before the start': 1,
    });
  });
});

describe('a damaged file', () => {
  const whole = readFileSync(join(golden, 'blf-vector.blf'));
  const expected = goldenFrames(join(golden, 'blf-vector.blf.json')).rows;

  it('cut anywhere gives a beginning of its frames and says so', async () => {
    const random = mulberry(5);
    let most = 0;
    for (let i = 0; i < 60; i++) {
      const length = 144 + Math.floor(random() * (whole.length - 145));
      const { rows, summary } = await readBytes(whole.subarray(0, length));
      expect(rows).toEqual(expected.slice(0, rows.length));
      expect(summary.cutOff).toBe(true);
      expect(summary.damaged).toBe(0);
      most = Math.max(most, rows.length);
    }
    expect(most).toBeGreaterThan(80);
  });

  it('loses only the end of a container that is cut', async () => {
    const file = join(folder, 'cut.blf');
    const batch = batchOf(
      Array.from({ length: 2000 }, (_, i) => ({
        ns: i * 1000,
        id: (i * 7919) & 0x7ff,
        flags: 0,
        channel: 0,
        data: Uint8Array.of(i & 255, i >> 8),
      })),
    );
    const { bytes } = await written([batch], 0n);
    writeFileSync(file, bytes);
    truncateSync(file, Math.floor(bytes.length / 2));
    const { rows, summary } = await read(file);
    expect(summary).toMatchObject({ cutOff: true, damaged: 0 });
    expect(summary.problems).toHaveLength(1);
    expect(rows.length).toBeGreaterThan(500);
    expect(rows).toEqual(rowsOf(batch).slice(0, rows.length));
  });

  it('without its header is refused', async () => {
    await expect(readBytes(whole.subarray(0, 60))).rejects.toMatchObject({ code: 'LOG_HEADER_INVALID' });
    await expect(readBytes(Buffer.from('LOGG, but a text'.repeat(20)))).resolves.toMatchObject({ rows: [] });
  });

  it('reads on behind a container that cannot be unpacked', async () => {
    const payload = Uint8Array.of(1, 2, 3, 4);
    const batches = [0, 1, 2].map((part) =>
      batchOf(
        Array.from({ length: 2731 }, (_, i) => ({ ns: i, id: part, flags: 0, channel: 0, data: payload })),
      ),
    );
    const { bytes } = await written(batches, null);
    const second = bytes.indexOf('LOBJ', 200);
    const bad = Buffer.from(bytes);
    bad[second + 40] ^= 0xff;
    bad[second + 60] ^= 0xff;
    const { rows, summary } = await readBytes(bad);
    expect(summary.damaged).toBe(1);
    expect(summary.problems[0]).toMatchObject({ place: `byte ${second}` });
    expect(rows.filter(({ id }) => id === 0)).toHaveLength(2731);
    expect(rows.filter(({ id }) => id === 2)).toHaveLength(2731);
  });

  it('never gives an impossible frame nor an unexpected error, whatever bytes changed', async () => {
    const random = mulberry(11);
    let read = 0;
    let complaints = 0;
    for (let i = 0; i < 300; i++) {
      const bytes = Buffer.from(whole);
      const changes = 1 + Math.floor(random() * 4);
      for (let k = 0; k < changes; k++) {
        bytes[72 + Math.floor(random() * (bytes.length - 72))] = Math.floor(random() * 256);
      }
      const { rows, summary } = await readBytes(bytes);
      expect(summary.frames).toBe(rows.length);
      for (const { id, data } of rows) {
        expect(id).toBeLessThanOrEqual(0x1fffffff);
        expect(data.length).toBeLessThanOrEqual(128);
      }
      read += rows.length;
      if (summary.damaged > 0 || summary.cutOff) complaints += 1;
    }
    expect(complaints).toBeGreaterThan(100);
    expect(read).toBeGreaterThan(300 * 50);
  });
});
