/**
 * Turns readings at whatever times they come into samples on a fixed grid of the drive's clock, by straight lines
 * between readings. The grid is absolute, so that the same readings give the same samples wherever they start.
 */
export interface Resampler {
  readonly lastT: number | null;
  readonly lastValue: number;
}

export const initialResampler: Resampler = { lastT: null, lastValue: 0 };

/** 20 Hz: three samples make the 150 ms of steering entropy, and steering has nothing above 5 Hz. */
export const gridMs = 50;

/** Over longer gaps nothing is made up; a bus sends the angle at 10 Hz or more. */
const maxGapMs = 300;

export interface ResamplerStep {
  readonly resampler: Resampler;
  /** Values at consecutive grid times. */
  readonly samples: readonly number[];
  /** The samples do not follow on those of the last step. */
  readonly broken: boolean;
}

/** One reading. @param t ms, later than the last one */
export function stepResampler(resampler: Resampler, t: number, value: number): ResamplerStep {
  const { lastT, lastValue } = resampler;
  const next = { lastT: t, lastValue: value };
  if (lastT === null || t - lastT > maxGapMs || t <= lastT)
    return {
      resampler: t <= (lastT ?? -Infinity) ? resampler : next,
      samples: [],
      broken: lastT === null || t > lastT,
    };
  const samples: number[] = [];
  for (let i = Math.floor(lastT / gridMs) + 1; i * gridMs <= t; i++)
    samples.push(lastValue + ((value - lastValue) * (i * gridMs - lastT)) / (t - lastT));
  return { resampler: next, samples, broken: false };
}
