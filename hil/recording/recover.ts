import { McapRecordBuilder, type ChunkIndex, type Statistics } from '@mcap/core';
import { VigilError } from '../../src/runtime/errors.js';
import type { ByteSource } from './file-io.js';
import { countMessages, learnChunk } from './records.js';
import { loadChunk, scanFile, type Scan } from './scan.js';

/** A file whose first `length` bytes followed by `tail` are a whole, indexed MCAP file. */
export interface Recovered {
  readonly length: number;
  readonly tail: Uint8Array;
  /** What was wrong. */
  readonly problem: string;
}

/** Cuts the scan off before chunk `last`, which turned out to be damaged. */
function dropFrom(scan: Scan, chunk: ChunkIndex): void {
  const start = chunk.chunkStartOffset;
  scan.end = Number(start);
  for (const list of [scan.attachments, scan.metadata]) {
    while (list.length > 0 && list.at(-1)!.offset > start) list.pop();
  }
}

/** The last chunk that can be read, and its content; damaged ones behind it are dropped. */
async function lastSoundChunk(
  source: ByteSource,
  scan: Scan,
): Promise<{ chunk: ChunkIndex; content: Uint8Array } | null> {
  for (let chunk = scan.chunks.pop(); chunk; chunk = scan.chunks.pop()) {
    scan.counts.pop();
    try {
      return { chunk, content: await loadChunk(source, chunk) };
    } catch (error) {
      if (error instanceof VigilError && error.code === 'RECORDING_UNSUPPORTED') throw error;
      dropFrom(scan, chunk);
      scan.problem ??= 'its last chunk is damaged';
    }
  }
  return null;
}

function statisticsOf(scan: Scan): Statistics {
  const counts = new Map<number, bigint>();
  for (const chunk of scan.counts)
    for (const [id, count] of chunk) counts.set(id, (counts.get(id) ?? 0n) + count);
  const starts = scan.chunks.map(({ messageStartTime }) => messageStartTime);
  const ends = scan.chunks.map(({ messageEndTime }) => messageEndTime);
  return {
    messageCount: [...counts.values()].reduce((sum, count) => sum + count, 0n),
    schemaCount: scan.vocabulary.schemas.size,
    channelCount: scan.vocabulary.channels.size,
    attachmentCount: scan.attachments.length,
    metadataCount: scan.metadata.length,
    chunkCount: scan.chunks.length,
    messageStartTime: starts.reduce((least, time) => (time < least ? time : least), starts[0] ?? 0n),
    messageEndTime: ends.reduce((most, time) => (time > most ? time : most), ends[0] ?? 0n),
    channelMessageCounts: counts,
  };
}

/** Takes the last chunk back in; its own message index may be cut off, so its messages are counted here. */
function keepLast(chunk: ChunkIndex, content: Uint8Array, scan: Scan): void {
  chunk.messageIndexOffsets.clear();
  chunk.messageIndexLength = 0n;
  scan.chunks.push(chunk);
  scan.counts.push(countMessages(content));
}

function writeSummary(scan: Scan, builder: McapRecordBuilder, offset: number): void {
  builder.writeDataEnd({ dataSectionCrc: 0 });
  const summaryStart = BigInt(offset + builder.length);
  for (const schema of scan.vocabulary.schemas.values()) builder.writeSchema(schema);
  for (const channel of scan.vocabulary.channels.values()) builder.writeChannel(channel);
  builder.writeStatistics(statisticsOf(scan));
  for (const chunk of scan.chunks) builder.writeChunkIndex(chunk);
  for (const attachment of scan.attachments) builder.writeAttachmentIndex(attachment);
  for (const metadata of scan.metadata) builder.writeMetadataIndex(metadata);
  // A CRC of 0 means: not computed.
  builder.writeFooter({ summaryStart, summaryOffsetStart: 0n, summaryCrc: 0 });
  builder.writeMagic();
}

/**
 * Rebuilds the end of a recording that was cut off, up to its last whole chunk. Reads record prefixes and a few
 * chunks, so that memory does not grow with the file; nothing is written to disk.
 * @throws VigilError `RECORDING_UNSUPPORTED`
 */
export async function recover(source: ByteSource): Promise<Recovered> {
  const scan = await scanFile(source);
  const builder = new McapRecordBuilder();
  const last = await lastSoundChunk(source, scan);
  if (last) {
    learnChunk(last.content, scan.vocabulary);
    keepLast(last.chunk, last.content, scan);
  }
  writeSummary(scan, builder, scan.end);
  return {
    length: scan.end,
    tail: builder.buffer.slice(),
    problem: scan.problem ?? 'its index is missing or damaged; all messages are there',
  };
}
