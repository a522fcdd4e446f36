import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { initialPerclos, perclosOver, perclosSlotMs, stepPerclos } from '../src/driver/eyes/perclos.js';
import { seededRandom } from './70-support/person.js';
import {
  bruteForce,
  filmed,
  frameOf,
  limits,
  measure,
  run,
  type Frame,
  type Span,
} from './72-support/closures.js';

const closures = fc.constantFrom<(number | null)[]>(
  0,
  0,
  0.05,
  0.3,
  0.6,
  0.71,
  0.75,
  0.79,
  0.81,
  0.9,
  1,
  null,
);
const span = fc.record({ ms: fc.integer({ min: 30, max: 3000 }), closure: closures });
const shares = ['perclos', 'p70', 'meanSquare', 'closedShare'] as const;

/** Frames of one stream at uneven times: dropped ones, holes of seconds, and closures that last a while. */
function stream(seed: number, count: number): Frame[] {
  const random = seededRandom(seed);
  let t = random() * 1000;
  let closure: number | null = 0;
  return Array.from({ length: count }, () => {
    t += random() < 0.01 ? 1000 + 3000 * random() : 8 + 60 * random();
    if (random() < 0.06) closure = random() < 0.15 ? null : Math.round(random() * 20) / 20;
    return frameOf(t, closure);
  });
}

