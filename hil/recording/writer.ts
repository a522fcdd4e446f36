import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { McapWriter } from '@mcap/core';
import type { CanFrames } from '../../src/can/frames.js';
import { VigilError, invalidArgument, messageOf } from '../../src/runtime/errors.js';
import { encodeFrames, lastStamp, splitFrames } from './can-batch.js';
import { chunkCompressor, type Compression } from './compression.js';
import { longestDriveMs, toNs, toTimestamp } from './drive-time.js';
import { FileSink } from './file-io.js';
import { audioStart, topics, type AudioBlock, type CameraFrame, type Output } from './message.js';
import { metadataName, metadataToMap, noClockOffsets, type RecordingMetadata } from './metadata.js';
import { encodeMessage, schemaData, type MessageTypeName } from './schemas.js';
import { softwareVersion } from './software-version.js';

/** A file carried inside the recording. */
export interface EmbeddedFile {
  readonly name: string;
  readonly data: Uint8Array;
}

/** What is known when a recording starts. */
export interface RecordingHeader extends Partial<Omit<RecordingMetadata, 'dbc' | 'softwareVersion'>> {
  /** Embedded, so that the recording can be decoded without the file. */
  readonly dbc?: EmbeddedFile | null;
}

export interface WriterOptions {
  /** Default 'zstd'. */
  readonly compression?: Compression;
  /** Content of a chunk before compression; what a crash can lose. Default 512 KiB. */
  readonly chunkBytes?: number;
  /** Replace an existing file. Default false: `RECORDING_EXISTS`. */
  readonly overwrite?: boolean;
  /** Force what was written to the medium after as many bytes; default never before the end. */
  readonly syncEveryBytes?: number;
}

/** Messages written, by topic. */
export type MessageCounts = Readonly<Record<string, number>>;

/** Name of the metadata record that `close` adds. */
export const countersName = 'vigil.counters';

const cameraFrameId = 'cabin_camera';

async function createFile(path: string, overwrite: boolean): Promise<FileHandle> {
  try {
    return await open(path, overwrite ? 'w' : 'wx');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') {
      throw new VigilError(
        'RECORDING_EXISTS',
        `Expected no file at ${path} but there is one.`,
        'Choose another name, or say that it may be overwritten.',
        { path },
        { cause: error },
      );
    }
    throw new VigilError(
      'RECORDING_WRITE_FAILED',
      `Expected to create ${path} but it failed: ${messageOf(error)}.`,
      '',
      { path },
      { cause: error },
    );
  }
}

function completeMetadata(header: RecordingHeader): RecordingMetadata {
  const { dbc } = header;
  return {
    vehicle: header.vehicle ?? '',
    mapping: header.mapping ?? '',
    ...(header.cabin === undefined ? {} : { cabin: header.cabin }),
    ...(header.wallClock === undefined ? {} : { wallClock: header.wallClock }),
    dbc: dbc ? { name: dbc.name, sha256: createHash('sha256').update(dbc.data).digest('hex') } : null,
    camera: header.camera ?? null,
    clockOffsetsMs: header.clockOffsetsMs ?? noClockOffsets,
    softwareVersion: softwareVersion(),
    origin: header.origin ?? '',
  };
}

function checkedStamp(t: number): number {
  if (t >= 0 && t <= longestDriveMs) return t;
  throw invalidArgument('t', "ms on the drive's clock, from 0 on", t);
}

/**
 * Writes one recording. Calls may overlap: they are carried out one after the other in call order, as the MCAP
 * writer below is not re-entrant. Data handed in is copied before a call returns and may be reused. A stamp
 * may lie before that of an earlier message; readers put messages in order.
 *
 * A write error closes the recording for good: the promise of that call and of every later one is rejected
 * with the same `RECORDING_WRITE_FAILED`.
 */
export class RecordingWriter {
  readonly path: string;
  readonly #handle: FileHandle;
  readonly #mcap: McapWriter;
  readonly #channels = new Map<string, { id: number; typeName: MessageTypeName; messages: number }>();
  readonly #schemas = new Map<MessageTypeName, number>();
  #tail: Promise<void> = Promise.resolve();
  #failure: VigilError | undefined;
  #closed = false;

  private constructor(path: string, handle: FileHandle, mcap: McapWriter) {
    this.path = path;
    this.#handle = handle;
    this.#mcap = mcap;
  }

  /** @throws VigilError `RECORDING_EXISTS`, `RECORDING_WRITE_FAILED` */
  static async create(
    path: string,
    header: RecordingHeader = {},
    options: WriterOptions = {},
  ): Promise<RecordingWriter> {
    const handle = await createFile(path, options.overwrite ?? false);
    const mcap = new McapWriter({
      writable: new FileSink(handle, options.syncEveryBytes ?? Infinity),
      chunkSize: options.chunkBytes ?? 512 * 1024,
      compressChunk: chunkCompressor(options.compression ?? 'zstd'),
    });
    const writer = new RecordingWriter(path, handle, mcap);
    try {
      await writer.#enqueue(() => writer.#begin(header));
    } catch (error) {
      await writer.abort();
      throw error;
    }
    return writer;
  }

  /** @returns a promise that resolves when the frame is in the current chunk, not yet on the medium */
  async addCamera(frame: CameraFrame): Promise<void> {
    const typeName = 'foxglove.CompressedImage';
    const { t, sequence, format } = frame;
    const data = encodeMessage(typeName, checkedStamp(t), {
      data: frame.data,
      format,
      frameId: cameraFrameId,
    });
    await this.addEncoded(topics.camera, typeName, t, data, sequence);
  }

