import type { DbcSignal } from '../can/dbc.js';

/** Closed; both ends may be infinite. */
export interface Interval {
  readonly min: number;
  readonly max: number;
}

export function interval(a: number, b: number): Interval {
  return { min: Math.min(a, b), max: Math.max(a, b) };
}

export function scaled({ min, max }: Interval, factor: number, offset: number): Interval {
  if (factor === 0) return { min: offset, max: offset };
  return interval(min * factor + offset, max * factor + offset);
}

export function sum(intervals: readonly Interval[]): Interval {
  return intervals.reduce((total, { min, max }) => ({ min: total.min + min, max: total.max + max }), {
    min: 0,
    max: 0,
  });
}

/** Whether `outer` covers `inner`; for whole numbers after rounding to the nearest, as values are stored. */
export function reaches(outer: Interval, inner: Interval, whole: boolean): boolean {
  const [low, high] = whole ? [Math.round(inner.min), Math.round(inner.max)] : [inner.min, inner.max];
  return low >= outer.min && high <= outer.max;
}

/** Physical values that the signal's bits can express. */
export function raw({ length, rawType, factor, offset }: DbcSignal): Interval {
  switch (rawType) {
    case 'float32':
      return { min: -3.4028234663852886e38, max: 3.4028234663852886e38 };
    case 'float64':
      return { min: -Number.MAX_VALUE, max: Number.MAX_VALUE };
    case 'signed':
      return scaled({ min: -(2 ** (length - 1)), max: 2 ** (length - 1) - 1 }, factor, offset);
    case 'unsigned':
      return scaled({ min: 0, max: 2 ** length - 1 }, factor, offset);
  }
}

/**
 * Physical values that the DBC promises: its stated range where it gives one and the bits can reach it, else what the
 * bits can express. Many files state a range no frame could carry.
 */
export function stated(signal: DbcSignal): Interval {
  const possible = raw(signal);
  const { minimum, maximum } = signal;
  if (minimum === undefined || maximum === undefined || minimum >= maximum) return possible;
  return { min: Math.max(possible.min, minimum), max: Math.min(possible.max, maximum) };
}
