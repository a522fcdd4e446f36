import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { McapIndexedReader, McapStreamReader } from '@mcap/core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VigilError } from '../src/runtime/errors.js';
import { decompressHandlers } from '../hil/recording/compression.js';
import type { ByteSource } from '../hil/recording/file-io.js';
import { mergeChunks } from '../hil/recording/merge.js';
import type { RecordedMessage } from '../hil/recording/message.js';
import { openRecording } from '../hil/recording/reader.js';
import { recover } from '../hil/recording/recover.js';
import { RecordingWriter } from '../hil/recording/writer.js';
import { fingerprint, header, readAll, scratchFolder, testDrive, writeDrive } from './60-support/drive.js';

let folder: string;
let path: string;
let bytes: Buffer;
let whole: RecordedMessage[];
/** End of each chunk record in the file, and the messages up to there in file order. */
let chunks: { end: number; messages: number }[];
let clean: () => Promise<void>;

beforeAll(async () => {
  ({ folder, clean } = await scratchFolder());
  path = join(folder, 'whole.mcap');
  await writeDrive(path, testDrive(3, 500), { chunkBytes: 16 * 1024 });
  bytes = await readFile(path);
  whole = await readAll(path);
  chunks = chunkEnds(bytes);
});

afterAll(() => clean());

/** By the MCAP library's streaming reader, fed byte ranges: independent of our own scanning. */
function chunkEnds(file: Buffer): { end: number; messages: number }[] {
  const reader = new McapStreamReader({ decompressHandlers, includeChunks: true });
  const found: { end: number; messages: number }[] = [];
  let messages = 0;
  let open = false;
  reader.append(file);
  for (let record; (record = reader.nextRecord());) {
    if (record.type === 'Chunk') open = true;
    if (record.type === 'Message') messages++;
    // Whatever follows the chunk's messages begins where the chunk ends; nothing has been taken beyond it yet.
    if (open && record.type === 'MessageIndex') {
      open = false;
      const indexBytes = 9 + 6 + 16 * record.records.length;
      found.push({ end: file.length - reader.bytesRemaining() - indexBytes, messages });
    }
  }
  return found;
}

async function writeCut(length: number, name = 'cut.mcap'): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, bytes.subarray(0, length));
  return file;
}

/** Messages of the chunks that end at or before `length`; the drive is written in the order of its stamps. */
function expectedAt(length: number): RecordedMessage[] {
  const last = chunks.findLast(({ end }) => end <= length);
  return whole.slice(0, last?.messages ?? 0);
}

describe('a recording cut off', () => {
  it('anywhere gives everything up to its last whole chunk', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 60, max: bytes.length - 1 }), async (length) => {
        const file = await writeCut(length);
        const recording = await openRecording(file);
        expect(recording.damaged).not.toBeNull();
        const expected = expectedAt(length);
        expect(recording.damaged?.lastCompleteMs).toBe(expected.at(-1)?.t ?? 0);
        expect(recording.endMs).toBe(expected.at(-1)?.t ?? 0);
        const messages: RecordedMessage[] = [];
        for await (const message of recording.messages()) messages.push(message);
        await recording.close();
        expect(fingerprint(messages)).toEqual(fingerprint(expected));
      }),
      { numRuns: 40 },
    );
  });

  it('at every edge of every chunk, and a byte to either side', async () => {
    for (const { end } of chunks.slice(0, 3)) {
      for (const length of [end - 1, end, end + 1]) {
        expect(await readAll(await writeCut(length))).toHaveLength(expectedAt(length).length);
      }
    }
  });

  it('keeps its metadata and its DBC, seeks, and counts its messages', async () => {
    const recording = await openRecording(await writeCut(Math.round(bytes.length * 0.6)));
    expect(recording.metadata.vehicle).toBe(header.vehicle);
    expect((await recording.dbc())?.data).toEqual(header.dbc?.data);
    expect(recording.counters).toBeNull();
    const counted = recording.topics.reduce((sum, { messages }) => sum + messages, 0);
    const all: RecordedMessage[] = [];
    for await (const message of recording.messages()) all.push(message);
    expect(counted).toBe(all.length);
    const part: RecordedMessage[] = [];
    for await (const message of recording.messages({ fromMs: 500, toMs: 700, topics: ['camera'] }))
      part.push(message);
    expect(fingerprint(part)).toEqual(
      fingerprint(all.filter(({ kind, t }) => kind === 'camera' && t >= 500 && t < 700)),
    );
    await recording.close();
  });

  it('before its first chunk opens empty', async () => {
    const recording = await openRecording(await writeCut(1000));
    expect(recording.topics).toEqual([]);
    expect(recording.metadata.vehicle).toBe(header.vehicle);
    expect(recording.damaged).toMatchObject({ lastCompleteMs: 0 });
    await recording.close();
  });

  it('by a writer that never came to its end', async () => {
    const file = join(folder, 'crashed.mcap');
    const writer = await RecordingWriter.create(file, header, { chunkBytes: 4096 });
    for (const frame of testDrive(2, 500).camera) await writer.addCamera(frame);
    await writer.abort();
    const recording = await openRecording(file);
    expect(recording.damaged?.reason).toContain('without its index');
    expect(recording.topics).toMatchObject([{ topic: 'camera' }]);
    expect(recording.endMs).toBeGreaterThan(1500);
    await recording.close();
  });

  it('with zeros where the medium never got the data', async () => {
    const cut = Math.round(bytes.length / 2);
    const file = join(folder, 'zeros.mcap');
    await writeFile(file, Buffer.concat([bytes.subarray(0, cut), Buffer.alloc(50_000)]));
    expect(fingerprint(await readAll(file))).toEqual(fingerprint(expectedAt(cut)));
  });
});

