import { open, type FileHandle } from 'node:fs/promises';
import { McapIndexedReader, hasMcapPrefix, type Channel } from '@mcap/core';
import type protobuf from 'protobufjs';
import { VigilError, messageOf } from '../../src/runtime/errors.js';
import { isReadableCompression } from './compression.js';
import { typeFromDescriptorSet } from './descriptor.js';
import { fromNs, wholeNs } from './drive-time.js';
import { FileSource } from './file-io.js';
import type { RecordedMessage, RecordedOutput } from './message.js';
import { mergeChunks, type RawMessage, type Window } from './merge.js';
import { metadataFromMap, metadataName, noClockOffsets, type RecordingMetadata } from './metadata.js';
import { magicBytes, viewOf } from './records.js';
import { messageReader } from './parse.js';
import { recover } from './recover.js';
import { unsupportedCompression } from './scan.js';
import { countersName } from './writer.js';

export interface TopicInfo {
  readonly topic: string;
  /** Full name of the protobuf message. */
  readonly typeName: string;
  readonly messages: number;
}

export interface AttachmentInfo {
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: number;
}

/** Why a recording does not reach its end, and how far it does, ms. */
export interface Damage {
  readonly reason: string;
  readonly lastCompleteMs: number;
}

/** Part of a recording: `fromMs` included, `toMs` excluded; parts that meet make up the whole. */
export interface MessageSelection {
  readonly fromMs?: number;
  readonly toMs?: number;
  /** Default all. */
  readonly topics?: readonly string[];
}

/** A recording that says nothing about itself: another tool's, or one cut off at its very start. */
const unknownMetadata: RecordingMetadata = {
  vehicle: '',
  mapping: '',
  dbc: null,
  camera: null,
  clockOffsetsMs: noClockOffsets,
  softwareVersion: '',
  origin: '',
};

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw new VigilError(
      missing ? 'RECORDING_NOT_FOUND' : 'RECORDING_UNREADABLE',
      missing
        ? `Expected a recording at ${path} but there is no such file.`
        : `Expected to read ${path} but it failed: ${messageOf(error)}.`,
      '',
      { path },
      { cause: error },
    );
  }
}

