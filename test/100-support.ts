import { stepBlinkWindow, type BlinkWindow } from '../src/driver/drowsiness/blink-window.js';
import type { BlinkEvent } from '../src/driver/eyes/blink.js';

export interface BlinkShape {
  readonly durationMs?: number;
  /** Of the fall from open, 0 to 1. */
  readonly depth?: number;
  readonly openingMs?: number;
}

/** A closure that ends at `endMs`. */
export function blinkEnding(endMs: number, shape: BlinkShape = {}): BlinkEvent {
  const { durationMs = 120, depth = 0.8, openingMs = (durationMs * 2) / 3 } = shape;
  return {
    startMs: endMs - durationMs,
    peakMs: endMs - openingMs,
    endMs,
    durationMs,
    minRatio: 1 - depth,
    kind: durationMs < 500 ? 'blink' : 'long',
  };
}

export interface DriveShape {
  readonly from: number;
  readonly blinks: number;
  readonly everyMs?: number;
  readonly durationMs?: (index: number) => number;
  readonly depth?: number;
  readonly drowsy?: boolean;
  readonly fast?: boolean;
}

/** Frames at 30 Hz with a blink every `everyMs`; the window afterwards and the time it ended. */
export function driveBlinks(before: BlinkWindow, shape: DriveShape): { window: BlinkWindow; t: number } {
  const { from, blinks, everyMs = 3000, depth, drowsy = false, fast = true } = shape;
  const { durationMs = (index) => 110 + (index % 4) * 10 } = shape;
  let window = before;
  let t = from;
  for (let index = 0; index < blinks; index++) {
    const end = from + (index + 1) * everyMs;
    for (t += 1000 / 30; t < end - 1; t += 1000 / 30) {
      window = stepBlinkWindow(window, { t, measured: true, fast, drowsy, blink: null });
    }
    t = end;
    const blink = blinkEnding(end, {
      durationMs: durationMs(index),
      ...(depth === undefined ? {} : { depth: depth + (index % 3) * 0.01 }),
    });
    window = stepBlinkWindow(window, { t, measured: true, fast, drowsy, blink });
  }
  return { window, t };
}
