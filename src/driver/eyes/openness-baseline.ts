import {
  addOpenness,
  emptyOpennessWindow,
  opennessPercentile,
  windowedMs,
  type OpennessWindow,
} from './openness-window.js';

/**
 * The driver's own wide-open eye: the 80th percentile of the last 20 s of open-eyed time (causal). Openness of
 * open eyes differs between people by a factor of two and drifts with posture, so every later measure is
 * relative to it.
 *
 * Who grows sleepy no longer opens the eyes fully, and a baseline that followed would lower the bar. So it stands
 * still while the driver is known to be drowsy, and once it has settled it stays near the level it settled at.
 */
export interface OpennessBaseline {
  readonly window: OpennessWindow;
  readonly lastT: number | null;
  /** Openness of the driver's open eye; null until it is sound. */
  readonly open: number | null;
  /** How long the eyes have been narrowed without a break, ms. */
  readonly narrowedMs: number;
  /** Slow mean of `open`, which it stays near; null before the first estimate. */
  readonly settled: number | null;
  /** Open-eyed time that `settled` rests on, ms. */
  readonly settledMs: number;
}

export const baselineParameters = {
  windowMs: 20_000,
  percentile: 0.8,
  /** Open-eyed time needed for the first estimate. */
  calibrationMs: 1000,
  /** A sample stands for at most this long: gaps teach nothing. */
  maxSampleMs: 200,
  /** What the first sample, which has no predecessor, stands for: one frame at 30 Hz. */
  firstSampleMs: 1000 / 30,
  /**
   * Plausible open eyes. The mean over people is 0.257 with a standard deviation of 0.021; the lower end leaves
   * room for narrow eyes and glasses. A first estimate outside is not believed: calibration goes on.
   */
  minOpen: 0.12,
  maxOpen: 0.6,
  /**
   * Narrowed eyes (squint, looking down) teach nothing at first: a tired driver who no longer opens fully must
   * not lower the bar for himself. Narrowed for longer than this without a break, they are taken for the
   * driver's new normal (low sun, another driver).
   */
  narrowedAcceptedAfterMs: 10_000,
  /** From this much open-eyed time on the settled level holds. Nobody falls asleep in the first minutes unnoticed for long. */
  settledAfterMs: 120_000,
  /** Then it follows with this time constant: posture and light change over a drive. */
  settledTimeMs: 900_000,
  /** How far the baseline may be from the settled level: below, drooping lids; above, a look of surprise. */
  settledMinShare: 0.75,
  settledMaxShare: 1.3,
} as const;

/** What the lids are doing, as far as the baseline cares. */
export type LidPosition = 'open' | 'narrowed' | 'closed' | 'unknown';

export const initialBaseline: OpennessBaseline = {
  window: emptyOpennessWindow,
  lastT: null,
  open: null,
  narrowedMs: 0,
  settled: null,
  settledMs: 0,
};

/** Share of the calibration done, 0 to 1; 1 only once `open` is known. */
export function calibrationShare(baseline: OpennessBaseline): number {
  if (baseline.open !== null) return 1;
  return Math.min(0.99, windowedMs(baseline.window) / baselineParameters.calibrationMs);
}

/**
 * Learns from one measured frame.
 * @param openness mean openness of the frame, finite
 * @param lids `unknown` while there is no baseline to tell by
 * @param frozen the driver is drowsy: nothing is learnt, but for a baseline that is not there yet
 */
export function stepBaseline(
  baseline: OpennessBaseline,
  t: number,
  openness: number,
  lids: LidPosition,
  frozen = false,
): OpennessBaseline {
  const p = baselineParameters;
  if (frozen && baseline.open !== null) return { ...baseline, lastT: t };
  const elapsed = baseline.lastT === null ? p.firstSampleMs : t - baseline.lastT;
  const sampleMs = Math.min(p.maxSampleMs, Math.max(0, elapsed));
  const narrowedMs =
    lids === 'narrowed' ? baseline.narrowedMs + sampleMs : lids === 'open' ? 0 : baseline.narrowedMs;
  const accepted =
    lids === 'open' || lids === 'unknown' || (lids === 'narrowed' && narrowedMs > p.narrowedAcceptedAfterMs);
  if (!accepted) return { ...baseline, lastT: t, narrowedMs };
  const window = addOpenness(baseline.window, openness, sampleMs, p.windowMs);
  const level = estimate(baseline.open, window);
  if (level === null) return { ...baseline, window, lastT: t, open: null, narrowedMs };
  const open = nearSettled(level, baseline);
  return { window, lastT: t, open, narrowedMs, ...settle(baseline, open, sampleMs) };
}

function nearSettled(level: number, { settled, settledMs }: OpennessBaseline): number {
  const p = baselineParameters;
  if (settled === null || settledMs < p.settledAfterMs) return level;
  return Math.min(p.settledMaxShare * settled, Math.max(p.settledMinShare * settled, level));
}

/** A plain mean at first, then one that forgets. */
function settle(
  { settled, settledMs }: OpennessBaseline,
  open: number,
  sampleMs: number,
): Pick<OpennessBaseline, 'settled' | 'settledMs'> {
  if (settled === null) return { settled: open, settledMs: sampleMs };
  const { settledAfterMs, settledTimeMs } = baselineParameters;
  const restsOnMs = settledMs + sampleMs;
  const share = sampleMs / (restsOnMs < settledAfterMs ? restsOnMs : settledTimeMs);
  return { settled: settled + share * (open - settled), settledMs: Math.min(settledAfterMs, restsOnMs) };
}

function estimate(previous: number | null, window: OpennessWindow): number | null {
  const p = baselineParameters;
  if (windowedMs(window) < p.calibrationMs) return previous;
  const level = opennessPercentile(window, p.percentile);
  if (previous === null && (level < p.minOpen || level > p.maxOpen)) return null;
  return Math.min(p.maxOpen, Math.max(p.minOpen, level));
}
