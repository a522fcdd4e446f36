import { roundingMs } from '../../src/driver/eyes/closure-run.js';
import {
  initialPerclos,
  perclosMaxSampleMs,
  perclosOver,
  stepPerclos,
  type PerclosLimits,
  type PerclosSample,
  type PerclosState,
  type PerclosWindow,
} from '../../src/driver/eyes/perclos.js';

export const limits: PerclosLimits = { closedAt: 0.8, blinkMs: 500, windowsMs: [60_000, 180_000] };

export interface Frame {
  readonly t: number;
  /** Null: the eyes could not be measured. */
  readonly sample: PerclosSample | null;
}

export function frameOf(t: number, closure: number | null): Frame {
  return { t, sample: closure === null ? null : { closure, lidsClosed: closure > 0.5 } };
}

export function run(frames: Iterable<Frame>, from: PerclosState = initialPerclos): PerclosState {
  let state = from;
  for (const { t, sample } of frames) state = stepPerclos(state, t, sample, limits);
  return state;
}

export function measure(frames: Iterable<Frame>, windowMs = 60_000): PerclosWindow {
  return perclosOver(run(frames), windowMs);
}

interface Piece {
  readonly from: number;
  readonly to: number;
  readonly sample: PerclosSample;
}

/** The same measures by going through all frames anew, with the exact window. */
export function bruteForce(frames: readonly Frame[], windowMs: number): PerclosWindow {
  const pieces: Piece[] = [];
  for (const [i, { t, sample }] of frames.slice(0, -1).entries()) {
    if (sample !== null)
      pieces.push({ from: t, to: Math.min(frames[i + 1].t, t + perclosMaxSampleMs), sample });
  }
  const start = frames.at(-1)!.t - windowMs;
  const inside = ({ from, to }: Piece): number => Math.max(0, to - Math.max(from, start));
  const sum = (of: (piece: Piece) => number): number =>
    pieces.reduce((total, piece) => total + of(piece) * inside(piece), 0);
  const slow = (limit: number): number => {
    const stretches: Piece[][] = [];
    for (const piece of pieces.filter(({ sample }) => sample.closure >= limit)) {
      const last = stretches.at(-1);
      if (last !== undefined && piece.from - last.at(-1)!.to <= 120 + roundingMs) last.push(piece);
      else stretches.push([piece]);
    }
    const lengthOf = (stretch: readonly Piece[]): number => stretch.reduce((ms, p) => ms + p.to - p.from, 0);
    const counted = stretches.filter((stretch) => lengthOf(stretch) >= limits.blinkMs - roundingMs).flat();
    return counted.reduce((ms, piece) => ms + inside(piece), 0);
  };
  const measuredMs = sum(() => 1);
  return {
    perclos: slow(limits.closedAt) / measuredMs,
    p70: slow(0.7) / measuredMs,
    meanSquare: sum(({ sample }) => sample.closure ** 2) / measuredMs,
    closedShare: sum(({ sample }) => Number(sample.lidsClosed)) / measuredMs,
    measuredMs,
  };
}

export interface Span {
  readonly ms: number;
  /** Null: the eyes cannot be measured. */
  readonly closure: number | null;
}

/** Frames at a fixed rate over spans of constant closure, one after the other. */
export function filmed(spans: readonly Span[], fps: number): Frame[] {
  const ends: number[] = [];
  let end = 0;
  for (const { ms } of spans) ends.push((end += ms));
  const frames: Frame[] = [];
  let i = 0;
  for (let n = 0; (n * 1000) / fps <= end; n++) {
    const t = (n * 1000) / fps;
    while (i < spans.length && t >= ends[i]) i++;
    frames.push(frameOf(t, spans.at(i)?.closure ?? null));
  }
  return frames;
}
