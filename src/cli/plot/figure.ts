import { timeAxis, valueAxis, type TimeAxis } from './axis.js';
import type { Collected, Series } from './collect.js';
import { Envelope } from './envelope.js';
import { isStepped, panelsOf, unbrokenPieces, type Panel } from './panels.js';
import { coordinate, element, svgDocument, textElement } from './svg.js';

export interface FigureOptions {
  readonly title: string;
  /** Pixels. */
  readonly width: number;
  /** Stretches of time to shade, across all panels; ms. */
  readonly spans?: readonly Span[];
  /** Values to draw a line at, in every panel of their unit. */
  readonly limits?: readonly Limit[];
}

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Limit {
  readonly unit: string;
  readonly value: number;
  readonly label: string;
}

/** Okabe and Ito's colours: told apart also by those who see red and green alike. Repeats with dashes. */
const palette = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000'];
const dashes = ['', '6 3', '2 2'];

const margin = { left: 72, right: 16, top: 34, bottom: 40 };
const panelHeight = 150;
const legendLine = 16;
const legendGap = 6;
const characterWidth = 6.7;

interface Frame {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Signals over time as SVG: one panel per unit above one time axis. Same input, same bytes. */
export function figure(collected: Collected, options: FigureOptions): string {
  const { title, width } = options;
  const panels = panelsOf(collected.series);
  const plotWidth = width - margin.left - margin.right;
  const time = timeAxis(collected.fromMs / 1000, collected.toMs / 1000, Math.max(2, plotWidth / 90));
  const content = [textElement(title, { x: margin.left, y: 20, 'font-size': 13, 'font-weight': 'bold' })];
  let top = margin.top;
  panels.forEach((panel, index) => {
    const legend = legendRows(panel, plotWidth);
    top += legend.length * legendLine + legendGap;
    const frame = { left: margin.left, top, width: plotWidth, height: panelHeight };
    const isLast = index === panels.length - 1;
    content.push(...panelElements(panel, legend, frame, time, isLast, options));
    top += panelHeight + 10;
  });
  const height = top - 10 + margin.bottom;
  return svgDocument(width, height, title, content);
}

interface LegendEntry {
  readonly series: Series;
  readonly index: number;
  readonly x: number;
}

function legendRows(panel: Panel, width: number): LegendEntry[][] {
  const rows: LegendEntry[][] = [[]];
  let x = 0;
  panel.series.forEach((series, index) => {
    const entryWidth = 24 + series.name.length * characterWidth + 14;
    if (x > 0 && x + entryWidth > width) {
      rows.push([]);
      x = 0;
    }
    rows[rows.length - 1].push({ series, index, x });
    x += entryWidth;
  });
  return rows;
}

function stroke(index: number): Readonly<Record<string, string | number>> {
  const dash = dashes[Math.floor(index / palette.length) % dashes.length];
  return { stroke: palette[index % palette.length], ...(dash === '' ? {} : { 'stroke-dasharray': dash }) };
}

function panelElements(
  panel: Panel,
  legend: readonly (readonly LegendEntry[])[],
  frame: Frame,
  time: TimeAxis,
  isLast: boolean,
  { spans = [], limits = [] }: FigureOptions,
): string[] {
  const { left, top, width, height } = frame;
  const lines = limits.filter(({ unit }) => unit === panel.unit);
  const values = valueAxis(
    Math.min(panel.lowest, ...lines.map(({ value }) => value)),
    Math.max(panel.highest, ...lines.map(({ value }) => value)),
    5,
  );
  const x = (t: number): number => left + ((t - time.from) / (time.to - time.from)) * width;
  const y = (value: number): number =>
    top + height - ((value - values.from) / (values.to - values.from)) * height;
  const content: string[] = [];
  const within = (t: number): number => x(Math.min(time.to, Math.max(time.from, t / 1000)));
  for (const { fromMs, toMs } of spans) {
    const from = within(fromMs);
    content.push(
      element('rect', {
        x: from,
        y: top,
        width: within(toMs) - from,
        height,
        fill: '#d55e00',
        'fill-opacity': 0.12,
      }),
    );
  }
  for (const { at, label } of time.ticks) {
    content.push(element('line', { x1: x(at), y1: top, x2: x(at), y2: top + height, stroke: '#e4e4e4' }));
    if (isLast) content.push(textElement(label, { x: x(at), y: top + height + 16, 'text-anchor': 'middle' }));
  }
  for (const { at, label } of values.ticks) {
    content.push(element('line', { x1: left, y1: y(at), x2: left + width, y2: y(at), stroke: '#e4e4e4' }));
    content.push(textElement(label, { x: left - 6, y: y(at) + 4, 'text-anchor': 'end' }));
  }
  for (const { value, label } of lines) {
    const at = y(value);
    content.push(
      element('line', {
        x1: left,
        y1: at,
        x2: left + width,
        y2: at,
        stroke: '#707070',
        'stroke-dasharray': '5 4',
      }),
      textElement(label, { x: left + width - 4, y: at - 4, 'text-anchor': 'end', fill: '#505050' }),
    );
  }
  content.push(element('rect', { x: left, y: top, width, height, fill: 'none', stroke: '#707070' }));
  if (panel.unit !== '') {
    const middle = top + height / 2;
    content.push(
      textElement(panel.unit, {
        x: 14,
        y: middle,
        'text-anchor': 'middle',
        transform: `rotate(-90 14 ${coordinate(middle)})`,
      }),
    );
  }
  if (isLast) {
    content.push(
      textElement(`time (${time.unit})`, {
        x: left + width / 2,
        y: top + height + 33,
        'text-anchor': 'middle',
      }),
    );
  }
  panel.series.forEach((series, index) => {
    content.push(curveElement(series, stroke(index), x, y, time, width));
  });
  legend.forEach((row, line) => {
    const baseline = top - legendGap - (legend.length - 1 - line) * legendLine;
    for (const { series, index, x: offset } of row) {
      const at = left + offset;
      content.push(
        element('line', {
          x1: at,
          y1: baseline - 4,
          x2: at + 18,
          y2: baseline - 4,
          ...stroke(index),
          'stroke-width': 2,
        }),
        textElement(series.name, { x: at + 24, y: baseline }),
      );
    }
  });
  return content;
}

/** At most four points per column of pixels: the first, lowest, highest and last of what falls into it. */
function curveElement(
  series: Series,
  look: Readonly<Record<string, string | number>>,
  x: (t: number) => number,
  y: (value: number) => number,
  time: TimeAxis,
  width: number,
): string {
  const { t, value } = series.curve;
  const stepped = isStepped(series);
  let path = '';
  for (const [from, to] of unbrokenPieces(series)) {
    const pixels = new Envelope(time.from, time.to + (time.to - time.from) * 1e-9, Math.round(width));
    for (let i = from; i < to; i++) pixels.add(t[i] / 1000, value[i]);
    const piece = pixels.curve();
    for (let i = 0; i < piece.t.length; i++) {
      const px = coordinate(x(piece.t[i]));
      const py = coordinate(y(piece.value[i]));
      path += i === 0 ? `M${px} ${py}` : stepped ? `H${px}V${py}` : `L${px} ${py}`;
    }
    // A single sample is a dot.
    if (piece.t.length === 1) path += 'h0.01';
  }
  return element('path', {
    d: path,
    fill: 'none',
    ...look,
    'stroke-width': 1.3,
    'stroke-linejoin': 'round',
    'stroke-linecap': 'round',
  });
}