  async addAudio(block: AudioBlock): Promise<void> {
    const typeName = 'foxglove.RawAudio';
    const { samples } = block;
    const data = encodeMessage(typeName, checkedStamp(block.t), {
      timestamp: toTimestamp(audioStart(block)),
      data: new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength),
      format: 'pcm-s16',
      sampleRate: block.sampleRateHz,
      numberOfChannels: block.channels,
    });
    await this.addEncoded(topics.audio, typeName, block.t, data);
  }

  /** Any number of frames; they become messages of at most 20 ms. */
  async addCan(frames: CanFrames): Promise<void> {
    const written: Promise<void>[] = [];
    for (const batch of splitFrames(frames)) {
      written.push(this.addEncoded(topics.can, 'vigil.CanFrames', lastStamp(batch), encodeFrames(batch)));
    }
    await Promise.all(written);
  }

  async addOutput(output: Output): Promise<void> {
    const { topic, typeName, t, message } = output;
    await this.addEncoded(topic, typeName, t, encodeMessage(typeName, checkedStamp(t), message));
  }

  /**
   * A message that is encoded already, for example one copied from another recording.
   * @throws VigilError `INVALID_ARGUMENT` for a stamp that is not on the drive's clock or a topic of another type
   */
  async addEncoded(
    topic: string,
    typeName: MessageTypeName,
    t: number,
    data: Uint8Array,
    sequence?: number,
  ): Promise<void> {
    if (this.#closed)
      throw new VigilError('RECORDING_CLOSED', `Expected ${this.path} to be open but it has been closed.`);
    const logTime = toNs(checkedStamp(t));
    await this.#enqueue(async () => {
      const channel = await this.#channel(topic, typeName);
      await this.#mcap.addMessage({
        channelId: channel.id,
        sequence: sequence ?? channel.messages,
        logTime,
        publishTime: logTime,
        data,
      });
      channel.messages++;
    });
  }

  /**
   * Writes the index and closes the file. Calling it again does nothing.
   * @param counters numbers to keep beside the message counts, such as what was dropped before it got here
   */
  async close(counters: Readonly<Record<string, number>> = {}): Promise<MessageCounts> {
    if (this.#closed) return this.#counts();
    this.#closed = true;
    try {
      await this.#enqueue(async () => {
        const metadata = new Map(Object.entries(counters).map(([name, value]) => [name, String(value)]));
        for (const [topic, count] of Object.entries(this.#counts()))
          metadata.set(`messages_${topic}`, String(count));
        // Before the last chunk, which the MCAP writer only closes at the end.
        await this.#mcap.addMetadata({ name: countersName, metadata });
        await this.#mcap.end();
        await this.#handle.sync();
      });
    } finally {
      await this.#handle.close();
    }
    return this.#counts();
  }

  /** Closes the file as it is, without an index; what was in the last chunk is lost. */
  async abort(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#tail;
    await this.#handle.close();
  }

  async #begin(header: RecordingHeader): Promise<void> {
    const metadata = completeMetadata(header);
    await this.#mcap.start({ profile: 'vigil', library: `vigil ${metadata.softwareVersion}` });
    // First, so that they survive whatever happens later.
    await this.#mcap.addMetadata({ name: metadataName, metadata: metadataToMap(metadata) });
    if (!header.dbc) return;
    await this.#mcap.addAttachment({
      name: header.dbc.name,
      mediaType: 'text/x-dbc',
      logTime: 0n,
      createTime: 0n,
      data: header.dbc.data,
    });
  }

  async #channel(topic: string, typeName: MessageTypeName): Promise<{ id: number; messages: number }> {
    const known = this.#channels.get(topic);
    if (known) {
      if (known.typeName === typeName) return known;
      throw invalidArgument('typeName', `${known.typeName}, which topic ${topic} has had so far,`, typeName);
    }
    let schemaId = this.#schemas.get(typeName);
    if (schemaId === undefined) {
      schemaId = await this.#mcap.registerSchema({
        name: typeName,
        encoding: 'protobuf',
        data: schemaData(typeName),
      });
      this.#schemas.set(typeName, schemaId);
    }
    const id = await this.#mcap.registerChannel({
      schemaId,
      topic,
      messageEncoding: 'protobuf',
      metadata: new Map(),
    });
    const channel = { id, typeName, messages: 0 };
    this.#channels.set(topic, channel);
    return channel;
  }

  #counts(): MessageCounts {
    return Object.fromEntries([...this.#channels].map(([topic, { messages }]) => [topic, messages]));
  }

  #enqueue(task: () => Promise<void>): Promise<void> {
    const done = this.#tail.then(() => {
      if (this.#failure) throw this.#failure;
      return task();
    });
    const reported = done.catch((error: unknown) => {
      if (error instanceof VigilError) throw error;
      this.#failure = new VigilError(
        'RECORDING_WRITE_FAILED',
        `Expected to write ${this.path} but it failed: ${messageOf(error)}.`,
        'Check the free space and the rights on the folder; what is in the file up to here can be read.',
        { path: this.path },
        { cause: error },
      );
      throw this.#failure;
    });
    this.#tail = reported.catch(() => undefined);
    return reported;
  }
}
