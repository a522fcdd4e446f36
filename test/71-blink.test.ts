import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { initialBlinkState, stepBlink, type BlinkEvent } from '../src/driver/eyes/blink.js';
import {
  seenClosureMs,
  stepEyeClosure,
  stepUnseenClosure,
  type EyeClosure,
} from '../src/driver/eyes/eye-closure.js';
import { perform, seededRandom, type Closing, type Script } from './70-support/person.js';
import { drive, feed } from './70-support/watch.js';

function segment(ratios: readonly (readonly [t: number, ratio: number])[]): BlinkEvent[] {
  let state = initialBlinkState;
  const events: BlinkEvent[] = [];
  for (const [t, ratio] of ratios) {
    const step = stepBlink(state, t, ratio);
    state = step.state;
    if (step.event !== undefined) events.push(step.event);
  }
  return events;
}

const at24 = (ratios: readonly number[], fromFrame = 0): [number, number][] =>
  ratios.map((ratio, i) => [((fromFrame + i) * 1000) / 24, ratio]);

/** Events (blinks and long closures) the whole graph reports for a script. */
function events(script: Script): BlinkEvent[] {
  return feed(drive(perform(script))).outputs.flatMap((output) =>
    output.kind === 'blink' ? [output.blink] : output.kind === 'closure' ? [output.closure] : [],
  );
}

/** `count` blinks at random times, at least a second apart, of awake durations. */
function randomBlinks(seed: number, count: number): Closing[] {
  const random = seededRandom(seed);
  let t = 2000;
  return Array.from({ length: count }, () => {
    t += 1000 + random() * 4000;
    return { fromMs: t, forMs: 140 + random() * 160 };
  });
}

describe('blink segmentation', () => {
  it('reports a dip from its first falling frame to its first open one', () => {
    const [blink, ...others] = segment(at24([1, 1, 1, 0.3, 0.15, 0.2, 0.65, 0.85, 0.95, 1, 1]));
    expect(others).toEqual([]);
    expect(blink).toMatchObject({ startMs: 125, endMs: 250, durationMs: 125, kind: 'blink', minRatio: 0.15 });
    expect(blink.peakMs).toBeCloseTo(166.67, 1);
  });

  it('tells two blinks apart that follow within three frames', () => {
    const ratios = [1, 1, 0.9, 0.15, 0.13, 0.33, 0.62, 0.72, 0.74, 0.32, 0.28, 0.29, 0.64, 0.8, 1, 1];
    expect(segment(at24(ratios))).toHaveLength(2);
  });

  it('counts a closure whose end fell into a hole neither way', () => {
    const ratios: [number, number][] = [...at24([1, 1, 1, 0.2, 0.15]), ...at24([1, 1, 1], 40)];
    expect(segment(ratios)).toEqual([]);
  });

  it('takes no slow narrowing for a blink, and finds the blink in narrowed eyes', () => {
    const narrowing = Array.from({ length: 48 }, (_, i) => 1 - (0.45 * Math.min(i, 24)) / 24);
    const blink = [0.55, 0.3, 0.15, 0.2, 0.4, 0.54];
    const rest = Array.from({ length: 24 }, () => 0.55);
    expect(segment(at24([...narrowing, ...rest]))).toEqual([]);
    expect(segment(at24([...narrowing, ...blink, ...rest]))).toHaveLength(1);
  });

  it('reports ordered, non-overlapping events on any input', () => {
    const series = fc.array(
      fc.tuple(fc.double({ min: 1, max: 400, noNaN: true }), fc.double({ min: 0, max: 1.3, noNaN: true })),
    );
    fc.assert(
      fc.property(series, (steps) => {
        let t = 0;
        const found = segment(steps.map(([dt, ratio]) => [(t += dt), ratio] as const));
        let lastEnd = Number.NEGATIVE_INFINITY;
        for (const { startMs, peakMs, endMs, durationMs, kind } of found) {
          expect(startMs).toBeGreaterThanOrEqual(lastEnd - 120);
          expect(startMs).toBeLessThanOrEqual(peakMs);
          expect(peakMs).toBeLessThanOrEqual(endMs);
          expect(durationMs).toBeCloseTo(endMs - startMs, 6);
          expect(kind).toBe(durationMs < 499.5 ? 'blink' : 'long');
          lastEnd = endMs;
        }
      }),
    );
  });
});

