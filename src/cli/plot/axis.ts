/** Where an axis has its marks, and how they are written. */
export interface Axis {
  readonly from: number;
  readonly to: number;
  readonly ticks: readonly { readonly at: number; readonly label: string }[];
}

const mantissas = [1, 2, 2.5, 5, 10];

/** A step of 1, 2, 2.5 or 5 times a power of ten that gives at most `count` intervals. */
export function niceStep(span: number, count: number): number {
  const rough = span / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const mantissa = mantissas.find((candidate) => candidate * power >= rough * (1 - 1e-9)) ?? 10;
  return mantissa * power;
}

function decimalsOf(step: number): number {
  for (let decimals = 0; decimals < 12; decimals++) {
    const scaled = step * 10 ** decimals;
    if (Math.abs(scaled - Math.round(scaled)) < 1e-6) return decimals;
  }
  return 12;
}

function label(value: number, step: number): string {
  const magnitude = Math.max(Math.abs(value), step);
  if (magnitude >= 1e6 || step < 1e-5) return value === 0 ? '0' : String(Number(value.toPrecision(6)));
  const text = value.toFixed(decimalsOf(step));
  return /^-0(\.0*)?$/.test(text) ? text.slice(1) : text;
}

function ticksWithin(from: number, to: number, step: number): Axis['ticks'] {
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => {
    const at = (first + i) * step;
    return { at, label: label(at, step) };
  });
}

/** An axis for values: whole steps around them, with room where all are the same. */
export function valueAxis(lowest: number, highest: number, intervals: number): Axis {
  const flat = highest - lowest <= Math.max(Math.abs(lowest), Math.abs(highest)) * 1e-12;
  const room = Math.max(Math.abs(highest) * 0.05, 0.5);
  const [low, high] = flat ? [lowest - room, highest + room] : [lowest, highest];
  const step = niceStep(high - low, intervals);
  const from = Math.floor(low / step + 1e-9) * step;
  const to = Math.ceil(high / step - 1e-9) * step;
  return { from, to, ticks: ticksWithin(from, to, step) };
}

const minuteSteps = [60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400];

/** 75 as "1:15", 3675 as "1:01:15". */
function clockLabel(seconds: number): string {
  const two = (value: number): string => Math.floor(value).toString().padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

export interface TimeAxis extends Axis {
  /** How its labels are to be read. */
  readonly unit: 's' | 'min:s';
}

/** An axis of seconds that ends where the data end; minutes:seconds where it is long. */
export function timeAxis(from: number, to: number, intervals: number): TimeAxis {
  const end = to > from ? to : from + 1;
  const step = niceStep(end - from, intervals);
  if (step < 30) return { from, to: end, ticks: ticksWithin(from, end, step), unit: 's' };
  const whole = minuteSteps.find((candidate) => candidate >= (end - from) / intervals) ?? step;
  const ticks = ticksWithin(from, end, whole).map(({ at }) => ({ at, label: clockLabel(at) }));
  return { from, to: end, ticks, unit: 'min:s' };
}
