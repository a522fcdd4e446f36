import { readFileSync } from 'node:fs';
import type { CanFrames } from '../src/can/frames.js';

/** One frame, its time in whole nanoseconds and its payload in hexadecimal. */
export interface Row {
  readonly ns: number;
  readonly id: number;
  readonly flags: number;
  readonly channel: number;
  readonly data: string;
}

export function rowsOf(frames: CanFrames): Row[] {
  const data = Buffer.from(frames.data.buffer, frames.data.byteOffset, frames.data.byteLength);
  return Array.from({ length: frames.count }, (_, i) => ({
    ns: Math.round(frames.t[i] * 1e6),
    id: frames.id[i],
    flags: frames.flags[i],
    channel: frames.channel[i],
    data: data.toString('hex', frames.offset[i], frames.offset[i] + frames.length[i]),
  }));
}

/** What the scripts beside the golden files wrote. */
export function goldenFrames(file: string): { startNs: bigint; rows: Row[] } {
  const { startNs, frames } = JSON.parse(readFileSync(file, 'utf8')) as {
    startNs: string;
    frames: [number, number, number, number, string][];
  };
  const rows = frames.map(([ns, id, flags, channel, data]) => ({ ns, id, flags, channel, data }));
  return { startNs: BigInt(startNs), rows };
}

/** Numbers in [0, 1) from a seed, the same on every run (mulberry32). */
export function mulberry(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let word = Math.imul(state ^ (state >>> 15), state | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return ((word ^ (word >>> 14)) >>> 0) / 0x100000000;
  };
}
