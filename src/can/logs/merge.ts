import { FrameBatchBuilder } from '../frame-batch.js';
import type { CanFrames } from '../frames.js';

/** One of the merged: its current batch and row. */
interface Cursor {
  readonly batches: AsyncIterator<CanFrames>;
  frames: CanFrames;
  row: number;
}

async function advance(cursor: Cursor): Promise<boolean> {
  while (cursor.row >= cursor.frames.count) {
    const next = await cursor.batches.next();
    if (next.done === true) return false;
    cursor.frames = next.value;
    cursor.row = 0;
  }
  return true;
}

/**
 * Frames of several sequences in the order of their times; each sequence keeps its own order. Holds one batch of each.
 * @param batchFrames most frames of a batch that comes out
 */
export async function* mergedByTime(
  sequences: readonly AsyncIterable<CanFrames>[],
  batchFrames: number,
): AsyncGenerator<CanFrames, void, undefined> {
  if (sequences.length === 1) {
    yield* sequences[0];
    return;
  }
  let cursors: Cursor[] = [];
  for (const sequence of sequences) {
    const batches = sequence[Symbol.asyncIterator]();
    const cursor = { batches, frames: { count: 0 } as CanFrames, row: 0 };
    if (await advance(cursor)) cursors.push(cursor);
  }
  const builder = new FrameBatchBuilder(batchFrames);
  while (cursors.length > 0) {
    let first = cursors[0];
    for (const cursor of cursors) if (cursor.frames.t[cursor.row] < first.frames.t[first.row]) first = cursor;
    const { frames, row } = first;
    const start = frames.offset[row];
    const payload = frames.data.subarray(start, start + frames.length[row]);
    builder.add(frames.t[row], frames.id[row], payload, frames.flags[row], frames.channel[row]);
    if (builder.count === batchFrames) yield builder.take();
    first.row += 1;
    if (first.row >= frames.count && !(await advance(first))) {
      const ended = first;
      cursors = cursors.filter((cursor) => cursor !== ended);
    }
  }
  if (builder.count > 0) yield builder.take();
}
