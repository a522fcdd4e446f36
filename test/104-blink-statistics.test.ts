import { describe, expect, it } from 'vitest';
import {
  addClosure,
  blinkMeasures,
  initialBlinkStatistics,
  type BlinkContext,
  type BlinkMeasures,
} from '../src/driver/eyes/blink-statistics.js';
import type { BlinkEvent } from '../src/driver/eyes/blink.js';
import { initialLidSpeed, stepLidSpeed } from '../src/driver/eyes/lid-speed.js';
import { initialMicrosleeps, recentMicrosleeps, stepMicrosleeps } from '../src/driver/eyes/microsleeps.js';
import type { Measured } from '../src/driver/measured.js';
import { perform, type Closing, type Script } from './70-support/person.js';
import { drive, feed } from './70-support/watch.js';

function blinkAt(startMs: number, durationMs = 150, minRatio = 0.1): BlinkEvent {
  return {
    startMs,
    peakMs: startMs + durationMs / 3,
    endMs: startMs + durationMs,
    durationMs,
    minRatio,
    kind: durationMs < 500 ? 'blink' : 'long',
  };
}

const speeds = { fallingPerS: 9, risingPerS: 5 };
const word = (measured: Measured<number>): number | string =>
  measured.quality === 'valid' ? measured.value : measured.reason;

function context(t: number, hz: number | null): BlinkContext {
  return { t, hz, reason: null, windowReason: null, measuredMs: 60_000 };
}

describe('blink statistics', () => {
  const taken = [0, 4000, 9000, 15_000].map((start, i) => blinkAt(start, i === 3 ? 700 : 100 + 50 * i));
  const statistics = taken.reduce((sum, blink) => addClosure(sum, blink, speeds), initialBlinkStatistics);

  it('are means over the last minute, long closures apart', () => {
    const measures = blinkMeasures(statistics, context(20_000, 60));
    expect(word(measures.count)).toBe(3);
    expect(word(measures.ratePerMin)).toBe(3);
    expect(word(measures.meanDurationMs)).toBe(150);
    expect(word(measures.longShare)).toBe(0.25);
    expect(word(measures.amplitude)).toBeCloseTo(0.9, 12);
    expect(word(measures.closingPerS)).toBe(9);
    expect(word(measures.reopeningPerS)).toBe(5);
    expect(word(measures.amplitudeVelocityS)).toBeCloseTo(0.1, 12);
    expect(word(measures.durationStepMs)).toBeCloseTo(1000 / 60, 9);
    expect(word(blinkMeasures(statistics, context(69_000, 60)).ratePerMin)).toBe(1);
  });

  it('are unavailable where the frame rate does not allow them', () => {
    const reasons = (hz: number | null): Record<string, number | string> =>
      Object.fromEntries(
        Object.entries(
          blinkMeasures(statistics, context(20_000, hz)) as unknown as Record<string, Measured<number>>,
        ).map(([name, measured]) => [name, measured.quality === 'valid' ? 'known' : measured.reason]),
      );
    const names = (found: Record<string, number | string>): string[] =>
      Object.keys(found).filter((name) => found[name] === 'frameRateTooLow');
    const all = Object.keys(blinkMeasures(statistics, context(0, null))) as (keyof BlinkMeasures)[];
    expect(names(reasons(null))).toEqual(all);
    expect(names(reasons(12))).toEqual(all);
    expect(names(reasons(24))).toEqual(
      all.filter((name) => name !== 'count' && name !== 'ratePerMin' && name !== 'longShare'),
    );
    expect(names(reasons(29.5))).toEqual(['closingPerS', 'reopeningPerS', 'amplitudeVelocityS']);
    expect(names(reasons(59))).toEqual([]);
  });

  it('say no means of less than three closures', () => {
    const one = addClosure(initialBlinkStatistics, blinkAt(0), speeds);
    const measures = blinkMeasures(one, context(1000, 60));
    expect(word(measures.meanDurationMs)).toBe('tooLittleMeasured');
    expect(word(measures.longShare)).toBe('tooLittleMeasured');
    expect(word(measures.count)).toBe(1);
  });

  it('remember a minute and no more', () => {
    let sum = initialBlinkStatistics;
    for (let i = 0; i < 50_000; i++) sum = addClosure(sum, blinkAt(i * 700, 300), speeds);
    expect(sum.recent.length).toBeLessThanOrEqual(86);
    expect(sum.blinks).toBe(50_000);
  });
});

