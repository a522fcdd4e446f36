import { valueAxis } from '../../src/cli/plot/axis.js';
import { element, svgDocument, textElement } from '../../src/cli/plot/svg.js';
import type { Interval } from './wilson.js';

export interface CurvePoint extends Interval {
  /** dB. */
  readonly snr: number;
  /** Share, 0 to 1. */
  readonly value: number;
}

export interface Curve {
  readonly label: string;
  readonly points: readonly CurvePoint[];
  /** Figures of others, without interval. */
  readonly published?: boolean;
}

export interface CurveOptions {
  readonly title: string;
  /** Of the vertical axis, with its unit. */
  readonly axis: string;
  /** Lowest and highest share shown. */
  readonly from: number;
  readonly to: number;
}

const width = 760;
const height = 430;
const frame = { left: 64, top: 44, right: 230, bottom: 52 };
/** Okabe and Ito's colours. */
const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000'];
/** So that intervals of several curves at one SNR do not hide each other, pixels. */
const apart = 4;

/** Shares over the signal-to-noise ratio, with their intervals. Same input, same bytes. */
export function snrChart(curves: readonly Curve[], { title, axis, from, to }: CurveOptions): string {
  const shown = curves.filter(({ points }) => points.length > 0);
  const snrs = [...new Set(shown.flatMap(({ points }) => points.map(({ snr }) => snr)))].sort(
    (a, b) => a - b,
  );
  const values = valueAxis(100 * from, 100 * to, 8);
  const plot = { width: width - frame.left - frame.right, height: height - frame.top - frame.bottom };
  const bottom = frame.top + plot.height;
  const first = snrs.at(0) ?? 0;
  const span = Math.max(1, (snrs.at(-1) ?? 1) - first);
  const x = (snr: number): number => frame.left + 20 + ((snr - first) / span) * (plot.width - 40);
  const y = (share: number): number => {
    const within = Math.min(values.to, Math.max(values.from, 100 * share));
    return bottom - ((within - values.from) / (values.to - values.from)) * plot.height;
  };
  const content = [textElement(title, { x: frame.left, y: 22, 'font-size': 13, 'font-weight': 'bold' })];
  for (const { at, label } of values.ticks) {
    content.push(
      element('line', {
        x1: frame.left,
        y1: y(at / 100),
        x2: frame.left + plot.width,
        y2: y(at / 100),
        stroke: '#e4e4e4',
      }),
      textElement(label, { x: frame.left - 8, y: y(at / 100) + 4, 'text-anchor': 'end' }),
    );
  }
  for (const snr of snrs)
    content.push(textElement(String(snr), { x: x(snr), y: bottom + 18, 'text-anchor': 'middle' }));
  shown.forEach(({ label, points, published = false }, index) => {
    const stroke = colours[index % colours.length];
    const shift = (index - (shown.length - 1) / 2) * apart;
    const sorted = [...points].sort((a, b) => a.snr - b.snr);
    const path = sorted
      .map(({ snr, value }) => `${(x(snr) + shift).toFixed(1)},${y(value).toFixed(1)}`)
      .join(' ');
    const line = { points: path, fill: 'none', stroke, 'stroke-width': 2 };
    content.push(element('polyline', published ? { ...line, 'stroke-dasharray': '6 4' } : line));
    for (const { snr, value, low, high } of sorted) {
      const at = x(snr) + shift;
      if (!published) content.push(element('line', { x1: at, y1: y(low), x2: at, y2: y(high), stroke }));
      content.push(element('circle', { cx: at, cy: y(value), r: 3, fill: stroke }));
    }
    const legend = frame.top + 10 + 20 * index;
    const left = frame.left + plot.width + 14;
    const sample = { x1: left, y1: legend, x2: left + 22, y2: legend, stroke, 'stroke-width': 2 };
    content.push(
      element('line', published ? { ...sample, 'stroke-dasharray': '6 4' } : sample),
      textElement(label, { x: left + 28, y: legend + 4 }),
    );
  });
  content.push(
    textElement('signal-to-noise ratio, dB', {
      x: frame.left + plot.width / 2,
      y: bottom + 40,
      'text-anchor': 'middle',
    }),
    textElement(axis, {
      ...{ x: 16, y: frame.top + plot.height / 2, 'text-anchor': 'middle' },
      transform: `rotate(-90 16 ${frame.top + plot.height / 2})`,
    }),
  );
  return svgDocument(width, height, title, content);
}
