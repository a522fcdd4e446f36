import { createHash } from 'node:crypto';
import { open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { McapIndexedReader, McapStreamReader, type TypedMcapRecord } from '@mcap/core';
import protobuf from 'protobufjs';
import descriptor from 'protobufjs/ext/descriptor.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decompressHandlers } from '../hil/recording/compression.js';
import { FileSource } from '../hil/recording/file-io.js';
import type { RecordedMessage } from '../hil/recording/message.js';
import { openRecording } from '../hil/recording/reader.js';
import { messageTypeNames, schemaData } from '../hil/recording/schemas.js';
import { softwareVersion } from '../hil/recording/software-version.js';
import { RecordingWriter } from '../hil/recording/writer.js';
import {
  dbcText,
  fingerprint,
  header,
  readAll,
  scratchFolder,
  testDrive,
  writeDrive,
} from './60-support/drive.js';
import { canFrames, rowsOf } from './60-support/frames.js';

const drive = testDrive(6);
let folder: string;
let path: string;
let clean: () => Promise<void>;

beforeAll(async () => {
  ({ folder, clean } = await scratchFolder());
  path = join(folder, 'drive.mcap');
  await writeDrive(path, drive, { chunkBytes: 32 * 1024 });
});

afterAll(() => clean());

function ofKind<K extends RecordedMessage['kind']>(messages: RecordedMessage[], kind: K) {
  return messages.filter(
    (message): message is Extract<RecordedMessage, { kind: K }> => message.kind === kind,
  );
}

describe('a recording', () => {
  it('gives every message of every topic back as it was', async () => {
    const messages = await readAll(path);
    const nsPerMs = 1e6;
    const stamp = (t: number) => Math.round(t * nsPerMs) / nsPerMs;
    expect(fingerprint(ofKind(messages, 'camera'))).toEqual(
      fingerprint(drive.camera.map((frame) => ({ kind: 'camera', ...frame, t: stamp(frame.t) }))),
    );
    expect(fingerprint(ofKind(messages, 'audio'))).toEqual(
      fingerprint(drive.audio.map((block) => ({ kind: 'audio', ...block }))),
    );
    expect(ofKind(messages, 'can').flatMap(({ frames }) => rowsOf(frames))).toEqual(drive.can);
    const outputs = ofKind(messages, 'output');
    expect(outputs.map(({ t, topic, typeName }) => ({ t, topic, typeName }))).toEqual(
      drive.outputs.map(({ t, topic, typeName }) => ({ t: stamp(t), topic, typeName })),
    );
    const recording = await openRecording(path);
    const decoded = recording.decode(outputs[7]);
    await recording.close();
    // 0 is present and differs from absent.
    expect(decoded).toMatchObject({ ...drive.outputs[7].message, closure: 0 });
    expect(decoded).not.toHaveProperty('perclos');
  });

  it('is in the order of its stamps, and no batch holds frames from after its own', async () => {
    const messages = await readAll(path);
    for (let i = 1; i < messages.length; i++) expect(messages[i].t).toBeGreaterThanOrEqual(messages[i - 1].t);
    for (const { t, frames } of ofKind(messages, 'can')) {
      expect(Math.max(...frames.t)).toBe(t);
      expect(t - Math.min(...frames.t)).toBeLessThanOrEqual(20);
    }
  });

  it('says what it is, and carries its DBC', async () => {
    const recording = await openRecording(path);
    expect(recording.metadata).toEqual({
      ...header,
      dbc: { name: 'test.dbc', sha256: createHash('sha256').update(dbcText).digest('hex') },
      softwareVersion: softwareVersion(),
    });
    const dbc = await recording.dbc();
    expect(new TextDecoder().decode(dbc?.data)).toBe(dbcText);
    expect(recording.attachments).toEqual([
      { name: 'test.dbc', mediaType: 'text/x-dbc', bytes: dbcText.length },
    ]);
    expect(recording.damaged).toBeNull();
    expect(recording.startMs).toBe(0);
    expect(recording.endMs).toBe(6000);
    const byTopic = Object.fromEntries(recording.topics.map(({ topic, messages }) => [topic, messages]));
    expect(byTopic).toEqual({ camera: 180, audio: 300, can: 600, 'vigil/driver_state': 180 });
    expect(recording.counters?.get('messages_camera')).toBe('180');
    await expect(recording.attachment('other.dbc')).rejects.toMatchObject({
      code: 'RECORDING_NO_ATTACHMENT',
    });
    await recording.close();
  });

  it.each([
    [0, 1000],
    [999.999, 1000.001],
    [3000, 6000],
    [5999, 7000],
    [-5, 40],
  ])('seeks: from %d to %d ms', async (fromMs, toMs) => {
    const all = await readAll(path);
    const part = await readAll(path, { fromMs, toMs });
    expect(fingerprint(part)).toEqual(fingerprint(all.filter(({ t }) => t >= fromMs && t < toMs)));
  });

  it('falls into parts that make up the whole, and is empty outside', async () => {
    const cuts = [0, 20, 33.333333, 1000, 5990, Infinity];
    const parts: RecordedMessage[] = [];
    for (let i = 1; i < cuts.length; i++) {
      parts.push(...(await readAll(path, { fromMs: cuts[i - 1], toMs: cuts[i] })));
    }
    expect(fingerprint(parts)).toEqual(fingerprint(await readAll(path)));
    expect(await readAll(path, { fromMs: 6000.001 })).toEqual([]);
    expect(await readAll(path, { fromMs: 50, toMs: 50 })).toEqual([]);
    expect(await readAll(path, { fromMs: Infinity })).toEqual([]);
  });

  it('gives only the topics asked for', async () => {
    const messages = await readAll(path, { topics: ['can', 'vigil/driver_state'] });
    expect(new Set(messages.map(({ kind }) => kind))).toEqual(new Set(['can', 'output']));
    expect(messages).toHaveLength(780);
  });

  it('can be read twice at the same time', async () => {
    const recording = await openRecording(path);
    const [first, second] = [recording.messages(), recording.messages({ fromMs: 2000 })];
    const a = await first.next();
    const b = await second.next();
    expect((a.value as RecordedMessage).t).toBe(0);
    expect((b.value as RecordedMessage).t).toBe(2000);
    await recording.close();
  });

  it('is the same file, byte for byte, when written again', async () => {
    const again = join(folder, 'again.mcap');
    await writeDrive(again, drive, { chunkBytes: 32 * 1024 });
    expect((await readFile(again)).equals(await readFile(path))).toBe(true);
  });

  it('works without compression', async () => {
    const plain = join(folder, 'plain.mcap');
    await writeDrive(plain, testDrive(1), { compression: '' });
    expect(await readAll(plain)).toHaveLength(30 + 50 + 100 + 30);
  });
});

describe("the MCAP library's own readers", () => {
  it('find the index in order and every chunk compressed with zstd', async () => {
    const handle = await open(path);
    const { size } = await handle.stat();
    const reader = await McapIndexedReader.Initialize({
      readable: new FileSource(handle, size),
      decompressHandlers,
    });
    expect(reader.header).toMatchObject({ profile: 'vigil', library: `vigil ${softwareVersion()}` });
    expect(reader.chunkIndexes.length).toBeGreaterThan(5);
    expect(new Set(reader.chunkIndexes.map(({ compression }) => compression))).toEqual(new Set(['zstd']));
    let count = 0;
    for await (const message of reader.readMessages()) {
      count++;
      expect(message.data.length).toBeGreaterThan(0);
    }
    expect(count).toBe(180 + 300 + 600 + 180);
    expect(Number(reader.statistics?.messageCount)).toBe(count);
    await handle.close();
  });

  it('decode every message from the descriptors in the file alone', async () => {
    const records = await streamRecords(path);
    const roots = new Map<number, protobuf.Type>();
    const topics = new Map<number, { topic: string; schemaId: number }>();
    const stamps = new Map<string, number[]>();
    for (const record of records) {
      if (record.type === 'Schema') {
        expect(record.encoding).toBe('protobuf');
        roots.set(record.id, protobuf.Root.fromDescriptor(record.data).lookupType(record.name));
      }
      if (record.type === 'Channel') topics.set(record.id, record);
      if (record.type !== 'Message') continue;
      const { topic, schemaId } = topics.get(record.channelId)!;
      const type = roots.get(schemaId)!;
      const fields = type.toObject(type.decode(record.data), { longs: Number, defaults: true });
      const { seconds, nanos } = fields['timestamp'] as { seconds: number; nanos: number };
      stamps.set(topic, [...(stamps.get(topic) ?? []), seconds * 1e3 + nanos / 1e6]);
      if (topic === 'camera') expect(fields).toMatchObject({ format: 'jpeg', frameId: 'cabin_camera' });
      if (topic === 'audio')
        expect(fields).toMatchObject({ format: 'pcm-s16', sampleRate: 16000, numberOfChannels: 1 });
    }
    expect(stamps.get('camera')?.[30]).toBeCloseTo(1000, 6);
    // A block is stamped with its first sample and lies in the recording where its last one does.
    expect(stamps.get('audio')?.slice(0, 3)).toEqual([0, 20, 40]);
  });
});

async function streamRecords(file: string): Promise<TypedMcapRecord[]> {
  const reader = new McapStreamReader({ decompressHandlers });
  reader.append(await readFile(file));
  const records: TypedMcapRecord[] = [];
  for (let record; (record = reader.nextRecord());) records.push(record);
  expect(reader.done()).toBe(true);
  return records;
}

interface FieldJson {
  name: string;
  number: number;
  type: string;
  typeName?: string;
}

interface FileJson {
  name: string;
  package: string;
  syntax: string;
  dependency?: string[];
  messageType: { name: string; field?: FieldJson[] }[];
}

describe('schemas', () => {
  const describeSet = (name: (typeof messageTypeNames)[number]): FileJson[] => {
    const set = descriptor.FileDescriptorSet.decode(schemaData(name));
    return (descriptor.FileDescriptorSet.toObject(set, { enums: String }) as { file: FileJson[] }).file;
  };

  it.each(messageTypeNames)('%s comes with all its imports, each before its use', (name) => {
    const files = describeSet(name);
    const seen = new Set<string>();
    for (const { name: file, dependency, syntax, messageType } of files) {
      expect(syntax).toBe('proto3');
      for (const imported of dependency ?? []) expect(seen).toContain(imported);
      expect(messageType.length).toBeGreaterThan(0);
      seen.add(file);
    }
    const last = files.at(-1)!;
    expect(last.messageType.map((message) => `${last.package}.${message.name}`)).toContain(name);
    for (const { messageType } of files) {
      for (const { field } of messageType) {
        for (const { type, typeName } of field ?? [])
          if (type === 'TYPE_MESSAGE') expect(typeName).toMatch(/^\./);
      }
    }
  });

  it.each([
    [
      'foxglove.CompressedImage' as const,
      {
        timestamp: [1, 'TYPE_MESSAGE'],
        data: [2, 'TYPE_BYTES'],
        format: [3, 'TYPE_STRING'],
        frame_id: [4, 'TYPE_STRING'],
      },
    ],
    [
      'foxglove.RawAudio' as const,
      {
        timestamp: [1, 'TYPE_MESSAGE'],
        data: [2, 'TYPE_BYTES'],
        format: [3, 'TYPE_STRING'],
        sample_rate: [4, 'TYPE_FIXED32'],
        number_of_channels: [5, 'TYPE_FIXED32'],
      },
    ],
  ])('%s has the fields that viewers look for', (name, expected) => {
    const message = describeSet(name).at(-1)!.messageType[0];
    const fields = message.field!.map((field) => [field.name, [field.number, field.type]]);
    expect(Object.fromEntries(fields)).toEqual(expected);
  });
});

describe('the writer', () => {
  it('overwrites nothing unless told to', async () => {
    const file = join(folder, 'mine.mcap');
    await writeFile(file, 'mine');
    await expect(RecordingWriter.create(file)).rejects.toMatchObject({ code: 'RECORDING_EXISTS' });
    expect(await readFile(file, 'utf8')).toBe('mine');
    const writer = await RecordingWriter.create(file, {}, { overwrite: true });
    await writer.close();
    const recording = await openRecording(file);
    expect(recording.topics).toEqual([]);
    expect(recording.endMs).toBe(0);
    await recording.close();
  });

  it('keeps the order of overlapping calls and copies what it is given', async () => {
    const file = join(folder, 'overlap.mcap');
    const writer = await RecordingWriter.create(file, {}, { chunkBytes: 1000 });
    const data = new Uint8Array(500);
    const calls: Promise<void>[] = [];
    for (let i = 0; i < 50; i++) {
      data.fill(i);
      calls.push(writer.addCamera({ t: 10, sequence: i, format: 'jpeg', data }));
    }
    await Promise.all(calls);
    await writer.close();
    const frames = ofKind(await readAll(file), 'camera');
    expect(frames.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 50 }, (_, i) => i));
    expect(frames.map(({ data: bytes }) => bytes[499])).toEqual(frames.map(({ sequence }) => sequence));
  });

  it('refuses what does not fit, and goes on', async () => {
    const file = join(folder, 'refuse.mcap');
    const writer = await RecordingWriter.create(file);
    const good = { t: 1, topic: 'event', typeName: 'vigil.Event', message: { kind: 'blink' } } as const;
    await expect(writer.addOutput({ ...good, t: -1 })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(writer.addOutput({ ...good, t: Number.NaN })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
    await expect(writer.addOutput({ ...good, message: { kind: 7 } })).rejects.toMatchObject({
      code: 'MESSAGE_INVALID',
    });
    await writer.addOutput(good);
    const other = { ...good, typeName: 'vigil.Alert' } as const;
    await expect(writer.addOutput(other)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await writer.addOutput({ ...good, t: 2 });
    expect(await writer.close()).toEqual({ event: 2 });
    await expect(writer.addOutput(good)).rejects.toMatchObject({ code: 'RECORDING_CLOSED' });
    expect(await readAll(file)).toHaveLength(2);
  });

  it('says so when the folder is missing', async () => {
    const file = join(folder, 'no', 'such', 'folder.mcap');
    await expect(RecordingWriter.create(file)).rejects.toMatchObject({ code: 'RECORDING_WRITE_FAILED' });
  });

  it('fails for good when the medium is full', async () => {
    const writer = await RecordingWriter.create('/dev/full', {}, { overwrite: true }).catch(
      (error: unknown) => error,
    );
    expect(writer).toMatchObject({ code: 'RECORDING_WRITE_FAILED' });
  });

  it('keeps out-of-order sources readable in order', async () => {
    const file = join(folder, 'late.mcap');
    const writer = await RecordingWriter.create(file, {}, { chunkBytes: 500 });
    for (let i = 0; i < 40; i++) {
      await writer.addOutput({
        t: i * 10,
        topic: 'event',
        typeName: 'vigil.Event',
        message: { kind: 'tick', detail: 'x'.repeat(50) },
      });
      // 55 ms late, so in a later chunk.
      if (i > 5)
        await writer.addCan(
          canFrames([{ t: i * 10 - 55, id: i, flags: 0, channel: 0, data: new Uint8Array(8) }]),
        );
    }
    await writer.close();
    const stamps = (await readAll(file)).map(({ t }) => t);
    expect(stamps).toEqual(stamps.toSorted((a, b) => a - b));
    expect(stamps).toHaveLength(74);
  });
});
