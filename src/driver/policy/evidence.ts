/** What is kept of every frame for the record of alerts. Units in the names. */
export const tracedNames = [
  'closure',
  'closureMs',
  'awayMs',
  'cumulativeAwayMs',
  'headYawDeg',
  'headPitchDeg',
  'perclos',
  'perclosLong',
  'kssEstimate',
  'speedKmh',
] as const;
export type TracedName = (typeof tracedNames)[number];
export type TracedValues = Readonly<Record<TracedName, number | null>>;

/** One second of them; a measure that was not known in it has a count of 0. Arrays are in the order of the names. */
interface Second {
  readonly fromMs: number;
  readonly toMs: number;
  readonly counts: readonly number[];
  readonly sums: readonly number[];
  readonly minima: readonly number[];
  readonly maxima: readonly number[];
}

/** The last minutes, second by second. */
export interface Trace {
  readonly seconds: readonly Second[];
  readonly current: Second | null;
}

export const initialTrace: Trace = { seconds: [], current: null };

const secondMs = 1000;
/** The longest window of a rule; the long window of PERCLOS. */
export const traceMs = 180_000;

/** The values of one frame, later than the last. */
export function addToTrace({ seconds, current }: Trace, t: number, values: TracedValues): Trace {
  if (current !== null && t - current.fromMs < secondMs) {
    return { seconds, current: add(current, t, values) };
  }
  const next = add(emptySecond(t), t, values);
  if (current === null) return { seconds, current: next };
  const kept = seconds.length > 0 && seconds[0].toMs < t - traceMs ? seconds.slice(1) : seconds;
  return { seconds: [...kept, current], current: next };
}

function emptySecond(t: number): Second {
  const fill = (value: number): number[] => tracedNames.map(() => value);
  return {
    fromMs: t,
    toMs: t,
    counts: fill(0),
    sums: fill(0),
    minima: fill(Number.POSITIVE_INFINITY),
    maxima: fill(Number.NEGATIVE_INFINITY),
  };
}

function add(second: Second, t: number, values: TracedValues): Second {
  const counts = [...second.counts];
  const sums = [...second.sums];
  const minima = [...second.minima];
  const maxima = [...second.maxima];
  for (let i = 0; i < tracedNames.length; i++) {
    const value = values[tracedNames[i]];
    if (value === null) continue;
    counts[i] += 1;
    sums[i] += value;
    minima[i] = Math.min(minima[i], value);
    maxima[i] = Math.max(maxima[i], value);
  }
  return { fromMs: second.fromMs, toMs: t, counts, sums, minima, maxima };
}

export interface Summary {
  readonly min: number;
  readonly mean: number;
  readonly max: number;
  /** Frames in which it was known. */
  readonly frames: number;
}

/** What was measured up to an alert; a measure that was never known in the window is absent. */
export interface EvidenceWindow {
  readonly fromMs: number;
  readonly toMs: number;
  readonly measures: Readonly<Partial<Record<TracedName, Summary>>>;
}

/** The last `windowMs` before `now`, to the second. */
export function windowOf({ seconds, current }: Trace, now: number, windowMs: number): EvidenceWindow {
  const all = current === null ? seconds : [...seconds, current];
  const within = all.filter(({ toMs }) => toMs >= now - windowMs);
  const measures = tracedNames.flatMap((name, i): [TracedName, Summary][] => {
    const frames = within.reduce((sum, { counts }) => sum + counts[i], 0);
    if (frames === 0) return [];
    const total = within.reduce((sum, { sums }) => sum + sums[i], 0);
    const min = Math.min(...within.map(({ minima }) => minima[i]));
    const max = Math.max(...within.map(({ maxima }) => maxima[i]));
    // A mean of equal values must not leave their range by rounding.
    return [[name, { min, mean: Math.min(max, Math.max(min, total / frames)), max, frames }]];
  });
  return {
    fromMs: within.at(0)?.fromMs ?? now,
    toMs: now,
    measures: Object.fromEntries(measures),
  };
}
