import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  blinkReferenceParameters,
  initialBlinkReference,
  learnBlink,
  normalised,
} from '../src/driver/drowsiness/blink-reference.js';
import {
  blinkWindowCalibration,
  blinkWindowInput,
  featuresOf,
  forgetBlinks,
  initialBlinkWindow,
  stepBlinkWindow,
  type BlinkWindow,
} from '../src/driver/drowsiness/blink-window.js';
import type { BlinkEvent } from '../src/driver/eyes/blink.js';
import { blinkEnding, driveBlinks } from './100-support.js';

const column = (input: Float32Array, feature: number) =>
  Array.from(input).filter((_, i) => i % 4 === feature);

function inputOf(window: BlinkWindow): Float32Array {
  const input = blinkWindowInput(window);
  if (input.quality !== 'valid') throw new Error(`expected a window but it is ${input.reason}`);
  return input.value;
}

describe('features of a blink', () => {
  it('are depth, length and the mean speed from the deepest point to open', () => {
    const event: BlinkEvent = {
      startMs: 1000,
      peakMs: 1100,
      endMs: 1300,
      durationMs: 300,
      minRatio: 0.2,
      kind: 'blink',
    };
    expect(featuresOf(event, 17)).toEqual({
      frequencyPerMin: 17,
      amplitude: 0.8,
      durationMs: 300,
      openingPerS: 4,
    });
  });

  it('stay finite when the eye opens within a frame', () => {
    const event = blinkEnding(1000, { openingMs: 0 });
    expect(featuresOf(event, 10).openingPerS).toBeCloseTo(0.8 * 30, 9);
  });
});

describe('the driver’s own blinks', () => {
  it('have the mean and the deviation of what was learnt', () => {
    const durations = [100, 140, 120, 160, 130];
    const reference = durations.reduce(
      (learnt, durationMs) => learnBlink(learnt, featuresOf(blinkEnding(0, { durationMs }), 15)),
      initialBlinkReference,
    );
    expect(reference.n).toBe(5);
    expect(reference.moments.durationMs.mean).toBeCloseTo(130, 9);
    expect(reference.moments.durationMs.variance).toBeCloseTo(400, 9);
    const sleepy = featuresOf(blinkEnding(0, { durationMs: 190 }), 15);
    expect(normalised(reference, sleepy, 'durationMs')).toBeCloseTo(3, 9);
  });

  it('of somebody who sets off with long blinks are not taken for an awake person’s', () => {
    const slow = featuresOf(blinkEnding(0, { durationMs: 450 }), 15);
    let reference = initialBlinkReference;
    for (let i = 0; i < 50; i++) reference = learnBlink(reference, slow);
    const limit = blinkReferenceParameters.mean.durationMs[1];
    expect(normalised(reference, slow, 'durationMs')).toBeCloseTo((450 - limit) / 20, 9);
  });

  it('do not include long closures', () => {
    const long = featuresOf(blinkEnding(0, { durationMs: 800 }), 15);
    expect(learnBlink(initialBlinkReference, long)).toBe(initialBlinkReference);
  });
});

