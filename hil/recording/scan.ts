import { crc32 } from 'node:zlib';
import {
  McapStreamReader,
  type AttachmentIndex,
  type ChunkIndex,
  type MetadataIndex,
  type TypedMcapRecord,
} from '@mcap/core';
import { VigilError, messageOf } from '../../src/runtime/errors.js';
import { decompressed, decompressHandlers, isReadableCompression } from './compression.js';
import type { ByteSource } from './file-io.js';
import {
  learnChunk,
  magicBytes,
  readPrefix,
  recordPrefixBytes,
  recordType,
  viewOf,
  type Vocabulary,
} from './records.js';

/** What a walk over the records of a file found, the contents of chunks left aside. */
export interface Scan {
  readonly vocabulary: Vocabulary;
  readonly chunks: ChunkIndex[];
  /** Messages by channel, as far as message indexes tell. */
  readonly counts: Map<number, bigint>[];
  readonly attachments: AttachmentIndex[];
  readonly metadata: MetadataIndex[];
  /** Everything before this is whole. */
  end: number;
  /** What ended the walk; null when it was the end of the data section. */
  problem: string | null;
}

/** Records that are read whole while scanning; ours are kilobytes. */
const longestSmallRecord = 64 * 1024 * 1024;

/** Enough for a record's prefix and the fixed fields of a chunk. */
const peekBytes = 128;

/** @throws Error when the bytes are no such record */
function parseWhole(record: Uint8Array): TypedMcapRecord {
  const reader = new McapStreamReader({ noMagicPrefix: true, includeChunks: true, decompressHandlers });
  reader.append(record);
  const parsed = reader.nextRecord();
  if (!parsed) throw new Error('a record is incomplete');
  return parsed;
}

/** Chunk record's fixed fields: start, end, uncompressed size, CRC, name of the compression, compressed size. */
function chunkIndexOf(peek: Uint8Array, offset: number, recordLength: number): ChunkIndex {
  const view = viewOf(peek);
  const nameLength = view.getUint32(recordPrefixBytes + 28, true);
  const name = peek.subarray(recordPrefixBytes + 32, recordPrefixBytes + 32 + nameLength);
  return {
    messageStartTime: view.getBigUint64(recordPrefixBytes, true),
    messageEndTime: view.getBigUint64(recordPrefixBytes + 8, true),
    chunkStartOffset: BigInt(offset),
    chunkLength: BigInt(recordLength),
    messageIndexOffsets: new Map(),
    messageIndexLength: 0n,
    compression: new TextDecoder().decode(name),
    compressedSize: view.getBigUint64(recordPrefixBytes + 32 + nameLength, true),
    uncompressedSize: view.getBigUint64(recordPrefixBytes + 16, true),
  };
}

/**
 * The content of a chunk, checked against its CRC.
 * @throws VigilError `RECORDING_UNSUPPORTED`; Error when it is damaged
 */
export async function loadChunk(source: ByteSource, index: ChunkIndex): Promise<Uint8Array> {
  if (!isReadableCompression(index.compression)) throw unsupportedCompression(index.compression);
  const chunk = parseWhole(await source.readAt(Number(index.chunkStartOffset), Number(index.chunkLength)));
  if (chunk.type !== 'Chunk') throw new Error(`a ${chunk.type} record stands where a chunk should`);
  const content = decompressed(chunk);
  if (chunk.uncompressedCrc !== 0 && crc32(content) !== chunk.uncompressedCrc)
    throw new Error('a chunk fails its CRC');
  return content;
}

export function unsupportedCompression(name: string): VigilError {
  return new VigilError(
    'RECORDING_UNSUPPORTED',
    `Expected a recording compressed with zstd or not at all but its chunks use ${JSON.stringify(name)}.`,
    'Rewrite it with the mcap tool: `mcap compress --compression zstd`.',
    { compression: name },
  );
}

class Scanner {
  readonly #source: ByteSource;
  readonly scan: Scan = {
    vocabulary: { schemas: new Map(), channels: new Map() },
    chunks: [],
    counts: [],
    attachments: [],
    metadata: [],
    end: magicBytes,
    problem: 'the file ends without its index',
  };

  constructor(source: ByteSource) {
    this.#source = source;
  }