describe('blinks of synthetic people', () => {
  const people = [
    { who: 'an average eye', open: 0.28, closedRatio: 0.16, noise: 0.006 },
    { who: 'a narrow eye', open: 0.16, closedRatio: 0.3, noise: 0.005 },
    { who: 'a wide eye', open: 0.42, closedRatio: 0.1, noise: 0.01 },
    { who: 'glasses', open: 0.2, closedRatio: 0.36, noise: 0.008 },
  ];
  for (const { who, ...person } of people) {
    for (const fps of [24, 30, 60]) {
      it(`${who} at ${fps} Hz: at least 39 of 40, none false, start within two frames`, () => {
        const closings = randomBlinks(fps + person.open * 100, 40);
        const lengthMs = closings.at(-1)!.fromMs + 3000;
        const found = events({
          ...person,
          fps,
          lengthMs,
          closings,
          seed: fps,
          dropped: 0.01,
          driftPerMinute: 0.05,
        });
        const matched = found.filter(({ startMs, endMs }) =>
          closings.some(({ fromMs, forMs }) => startMs < fromMs + forMs + 100 && endMs > fromMs - 50),
        );
        expect(matched).toHaveLength(found.length);
        expect(found.length).toBeGreaterThanOrEqual(39);
        for (const { startMs } of found) {
          const nearest = Math.min(...closings.map(({ fromMs }) => Math.abs(startMs - fromMs)));
          expect(nearest).toBeLessThanOrEqual((2.5 * 1000) / fps + 35);
        }
      });
    }
  }

  it('finds nine of ten at 12 Hz, and says that the count cannot be relied on', () => {
    const closings = randomBlinks(12, 40);
    const observations = perform({ fps: 12, lengthMs: closings.at(-1)!.fromMs + 3000, closings });
    const watched = feed(drive(observations));
    expect(watched.driver.view.eyes.blinks.blinks).toBeGreaterThanOrEqual(36);
    expect(watched.driver.view.eyes.blinks.blinks).toBeLessThanOrEqual(40);
    expect(watched.measures.at(-1)?.blinks.count).toEqual({
      quality: 'unavailable',
      reason: 'frameRateTooLow',
    });
    expect(watched.measures.at(-1)?.degradedBy).toContain('frameRateTooLow');
  });

  it('finds a blink in the third second', () => {
    expect(events({ lengthMs: 6000, closings: [{ fromMs: 2050, forMs: 180 }] })).toHaveLength(1);
  });

  it('takes neither noise nor a look down for blinks', () => {
    expect(events({ lengthMs: 120_000, noise: 0.012 })).toEqual([]);
    const closings = [10, 20, 30, 40].map((s) => ({ fromMs: s * 1000, forMs: 1500, toRatio: 0.66 }));
    expect(events({ lengthMs: 60_000, closings })).toEqual([]);
  });
});

describe('eye closure', () => {
  const closed = (sinceMs: number) => ({ kind: 'closed', sinceMs, deep: true }) as const;
  const run = (samples: readonly (readonly [number, 'closed' | 'open'])[]): EyeClosure | null => {
    let closure: EyeClosure | null = null;
    samples.forEach(([t, kind], id) => {
      closure = stepEyeClosure(closure, t, kind === 'open' ? { kind } : closed(t), id);
    });
    return closure;
  };

  it('bridges a frame that reads open, but no real opening', () => {
    const flicker = run([
      [0, 'closed'],
      [40, 'closed'],
      [80, 'open'],
      [120, 'closed'],
      [160, 'closed'],
    ]);
    expect(seenClosureMs(flicker)).toBe(160);
    const opening = run([
      [0, 'closed'],
      [40, 'closed'],
      [80, 'open'],
      [160, 'open'],
      [200, 'open'],
      [240, 'closed'],
    ]);
    expect(opening?.sinceMs).toBe(240);
  });

  it('counts time only where closed eyes were seen', () => {
    const gap = run([
      [0, 'closed'],
      [40, 'closed'],
      [940, 'closed'],
    ]);
    expect(seenClosureMs(gap)).toBe(0);
  });

  it('holds what already counts and forgets what does not', () => {
    const short = run([
      [0, 'closed'],
      [200, 'closed'],
      [400, 'closed'],
    ]);
    expect(stepUnseenClosure(short, 1300, 1000, 5000)).not.toBeNull();
    expect(stepUnseenClosure(short, 1500, 1000, 5000)).toBeNull();
    const long = run(Array.from({ length: 13 }, (_, i) => [i * 100, 'closed'] as const));
    expect(stepUnseenClosure(long, 6000, 1000, 5000)).not.toBeNull();
    expect(stepUnseenClosure(long, 6300, 1000, 5000)).toBeNull();
  });
});
