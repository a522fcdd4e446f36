import type { ChunkIndex } from '@mcap/core';
import type { ByteSource } from './file-io.js';
import { recordType, viewOf, walkRecords } from './records.js';
import { loadChunk } from './scan.js';

/** A message as it lies in its chunk; `data` shares the chunk's memory. */
export interface RawMessage {
  readonly channelId: number;
  readonly sequence: number;
  /** Log time in ns, as a double: exact for drives, to 256 ns for dates. */
  readonly ns: number;
  readonly data: Uint8Array;
}

/** Part of a recording in whole ns: `fromNs` included, `toNs` excluded; no channels means all. */
export interface Window {
  readonly fromNs: number;
  readonly toNs: number;
  readonly channels: ReadonlySet<number> | null;
}

/** Fixed fields of a message: channel, sequence, log time, publish time. */
const messagePrefixBytes = 2 + 4 + 8 + 8;

function readMessage(content: Uint8Array): RawMessage {
  if (content.length < messagePrefixBytes) throw new Error('a message is too short');
  const view = viewOf(content);
  return {
    channelId: view.getUint16(0, true),
    sequence: view.getUint32(2, true),
    ns: view.getUint32(6, true) + view.getUint32(10, true) * 2 ** 32,
    data: content.subarray(messagePrefixBytes),
  };
}

function isWanted({ channelId, ns }: RawMessage, { fromNs, toNs, channels }: Window): boolean {
  return ns >= fromNs && ns < toNs && (channels === null || channels.has(channelId));
}

/**
 * The wanted messages of a chunk's content, by time; the message index beside the chunk is not used, as nothing
 * protects it, while the content has passed its CRC.
 */
export function messagesOf(content: Uint8Array, window: Window): RawMessage[] {
  const messages: RawMessage[] = [];
  for (const record of walkRecords(content)) {
    if (record.opcode !== recordType.message) continue;
    const message = readMessage(record.content);
    if (isWanted(message, window)) messages.push(message);
  }
  // Stable: equal stamps stay in file order.
  return messages.sort((a, b) => a.ns - b.ns);
}

function mayHold(chunk: ChunkIndex, { fromNs, toNs, channels }: Window): boolean {
  if (Number(chunk.messageEndTime) < fromNs || Number(chunk.messageStartTime) >= toNs) return false;
  // A chunk without a message index says nothing about its channels.
  if (channels === null || chunk.messageIndexOffsets.size === 0) return true;
  return [...chunk.messageIndexOffsets.keys()].some((id) => channels.has(id));
}

function byStart(a: ChunkIndex, b: ChunkIndex): number {
  const [first, second] =
    a.messageStartTime === b.messageStartTime
      ? [a.chunkStartOffset, b.chunkStartOffset]
      : [a.messageStartTime, b.messageStartTime];
  return first < second ? -1 : 1;
}

/** A chunk in memory and how far it has been given out. */
interface OpenChunk {
  readonly offset: bigint;
  readonly messages: readonly RawMessage[];
  next: number;
}

/** The open chunk whose next message comes first; equal stamps in file order. */
function earliest(open: readonly OpenChunk[]): OpenChunk | undefined {
  let best: OpenChunk | undefined;
  for (const chunk of open) {
    if (!best) best = chunk;
    const difference = chunk.messages[chunk.next].ns - best.messages[best.next].ns;
    if (difference < 0 || (difference === 0 && chunk.offset < best.offset)) best = chunk;
  }
  return best;
}

/**
 * Messages of all chunks by time. Holds only the chunks that overlap in time: usually one or two.
 * @throws VigilError `RECORDING_UNSUPPORTED`, `RECORDING_CORRUPT`; Error on a damaged chunk
 */
export async function* mergeChunks(
  source: ByteSource,
  chunks: readonly ChunkIndex[],
  window: Window,
): AsyncGenerator<RawMessage, void, void> {
  const waiting = chunks.filter((chunk) => mayHold(chunk, window)).sort(byStart);
  let open: OpenChunk[] = [];
  let loaded = 0;
  for (;;) {
    let best = earliest(open);
    while (
      loaded < waiting.length &&
      (!best || Number(waiting[loaded].messageStartTime) <= best.messages[best.next].ns)
    ) {
      const chunk = waiting[loaded++];
      const messages = messagesOf(await loadChunk(source, chunk), window);
      if (messages.length > 0) open.push({ offset: chunk.chunkStartOffset, messages, next: 0 });
      best = earliest(open);
    }
    if (!best) return;
    yield best.messages[best.next++];
    if (best.next === best.messages.length) open = open.filter((chunk) => chunk !== best);
  }
}
