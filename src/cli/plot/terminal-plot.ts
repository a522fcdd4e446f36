import type { Colors } from 'picocolors/types.js';
import { cut, plain, printable, renderLine, wrapItems, type Span } from '../monitor/text.js';
import { valueText } from '../monitor/value-text.js';
import { timeAxis, valueAxis, type TimeAxis } from './axis.js';
import { BrailleCanvas } from './braille.js';
import type { Collected, Series } from './collect.js';
import { Envelope } from './envelope.js';
import { isStepped, panelsOf, unbrokenPieces, type Panel } from './panels.js';

/** Cells left of the picture. */
const labelWidth = 9;
const mostLines = 12;
const fewestLines = 4;

/** Signals over time in braille characters: one panel per unit above one time axis. */
export function terminalPlot(
  collected: Collected,
  title: string,
  size: { readonly columns: number; readonly lines: number },
  colours: Colors,
): string[] {
  const panels = panelsOf(collected.series);
  const columns = Math.max(30, size.columns);
  const room = Math.floor((size.lines - 3) / Math.max(1, panels.length)) - 2;
  const height = Math.max(fewestLines, Math.min(mostLines, room));
  const plotColumns = columns - labelWidth - 1;
  const time = timeAxis(collected.fromMs / 1000, collected.toMs / 1000, Math.max(1, plotColumns / 12));
  const lines = [renderLine([{ text: printable(title), style: colours.bold }], columns)];
  for (const panel of panels) {
    lines.push(...panelLines(panel, time, { columns, height }, colours));
  }
  return [...lines, ...timeLines(time, plotColumns)];
}

function stylesOf(colours: Colors): ((text: string) => string)[] {
  return [colours.cyan, colours.yellow, colours.green, colours.magenta, colours.red, colours.blue];
}

function styleOf(colours: Colors, index: number): (text: string) => string {
  const styles = stylesOf(colours);
  return styles[index % styles.length];
}

function panelLines(
  panel: Panel,
  time: TimeAxis,
  { columns, height }: { readonly columns: number; readonly height: number },
  colours: Colors,
): string[] {
  const canvas = new BrailleCanvas(columns - labelWidth - 1, height);
  const values = valueAxis(panel.lowest, panel.highest, height >= 8 ? 4 : 2);
  panel.series.forEach((series, index) => drawCurve(canvas, series, index, time, values));
  const unit = panel.unit === '' ? [] : [[plain(`[${printable(panel.unit)}]`)]];
  const names = panel.series.map((series, index): Span[] => legendSpans(series, index, colours));
  const legend = wrapItems([...unit, ...names], 0, columns).map((line) => renderLine(line, columns));
  // Where the axis' marks lie, in lines of the picture.
  const labels = new Map<number, string>();
  for (const { at, label } of values.ticks) {
    const line = Math.round(((values.to - at) / (values.to - values.from)) * (height - 1));
    if (!labels.has(line)) labels.set(line, label);
  }
  const picture = Array.from({ length: height }, (_, line) => {
    const label = cut(labels.get(line) ?? '', labelWidth - 1).padStart(labelWidth - 1);
    const mark = labels.has(line) ? '┤' : '│';
    const dots = canvas
      .runs(line)
      .map(({ text, owner }): Span => (owner < 0 ? plain(text) : { text, style: styleOf(colours, owner) }));
    return renderLine([plain(`${label} ${mark}`), ...dots], columns).trimEnd();
  });
  return [...legend, ...picture];
}

function legendSpans(series: Series, index: number, colours: Colors): Span[] {
  const { signal, lowest, highest } = series;
  return [
    { text: printable(series.name), style: styleOf(colours, index) },
    { text: ` ${valueText(signal, lowest)}..${valueText(signal, highest)}`, style: colours.dim },
  ];
}

function drawCurve(
  canvas: BrailleCanvas,
  series: Series,
  owner: number,
  time: TimeAxis,
  values: { readonly from: number; readonly to: number },
): void {
  const x = (t: number): number => Math.round(((t - time.from) / (time.to - time.from)) * (canvas.width - 1));
  const y = (value: number): number =>
    Math.round(((values.to - value) / (values.to - values.from)) * (canvas.height - 1));
  const stepped = isStepped(series);
  const { t, value } = series.curve;
  for (const [from, to] of unbrokenPieces(series)) {
    const dots = new Envelope(time.from, time.to + (time.to - time.from) * 1e-9, canvas.width);
    for (let i = from; i < to; i++) dots.add(t[i] / 1000, value[i]);
    const piece = dots.curve();
    let [lastX, lastY] = [x(piece.t[0]), y(piece.value[0])];
    canvas.dot(lastX, lastY, owner);
    for (let i = 1; i < piece.t.length; i++) {
      const [toX, toY] = [x(piece.t[i]), y(piece.value[i])];
      if (stepped) {
        canvas.line(lastX, lastY, toX, lastY, owner);
        canvas.line(toX, lastY, toX, toY, owner);
      } else canvas.line(lastX, lastY, toX, toY, owner);
      [lastX, lastY] = [toX, toY];
    }
  }
}

function timeLines(time: TimeAxis, columns: number): string[] {
  const left = labelWidth + 1;
  const axis = Array.from({ length: columns }, () => '─');
  const labels = Array.from({ length: left + columns }, () => ' ');
  labels.splice(0, time.unit.length, ...Array.from(time.unit));
  let free = time.unit.length + 1;
  for (const { at, label } of time.ticks) {
    const place = Math.round(((at - time.from) / (time.to - time.from)) * (columns - 1));
    axis[place] = '┴';
    const centred = left + place - Math.floor(label.length / 2);
    const start = Math.max(0, Math.min(centred, labels.length - label.length));
    if (start < free) continue;
    labels.splice(start, label.length, ...Array.from(label));
    free = start + label.length + 1;
  }
  return [`${' '.repeat(labelWidth)}└${axis.join('')}`, labels.join('').trimEnd()];
}