describe('a damaged recording', () => {
  it('ends in an error of ours or in a correct prefix, never in wrong data', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: bytes.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        async (place, change) => {
          const broken = Buffer.from(bytes);
          broken[place] ^= change;
          const file = join(folder, 'broken.mcap');
          await writeFile(file, broken);
          const messages: RecordedMessage[] = [];
          try {
            const recording = await openRecording(file);
            try {
              for await (const message of recording.messages()) messages.push(message);
            } finally {
              await recording.close();
            }
          } catch (error) {
            expect(error).toBeInstanceOf(VigilError);
            expect((error as VigilError).code).toMatch(/^RECORDING_/);
          }
          expect(messages.length).toBeLessThanOrEqual(whole.length);
          expect(fingerprint(messages)).toEqual(fingerprint(whole.slice(0, messages.length)));
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('what is no recording', () => {
  it.each([
    ['a missing file', null, 'RECORDING_NOT_FOUND'],
    ['an empty file', '', 'RECORDING_FORMAT'],
    ['a text file', '(1.000000) can0 123#00\n', 'RECORDING_FORMAT'],
    ['nothing but the magic bytes', '\x89MCAP0\r\n', 'RECORDING_CORRUPT'],
  ])('%s', async (name, content, code) => {
    const file = join(folder, `${name}.mcap`);
    if (content !== null) await writeFile(file, content, 'latin1');
    await expect(openRecording(file)).rejects.toMatchObject({ name: 'VigilError', code });
  });

  it('a folder', async () => {
    await expect(openRecording(folder)).rejects.toMatchObject({ code: 'RECORDING_UNREADABLE' });
  });

  it('a compression that we do not read, whole or cut off', async () => {
    const file = join(folder, 'lz4.mcap');
    // The name of the compression stands in the chunk and in the index: same length, another name.
    const other = Buffer.from(bytes);
    for (let at = other.indexOf('zstd'); at >= 0; at = other.indexOf('zstd', at + 1)) other.write('lz4x', at);
    await writeFile(file, other.subarray(0, bytes.length / 2));
    await expect(openRecording(file)).rejects.toMatchObject({ code: 'RECORDING_UNSUPPORTED' });
  });
});

/** A file in memory that counts what is read of it. */
class CountingSource implements ByteSource {
  readonly length: number;
  bytesRead = 0;
  readonly #bytes: Uint8Array;

  constructor(content: Uint8Array) {
    this.#bytes = content;
    this.length = content.length;
  }

  size(): Promise<bigint> {
    return Promise.resolve(BigInt(this.length));
  }

  read(offset: bigint, size: bigint): Promise<Uint8Array> {
    return this.readAt(Number(offset), Number(size));
  }

  readAt(offset: number, length: number): Promise<Uint8Array> {
    this.bytesRead += length;
    return Promise.resolve(this.#bytes.slice(offset, offset + length));
  }
}

describe('memory', () => {
  it('holds only the chunks around the place that is read', async () => {
    const source = new CountingSource(bytes);
    const { chunkIndexes } = await McapIndexedReader.Initialize({ readable: source });
    source.bytesRead = 0;
    let given = 0;
    for await (const message of mergeChunks(source, chunkIndexes, {
      fromNs: 0,
      toNs: Infinity,
      channels: null,
    })) {
      given += message.data.length;
      // Nothing is read ahead but the chunk that the message lies in and one that overlaps it.
      expect(source.bytesRead).toBeLessThan(given + 3 * 20 * 1024);
    }
    expect(source.bytesRead).toBeGreaterThan(bytes.length / 2);
  });

  it('does not grow with the file when its end is rebuilt', async () => {
    const source = new CountingSource(bytes.subarray(0, bytes.length * 0.9));
    const { tail } = await recover(source);
    expect(source.bytesRead).toBeLessThan(bytes.length / 2);
    expect(tail.length).toBeLessThan(bytes.length / 10);
  });
});
