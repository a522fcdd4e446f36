/**
 * PERCLOS (P80): share of measured time in a window during which the eyes were at least 80 % closed, blinks
 * (closures shorter than a limit) excluded; and `closedShare`, all closed time including blinks.
 *
 * Time is kept as segments rather than frames, so dropped frames and the frame rate do not weigh in. Time in
 * which the eyes could not be measured is in no segment, hence in neither sum: counting unseen eyes as closed
 * was the largest source of false alarms in a published field trial.
 */
interface Segment {
  readonly fromMs: number;
  readonly toMs: number;
  readonly eyes: 'open' | 'closed' | 'fullyClosed';
  /** The closure it belongs to; 0 for open eyes. */
  readonly closureId: number;
}

export type PerclosSample =
  | { readonly kind: 'unmeasured' }
  | { readonly kind: 'open' }
  | {
      readonly kind: 'closed';
      /** At or above the P80 limit; independent of the blink thresholds. */
      readonly fullyClosed: boolean;
      readonly closureId: number;
      /** Length so far of the closure this frame belongs to. */
      readonly closureMs: number;
    };

export interface PerclosState {
  readonly segments: readonly Segment[];
  /** Closures known to be longer than a blink, ascending. */
  readonly slowClosures: readonly number[];
  readonly lastT: number | null;
  readonly last: PerclosSample;
}

export interface PerclosWindow {
  /** 0 to 1; NaN when nothing was measured. */
  readonly perclos: number;
  readonly closedShare: number;
  /** Measured time inside the window. */
  readonly measuredMs: number;
}

/** A sample stands until the next one, at most this long: PERCLOS needs 4 to 5 frames a second. */
export const perclosMaxSampleMs = 250;
export const perclosMinHz = 5;

export const initialPerclos: PerclosState = {
  segments: [],
  slowClosures: [],
  lastT: null,
  last: { kind: 'unmeasured' },
};

/** @param blinkMs closures from this length on count @param keepMs the longest window that will be asked for */
export function stepPerclos(
  state: PerclosState,
  t: number,
  sample: PerclosSample,
  blinkMs: number,
  keepMs: number,
): PerclosState {
  const segments = prune(append(state, t), t - keepMs);
  return { segments, slowClosures: slowAfter(state, segments, sample, blinkMs), lastT: t, last: sample };
}

function slowAfter(
  state: PerclosState,
  segments: readonly Segment[],
  sample: PerclosSample,
  blinkMs: number,
): readonly number[] {
  let slow = state.slowClosures;
  const oldest = segments.find((s) => s.closureId > 0)?.closureId;
  if (slow.length > 0 && oldest !== undefined && slow[0] < oldest) slow = slow.filter((id) => id >= oldest);
  if (sample.kind !== 'closed' || sample.closureMs < blinkMs || slow.at(-1) === sample.closureId) return slow;
  return [...slow, sample.closureId];
}

function append(state: PerclosState, t: number): readonly Segment[] {
  const { last, lastT, segments } = state;
  if (lastT === null || last.kind === 'unmeasured' || t <= lastT) return segments;
  const toMs = Math.min(t, lastT + perclosMaxSampleMs);
  const eyes = last.kind === 'open' ? 'open' : last.fullyClosed ? 'fullyClosed' : 'closed';
  const closureId = last.kind === 'open' ? 0 : last.closureId;
  const previous = segments.at(-1);
  if (previous?.toMs === lastT && previous.eyes === eyes && previous.closureId === closureId) {
    return [...segments.slice(0, -1), { ...previous, toMs }];
  }
  return [...segments, { fromMs: lastT, toMs, eyes, closureId }];
}

function prune(segments: readonly Segment[], beforeMs: number): readonly Segment[] {
  let first = 0;
  while (first < segments.length && segments[first].toMs <= beforeMs) first++;
  return first === 0 ? segments : segments.slice(first);
}

export const nothingMeasured: PerclosWindow = { perclos: Number.NaN, closedShare: Number.NaN, measuredMs: 0 };

/** The measures over the last `windowMs` before the newest sample. */
export function perclosOver(state: PerclosState, windowMs: number): PerclosWindow {
  const from = (state.lastT ?? 0) - windowMs;
  let measuredMs = 0;
  let closedMs = 0;
  let slowMs = 0;
  for (const segment of state.segments) {
    const length = segment.toMs - Math.max(from, segment.fromMs);
    if (length <= 0) continue;
    measuredMs += length;
    if (segment.eyes === 'open') continue;
    closedMs += length;
    if (segment.eyes === 'fullyClosed' && state.slowClosures.includes(segment.closureId)) slowMs += length;
  }
  return { perclos: slowMs / measuredMs, closedShare: closedMs / measuredMs, measuredMs };
}
