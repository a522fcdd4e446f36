import type { Colors } from 'picocolors/types.js';
import { FrameFlag } from '../../can/frames.js';
import type { DecodeRows, LatestValue } from './latest-values.js';
import type { MonitorRow, MonitorTable } from './table.js';
import { plain, printable, renderLine, textWidth, thousands, wrapItems, type Span } from './text.js';
import { activeFilter, compileFilter, type UiState } from './ui-state.js';
import { valueText } from './value-text.js';

/** How long a change stays highlighted, ms on the bus's clock. */
export const highlightMs = 500;
const bytesPerLine = 8;

/** What a view shows besides the rows. */
export interface MonitorScene {
  readonly table: MonitorTable;
  readonly decode: DecodeRows;
  /** The source's name. */
  readonly title: string;
  /** Time on the bus's clock, ms. */
  readonly nowMs: number;
  /** "live", "x1", "ended". */
  readonly mode: string;
  readonly ui: UiState;
}

export interface ScreenSize {
  readonly columns: number;
  readonly lines: number;
}

export interface MonitorView {
  /** At most `lines` of at most `columns` cells. */
  readonly lines: readonly string[];
  /** Rows the filter leaves. */
  readonly rows: number;
  /** Rows on the screen. */
  readonly page: number;
}

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