describe('the window', () => {
  it('is calibrating, then 30 blinks near 0, oldest first', () => {
    const early = driveBlinks(initialBlinkWindow, { from: 0, blinks: 29 });
    expect(blinkWindowInput(early.window)).toEqual({ quality: 'unavailable', reason: 'calibrating' });
    expect(blinkWindowCalibration(early.window)).toBeCloseTo(29 / 30, 9);
    const { window } = driveBlinks(early.window, {
      from: early.t,
      blinks: 31,
      durationMs: (i) => 100 + (i % 3) * 30,
    });
    const input = inputOf(window);
    expect(input).toHaveLength(120);
    const durations = column(input, 2);
    expect(Math.max(...durations.map(Math.abs))).toBeLessThan(3);
    expect(blinkWindowCalibration(window)).toBe(1);
  });

  it('shows longer, shallower, slower and rarer blinks with the right signs', () => {
    const awake = driveBlinks(initialBlinkWindow, { from: 0, blinks: 150 });
    const sleepy = driveBlinks(awake.window, {
      from: awake.t,
      blinks: 30,
      everyMs: 8000,
      durationMs: () => 350,
      depth: 0.6,
    });
    const input = inputOf(sleepy.window);
    expect(Math.min(...column(input, 2))).toBeGreaterThan(2);
    expect(Math.max(...column(input, 1))).toBeLessThan(-2);
    expect(Math.max(...column(input, 3))).toBeLessThan(-1);
    expect(column(input, 0).at(-1)).toBeLessThan(-1);
  });

  it('learns for the first minutes only, and not from a drowsy driver', () => {
    const learnt = driveBlinks(initialBlinkWindow, { from: 0, blinks: 200 });
    expect(learnt.window.measuredMs).toBeGreaterThan(blinkReferenceParameters.learnMs);
    const later = driveBlinks(learnt.window, { from: learnt.t, blinks: 40, durationMs: () => 400 });
    expect(later.window.reference).toBe(learnt.window.reference);
    const drowsy = driveBlinks(initialBlinkWindow, { from: 0, blinks: 40, drowsy: true });
    expect(drowsy.window.reference.n).toBe(0);
    expect(blinkWindowInput(drowsy.window)).toMatchObject({ reason: 'calibrating' });
  });

  it('is not available from a slow camera, and takes no blinks from it', () => {
    const { window, t } = driveBlinks(initialBlinkWindow, { from: 0, blinks: 60 });
    const slow = driveBlinks(window, { from: t, blinks: 10, fast: false });
    expect(slow.window.count).toBe(60);
    expect(blinkWindowInput(slow.window)).toEqual({ quality: 'unavailable', reason: 'frameRateTooLow' });
  });

  it('forgets blinks of more than ten minutes ago, and everything with another driver', () => {
    const { window, t } = driveBlinks(initialBlinkWindow, { from: 0, blinks: 60 });
    const frame = { measured: false, fast: true, drowsy: false, blink: null };
    const later = stepBlinkWindow(window, { t: t + 11 * 60_000, ...frame });
    expect(blinkWindowInput(later)).toEqual({ quality: 'unavailable', reason: 'tooLittleMeasured' });
    expect(later.measuredMs - window.measuredMs).toBeLessThanOrEqual(250);
    expect(blinkWindowInput(forgetBlinks(window))).toMatchObject({ reason: 'calibrating' });
  });

  it('counts measured time only: unseen eyes lower no rate', () => {
    const seen = driveBlinks(initialBlinkWindow, { from: 0, blinks: 60 });
    const frame = { fast: true, drowsy: false, blink: null };
    let { window } = seen;
    for (let t = seen.t + 33; t < seen.t + 120_000; t += 33)
      window = stepBlinkWindow(window, { t, measured: false, ...frame });
    const on = driveBlinks(window, { from: seen.t + 120_000, blinks: 1 });
    const rate = on.window.blinks.at(-1)!.frequencyPerMin;
    expect(rate).toBeGreaterThan(18);
    expect(rate).toBeLessThan(23);
  });

  it('stays finite and of one shape whatever the blinks are like', () => {
    const anyBlink = fc.record({
      gapMs: fc.integer({ min: 100, max: 15_000 }),
      durationMs: fc.integer({ min: 0, max: 600 }),
      depth: fc.double({ min: -1, max: 2, noNaN: true }),
      openingMs: fc.integer({ min: 0, max: 2000 }),
      measured: fc.boolean(),
      drowsy: fc.boolean(),
    });
    let judged = 0;
    fc.assert(
      fc.property(fc.array(anyBlink, { minLength: 100, maxLength: 140 }), (blinks) => {
        let window = initialBlinkWindow;
        let t = 0;
        for (const { gapMs, measured, drowsy, ...shape } of blinks) {
          t += gapMs;
          window = stepBlinkWindow(window, { t, measured, fast: true, drowsy, blink: blinkEnding(t, shape) });
          expect(window.blinks.length).toBeLessThanOrEqual(30);
        }
        const input = blinkWindowInput(window);
        if (input.quality !== 'valid') return;
        judged++;
        expect(input.value).toHaveLength(120);
        expect(input.value.every(Number.isFinite)).toBe(true);
      }),
    );
    expect(judged).toBeGreaterThan(10);
  });
});
