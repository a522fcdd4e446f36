import { Verdict, verdictNames } from '../../can/validity/verdict.js';
import type { DecodeRows } from './latest-values.js';
import type { MonitorRow, MonitorTable } from './table.js';
import { rowName } from './row-order.js';

/** One row of `vigil monitor --json`. */
interface SnapshotRow {
  readonly channel: number;
  readonly id: number;
  readonly extended: boolean;
  readonly flags: number;
  readonly count: number;
  /** Frames a second, smoothed; null before the second frame. */
  readonly rateHz: number | null;
  /** Newest frame, seconds after the first frame of the source. */
  readonly t: number;
  readonly silent: boolean;
  /** Hexadecimal. */
  readonly data: string;
  readonly message: string | null;
  /** Only with validity rules for the message: the newest frame's verdict, and frames that must not be used. */
  readonly validity?: { readonly last: string; readonly refused: number };
  /** Raw values of the message's switches. */
  readonly multiplexer?: Readonly<Record<string, number>>;
  readonly signals: Readonly<
    Record<string, { readonly value: number | null; readonly unit: string; readonly name?: string }>
  >;
}

export interface Snapshot {
  readonly source: string;
  /** Time of the first frame (UTC, ISO 8601); null when the source tells only relative times. */
  readonly start: string | null;
  readonly frames: number;
  /** Seconds from the first frame to the newest. */
  readonly duration: number;
  readonly rows: readonly SnapshotRow[];
}

/** The table as data: rows in the given order, every signal of the newest frames. */
export function snapshot(
  source: { readonly name: string; readonly startNs: bigint | null },
  table: MonitorTable,
  rows: readonly MonitorRow[],
  decode: DecodeRows,
): Snapshot {
  const values = decode(rows);
  return {
    source: source.name,
    start: startText(source.startNs, table.firstMs),
    frames: table.frames,
    duration: table.frames === 0 ? 0 : secondsAfter(table.firstMs, table.lastMs),
    rows: rows.map((row): SnapshotRow => {
      const switches = row.switches.map(({ name, raw }) => [name, Number(raw)] as const);
      const signals = (values.get(row) ?? []).map(({ signal, value, name }) => [
        signal.name,
        {
          value: Number.isFinite(value) ? value : null,
          unit: signal.unit,
          ...(name === undefined ? {} : { name }),
        },
      ]);
      const rate = row.rateHz(table.lastMs);
      return {
        channel: row.channel,
        id: row.id,
        extended: row.extended,
        flags: row.flags,
        count: row.count,
        rateHz: rate === undefined ? null : Number(rate.toPrecision(6)),
        t: secondsAfter(table.firstMs, row.lastMs),
        silent: row.isSilent(table.lastMs),
        data: Buffer.from(row.payload).toString('hex'),
        message: row.message?.name ?? (rowName(row) || null),
        ...(row.verdict === Verdict.unchecked && row.refused === 0
          ? {}
          : { validity: { last: verdictNames[row.verdict], refused: row.refused } }),
        ...(switches.length === 0 ? {} : { multiplexer: Object.fromEntries(switches) }),
        signals: Object.fromEntries(signals) as SnapshotRow['signals'],
      };
    }),
  };
}

/** Microseconds are what most logs hold; the differences of doubles have digits behind them that say nothing. */
function secondsAfter(firstMs: number, ms: number): number {
  return Math.round((ms - firstMs) * 1000) / 1e6;
}

function startText(startNs: bigint | null, firstMs: number): string | null {
  if (startNs === null || Number.isNaN(firstMs)) return null;
  const date = new Date(Number(startNs / 1_000_000n) + firstMs);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}
