import type { DbcSignal } from '../../can/dbc.js';
import { CanDecoder } from '../../can/decoder.js';
import { FrameBatchBuilder } from '../../can/frame-batch.js';
import { FrameFlag } from '../../can/frames.js';
import { valueName } from '../../can/raw-value.js';
import type { Databases } from './databases.js';
import type { MonitorRow } from './table.js';

/** One signal of a row's newest frame. */
export interface LatestValue {
  readonly signal: DbcSignal;
  /** Physical. */
  readonly value: number;
  /** From the signal's value table. */
  readonly name: string | undefined;
}

/** The signals of rows, in the message's order; only those that are in the newest frame. */
export type DecodeRows = (rows: readonly MonitorRow[]) => ReadonlyMap<MonitorRow, readonly LatestValue[]>;

/** Decodes only the rows that are asked for: what a screen shows, not what a bus carries. */
export function latestValues(databases: Databases | undefined): DecodeRows {
  if (databases === undefined) return () => new Map<MonitorRow, readonly LatestValue[]>();
  const decoder = CanDecoder.of(databases.database);
  return (rows) => {
    const batch = new FrameBatchBuilder(rows.length);
    rows.forEach((row, index) => {
      if (row.message === undefined) return;
      // The row's place goes in as the time, and comes back with its values.
      batch.add(index, row.id, row.payload, row.flags & (FrameFlag.extended | FrameFlag.fd));
    });
    const values = new Map<MonitorRow, LatestValue[]>();
    for (const decoded of decoder.decode(batch.take()).messages) {
      const columns = decoded.message.signals.map((_, index) => decoded.columnAt(index));
      decoded.t.forEach((place, line) => {
        values.set(
          rows[place],
          decoded.message.signals.flatMap((signal, index) => {
            const value = columns[index][line];
            return Number.isNaN(value) ? [] : [{ signal, value, name: valueName(signal, value) }];
          }),
        );
      });
    }
    return values;
  };
}
