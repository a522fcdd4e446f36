import { rateHz } from '../frame-rate.js';
import { unavailable, valid, type Measured, type UnknownReason } from '../measured.js';
import type { Policy } from '../policy/policy.js';
import type { View } from '../view.js';
import { perclosMinHz, type PerclosWindow } from './perclos.js';

export interface PerclosMeasures {
  readonly perclos: Measured<number>;
  readonly p70: Measured<number>;
  readonly meanSquare: Measured<number>;
  readonly closedShare: Measured<number>;
  readonly measuredMs: number;
}

export interface PerclosPair {
  readonly short: PerclosMeasures;
  readonly long: PerclosMeasures;
}

const nothingMeasured: PerclosMeasures = {
  perclos: unavailable('tooLittleMeasured'),
  p70: unavailable('tooLittleMeasured'),
  meanSquare: unavailable('tooLittleMeasured'),
  closedShare: unavailable('tooLittleMeasured'),
  measuredMs: 0,
};

export const initialPerclos: PerclosPair = { short: nothingMeasured, long: nothingMeasured };

/** PERCLOS over the policy's two windows, valid once enough of the window was measured. */
export function perclosMeasures(view: Pick<View, 'eyes' | 'frameRate'>, policy: Policy): PerclosPair {
  const p = policy.values;
  return {
    short: qualified(view, view.eyes.shortWindow, p['drowsy.shortCoverageMs']),
    long: qualified(view, view.eyes.longWindow, p['drowsy.longCoverageMs']),
  };
}

function qualified(
  view: Pick<View, 'frameRate'>,
  window: PerclosWindow,
  coverageMs: number,
): PerclosMeasures {
  const { measuredMs } = window;
  const hz = rateHz(view.frameRate);
  const reason: UnknownReason | null =
    measuredMs < coverageMs
      ? 'tooLittleMeasured'
      : hz === null || hz < perclosMinHz * 0.97
        ? 'frameRateTooLow'
        : null;
  const of = (value: number): Measured<number> => (reason === null ? valid(value) : unavailable(reason));
  return {
    perclos: of(window.perclos),
    p70: of(window.p70),
    meanSquare: of(window.meanSquare),
    closedShare: of(window.closedShare),
    measuredMs,
  };
}
