/** Values over time; times rise. */
export interface Series {
  readonly t: Float64Array;
  readonly value: Float64Array;
}

/** Index of the last sample at or before `t`; -1 before the first. */
function before(times: Float64Array, t: number): number {
  let [low, high] = [-1, times.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (times[middle] <= t) low = middle;
    else high = middle;
  }
  return low;
}

/** Linear between the two samples around `t`; undefined outside of them. */
export function interpolated({ t: times, value }: Series, t: number): number | undefined {
  const low = before(times, t);
  if (low < 0) return undefined;
  if (times[low] === t) return value[low];
  const high = low + 1;
  if (high === times.length) return undefined;
  return value[low] + ((value[high] - value[low]) * (t - times[low])) / (times[high] - times[low]);
}

/** How far a value moves around `t` when its time is uncertain by `dt`. */
function wander(series: Series, t: number, dt: number): number {
  const here = interpolated(series, t) ?? Number.NaN;
  const [early, late] = [interpolated(series, t - dt), interpolated(series, t + dt)];
  let most = Math.max(Math.abs((early ?? here) - here), Math.abs((late ?? here) - here));
  for (let i = Math.max(0, before(series.t, t - dt)); i < series.t.length && series.t[i] <= t + dt; i++) {
    if (series.t[i] >= t - dt) most = Math.max(most, Math.abs(series.value[i] - here));
  }
  return most;
}

export interface SeriesError {
  /** Truth samples compared. */
  readonly n: number;
  /** Truth samples before the first or after the last value. */
  readonly outside: number;
  readonly mean: number;
  readonly rms: number;
  readonly largest: number;
  /** Errors above what the truth's own rounding of times and values can cause. */
  readonly unexplained: number;
}

/**
 * Values against truth: interpolated at the truth's times.
 * @param step to which the truth's times (s) and values are rounded
 */
export function interpolationError(series: Series, truth: Series, step: number): SeriesError {
  let [n, outside, sum, squares, largest, unexplained] = [0, 0, 0, 0, 0, 0];
  truth.t.forEach((t, i) => {
    const value = interpolated(series, t);
    if (value === undefined) {
      outside += 1;
      return;
    }
    const error = value - truth.value[i];
    n += 1;
    sum += error;
    squares += error * error;
    largest = Math.max(largest, Math.abs(error));
    if (Math.abs(error) > step / 2 + wander(series, t, step) + 1e-9) unexplained += 1;
  });
  return { n, outside, mean: sum / n, rms: Math.sqrt(squares / n), largest, unexplained };
}

/**
 * Values against truth, k-th with k-th, after rounding to the truth's step: what remains is no effect of time.
 * @returns how many differ, counting those that only one of the two has
 */
export function unequalSamples(series: Series, truth: Series, step: number): number {
  const shared = Math.min(series.t.length, truth.t.length);
  let unequal = Math.max(series.t.length, truth.t.length) - shared;
  for (let i = 0; i < shared; i++) {
    // Half a step of rounding in the truth; a double's dust beside it.
    if (Math.abs(series.value[i] - truth.value[i]) > step / 2 + 1e-9) unequal += 1;
  }
  return unequal;
}
