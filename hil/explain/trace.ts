import { Envelope } from '../../src/cli/plot/envelope.js';
import type { Collected, Series } from '../../src/cli/plot/collect.js';
import type { Limit, Span } from '../../src/cli/plot/figure.js';
import type { DriverMeasures } from '../../src/driver/outputs.js';
import type { AlertWindow } from './alert-window.js';

type Point = readonly [t: number, value: number];

/** The trace of an alert: what was measured around it, for `figure` and `terminalPlot`. Times are the drive's. */
export function traceOf(window: AlertWindow): Collected {
  const { measures, speed, fromMs, toMs } = window;
  const series = [
    curve(
      'lid closure',
      'ratio',
      measured(measures, ({ closure }) => closure),
    ),
    curve(
      'PERCLOS 60 s',
      'ratio',
      measured(measures, ({ perclos }) => perclos),
    ),
    curve(
      'closed for',
      's',
      measured(measures, ({ closureMs }) => closureMs, 0.001),
    ),
    curve(
      'away for',
      's',
      measured(measures, ({ awayMs }) => awayMs, 0.001),
    ),
    curve(
      'head yaw',
      'degrees',
      measured(measures, ({ headYawDeg }) => headYawDeg),
    ),
    curve(
      'head pitch',
      'degrees',
      measured(measures, ({ headPitchDeg }) => headPitchDeg),
    ),
    curve(
      'speed',
      'km/h',
      speed.map(({ t, kmh }): Point => [t, kmh]),
    ),
  ];
  const known = series.filter((one) => one.samples > 0);
  const empty = series.filter((one) => one.samples === 0).map(({ name }) => name);
  return { series: known, empty, fromMs, toMs, firstMs: 0 };
}

/** The limits that the alert's rule compared with, in the trace's units. */
export function limitsOf({ alert }: AlertWindow): Limit[] {
  return Object.entries(alert.measured).flatMap(([name, value]): Limit[] => {
    if (!name.startsWith('limit.') || value === null) return [];
    const label = name.slice('limit.'.length);
    if (label.endsWith('Ms')) return [{ unit: 's', value: value / 1000, label }];
    if (label.endsWith('SpeedKmh')) return [{ unit: 'km/h', value, label }];
    return label.endsWith('erclos') ? [{ unit: 'ratio', value, label }] : [];
  });
}

/** When the alert was on. */
export function spansOf({ alert, toMs }: AlertWindow): Span[] {
  return [{ fromMs: alert.startedMs, toMs: alert.endedMs ?? toMs }];
}

function measured(
  measures: readonly DriverMeasures[],
  of: (
    measures: DriverMeasures,
  ) => { readonly quality: string; readonly value?: number } | { readonly quality: string },
  factor = 1,
): Point[] {
  return measures.flatMap((one): Point[] => {
    const value = of(one);
    return 'value' in value && value.value !== undefined ? [[one.t, value.value * factor]] : [];
  });
}

function curve(name: string, unit: string, points: readonly Point[]): Series {
  const first = points.at(0)?.[0] ?? 0;
  const last = points.at(-1)?.[0] ?? 1;
  const envelope = new Envelope(first, last + 1);
  for (const [t, value] of points) envelope.add(t, value);
  const [lowest, highest] = envelope.range;
  // A measure is a number at the resolution of its arithmetic.
  const signal = {
    unit,
    values: new Map<bigint, string>(),
    length: 64,
    rawType: 'float64',
    factor: 1,
  } as const;
  return { name, signal, curve: envelope.curve(), samples: envelope.samples, lowest, highest };
}