/** What the MCAP library or an addon throws on damaged content, as our own error. */
function asCorrupt(path: string, error: unknown): VigilError {
  if (error instanceof VigilError && error.code.startsWith('RECORDING_')) return error;
  return new VigilError(
    'RECORDING_CORRUPT',
    `Expected ${path} to be intact but it is damaged: ${messageOf(error)}.`,
    'Take another copy of it if there is one.',
    { path },
    { cause: error },
  );
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** One recording, open for reading. Memory does not grow with its length. */
export class Recording {
  readonly path: string;
  readonly metadata: RecordingMetadata;
  readonly topics: readonly TopicInfo[];
  readonly attachments: readonly AttachmentInfo[];
  /** Stamps of the first and last message, ms on the drive's clock; 0 without messages. */
  readonly startMs: number;
  readonly endMs: number;
  /** Null when the recording is whole. */
  readonly damaged: Damage | null;
  /** What the writer counted at the end (`messages_<topic>`, dropped by source); null when it did not get there. */
  readonly counters: ReadonlyMap<string, string> | null;
  readonly #handle: FileHandle;
  readonly #source: FileSource;
  readonly #mcap: McapIndexedReader;
  readonly #types = new Map<string, protobuf.Type>();

  private constructor(
    path: string,
    handle: FileHandle,
    source: FileSource,
    mcap: McapIndexedReader,
    records: ReadonlyMap<string, ReadonlyMap<string, string>>,
    problem: string | null,
  ) {
    this.path = path;
    this.#handle = handle;
    this.#source = source;
    this.#mcap = mcap;
    const described = records.get(metadataName);
    this.metadata = described ? metadataFromMap(described) : unknownMetadata;
    this.counters = records.get(countersName) ?? null;
    const counts = mcap.statistics?.channelMessageCounts;
    this.topics = [...mcap.channelsById.values()].map((channel) => ({
      topic: channel.topic,
      typeName: this.#typeName(channel),
      messages: Number(counts?.get(channel.id) ?? 0n),
    }));
    this.attachments = mcap.attachmentIndexes.map(({ name, mediaType, dataSize }) => ({
      name,
      mediaType,
      bytes: Number(dataSize),
    }));
    this.startMs = fromNs(mcap.statistics?.messageStartTime ?? 0n);
    this.endMs = fromNs(mcap.statistics?.messageEndTime ?? 0n);
    this.damaged = problem === null ? null : { reason: problem, lastCompleteMs: this.endMs };
  }

  /** See `openRecording`. */
  static async open(path: string): Promise<Recording> {
    const handle = await openFile(path);
    try {
      const { size } = await handle.stat();
      const whole = new FileSource(handle, size);
      const start = await whole.readAt(0, Math.min(size, magicBytes));
      if (!hasMcapPrefix(viewOf(start))) {
        throw new VigilError(
          'RECORDING_FORMAT',
          `Expected ${path} to be an MCAP recording but it does not begin like one.`,
          'Make one from a video and a CAN log with `vigil import`.',
          { path },
        );
      }
      const { source, mcap, problem } = await Recording.#index(whole, handle);
      const strange = mcap.chunkIndexes.find(({ compression }) => !isReadableCompression(compression));
      if (strange) throw unsupportedCompression(strange.compression);
      const records = await collect(mcap.readMetadata());
      const byName = new Map(records.map(({ name, metadata }) => [name, metadata]));
      return new Recording(path, handle, source, mcap, byName, problem);
    } catch (error) {
      await handle.close();
      throw asCorrupt(path, error);
    }
  }

  static async #index(
    whole: FileSource,
    handle: FileHandle,
  ): Promise<{ source: FileSource; mcap: McapIndexedReader; problem: string | null }> {
    try {
      return { source: whole, mcap: await McapIndexedReader.Initialize({ readable: whole }), problem: null };
    } catch {
      // No usable index at the end: after a crash, a cut-off copy, or never written. Rebuild it from the start.
      const { length, tail, problem } = await recover(whole);
      const source = new FileSource(handle, length, tail);
      return { source, mcap: await McapIndexedReader.Initialize({ readable: source }), problem };
    }
  }

  /**
   * Messages in the order of their stamps; equal stamps in file order. Several may be read at the same time.
   * Camera and output `data` share memory with their neighbours: copy what is kept long or transferred.
   * @throws VigilError `RECORDING_CORRUPT` at the first damaged place
   */
  async *messages(selection: MessageSelection = {}): AsyncGenerator<RecordedMessage, void, void> {
    const { fromMs = 0, toMs = Infinity, topics } = selection;
    const readers = new Map([...this.#mcap.channelsById].map(([id, channel]) => [id, this.#reader(channel)]));
    const wanted = [...this.#mcap.channelsById.values()].filter(
      ({ topic }) => topics?.includes(topic) ?? true,
    );
    const window: Window = {
      fromNs: wholeNs(fromMs),
      toNs: wholeNs(toMs),
      channels: topics ? new Set(wanted.map(({ id }) => id)) : null,
    };
    try {
      for await (const message of mergeChunks(this.#source, this.#mcap.chunkIndexes, window)) {
        const read = readers.get(message.channelId);
        if (!read) throw new Error(`a message on channel ${message.channelId}, which is not described`);
        yield read(message);
      }
    } catch (error) {
      throw asCorrupt(this.path, error);
    }
  }

  /**
   * The fields of an output, in camelCase, by the schema that the recording itself holds. Absent fields are absent;
   * 64-bit integers are numbers.
   * @throws VigilError `SCHEMA_UNREADABLE`, `RECORDING_CORRUPT`
   */
  decode(output: RecordedOutput): Record<string, unknown> {
    const type = this.#type(output.typeName);
    try {
      return type.toObject(type.decode(output.data), { longs: Number });
    } catch (error) {
      throw asCorrupt(this.path, error);
    }
  }

  /** Content of an embedded file. @throws VigilError `RECORDING_NO_ATTACHMENT`, `RECORDING_CORRUPT` */
  async attachment(name: string): Promise<Uint8Array> {
    try {
      for await (const { data } of this.#mcap.readAttachments({ name })) return data;
    } catch (error) {
      throw asCorrupt(this.path, error);
    }
    const names = this.attachments.map((info) => info.name).join(', ');
    throw new VigilError(
      'RECORDING_NO_ATTACHMENT',
      `Expected the recording to hold ${name} but it holds ${names === '' ? 'no files' : names}.`,
      '',
      { name },
    );
  }

  /** The embedded DBC; null when there is none. */
  async dbc(): Promise<{ name: string; data: Uint8Array } | null> {
    const name = this.metadata.dbc?.name;
    return name === undefined ? null : { name, data: await this.attachment(name) };
  }

  /** Ends reading; running `messages()` fail. */
  async close(): Promise<void> {
    await this.#handle.close();
  }

  #reader(channel: Channel): (message: RawMessage) => RecordedMessage {
    return messageReader(channel.topic, this.#typeName(channel));
  }

  #typeName(channel: Channel): string {
    return this.#mcap.schemasById.get(channel.schemaId)?.name ?? '';
  }

  #type(typeName: string): protobuf.Type {
    let type = this.#types.get(typeName);
    if (type) return type;
    const schema = [...this.#mcap.schemasById.values()].find(({ name }) => name === typeName);
    if (!schema) {
      throw new VigilError(
        'SCHEMA_UNREADABLE',
        `Expected the recording to describe ${typeName} but it does not.`,
      );
    }
    type = typeFromDescriptorSet(typeName, schema.data);
    this.#types.set(typeName, type);
    return type;
  }
}

/**
 * Opens a recording. One that was cut off opens up to its last whole chunk, with `damaged` set.
 * @throws VigilError `RECORDING_NOT_FOUND`, `RECORDING_UNREADABLE`, `RECORDING_FORMAT` (no MCAP file),
 *   `RECORDING_UNSUPPORTED` (compression, unchunked), `RECORDING_METADATA`, `RECORDING_CORRUPT`
 */
export function openRecording(path: string): Promise<Recording> {
  return Recording.open(path);
}