describe('blinks of synthetic people', () => {
  const closings = (forMs: number): Closing[] =>
    Array.from({ length: 10 }, (_, i) => ({ fromMs: 3000 + i * 3000, forMs }));
  const measure = (script: Partial<Script>): BlinkMeasures => {
    const observations = perform({ lengthMs: 34_000, noise: 0.003, ...script });
    return feed(drive(observations)).measures.at(-1)!.blinks;
  };

  it('have lengths in order of their true ones, at 30 and at 60 Hz alike', () => {
    const lengths = [150, 230, 330].map((forMs) =>
      [30, 60].map((fps) => word(measure({ fps, closings: closings(forMs) }).meanDurationMs) as number),
    );
    for (const [at30, at60] of lengths) expect(Math.abs(at30 - at60)).toBeLessThan(34);
    expect(lengths[1][1] - lengths[0][1]).toBeGreaterThan(50);
    expect(lengths[2][1] - lengths[1][1]).toBeGreaterThan(70);
  });

  it('fall faster than they rise, as made', () => {
    const { closingPerS, reopeningPerS, amplitude } = measure({ fps: 60, closings: closings(200) });
    // Made to fall by 0.84 in 70 ms and to rise in 120 ms.
    expect(word(closingPerS)).toBeGreaterThan(10);
    expect(word(closingPerS)).toBeLessThan(16);
    expect(word(reopeningPerS)).toBeGreaterThan(6);
    expect(word(reopeningPerS)).toBeLessThan(10);
    expect(word(amplitude)).toBeGreaterThan(0.78);
    expect(word(amplitude)).toBeLessThan(0.9);
  });

  it('are long by their share', () => {
    const some = closings(180).map((closing, i) => (i % 5 === 0 ? { ...closing, forMs: 700 } : closing));
    expect(word(measure({ fps: 30, closings: some }).longShare)).toBeCloseTo(0.2, 6);
  });
});

describe('lid speed', () => {
  it('is the steepest step of a movement, begun anew with the next', () => {
    let speed = initialLidSpeed;
    for (const [t, ratio] of [
      [0, 1],
      [10, 0.9],
      [20, 0.4],
      [30, 0.1],
      [40, 0.3],
      [50, 0.8],
    ] as const)
      speed = stepLidSpeed(speed, t, ratio, ratio === 1);
    expect(speed.fallingPerS).toBeCloseTo(50, 9);
    expect(speed.risingPerS).toBeCloseTo(50, 9);
    expect(stepLidSpeed(speed, 60, 1, true)).toMatchObject({ fallingPerS: 0, risingPerS: 0 });
    expect(stepLidSpeed(speed, 900, 0.2, false)).toMatchObject({ fallingPerS: 0, risingPerS: 0 });
  });
});

describe('microsleeps', () => {
  it('count each closure once, from a second on, and are forgotten after a quarter of an hour', () => {
    let microsleeps = initialMicrosleeps;
    for (const [id, sinceMs, length] of [
      [1, 0, 900],
      [2, 5000, 2500],
      [3, 9000, 1100],
    ] as const) {
      for (let ms = 0; ms <= length; ms += 50)
        microsleeps = stepMicrosleeps(microsleeps, { id, sinceMs }, ms);
    }
    expect(microsleeps).toMatchObject({ count: 2, beganMs: [5000, 9000] });
    expect(recentMicrosleeps(microsleeps, 306_000, 300_000)).toBe(1);
    microsleeps = stepMicrosleeps(microsleeps, { id: 4, sinceMs: 2_000_000 }, 1001);
    expect(microsleeps).toMatchObject({ count: 3, beganMs: [2_000_000] });
  });
});
