import { blinkCountMinHz } from '../frame-rate.js';
import { unavailable, valid, type Measured, type UnknownReason } from '../measured.js';
import type { BlinkEvent } from './blink.js';

/** What is remembered of the closures that have ended, blinks and long ones. */
export interface BlinkStatistics {
  /** Closures under 500 ms since the start. */
  readonly blinks: number;
  /** Closures of 500 ms and more since the start. */
  readonly longClosures: number;
  /** Those of the last minute, oldest first. */
  readonly recent: readonly EndedClosure[];
}

export interface EndedClosure {
  readonly endMs: number;
  readonly durationMs: number;
  readonly long: boolean;
  /** Depth against the driver's open eye, 0 to 1. */
  readonly amplitude: number;
  /** Peak speeds of the lids, in open eyes per second. */
  readonly fallingPerS: number;
  readonly risingPerS: number;
}

export const initialBlinkStatistics: BlinkStatistics = { blinks: 0, longClosures: 0, recent: [] };

export const blinkWindowMs = 60_000;

/** Slower cameras see too few frames of a blink for this (reference: counts 15 Hz, durations 60 Hz and marked with their step below that, speeds 250 Hz and more). */
export const blinkMinHz = { count: blinkCountMinHz, duration: 30, speed: 60 } as const;

/** A rate jitters around what the camera was set to; 3 % below still counts as that rate. */
const toleratedShare = 0.97;

/** Fewer closures than this have no mean and no shares worth the name. */
const minClosures = 3;

/** @param speeds of the lids during this closure */
export function addClosure(
  statistics: BlinkStatistics,
  event: BlinkEvent,
  speeds: { readonly fallingPerS: number; readonly risingPerS: number },
): BlinkStatistics {
  const { endMs, durationMs, minRatio, kind } = event;
  const long = kind === 'long';
  const ended: EndedClosure = {
    endMs,
    durationMs,
    long,
    amplitude: Math.min(1, Math.max(0, 1 - minRatio)),
    fallingPerS: speeds.fallingPerS,
    risingPerS: speeds.risingPerS,
  };
  return {
    blinks: statistics.blinks + (long ? 0 : 1),
    longClosures: statistics.longClosures + (long ? 1 : 0),
    recent: [...statistics.recent.filter((other) => other.endMs > endMs - blinkWindowMs), ended],
  };
}

export interface BlinkMeasures {
  /** Blinks (closures under 500 ms) since the start. */
  readonly count: Measured<number>;
  /** Blinks per minute of measured time over the last minute. */
  readonly ratePerMin: Measured<number>;
  /** Mean length of the blinks of the last minute; a multiple of `durationStepMs` in each of them. */
  readonly meanDurationMs: Measured<number>;
  /** What one frame more or less makes of a blink's length. */
  readonly durationStepMs: Measured<number>;
  /** Share of the last minute's closures that lasted 500 ms or more, 0 to 1. */
  readonly longShare: Measured<number>;
  /** Mean depth of the last minute's blinks against the open eye, 0 to 1. */
  readonly amplitude: Measured<number>;
  /** Mean peak speeds of the lids in the last minute's blinks, in open eyes per second. */
  readonly closingPerS: Measured<number>;
  readonly reopeningPerS: Measured<number>;
  /** Mean ratio of amplitude to peak closing speed, s (Johns 2003); grows with sleepiness. */
  readonly amplitudeVelocityS: Measured<number>;
}

export interface BlinkContext {
  readonly t: number;
  readonly hz: number | null;
  /** Why nothing can be said of closures; null when it can. */
  readonly reason: UnknownReason | null;
  /** Why nothing can be said per minute; null when it can. */
  readonly windowReason: UnknownReason | null;
  /** Measured time in the last minute. */
  readonly measuredMs: number;
}

/** The measures as of `context.t`. */
export function blinkMeasures(statistics: BlinkStatistics, context: BlinkContext): BlinkMeasures {
  const { t, hz, reason, measuredMs } = context;
  const recent = statistics.recent.filter(({ endMs }) => endMs > t - blinkWindowMs);
  const blinks = recent.filter(({ long }) => !long);
  const from = (minHz: number, other: UnknownReason | null, n = minClosures): UnknownReason | null => {
    if (reason !== null) return reason;
    if (hz === null || hz < minHz * toleratedShare) return 'frameRateTooLow';
    return other ?? (n < minClosures ? 'tooLittleMeasured' : null);
  };
  const perMinute = from(blinkMinHz.count, context.windowReason);
  const shares = from(blinkMinHz.count, context.windowReason, recent.length);
  const lengths = from(blinkMinHz.duration, null, blinks.length);
  const speeds = from(blinkMinHz.speed, null, blinks.length);
  return {
    count: known(from(blinkMinHz.count, null), () => statistics.blinks),
    ratePerMin: known(perMinute, () => (blinks.length * 60_000) / measuredMs),
    meanDurationMs: known(lengths, () => mean(blinks, (blink) => blink.durationMs)),
    durationStepMs: known(from(blinkMinHz.duration, null), () => 1000 / hz!),
    longShare: known(shares, () => (recent.length - blinks.length) / recent.length),
    amplitude: known(lengths, () => mean(blinks, (blink) => blink.amplitude)),
    closingPerS: known(speeds, () => mean(blinks, (blink) => blink.fallingPerS)),
    reopeningPerS: known(speeds, () => mean(blinks, (blink) => blink.risingPerS)),
    amplitudeVelocityS: known(speeds, () =>
      mean(blinks, (blink) => (blink.fallingPerS > 0 ? blink.amplitude / blink.fallingPerS : 0)),
    ),
  };
}

function known<T>(reason: UnknownReason | null, value: () => T): Measured<T> {
  return reason === null ? valid(value()) : unavailable(reason);
}

function mean(blinks: readonly EndedClosure[], of: (blink: EndedClosure) => number): number {
  return blinks.reduce((sum, blink) => sum + of(blink), 0) / blinks.length;
}
