import type { CanFrames } from '../../src/can/frames.js';

/** One CAN frame as an object: how tests write and compare them. */
export interface CanRow {
  t: number;
  id: number;
  flags: number;
  channel: number;
  data: Uint8Array;
}

export function canFrames(rows: readonly CanRow[]): CanFrames {
  const count = rows.length;
  const offset = new Uint32Array(count);
  let end = 0;
  rows.forEach((row, i) => {
    offset[i] = end;
    end += row.data.length;
  });
  const data = new Uint8Array(end);
  rows.forEach((row, i) => data.set(row.data, offset[i]));
  return {
    count,
    t: Float64Array.from(rows, ({ t }) => t),
    id: Uint32Array.from(rows, ({ id }) => id),
    flags: Uint8Array.from(rows, ({ flags }) => flags),
    channel: Uint8Array.from(rows, ({ channel }) => channel),
    length: Uint8Array.from(rows, ({ data: payload }) => payload.length),
    offset,
    data,
  };
}

export function rowsOf(frames: CanFrames): CanRow[] {
  return Array.from({ length: frames.count }, (_, i) => ({
    t: frames.t[i],
    id: frames.id[i],
    flags: frames.flags[i],
    channel: frames.channel[i],
    data: frames.data.slice(frames.offset[i], frames.offset[i] + frames.length[i]),
  }));
}
