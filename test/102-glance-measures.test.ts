import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  initialAttentionBuffer,
  stepAttentionBuffer,
  type BufferLook,
} from '../src/driver/gaze/attention-buffer.js';
import { initialCumulativeAway, stepCumulativeAway } from '../src/driver/gaze/cumulative-away.js';
import {
  initialGlanceHistory,
  rememberedGlances,
  stepGlanceHistory,
} from '../src/driver/gaze/glance-history.js';
import { leanWidths, stepFacePlace } from '../src/driver/gaze/lean.js';
import type { Looking } from '../src/driver/gaze/look.js';

const limits = { windowMs: 30_000, resetMs: 2000, flickerMs: 250 };

interface Frame<Look> {
  readonly t: number;
  readonly looking: Look;
}

/** Frames at random distances, now and then far apart. */
function framesOf<Look>(look: fc.Arbitrary<Look>, maxLength = 400): fc.Arbitrary<Frame<Look>[]> {
  const step = fc.oneof(
    { arbitrary: fc.integer({ min: 16, max: 100 }), weight: 30 },
    { arbitrary: fc.integer({ min: 400, max: 3000 }), weight: 1 },
  );
  return fc
    .array(fc.tuple(step, fc.tuple(look, fc.integer({ min: 1, max: 40 }))), { maxLength: maxLength / 10 })
    .map((runs) => {
      let t = 0;
      return runs.flatMap(([ms, [looking, count]]) =>
        Array.from({ length: count }, () => ({ t: (t += ms), looking })),
      );
    });
}

const looks = fc.constantFrom<Looking>('ahead', 'away', 'unknown');

function cumulate(frames: readonly Frame<Looking>[]) {
  const sums: number[] = [];
  let away = initialCumulativeAway;
  for (const { t, looking } of frames) {
    away = stepCumulativeAway(away, t, looking, limits);
    sums.push(away.ms);
  }
  return { sums, away };
}

/** Millisecond by millisecond: what each frame says of the time until the next one. */
function everyMs(frames: readonly Frame<Looking>[]): Looking[] {
  const said: Looking[] = new Array<Looking>(frames.at(-1)?.t ?? 0).fill('unknown');
  frames.slice(1).forEach(({ t }, i) => {
    const { t: from, looking } = frames[i];
    if (t - from <= 500) said.fill(looking, from, t);
  });
  return said;
}

describe('time away within a window', () => {
  it('is the sum over every millisecond since the last look back of 2 s', () => {
    fc.assert(
      fc.property(framesOf(looks, 300), (frames) => {
        const { sums } = cumulate(frames);
        const said = everyMs(frames);
        let onRoad = 0;
        let interrupted = 0;
        let resetAt = 0;
        let i = 0;
        for (let ms = 0; ms <= said.length && i < frames.length; ms++) {
          if (frames[i].t === ms) {
            // Decided at frames, as there is nothing to decide by in between.
            if (interrupted >= limits.flickerMs) onRoad = 0;
            if (said[ms - 1] === 'ahead' && onRoad >= limits.resetMs) resetAt = ms;
            const from = Math.max(resetAt, ms - limits.windowMs);
            expect(sums[i]).toBe(said.slice(from, ms).filter((looking) => looking === 'away').length);
            i++;
          }
          if (said[ms] === 'ahead') {
            if (interrupted >= limits.flickerMs) onRoad = 0;
            onRoad++;
            interrupted = 0;
          } else interrupted++;
        }
      }),
      { numRuns: 60 },
    );
  });

  it('never takes what is not known for a look at the road', () => {
    fc.assert(
      fc.property(framesOf(looks), (frames) => {
        const { sums } = cumulate(frames);
        const kinder = cumulate(
          frames.map((f) => (f.looking === 'unknown' ? { ...f, looking: 'ahead' } : f)),
        );
        kinder.sums.forEach((ms, i) => expect(ms).toBeLessThanOrEqual(sums[i]));
      }),
    );
    const unknown = Array.from({ length: 300 }, (_, i) => ({
      t: i * 33,
      looking: i < 60 ? ('away' as const) : ('unknown' as const),
    }));
    expect(cumulate(unknown).sums.at(-1)).toBe(60 * 33);
  });

  it('grows with looks away', () => {
    fc.assert(
      fc.property(framesOf(looks), fc.nat(), (frames, at) => {
        if (frames.length === 0) return;
        const more = frames.map((f, i) =>
          i === at % frames.length ? { ...f, looking: 'away' as const } : f,
        );
        const [less, grown] = [cumulate(frames).sums, cumulate(more).sums];
        less.forEach((ms, i) => expect(grown[i]).toBeGreaterThanOrEqual(ms));
      }),
    );
  });

  it('is not forgotten less for an artefact in the look back', () => {
    const story = (artefactFrames: number) =>
      Array.from({ length: 180 }, (_, i) => {
        const away = i < 60 || (i >= 90 && i < 90 + artefactFrames);
        return { t: i * 33, looking: away ? ('away' as const) : ('ahead' as const) };
      });
    expect(cumulate(story(0)).sums.at(-1)).toBe(0);
    expect(cumulate(story(5)).sums.at(-1)).toBe(0);
    expect(cumulate(story(30)).sums.at(-1)).toBeGreaterThan(2900);
  });

  it('is the same at any frame rate within a frame, and keeps little', () => {
    const truth = (t: number): Looking => (t % 4000 < 2500 ? 'away' : 'ahead');
    const at = (hz: number) => {
      const frames = Array.from({ length: 25 * hz }, (_, i) => {
        const t = (i * 1000) / hz;
        return { t, looking: truth(t) };
      });
      return cumulate(frames);
    };
    for (const hz of [10, 12, 24, 30, 60]) {
      const { sums, away } = at(hz);
      // Away 15.6 s in 25 s; every turn of the look may be a frame late.
      expect(Math.abs(sums.at(-1)! - at(1000 / 5).sums.at(-1)!)).toBeLessThanOrEqual(1000 / hz);
      expect(away.stretches.length).toBeLessThanOrEqual(7);
    }
  });
});

