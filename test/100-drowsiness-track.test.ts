import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { initialBlinkWindow } from '../src/driver/drowsiness/blink-window.js';
import {
  drowsinessTrackParameters,
  forgetDrowsiness,
  initialDrowsinessTrack,
  modelOpinion,
  stepDrowsinessTrack,
  type DrowsinessTrack,
} from '../src/driver/drowsiness/drowsiness-track.js';
import {
  pooled,
  type DrowsinessProbabilities,
  type DrowsinessScorer,
} from '../src/driver/drowsiness/score.js';
import { VigilError } from '../src/runtime/errors.js';
import { blinkEnding, driveBlinks } from './100-support.js';

/** Says what it is told to, and counts how often it was asked. */
function toldTo(answer: () => DrowsinessProbabilities): DrowsinessScorer & { asked: number } {
  const scorer = {
    asked: 0,
    score: (window: Float32Array) => {
      expect(window).toHaveLength(120);
      scorer.asked++;
      return answer();
    },
  };
  return scorer;
}

const awake = { alert: 0.8, lowVigilant: 0.1, drowsy: 0.1 };
const sleepy = { alert: 0.1, lowVigilant: 0.2, drowsy: 0.7 };

/** A driver whose own blinks are known, at an even number of blinks. */
function known(): { track: DrowsinessTrack; t: number } {
  const { window, t } = driveBlinks(initialBlinkWindow, { from: 0, blinks: 60 });
  return { track: { ...initialDrowsinessTrack, window }, t };
}

function blinkOn(
  { track, t }: { track: DrowsinessTrack; t: number },
  blinks: number,
  scorer: DrowsinessScorer | null,
) {
  for (let i = 0; i < blinks; i++) {
    t += 3000;
    const frame = { t, measured: true, fast: true, drowsy: false, blink: blinkEnding(t) };
    track = stepDrowsinessTrack(track, frame, scorer);
  }
  return { track, t };
}

describe('the drowsiness model over time', () => {
  it('is asked at every second blink, and pooled', () => {
    const scorer = toldTo(() => sleepy);
    const { track, t } = blinkOn(known(), 10, scorer);
    expect(scorer.asked).toBe(5);
    const opinion = modelOpinion(track, t, scorer);
    expect(opinion).toMatchObject({ quality: 'valid', value: { windows: 5 } });
    if (opinion.quality === 'valid') expect(opinion.value.probabilities.drowsy).toBeCloseTo(0.7, 9);
  });

  it('is not asked between blinks', () => {
    const scorer = toldTo(() => sleepy);
    const { track, t } = blinkOn(known(), 2, scorer);
    const frame = { measured: true, fast: true, drowsy: false, blink: null };
    const next = stepDrowsinessTrack(track, { t: t + 33, ...frame }, scorer);
    expect(scorer.asked).toBe(1);
    expect(next.scores).toBe(track.scores);
  });

  it('says why it has no opinion', () => {
    const scorer = toldTo(() => awake);
    const { track, t } = blinkOn(known(), 4, scorer);
    const reasonOf = (of: DrowsinessTrack, now: number, by: DrowsinessScorer | null = scorer) => {
      const opinion = modelOpinion(of, now, by);
      return opinion.quality === 'valid' ? null : opinion.reason;
    };
    expect(reasonOf(track, t)).toBeNull();
    expect(reasonOf(track, t, null)).toBe('modelMissing');
    expect(reasonOf(track, t + drowsinessTrackParameters.maxAgeMs)).toBe('tooLittleMeasured');
    expect(reasonOf(initialDrowsinessTrack, t)).toBe('frameRateTooLow');
    expect(reasonOf(forgetDrowsiness(track), t)).toBe('calibrating');
    const slow = { t: t + 100, measured: true, fast: false, drowsy: false, blink: null };
    expect(reasonOf(stepDrowsinessTrack(track, slow, scorer), t + 100)).toBe('frameRateTooLow');
  });

  it('drops opinions of more than five minutes ago', () => {
    const scorer = toldTo(() => sleepy);
    const before = blinkOn(known(), 4, scorer);
    const after = blinkOn(
      before,
      120,
      toldTo(() => awake),
    );
    const opinion = modelOpinion(after.track, after.t, scorer);
    if (opinion.quality === 'valid') expect(opinion.value.probabilities.alert).toBeCloseTo(0.8, 9);
    expect(opinion).toMatchObject({ quality: 'valid', value: { windows: 50 } });
  });

  it('is `inferenceFailed` after a failure of the model, until it answers again', () => {
    let broken = true;
    const scorer = toldTo(() => {
      if (broken) throw new VigilError('INFERENCE_FAILED', 'made up');
      return awake;
    });
    const failed = blinkOn(known(), 2, scorer);
    expect(modelOpinion(failed.track, failed.t, scorer)).toMatchObject({ reason: 'inferenceFailed' });
    broken = false;
    const repaired = blinkOn(failed, 2, scorer);
    expect(modelOpinion(repaired.track, repaired.t, scorer)).toMatchObject({ quality: 'valid' });
  });

  it('hides no programming error', () => {
    const scorer = toldTo(() => {
      throw new TypeError('made up');
    });
    expect(() => blinkOn(known(), 2, scorer)).toThrow(TypeError);
  });
});

describe('pooled windows', () => {
  const probabilities = fc
    .tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }))
    .map(([a, b]) => {
      const [low, high] = a < b ? [a, b] : [b, a];
      return { alert: low, lowVigilant: high - low, drowsy: 1 - high };
    });

  it('are probabilities again, whatever the windows say', () => {
    fc.assert(
      fc.property(fc.array(probabilities, { minLength: 1, maxLength: 40 }), (scores) => {
        const { alert, lowVigilant, drowsy } = pooled(scores);
        expect(alert + lowVigilant + drowsy).toBeCloseTo(1, 9);
        expect(Math.min(alert, lowVigilant, drowsy)).toBeGreaterThan(0);
      }),
    );
  });

  it('are the geometric mean', () => {
    const { alert, drowsy } = pooled([
      { alert: 0.9, lowVigilant: 0.05, drowsy: 0.05 },
      { alert: 0.1, lowVigilant: 0.45, drowsy: 0.45 },
    ]);
    expect(alert / drowsy).toBeCloseTo(Math.sqrt((0.9 / 0.05) * (0.1 / 0.45)), 9);
  });
});