/** Rows that the filter leaves, sorted. */
export function selectRows(table: MonitorTable, ui: UiState, nowMs: number): MonitorRow[] {
  const filter = compileFilter(activeFilter(ui)) ?? compileFilter(ui.filter);
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

function matchesRow(row: MonitorRow, filter: RegExp): boolean {
  return filter.test(idText(row)) || filter.test(rowName(row));
}

/** Sorts as text: channel, standard before extended identifiers, identifier, multiplexer values. */
function sortKey(row: MonitorRow): string {
  const switches = row.switches.map(({ raw }) => raw.toString(16).padStart(16, '0')).join('/');
  const kind = row.flags & (FrameFlag.extended | FrameFlag.remote | FrameFlag.error);
  return `${row.channel.toString().padStart(3, '0')} ${kind} ${row.id.toString(16).padStart(8, '0')} ${switches}`;
}

/** A terminal screen of the monitor; a pure function of the scene. */
export function monitorView(scene: MonitorScene, size: ScreenSize, colours: Colors): MonitorView {
  const { ui, table, nowMs } = scene;
  const columns = Math.max(20, size.columns);
  const rows = selectRows(table, ui, nowMs);
  const room = Math.max(1, size.lines - 3);
  // Each row takes a line at least, so no more than `room` of them can be seen.
  const top = Math.max(0, Math.min(ui.top, rows.length - 1));
  const visible = rows.slice(top, top + room);
  const body: string[] = [];
  let page = 0;
  const draw = rowDrawer(scene, colours, columns, visible);
  for (const row of visible) {
    const lines = draw(row);
    if (page > 0 && body.length + lines.length > room) break;
    body.push(...lines);
    page += 1;
  }
  const shown = body.slice(0, room);
  while (shown.length < room) shown.push('');
  const position = rows.length === 0 ? '' : `${top + 1}-${top + page} of ${rows.length}`;
  const lines = [
    headLine(scene, colours, columns),
    columnLine(table, ui, colours, columns),
    ...shown,
    footLine(ui, position, colours, columns),
  ];
  return { lines: lines.slice(0, Math.max(1, size.lines)), rows: rows.length, page };
}

/** All rows, for output that isn't a screen. */
export function monitorTableLines(scene: MonitorScene, columns: number, colours: Colors): string[] {
  const rows = selectRows(scene.table, scene.ui, scene.nowMs);
  return [
    columnLine(scene.table, scene.ui, colours, columns),
    ...rows.flatMap(rowDrawer(scene, colours, columns, rows)),
  ];
}

function headLine({ title, table, nowMs, mode, ui }: MonitorScene, colours: Colors, columns: number): string {
  const seconds = Number.isNaN(table.firstMs) ? 0 : Math.max(0, nowMs - table.firstMs) / 1000;
  const clock = `${Math.floor(seconds / 60)}:${(seconds % 60).toFixed(1).padStart(4, '0')}`;
  const state = ui.paused ? ' PAUSED ' : mode;
  const facts = `${clock}  ${thousands(table.frames)} frames  ${table.rows.length} rows  `;
  const name = renderLine([plain(printable(title))], columns - textWidth(facts) - textWidth(state) - 2);
  const gap = columns - textWidth(name) - textWidth(facts) - textWidth(state);
  return renderLine(
    [
      { text: name, style: colours.bold },
      plain(' '.repeat(Math.max(1, gap)) + facts),
      { text: state, style: ui.paused ? colours.inverse : colours.green },
    ],
    columns,
  );
}

/** Cells of the columns; a channel column only where there is more than one channel. */
const width = { channel: 3, id: 8, count: 9, rate: 8, data: bytesPerLine * 3 - 1 };

function columnLine(table: MonitorTable, ui: UiState, colours: Colors, columns: number): string {
  const mark = (order: string, text: string): string => (ui.sort === order ? `${text}*` : text);
  const channel = table.channels.size > 1 ? 'ch'.padEnd(width.channel) : '';
  const text =
    channel +
    mark('id', 'id').padEnd(width.id) +
    mark('count', 'count').padStart(width.count) +
    mark('rate', 'Hz').padStart(width.rate) +
    '  ' +
    mark('change', 'data').padEnd(width.data) +
    '  ' +
    mark('name', 'message');
  return renderLine([{ text: text.padEnd(columns), style: colours.underline }], columns);
}

function footLine(ui: UiState, position: string, colours: Colors, columns: number): string {
  if (ui.typing !== undefined) {
    const isValid = compileFilter(ui.typing) !== undefined;
    const hint = isValid ? 'enter keeps it, esc drops it' : 'not a regular expression yet';
    return renderLine(
      [
        { text: `/${ui.typing}_`, style: colours.bold },
        { text: `  ${hint}`, style: isValid ? colours.dim : colours.red },
      ],
      columns,
    );
  }
  const filter = ui.filter === '' ? '' : `/${ui.filter}/  `;
  const keys = 'q quit  space pause  / filter  s sort  b bits  d decode  r reset';
  const spans: Span[] = [{ text: filter, style: colours.yellow }];
  const gap = columns - textWidth(filter) - textWidth(keys) - textWidth(position);
  if (gap >= 2)
    return renderLine(
      [...spans, { text: keys, style: colours.dim }, plain(' '.repeat(gap) + position)],
      columns,
    );
  return renderLine([...spans, plain(`${position}  `), { text: keys, style: colours.dim }], columns);
}

/** Draws rows; values of all of them are decoded at once. */
function rowDrawer(
  scene: MonitorScene,
  colours: Colors,
  columns: number,
  rows: readonly MonitorRow[],
): (row: MonitorRow) => string[] {
  const { ui, nowMs, table } = scene;
  const filter = compileFilter(activeFilter(ui)) ?? compileFilter(ui.filter);
  const values = ui.signals ? scene.decode(rows) : new Map<MonitorRow, readonly LatestValue[]>();
  const severalChannels = table.channels.size > 1;
  return (row) => {
    const silent = row.isSilent(nowMs);
    const rate = row.rateHz(nowMs);
    const head: Span[] = [
      plain(severalChannels ? row.channel.toString().padEnd(width.channel) : ''),
      { text: idText(row).padEnd(width.id), style: silent ? colours.dim : colours.cyan },
      plain(thousands(row.count).padStart(width.count)),
      { text: rateText(rate).padStart(width.rate), ...(silent ? { style: colours.red } : {}) },
      plain('  '),
    ];
    const lines = payloadLines(row, nowMs, colours).map((payload, index): Span[] => {
      if (index === 0) return [...head, ...payload, plain('  '), { text: rowName(row), style: colours.bold }];
      return [
        plain(' '.repeat((severalChannels ? width.channel : 0) + width.id + width.count + width.rate + 2)),
        ...payload,
      ];
    });
    if (ui.bits) lines.push(...bitLines(row, nowMs, colours));
    const all = values.get(row) ?? [];
    const some =
      filter === undefined || matchesRow(row, filter)
        ? all
        : all.filter(({ signal }) => filter.test(signal.name));
    lines.push(
      ...wrapItems(
        some.map((value) => valueSpans(value, colours)),
        4,
        columns,
      ),
    );
    const missing = row.message === undefined ? 0 : row.message.length - row.payload.length;
    if (missing > 0)
      lines.push([
        {
          text: `    truncated: ${missing} of ${row.message?.length ?? 0} bytes are missing`,
          style: colours.red,
        },
      ]);
    return lines.map((line) => renderLine(line, columns));
  };
}

function rateText(rate: number | undefined): string {
  if (rate === undefined) return '-';
  if (rate === 0) return 'silent';
  return rate >= 999.95 ? rate.toFixed(0) : rate.toFixed(1);
}

/** Just changed: inverse. Changed before: plain. Constant so far: dim. */
function changeStyle(changedMs: number, nowMs: number, colours: Colors): Span['style'] {
  if (Number.isNaN(changedMs)) return colours.dim;
  return nowMs - changedMs <= highlightMs ? colours.inverse : undefined;
}

function styled(text: string, style: Span['style']): Span {
  return style === undefined ? { text } : { text, style };
}

function payloadLines(row: MonitorRow, nowMs: number, colours: Colors): Span[][] {
  const lines: Span[][] = [];
  for (let start = 0; start < Math.max(1, row.payload.length); start += bytesPerLine) {
    const line: Span[] = [];
    for (let i = start; i < start + bytesPerLine; i++) {
      if (i > start) line.push(plain(' '));
      if (i >= row.payload.length) line.push(plain('  '));
      else {
        const hex = row.payload[i].toString(16).toUpperCase().padStart(2, '0');
        line.push(styled(hex, changeStyle(row.byteChangedMs(i), nowMs, colours)));
      }
    }
    lines.push(line);
  }
  return lines;
}

/** Most significant bit of each byte first, as the DBC's sawtooth numbering counts down from 7. */
function bitLines(row: MonitorRow, nowMs: number, colours: Colors): Span[][] {
  const lines: Span[][] = [];
  for (let start = 0; start < row.payload.length; start += bytesPerLine) {
    const line: Span[] = [plain('    ')];
    for (let i = start; i < Math.min(start + bytesPerLine, row.payload.length); i++) {
      if (i > start) line.push(plain(' '));
      for (let bit = 7; bit >= 0; bit--) {
        const text = ((row.payload[i] >> bit) & 1).toString();
        line.push(styled(text, changeStyle(row.bitChangedMs(i, bit), nowMs, colours)));
      }
    }
    lines.push(line);
  }
  return lines;
}

function valueSpans({ signal, value, name }: LatestValue, colours: Colors): Span[] {
  const unit = signal.unit === '' ? '' : ` ${signal.unit}`;
  const text =
    name === undefined ? valueText(signal, value) + unit : `${name} (${valueText(signal, value)}${unit})`;
  return [{ text: `${printable(signal.name)} `, style: colours.dim }, plain(printable(text))];
}