describe('buffer of attention', () => {
  const run = (frames: readonly Frame<BufferLook>[]) => {
    let buffer = initialAttentionBuffer;
    return frames.map(({ t, looking }) => (buffer = stepAttentionBuffer(buffer, t, looking)).ms);
  };
  const bufferLooks = fc.constantFrom<BufferLook>('road', 'drivingTask', 'away', 'unknown');
  const story = (hz: number, parts: readonly (readonly [BufferLook, number])[]) => {
    const frames: Frame<BufferLook>[] = [];
    let from = 0;
    for (const [looking, forMs] of parts) {
      for (let t = from; t < from + forMs - 1e-6; t += 1000 / hz) frames.push({ t, looking });
      from += forMs;
    }
    const end = parts.at(-1)!;
    return run([...frames, { t: from, looking: end[0] }]).at(-1)!;
  };

  it('stays within 0 and 2 s, and changes no faster than time', () => {
    fc.assert(
      fc.property(framesOf(bufferLooks), (frames) => {
        const levels = run(frames);
        levels.forEach((ms, i) => {
          expect(ms).toBeGreaterThanOrEqual(0);
          expect(ms).toBeLessThanOrEqual(2000);
          if (i > 0)
            expect(Math.abs(ms - levels[i - 1])).toBeLessThanOrEqual(frames[i].t - frames[i - 1].t + 1e-9);
        });
      }),
    );
  });

  it.each([10, 20, 50])('does as published at %d frames a second', (hz) => {
    expect(story(hz, [['away', 1500]])).toBeCloseTo(500, 6);
    expect(story(hz, [['away', 2500]])).toBe(0);
    // The road fills it after 0.1 s.
    expect(
      story(hz, [
        ['away', 1500],
        ['road', 100],
      ]),
    ).toBeCloseTo(500, 6);
    expect(
      story(hz, [
        ['away', 1500],
        ['road', 800],
      ]),
    ).toBeCloseTo(1200, 6);
    // A mirror costs nothing for a second, and then as much as anything else.
    expect(
      story(hz, [
        ['road', 1000],
        ['drivingTask', 1000],
      ]),
    ).toBeCloseTo(2000, 6);
    expect(
      story(hz, [
        ['road', 1000],
        ['drivingTask', 1600],
      ]),
    ).toBeCloseTo(1400, 6);
  });

  it('neither fills nor empties while nothing is known', () => {
    expect(
      story(20, [
        ['away', 1000],
        ['unknown', 5000],
      ]),
    ).toBeCloseTo(1000, 6);
    fc.assert(
      fc.property(framesOf(bufferLooks), (frames) => {
        const known = run(frames);
        const blind = run(
          frames.map((f) => (f.looking === 'road' ? { ...f, looking: 'unknown' as const } : f)),
        );
        blind.forEach((ms, i) => expect(ms).toBeLessThanOrEqual(known[i] + 1e-9));
      }),
    );
  });
});

describe('history of glances', () => {
  it('lists the zones in order, without gaps in time, without looks on the way', () => {
    let history = initialGlanceHistory;
    const zoneAt = (t: number) =>
      t < 2000 ? 'roadAhead' : t < 2060 ? 'infotainment' : t < 3000 ? 'passengerSideMirror' : 'roadAhead';
    for (let t = 0; t < 5000; t += 20) history = stepGlanceHistory(history, t, zoneAt(t));
    expect(history.past).toEqual([
      { zone: 'roadAhead', fromMs: 0, toMs: 2060 },
      { zone: 'passengerSideMirror', fromMs: 2060, toMs: 3000 },
    ]);
    expect(history.present).toEqual({ zone: 'roadAhead', fromMs: 3000 });
  });

  it('is bounded, ordered, and holds nothing shorter than a fixation', () => {
    const zones = fc.constantFrom('roadAhead' as const, 'lap' as const, 'roof' as const, null);
    fc.assert(
      fc.property(framesOf(zones, 2000), (frames) => {
        let history = initialGlanceHistory;
        for (const { t, looking } of frames) history = stepGlanceHistory(history, t, looking);
        expect(history.past.length).toBeLessThanOrEqual(rememberedGlances);
        history.past.forEach(({ fromMs, toMs }, i) => {
          expect(toMs - fromMs).toBeGreaterThanOrEqual(0);
          if (i > 0) expect(fromMs).toBeGreaterThanOrEqual(history.past[i - 1].toMs);
        });
      }),
    );
  });
});

describe('leaning', () => {
  const box = (x: number) => ({ x, y: 100, width: 150, height: 200 });

  it('is how far the face is from where it usually is', () => {
    let place = stepFacePlace(null, 0, box(200));
    for (let t = 33; t < 60_000; t += 33) place = stepFacePlace(place, t, box(200 + 10 * Math.sin(t)));
    expect(leanWidths(place, box(200))).toBeLessThan(0.05);
    expect(leanWidths(place, box(320))).toBeGreaterThan(0.7);
    expect(leanWidths(null, box(320))).toBe(0);
    // A new seat position becomes the usual one.
    for (let t = 60_000; t < 180_000; t += 33) place = stepFacePlace(place, t, box(320));
    expect(leanWidths(place, box(320))).toBeLessThan(0.05);
  });
});
