import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closureRatio, floorParameters, learnFloor, ratioAtClosure } from '../src/driver/eyes/closure.js';
import { calibrationShare, initialBaseline, stepBaseline } from '../src/driver/eyes/openness-baseline.js';
import {
  addOpenness,
  emptyOpennessWindow,
  opennessPercentile,
  windowedMs,
} from '../src/driver/eyes/openness-window.js';
import { seededRandom } from './70-support/person.js';

describe('openness window', () => {
  it('gives the percentile of what was added, to the width of a bin', () => {
    const values = fc.array(fc.double({ min: 0.01, max: 0.6, noNaN: true }), {
      minLength: 5,
      maxLength: 300,
    });
    fc.assert(
      fc.property(values, fc.double({ min: 0.05, max: 0.95, noNaN: true }), (openness, share) => {
        let window = emptyOpennessWindow;
        for (const value of openness) window = addOpenness(window, value, 33, 60_000);
        const sorted = openness.toSorted((a, b) => a - b);
        const rank = share * sorted.length;
        const lower = sorted[Math.max(0, Math.ceil(rank) - 1)];
        const upper = sorted[Math.min(sorted.length - 1, Math.floor(rank))];
        const found = opennessPercentile(window, share);
        expect(found).toBeGreaterThanOrEqual(Math.min(lower, upper) - 0.0041);
        expect(found).toBeLessThanOrEqual(Math.max(lower, upper) + 0.0041);
      }),
    );
  });

  it('forgets exactly, and never holds more than a second beyond its length', () => {
    const random = seededRandom(7);
    let window = emptyOpennessWindow;
    for (let i = 0; i < 5000; i++) window = addOpenness(window, random() * 0.6, 10 + random() * 60, 20_000);
    const sum = window.total.reduce((a, b) => a + b, 0);
    expect(sum).toBe(window.totalTicks);
    expect(windowedMs(window)).toBeLessThanOrEqual(21_100);
    for (let i = 0; i < 2000; i++) window = addOpenness(window, 0.3, 40, 20_000);
    expect(opennessPercentile(window, 0.01)).toBeCloseTo(0.3, 2);
  });

  it('does not change the window it was given', () => {
    const one = addOpenness(emptyOpennessWindow, 0.3, 500, 20_000);
    addOpenness(one, 0.1, 800, 20_000);
    expect(opennessPercentile(one, 0.5)).toBeCloseTo(0.3, 2);
    expect(windowedMs(emptyOpennessWindow)).toBe(0);
  });
});

describe('openness baseline', () => {
  const learn = (fps: number, lengthMs: number, openness: (t: number) => number) => {
    let baseline = initialBaseline;
    for (let t = 0; t < lengthMs; t += 1000 / fps) baseline = stepBaseline(baseline, t, openness(t), 'open');
    return baseline;
  };

  it('is known after one second and says how far it is before', () => {
    expect(learn(30, 900, () => 0.28).open).toBeNull();
    expect(calibrationShare(learn(30, 500, () => 0.28))).toBeGreaterThan(0.3);
    expect(calibrationShare(learn(30, 900, () => 0.28))).toBeLessThan(1);
    const known = learn(30, 1100, () => 0.28);
    expect(known.open).toBeCloseTo(0.28, 2);
    expect(calibrationShare(known)).toBe(1);
  });

  it('does not believe a first second of closed eyes', () => {
    expect(learn(30, 5000, () => 0.04).open).toBeNull();
  });

  it('stands still while the eyes are closed, however long', () => {
    let baseline = learn(30, 20_000, () => 0.28);
    const before = baseline.open;
    for (let t = 20_000; t < 80_000; t += 33) baseline = stepBaseline(baseline, t, 0.04, 'closed');
    expect(baseline.open).toBe(before);
  });

  it('ignores narrowed eyes at first and takes them for the new normal in the end', () => {
    let baseline = learn(30, 20_000, () => 0.28);
    for (let t = 20_000; t < 29_000; t += 33) baseline = stepBaseline(baseline, t, 0.15, 'narrowed');
    expect(baseline.open).toBeCloseTo(0.28, 2);
    for (let t = 29_000; t < 60_000; t += 33) baseline = stepBaseline(baseline, t, 0.15, 'narrowed');
    expect(baseline.open).toBeCloseTo(0.15, 2);
  });

  it('is the same at 12 and at 60 frames a second, with drops', () => {
    const wave = (t: number): number => 0.28 + 0.03 * Math.sin(t / 900);
    const random = seededRandom(3);
    let dropped = initialBaseline;
    for (let t = 0; t < 30_000; t += 1000 / 60) {
      if (random() < 0.3) continue;
      dropped = stepBaseline(dropped, t, wave(t), 'open');
    }
    const slow = learn(12, 30_000, wave).open!;
    expect(Math.abs(slow - dropped.open!)).toBeLessThan(0.005);
  });
});

describe('closure', () => {
  const floors = fc.double({ min: floorParameters.min, max: floorParameters.max, noNaN: true });

  it('is 0 to 1, 0 at the open eye, 1 at the floor, and falls as openness rises', () => {
    const unit = fc.double({ min: 0, max: 1.5, noNaN: true });
    fc.assert(
      fc.property(
        floors,
        unit,
        unit,
        fc.double({ min: 0.12, max: 0.6, noNaN: true }),
        (floor, a, b, open) => {
          const closure = closureRatio(a * open, open, floor);
          expect(closure).toBeGreaterThanOrEqual(0);
          expect(closure).toBeLessThanOrEqual(1);
          if (a < b) expect(closure).toBeGreaterThanOrEqual(closureRatio(b * open, open, floor));
          expect(closureRatio(open, open, floor)).toBe(0);
          expect(closureRatio(floor * open, open, floor)).toBeCloseTo(1, 9);
          expect(closureRatio(ratioAtClosure(0.8, floor) * open, open, floor)).toBeCloseTo(0.8, 9);
        },
      ),
    );
  });

  it('learns a floor that stays within its limits and comes close to the lower blinks', () => {
    fc.assert(
      fc.property(floors, fc.array(fc.double({ min: 0, max: 1, noNaN: true })), (start, minima) => {
        const floor = minima.reduce(learnFloor, start);
        expect(floor).toBeGreaterThanOrEqual(floorParameters.min);
        expect(floor).toBeLessThanOrEqual(floorParameters.max);
      }),
    );
    const random = seededRandom(5);
    let floor: number = floorParameters.prior;
    for (let i = 0; i < 100; i++) floor = learnFloor(floor, 0.25 + 0.1 * random());
    expect(floor).toBeGreaterThan(0.24);
    expect(floor).toBeLessThan(0.31);
  });
});
