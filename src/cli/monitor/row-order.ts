import { FrameFlag } from '../../can/frames.js';
import type { MonitorRow, MonitorTable } from './table.js';
import { printable } from './text.js';
import { activeFilter, compileFilter, type UiState } from './ui-state.js';

/** Identifier as candump writes it. */
export function idText(row: MonitorRow): string {
  const error = (row.flags & FrameFlag.error) !== 0;
  return row.id
    .toString(16)
    .toUpperCase()
    .padStart(row.extended || error ? 8 : 3, '0');
}

/** The message's name, with the value of each of its switches where it has any. */
export function rowName(row: MonitorRow): string {
  if ((row.flags & FrameFlag.error) !== 0) return 'error frame';
  if ((row.flags & FrameFlag.remote) !== 0) return 'remote frame';
  if (row.message === undefined) return '';
  const switches = row.switches.map(({ name, raw }) => `${name}=${raw.toString()}`).join(' ');
  return printable(switches === '' ? row.message.name : `${row.message.name} [${switches}]`);
}

/** The expression in force; while something invalid is being typed, the one before. */
export function filterOf(ui: UiState): RegExp | undefined {
  return compileFilter(activeFilter(ui)) ?? compileFilter(ui.filter);
}

/** Rows that the filter leaves, sorted. */
export function selectRows(table: MonitorTable, ui: UiState, nowMs: number): MonitorRow[] {
  const filter = filterOf(ui);
  const rows = table.rows.filter(
    (row) =>
      filter === undefined ||
      matchesRow(row, filter) ||
      (row.message?.signals.some(({ name }) => filter.test(name)) ?? false),
  );
  const places = new Map(rows.map((row) => [row, sortKey(row)]));
  const byPlace = (a: MonitorRow, b: MonitorRow): number => {
    const [left, right] = [places.get(a)!, places.get(b)!];
    return left < right ? -1 : left > right ? 1 : 0;
  };
  const falling = (measure: (row: MonitorRow) => number) => (a: MonitorRow, b: MonitorRow) =>
    measure(b) - measure(a) || byPlace(a, b);
  switch (ui.sort) {
    case 'id':
      return rows.sort(byPlace);
    case 'name':
      // Rows without a name come last.
      return rows.sort((a, b) => {
        const [left, right] = [rowName(a) || '\uffff', rowName(b) || '\uffff'];
        return left === right ? byPlace(a, b) : left < right ? -1 : 1;
      });
    case 'rate':
      // Whole hertz, so that two rows of one rate don't change places with every frame.
      return rows.sort(falling((row) => Math.round(row.rateHz(nowMs) ?? 0)));
    case 'count':
      return rows.sort(falling((row) => row.count));
    case 'change':
      // Whole seconds, for the same reason.
      return rows.sort(
        falling((row) =>
          Number.isNaN(row.changedMs) ? -Infinity : -Math.floor((nowMs - row.changedMs) / 1000),
        ),
      );
  }
}

/** True when identifier or name match: then all signals of the row are shown, else only those that match. */
export function matchesRow(row: MonitorRow, filter: RegExp): boolean {
  return filter.test(idText(row)) || filter.test(rowName(row));
}

/** Sorts as text: channel, standard before extended identifiers, identifier, multiplexer values. */
function sortKey(row: MonitorRow): string {
  const switches = row.switches.map(({ raw }) => raw.toString(16).padStart(16, '0')).join('/');
  const kind = row.flags & (FrameFlag.extended | FrameFlag.remote | FrameFlag.error);
  return `${row.channel.toString().padStart(3, '0')} ${kind} ${row.id.toString(16).padStart(8, '0')} ${switches}`;
}
