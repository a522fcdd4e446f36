/**
 * A percentile of eye openness over a sliding window, as time-weighted histograms of one second each: constant
 * memory, a few microseconds a step, and the same answer at 12 and at 60 frames a second.
 *
 * "Window" counts accepted time only. While nothing is accepted (eyes closed, no face) the window stands still,
 * so that a sleeping driver cannot teach it that closed is open.
 */
export interface OpennessWindow {
  /** Accepted time per bin over the whole window, in tenths of a millisecond. Integers, so removal is exact. */
  readonly total: Uint32Array;
  /** Full seconds, oldest first. */
  readonly seconds: readonly Uint32Array[];
  readonly current: Uint32Array;
  readonly currentTicks: number;
  readonly totalTicks: number;
}

const binWidth = 0.004;
const bins = 160;
const ticksPerMs = 10;
const ticksPerSecond = 1000 * ticksPerMs;

/** Largest openness the window can hold; larger values count as this one. */
export const maxOpenness = binWidth * bins;

export const emptyOpennessWindow: OpennessWindow = {
  total: new Uint32Array(bins),
  seconds: [],
  current: new Uint32Array(bins),
  currentTicks: 0,
  totalTicks: 0,
};

export function windowedMs(window: OpennessWindow): number {
  return window.totalTicks / ticksPerMs;
}

/**
 * Adds `openness` with the weight of the time it stands for.
 * @param weightMs the time since the previous accepted sample, already limited by the caller
 * @param windowMs accepted time to keep, rounded up to whole seconds
 */
export function addOpenness(
  window: OpennessWindow,
  openness: number,
  weightMs: number,
  windowMs: number,
): OpennessWindow {
  const ticks = Math.round(weightMs * ticksPerMs);
  if (ticks <= 0) return window;
  const bin = Math.min(bins - 1, Math.max(0, Math.floor(openness / binWidth)));
  const total = window.total.slice();
  const current = window.current.slice();
  total[bin] += ticks;
  current[bin] += ticks;
  const currentTicks = window.currentTicks + ticks;
  const totalTicks = window.totalTicks + ticks;
  if (currentTicks < ticksPerSecond) {
    return { total, seconds: window.seconds, current, currentTicks, totalTicks };
  }
  const seconds = [...window.seconds, current];
  let left = totalTicks;
  while (left > windowMs * ticksPerMs && seconds.length > 1) {
    const oldest = seconds.shift()!;
    for (let i = 0; i < bins; i++) {
      total[i] -= oldest[i];
      left -= oldest[i];
    }
  }
  return { total, seconds, current: new Uint32Array(bins), currentTicks: 0, totalTicks: left };
}

/** The openness below which `share` (0 to 1) of the accepted time lies, interpolated inside its bin; NaN when empty. */
export function opennessPercentile(window: OpennessWindow, share: number): number {
  if (window.totalTicks === 0) return Number.NaN;
  const target = share * window.totalTicks;
  let below = 0;
  for (let i = 0; i < bins; i++) {
    const count = window.total[i];
    if (count > 0 && below + count >= target) return (i + (target - below) / count) * binWidth;
    below += count;
  }
  return maxOpenness;
}
