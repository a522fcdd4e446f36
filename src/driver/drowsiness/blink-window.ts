import type { BlinkEvent } from '../eyes/blink.js';
import { unavailable, valid, type Measured } from '../measured.js';
import {
  blinkFeatureNames,
  blinkReferenceParameters,
  initialBlinkReference,
  learnBlink,
  normalised,
  type BlinkFeatures,
  type BlinkReference,
} from './blink-reference.js';

/**
 * The last 30 blinks against the driver's own alert period, as the drowsiness model was taught to see them
 * (Ghoddoosian et al. 2019): frequency, amplitude, duration and speed of reopening of each, standardised.
 */
export interface BlinkWindow {
  readonly reference: BlinkReference;
  /** Time for which the eyes were measured at a sufficient frame rate since this driver sat down. */
  readonly measuredMs: number;
  /** Of the newest frame, and whether eyes were measured in it. */
  readonly lastT: number | null;
  readonly lastMeasured: boolean;
  /** The newest blinks, oldest first, at most `blinksPerWindow`. */
  readonly blinks: readonly WindowBlink[];
  /** Blinks taken in since the start. */
  readonly count: number;
  /** `measuredMs` at the ends of the blinks that still count for the frequency. */
  readonly recent: readonly number[];
  readonly fast: boolean;
}

interface WindowBlink extends BlinkFeatures {
  readonly endMs: number;
}

export const blinksPerWindow = 30;
export const featuresPerBlink = blinkFeatureNames.length;

export const blinkWindowParameters = {
  /** A frame stands until the next one, at most this long. */
  maxSampleMs: 250,
  /** Blinks older than this say nothing about now; 30 blinks take one to six minutes. */
  maxAgeMs: 10 * 60_000,
  /**
   * A rate as of now. In the data it is the mean since the start of a ten-minute video; over a trip such a mean would hardly
   * move any more, and its deviation from the usual would mean something else every hour.
   */
  frequencyWindowMs: 2 * 60_000,
  /** Earlier than this a rate is mostly noise. */
  minFrequencyMs: 30_000,
  /** The shortest time from the deepest point to open that is believed: one frame at 30 Hz. */
  minOpeningMs: 1000 / 30,
} as const;

export const initialBlinkWindow: BlinkWindow = {
  reference: initialBlinkReference,
  measuredMs: 0,
  lastT: null,
  lastMeasured: false,
  blinks: [],
  count: 0,
  recent: [],
  fast: false,
};

export interface BlinkWindowFrame {
  /** ms on the drive's clock, later than the last one. */
  readonly t: number;
  /** Eyes were measured in this frame. */
  readonly measured: boolean;
  /** The frame rate shows blinks (15 Hz and more). */
  readonly fast: boolean;
  /** What is usual for this driver is not to be learnt now. */
  readonly drowsy: boolean;
  /** A closure that ended with this frame. */
  readonly blink: BlinkEvent | null;
}

/** One frame. */
export function stepBlinkWindow(window: BlinkWindow, frame: BlinkWindowFrame): BlinkWindow {
  const { t, measured, fast, blink } = frame;
  const p = blinkWindowParameters;
  const elapsedMs = window.lastT === null ? 0 : Math.max(0, t - window.lastT);
  const counted = window.lastMeasured && window.fast ? Math.min(p.maxSampleMs, elapsedMs) : 0;
  const next = {
    ...window,
    measuredMs: window.measuredMs + counted,
    lastT: t,
    lastMeasured: measured,
    fast,
  };
  return blink === null || !fast ? next : addBlink(next, blink, frame.drowsy);
}

/** Another driver may have sat down: nothing learnt holds. */
export function forgetBlinks(window: BlinkWindow): BlinkWindow {
  return { ...initialBlinkWindow, lastT: window.lastT, count: window.count, fast: window.fast };
}

function addBlink(window: BlinkWindow, event: BlinkEvent, drowsy: boolean): BlinkWindow {
  const p = blinkWindowParameters;
  const { measuredMs } = window;
  const recent = [...window.recent.filter((at) => at > measuredMs - p.frequencyWindowMs), measuredMs];
  const spanMs = Math.min(p.frequencyWindowMs, Math.max(p.minFrequencyMs, measuredMs));
  const blink: WindowBlink = { ...featuresOf(event, (recent.length * 60_000) / spanMs), endMs: event.endMs };
  const learning = !drowsy && (measuredMs < blinkReferenceParameters.learnMs || !referenceLearnt(window));
  return {
    ...window,
    reference: learning ? learnBlink(window.reference, blink) : window.reference,
    blinks: [...window.blinks.slice(1 - blinksPerWindow), blink],
    count: window.count + 1,
    recent,
  };
}

/** A blink in the model's terms. Speed is the mean over the reopening, as in the data, not the peak. */
export function featuresOf(event: BlinkEvent, frequencyPerMin: number): BlinkFeatures {
  const amplitude = Math.min(1, Math.max(0, 1 - event.minRatio));
  const openingMs = Math.max(blinkWindowParameters.minOpeningMs, event.endMs - event.peakMs);
  return {
    frequencyPerMin,
    amplitude,
    durationMs: event.durationMs,
    openingPerS: (amplitude * 1000) / openingMs,
  };
}

function referenceLearnt(window: BlinkWindow): boolean {
  return window.reference.n >= blinkReferenceParameters.minBlinks;
}

/** Share of the driver's own blinks learnt, 0 to 1. */
export function blinkWindowCalibration(window: BlinkWindow): number {
  return Math.min(1, window.reference.n / blinkReferenceParameters.minBlinks);
}

/**
 * What the model is asked: 30 x 4 numbers, oldest blink first, as of the newest frame; or why it cannot be asked.
 * Reasons: `frameRateTooLow`, `calibrating` (too few blinks of the alert period), `tooLittleMeasured` (fewer than 30
 * blinks in ten minutes).
 */
export function blinkWindowInput(window: BlinkWindow): Measured<Float32Array> {
  if (!window.fast) return unavailable('frameRateTooLow');
  if (!referenceLearnt(window)) return unavailable('calibrating');
  const since = (window.lastT ?? 0) - blinkWindowParameters.maxAgeMs;
  const blinks = window.blinks.filter(({ endMs }) => endMs > since);
  if (blinks.length < blinksPerWindow) return unavailable('tooLittleMeasured');
  return valid(
    Float32Array.from(
      blinks.flatMap((blink) => blinkFeatureNames.map((name) => normalised(window.reference, blink, name))),
    ),
  );
}