  async run(): Promise<Scan> {
    while (await this.#step());
    return this.scan;
  }

  /** Takes one record; false at the end. */
  async #step(): Promise<boolean> {
    const { scan } = this;
    const offset = scan.end;
    const peek = await this.#source.readAt(offset, Math.min(peekBytes, this.#source.length - offset));
    if (peek.length < recordPrefixBytes) return false;
    const { opcode, length } = readPrefix(peek);
    if (opcode === recordType.dataEnd) {
      scan.problem = null;
      return false;
    }
    const recordLength = recordPrefixBytes + length;
    if (offset + recordLength > this.#source.length) return false;
    try {
      await this.#take(opcode, offset, recordLength, peek);
    } catch (error) {
      if (error instanceof VigilError && error.code === 'RECORDING_UNSUPPORTED') throw error;
      scan.problem = `the file makes no sense from byte ${offset} on (${messageOf(error)})`;
      return false;
    }
    scan.end = offset + recordLength;
    return true;
  }

  async #take(opcode: number, offset: number, recordLength: number, peek: Uint8Array): Promise<void> {
    const { scan } = this;
    switch (opcode) {
      case recordType.chunk:
        await this.#learnLastChunk();
        scan.chunks.push(chunkIndexOf(peek, offset, recordLength));
        scan.counts.push(new Map());
        return;
      case recordType.messageIndex:
        this.#takeMessageIndex(offset, recordLength, peek);
        return;
      case recordType.header:
      case recordType.schema:
      case recordType.channel:
      case recordType.metadata:
      case recordType.attachment:
        this.#takeSmall(parseWhole(await this.#readSmall(offset, recordLength)), offset, recordLength);
        return;
      case recordType.message:
        throw new VigilError(
          'RECORDING_UNSUPPORTED',
          'Expected a recording with its messages in chunks but some lie outside.',
          'Rewrite it with the mcap tool: `mcap compress --compression zstd`.',
        );
      default:
        // Nothing else has a place before the end of the data.
        if (opcode < recordType.firstPrivate) throw new Error(`unknown record type ${opcode}`);
    }
  }

  #takeMessageIndex(offset: number, recordLength: number, peek: Uint8Array): void {
    const chunk = this.scan.chunks.at(-1);
    const counts = this.scan.counts.at(-1);
    if (!chunk || !counts) throw new Error('a message index without a chunk');
    const channelId = viewOf(peek).getUint16(recordPrefixBytes, true);
    chunk.messageIndexOffsets.set(channelId, BigInt(offset));
    chunk.messageIndexLength += BigInt(recordLength);
    // After the channel and the length: 16 bytes a message.
    counts.set(channelId, BigInt(Math.floor((recordLength - recordPrefixBytes - 6) / 16)));
  }

  #takeSmall(record: TypedMcapRecord, offset: number, recordLength: number): void {
    const { vocabulary, attachments, metadata } = this.scan;
    const place = { offset: BigInt(offset), length: BigInt(recordLength) };
    if (record.type === 'Schema') vocabulary.schemas.set(record.id, record);
    if (record.type === 'Channel') vocabulary.channels.set(record.id, record);
    if (record.type === 'Metadata') metadata.push({ ...place, name: record.name });
    if (record.type !== 'Attachment') return;
    const { name, mediaType, logTime, createTime, data } = record;
    attachments.push({ ...place, name, mediaType, logTime, createTime, dataSize: BigInt(data.length) });
  }

  #readSmall(offset: number, recordLength: number): Promise<Uint8Array> {
    if (recordLength > longestSmallRecord) throw new Error(`a record of ${recordLength} bytes`);
    return this.#source.readAt(offset, recordLength);
  }

  /** Schemas and channels stand in the first chunk that uses them; only such chunks are decompressed. */
  async #learnLastChunk(): Promise<void> {
    const chunk = this.scan.chunks.at(-1);
    if (!chunk) return;
    const { vocabulary } = this.scan;
    if ([...chunk.messageIndexOffsets.keys()].every((id) => vocabulary.channels.has(id))) return;
    learnChunk(await loadChunk(this.#source, chunk), vocabulary);
  }
}

/** Walks over a file from its start, without trusting its end. */
export function scanFile(source: ByteSource): Promise<Scan> {
  return new Scanner(source).run();
}