describe('PERCLOS', () => {
  it('is what going through all frames anew gives, to a share of one slot at the edge of the window', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 2, max: 9000 }), (seed, count) => {
        const frames = stream(seed, count);
        const state = run(frames);
        for (const windowMs of limits.windowsMs) {
          const found = perclosOver(state, windowMs);
          const truth = bruteForce(frames, windowMs);
          expect(Math.abs(found.measuredMs - truth.measuredMs)).toBeLessThanOrEqual(perclosSlotMs / 2);
          if (truth.measuredMs < 1000) continue;
          for (const name of shares)
            expect(Math.abs(found[name] - truth[name])).toBeLessThanOrEqual(
              perclosSlotMs / truth.measuredMs + 1e-9,
            );
        }
      }),
      { numRuns: 60 },
    );
  });

  it('is exact while nothing has left the window', () => {
    fc.assert(
      fc.property(
        fc.array(span, { minLength: 1, maxLength: 18 }),
        fc.integer({ min: 5, max: 60 }),
        (spans, fps) => {
          const frames = filmed(spans, fps);
          const found = measure(frames);
          const truth = bruteForce(frames, 60_000);
          expect(found.measuredMs).toBeCloseTo(truth.measuredMs, 6);
          if (truth.measuredMs === 0) return;
          for (const name of shares) expect(found[name]).toBeCloseTo(truth[name], 9);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('takes 70 and 80 % for different limits and leaves out blinks', () => {
    const spans: Span[] = [];
    for (let i = 0; i < 12; i++) {
      spans.push({ ms: 3000, closure: 0 }, { ms: 200, closure: 1 }, { ms: 200, closure: 0 });
      spans.push({ ms: 800, closure: 0.75 }, { ms: 800, closure: 0.9 });
    }
    const found = measure(filmed(spans, 50));
    expect(found.perclos).toBeCloseTo(0.8 / 5, 2);
    expect(found.p70).toBeCloseTo(1.6 / 5, 2);
    expect(found.closedShare).toBeCloseTo(1.8 / 5, 2);
    expect(found.meanSquare).toBeCloseTo((0.2 + 0.8 * 0.75 ** 2 + 0.8 * 0.81) / 5, 2);
    expect(found.measuredMs).toBeCloseTo(60_000, -1);
  });

  it('does not count a squint that the blink detector holds for closed', () => {
    const state = run([
      ...filmed([{ ms: 10_000, closure: 0 }], 25),
      ...Array.from({ length: 4 }, (_, i) => ({
        t: 10_040 + i * 40,
        sample: { closure: 0.95, lidsClosed: true },
      })),
      ...Array.from({ length: 25 }, (_, i) => ({
        t: 10_200 + i * 40,
        sample: { closure: 0.5, lidsClosed: true },
      })),
      frameOf(11_240, 0),
    ]);
    const { perclos, p70, closedShare } = perclosOver(state, 60_000);
    expect([perclos, p70]).toEqual([0, 0]);
    expect(closedShare).toBeGreaterThan(0.1);
  });

  it('keeps a closure together over a frame that reads open, and takes fluttering lids for blinks', () => {
    const closed: Span = { ms: 280, closure: 0.9 };
    const tail: Span = { ms: 4000, closure: 0 };
    const flicker = measure(filmed([closed, { ms: 40, closure: 0.6 }, closed, tail], 25));
    expect(flicker.perclos * flicker.measuredMs).toBeCloseTo(560, 3);
    const flutter = measure(filmed([closed, { ms: 160, closure: 0.2 }, closed, tail], 25));
    expect(flutter.perclos).toBe(0);
  });

  it('stays in order: P80 at most P70 at most 1, mean square at most 1', () => {
    fc.assert(
      fc.property(
        fc.array(span, { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 5, max: 60 }),
        (spans, fps) => {
          const found = measure(filmed(spans, fps));
          expect(found.measuredMs).toBeLessThanOrEqual(60_000 + 1e-6);
          if (found.measuredMs === 0) return;
          expect(found.perclos).toBeGreaterThanOrEqual(0);
          expect(found.perclos).toBeLessThanOrEqual(found.p70 + 1e-9);
          expect(found.p70).toBeLessThanOrEqual(1 + 1e-9);
          expect(found.meanSquare).toBeLessThanOrEqual(1 + 1e-9);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('does not change when time is added in which nothing could be measured', () => {
    const short = fc.array(span, { minLength: 2, maxLength: 8 });
    fc.assert(
      fc.property(short, fc.nat(7), fc.integer({ min: 1, max: 30 }), (spans, where, frames) => {
        const at = Math.min(where, spans.length);
        // Whole frames, beside open eyes, so that only the unmeasured time differs.
        const whole = spans.map((s): Span => ({ ...s, ms: Math.ceil(s.ms / 40) * 40 }));
        const open: Span = { ms: 400, closure: 0 };
        const before: Span[] = [...whole.slice(0, at), open];
        const after: Span[] = [open, ...whole.slice(at)];
        const without = measure(filmed([...before, ...after], 25));
        const withHole = measure(filmed([...before, { ms: frames * 40, closure: null }, ...after], 25));
        expect(withHole.measuredMs).toBeCloseTo(without.measuredMs, 3);
        for (const name of shares) expect(withHole[name]).toBeCloseTo(without[name], 9);
      }),
      { numRuns: 60 },
    );
  });

  it('does not fall where eyes are closed further', () => {
    fc.assert(
      fc.property(
        fc.array(span, { minLength: 1, maxLength: 15 }),
        fc.nat(14),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (spans, which, further) => {
          const at = which % spans.length;
          const { ms, closure } = spans[at];
          if (closure === null) return;
          const closer = spans.with(at, { ms, closure: closure + (1 - closure) * further });
          const less = measure(filmed(spans, 25));
          const more = measure(filmed(closer, 25));
          if (less.measuredMs === 0) return;
          for (const name of shares) expect(more[name]).toBeGreaterThanOrEqual(less[name] - 1e-9);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('is the same from 10 to 60 frames a second', () => {
    const slow = fc.array(
      fc.record({ ms: fc.integer({ min: 1000, max: 4000 }), closure: fc.constantFrom(0, 0.1, 0.9) }),
      { minLength: 15, maxLength: 25 },
    );
    fc.assert(
      fc.property(slow, fc.constantFrom(10, 12, 15, 24, 30), (spans, fps) => {
        const a = measure(filmed(spans, fps));
        const b = measure(filmed(spans, 60));
        for (const name of shares) expect(Math.abs(a[name] - b[name])).toBeLessThan(0.04);
      }),
      { numRuns: 40 },
    );
  });

  it('hardly changes when one frame in five is lost', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const random = seededRandom(seed);
        const spans = Array.from({ length: 40 }, (): Span => ({
          ms: 700 + 2000 * random(),
          closure: random() < 0.3 ? 1 : 0,
        }));
        const frames = filmed(spans, 30);
        const all = measure(frames);
        const some = measure(frames.filter(() => random() >= 0.2));
        for (const name of shares) expect(Math.abs(some[name] - all[name])).toBeLessThan(0.03);
      }),
      { numRuns: 30 },
    );
  });

  it('counts closures that are not yet over, from the moment they are longer than a blink', () => {
    const open: Span = { ms: 9500, closure: 0 };
    expect(measure(filmed([open, { ms: 400, closure: 1 }], 50)).perclos).toBe(0);
    expect(measure(filmed([open, { ms: 600, closure: 1 }], 50)).perclos).toBeGreaterThan(0.05);
  });

  it('counts no time for which frames are missing', () => {
    const frames = [0, 40, 5040, 5080].map((t) => frameOf(t, 0));
    expect(measure(frames).measuredMs).toBe(40 + 250 + 40);
  });

  it('leaves the state it was given as it was', () => {
    const before = run(
      filmed(
        [
          { ms: 8000, closure: 0.2 },
          { ms: 450, closure: 1 },
        ],
        30,
      ),
    );
    const once = perclosOver(stepPerclos(before, 8600, null, limits), 60_000);
    run(
      filmed([{ ms: 30_000, closure: 1 }], 30).map(({ t, sample }) => ({ t: t + 8600, sample })),
      before,
    );
    expect(perclosOver(stepPerclos(before, 8600, null, limits), 60_000)).toEqual(once);
    expect(initialPerclos.past).toEqual([]);
  });

  it('holds no more than the longest window after ten hours', () => {
    let state = initialPerclos;
    const random = seededRandom(11);
    let largest = 0;
    for (let t = 0; t < 36_000_000; t += 1000) {
      state = stepPerclos(state, t, { closure: random(), lidsClosed: false }, limits);
      largest = Math.max(largest, state.past.length, state.run70?.waiting.length ?? 0);
    }
    expect(largest).toBeLessThanOrEqual(180_000 / perclosSlotMs + 1);
    expect(perclosOver(state, 180_000).measuredMs).toBeCloseTo(45_000, 0);
  });
});
