import { McapStreamReader, type Channel, type Schema } from '@mcap/core';

/** Record types that matter while scanning, by MCAP's numbers. */
export const recordType = {
  header: 0x01,
  schema: 0x03,
  channel: 0x04,
  message: 0x05,
  chunk: 0x06,
  messageIndex: 0x07,
  attachment: 0x09,
  metadata: 0x0c,
  dataEnd: 0x0f,
  /** From here on records are for private use and stepped over. */
  firstPrivate: 0x80,
} as const;

/** MCAP's frame around every record: one byte opcode, eight bytes length. */
export const recordPrefixBytes = 9;

/** The bytes at both ends of a file. */
export const magicBytes = 8;

export interface RawRecord {
  readonly opcode: number;
  /** Where the record begins, its prefix included. */
  readonly offset: number;
  readonly content: Uint8Array;
}

export interface RecordPrefix {
  readonly opcode: number;
  /** Bytes after the prefix. */
  readonly length: number;
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** @param prefix at least `recordPrefixBytes` bytes */
export function readPrefix(prefix: Uint8Array): RecordPrefix {
  return { opcode: prefix[0], length: Number(viewOf(prefix).getBigUint64(1, true)) };
}

/** The records in the content of a chunk, in order, sharing its memory; stops at one that is cut off. */
export function* walkRecords(chunk: Uint8Array): Generator<RawRecord> {
  let offset = 0;
  while (offset + recordPrefixBytes <= chunk.length) {
    const { opcode, length } = readPrefix(chunk.subarray(offset));
    const end = offset + recordPrefixBytes + length;
    if (end > chunk.length) return;
    yield { opcode, offset, content: chunk.subarray(offset + recordPrefixBytes, end) };
    offset = end;
  }
}

/** What names the messages of a file. */
export interface Vocabulary {
  readonly schemas: Map<number, Schema>;
  readonly channels: Map<number, Channel>;
}

/** Adds the schema or channel in a whole record (prefix included) to `vocabulary`. */
export function learnRecord(record: Uint8Array, vocabulary: Vocabulary): void {
  const reader = new McapStreamReader({ noMagicPrefix: true });
  reader.append(record);
  const parsed = reader.nextRecord();
  if (parsed?.type === 'Schema') vocabulary.schemas.set(parsed.id, parsed);
  if (parsed?.type === 'Channel') vocabulary.channels.set(parsed.id, parsed);
}

/** Adds all schemas and channels in a chunk's content to `vocabulary`. */
export function learnChunk(chunk: Uint8Array, vocabulary: Vocabulary): void {
  for (const { opcode, offset, content } of walkRecords(chunk)) {
    if (opcode !== recordType.schema && opcode !== recordType.channel) continue;
    learnRecord(chunk.subarray(offset, offset + recordPrefixBytes + content.length), vocabulary);
  }
}

/** Messages in a chunk's content, by channel. */
export function countMessages(chunk: Uint8Array): Map<number, bigint> {
  const counts = new Map<number, bigint>();
  for (const { opcode, content } of walkRecords(chunk)) {
    if (opcode !== recordType.message) continue;
    const channelId = viewOf(content).getUint16(0, true);
    counts.set(channelId, (counts.get(channelId) ?? 0n) + 1n);
  }
  return counts;
}
