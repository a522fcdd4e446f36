import { VigilError } from '../../runtime/errors.js';
import { unavailable, valid, type Measured, type UnknownReason } from '../measured.js';
import {
  blinkWindowInput,
  forgetBlinks,
  initialBlinkWindow,
  stepBlinkWindow,
  type BlinkWindow,
  type BlinkWindowFrame,
} from './blink-window.js';
import { pooled, type DrowsinessProbabilities, type DrowsinessScorer } from './score.js';

/** What the drowsiness model has said of the last blink windows. */
export interface DrowsinessTrack {
  readonly window: BlinkWindow;
  /** Oldest first, at most `poolMs` of them. */
  readonly scores: readonly WindowScore[];
  /** The newest window could not be judged. */
  readonly failed: boolean;
}

interface WindowScore {
  readonly t: number;
  readonly probabilities: DrowsinessProbabilities;
}

export const drowsinessTrackParameters = {
  /** A window is judged at every second blink, the overlap of the training data. */
  blinksPerScore: 2,
  /** Windows of this long are pooled; the training data's videos of about ten minutes are pooled whole. */
  poolMs: 5 * 60_000,
  /** An opinion this old is none. */
  maxAgeMs: 2 * 60_000,
} as const;

export const initialDrowsinessTrack: DrowsinessTrack = {
  window: initialBlinkWindow,
  scores: [],
  failed: false,
};

/** One frame. Asks `scorer` at most once; null where there is no model. */
export function stepDrowsinessTrack(
  track: DrowsinessTrack,
  frame: BlinkWindowFrame,
  scorer: DrowsinessScorer | null,
): DrowsinessTrack {
  const p = drowsinessTrackParameters;
  const window = stepBlinkWindow(track.window, frame);
  const due = window.count > track.window.count && window.count % p.blinksPerScore === 0;
  if (scorer === null || !due) return { ...track, window };
  const input = blinkWindowInput(window);
  if (input.quality !== 'valid') return { ...track, window };
  const kept = track.scores.filter(({ t }) => t > frame.t - p.poolMs);
  const probabilities = judged(scorer, input.value);
  if (probabilities === null) return { window, scores: kept, failed: true };
  return { window, scores: [...kept, { t: frame.t, probabilities }], failed: false };
}

function judged(scorer: DrowsinessScorer, window: Float32Array): DrowsinessProbabilities | null {
  try {
    return scorer.score(window);
  } catch (error) {
    if (error instanceof VigilError) return null;
    throw error;
  }
}

/** Another driver may have sat down. */
export function forgetDrowsiness(track: DrowsinessTrack): DrowsinessTrack {
  return { ...initialDrowsinessTrack, window: forgetBlinks(track.window) };
}

export interface ModelOpinion {
  readonly probabilities: DrowsinessProbabilities;
  /** Overlapping windows that were pooled. */
  readonly windows: number;
}

/**
 * The model's opinion as of `now`.
 * @param scorer null gives `modelMissing`
 */
export function modelOpinion(
  track: DrowsinessTrack,
  now: number,
  scorer: DrowsinessScorer | null,
): Measured<ModelOpinion> {
  const reason = whyNone(track, scorer);
  if (reason !== null) return unavailable(reason);
  const p = drowsinessTrackParameters;
  const recent = track.scores.filter(({ t }) => t > now - p.poolMs);
  const newest = recent.at(-1);
  if (newest === undefined || newest.t <= now - p.maxAgeMs) return unavailable('tooLittleMeasured');
  return valid({
    probabilities: pooled(recent.map(({ probabilities }) => probabilities)),
    windows: recent.length,
  });
}

function whyNone(track: DrowsinessTrack, scorer: DrowsinessScorer | null): UnknownReason | null {
  if (scorer === null) return 'modelMissing';
  if (track.failed) return 'inferenceFailed';
  const input = blinkWindowInput(track.window);
  return input.quality === 'valid' ? null : input.reason;
}
