import { valueAxis } from '../../../src/cli/plot/axis.js';
import { element, svgDocument, textElement } from '../../../src/cli/plot/svg.js';

/** One estimate with its 95 % interval. */
export interface ChartRow {
  readonly label: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** What it should reach or stay below; null without a goal. */
  readonly goal: number | null;
}

export interface ChartOptions {
  readonly title: string;
  /** What the axis shows, with its unit. */
  readonly axis: string;
  readonly from: number;
  readonly to: number;
}

const width = 860;
const labelWidth = 250;
const rowHeight = 24;
const margin = { top: 40, right: 90, bottom: 48 };

/** Estimates as dots with their intervals, one row each, goals as ticks. Same input, same bytes. */
export function intervalChart(rows: readonly ChartRow[], { title, axis, from, to }: ChartOptions): string {
  const values = valueAxis(from, to, 6);
  const plotWidth = width - labelWidth - margin.right;
  const height = margin.top + rows.length * rowHeight + margin.bottom;
  const bottom = height - margin.bottom;
  const x = (value: number): number => {
    const within = Math.min(values.to, Math.max(values.from, value));
    return labelWidth + ((within - values.from) / (values.to - values.from)) * plotWidth;
  };
  const content = [textElement(title, { x: 12, y: 22, 'font-size': 13, 'font-weight': 'bold' })];
  for (const { at, label } of values.ticks) {
    content.push(
      element('line', { x1: x(at), y1: margin.top, x2: x(at), y2: bottom, stroke: '#e4e4e4' }),
      textElement(label, { x: x(at), y: bottom + 16, 'text-anchor': 'middle' }),
    );
  }
  rows.forEach(({ label, value, low, high, goal }, index) => {
    const y = margin.top + (index + 0.5) * rowHeight;
    content.push(textElement(label, { x: labelWidth - 10, y: y + 4, 'text-anchor': 'end' }));
    if (goal !== null) {
      content.push(
        element('line', {
          x1: x(goal),
          y1: y - 8,
          x2: x(goal),
          y2: y + 8,
          stroke: '#009e73',
          'stroke-width': 2,
        }),
      );
    }
    if (!Number.isFinite(value)) return;
    content.push(
      element('line', { x1: x(low), y1: y, x2: x(high), y2: y, stroke: '#0072b2', 'stroke-width': 2 }),
      element('circle', { cx: x(value), cy: y, r: 4, fill: '#0072b2' }),
      textElement(shortNumber(value), { x: labelWidth + plotWidth + 10, y: y + 4 }),
    );
  });
  content.push(textElement(axis, { x: labelWidth + plotWidth / 2, y: bottom + 36, 'text-anchor': 'middle' }));
  return svgDocument(width, height, title, content);
}

function shortNumber(value: number): string {
  return String(Number(value.toPrecision(3)));
}
