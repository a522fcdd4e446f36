import type { Colors } from 'picocolors/types.js';
import { columnLine, rowDrawer, type MonitorScene } from './row-lines.js';
import { selectRows } from './row-order.js';
import { plain, printable, renderLine, textWidth, thousands, type Span } from './text.js';
import { compileFilter, type UiState } from './ui-state.js';

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
