import type { Colors } from 'picocolors/types.js';
import { isUsable, Verdict, verdictNames } from '../../can/validity/verdict.js';
import type { DecodeRows, LatestValue } from './latest-values.js';
import { filterOf, idText, matchesRow, rowName } from './row-order.js';
import type { MonitorRow, MonitorTable } from './table.js';
import { plain, printable, renderLine, thousands, wrapItems, type Span } from './text.js';
import type { UiState } from './ui-state.js';
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

/** Cells of the columns; a channel column only where there is more than one channel. */
const width = { channel: 3, id: 8, count: 9, rate: 8, data: bytesPerLine * 3 - 1 };

/** The heading; an asterisk marks what the rows are sorted by. */
export function columnLine(table: MonitorTable, ui: UiState, colours: Colors, columns: number): string {
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

/** Draws rows; values of all of them are decoded at once. */
export function rowDrawer(
  scene: MonitorScene,
  colours: Colors,
  columns: number,
  rows: readonly MonitorRow[],
): (row: MonitorRow) => string[] {
  const { ui, nowMs, table } = scene;
  const filter = filterOf(ui);
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
      if (index === 0) {
        const name: Span = { text: rowName(row), style: colours.bold };
        return [...head, ...payload, plain('  '), name, ...verdictSpans(row, colours)];
      }
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

/** What counter and checksum say, where rules know the message. */
function verdictSpans({ verdict, refused }: MonitorRow, colours: Colors): Span[] {
  if (verdict === Verdict.unchecked && refused === 0) return [];
  const last: Span = {
    text: `  ${verdictNames[verdict]}`,
    style: isUsable(verdict) ? colours.green : colours.red,
  };
  return refused === 0 ? [last] : [last, { text: ` (${thousands(refused)} refused)`, style: colours.red }];
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
