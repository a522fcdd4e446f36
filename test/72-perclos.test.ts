import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  initialPerclos,
  perclosOver,
  stepPerclos,
  type PerclosSample,
  type PerclosWindow,
} from '../src/driver/eyes/perclos.js';

interface Span {
  readonly ms: number;
  readonly eyes: 'open' | 'closed' | 'fullyClosed' | 'unmeasured';
}

const blinkMs = 500;

/** Samples the spans at a frame rate; neighbouring closed spans are one closure. */
function measure(spans: readonly Span[], fps: number, windowMs = 60_000): PerclosWindow {
  let state = initialPerclos;
  let id = 0;
  let closedSince: number | null = null;
  const total = spans.reduce((sum, { ms }) => sum + ms, 0);
  for (let t = 0; t <= total; t += 1000 / fps) {
    let at = t;
    const span = spans.find(({ ms }) => (at -= ms) < 0);
    const eyes = span?.eyes ?? 'unmeasured';
    const isClosed = eyes === 'closed' || eyes === 'fullyClosed';
    if (isClosed && closedSince === null) {
      closedSince = t;
      id++;
    }
    if (eyes === 'open') closedSince = null;
    const sample: PerclosSample = isClosed
      ? { kind: 'closed', fullyClosed: eyes === 'fullyClosed', closureId: id, closureMs: t - closedSince! }
      : { kind: eyes };
    state = stepPerclos(state, t, sample, blinkMs, 180_000);
  }
  return perclosOver(state, windowMs);
}

const span = fc.record({
  ms: fc.integer({ min: 100, max: 3000 }),
  eyes: fc.constantFrom('open', 'open', 'closed', 'fullyClosed', 'unmeasured'),
}) as fc.Arbitrary<Span>;

describe('PERCLOS', () => {
  it('is the share of time at least 80 % closed, blinks excluded', () => {
    const spans: Span[] = [];
    for (let i = 0; i < 12; i++) {
      spans.push(
        { ms: 3800, eyes: 'open' },
        { ms: 200, eyes: 'fullyClosed' },
        { ms: 200, eyes: 'open' },
        { ms: 800, eyes: 'fullyClosed' },
      );
    }
    const { perclos, closedShare, measuredMs } = measure(spans, 50);
    expect(perclos).toBeCloseTo(0.8 / 5, 2);
    expect(closedShare).toBeCloseTo(1 / 5, 2);
    expect(measuredMs).toBeCloseTo(60_000, -1);
  });

  it('stays between 0 and the share of all closed time', () => {
    fc.assert(
      fc.property(
        fc.array(span, { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 10, max: 60 }),
        (spans, fps) => {
          const { perclos, closedShare, measuredMs } = measure(spans, fps);
          expect(measuredMs).toBeLessThanOrEqual(60_000 + 1e-6);
          if (measuredMs === 0) return;
          expect(perclos).toBeGreaterThanOrEqual(0);
          expect(perclos).toBeLessThanOrEqual(closedShare + 1e-9);
          expect(closedShare).toBeLessThanOrEqual(1 + 1e-9);
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
        const whole = spans.map((s): Span => ({ ...s, ms: Math.round(s.ms / 40) * 40 }));
        const before: Span[] = [...whole.slice(0, at), { ms: 400, eyes: 'open' }];
        const after: Span[] = [{ ms: 400, eyes: 'open' }, ...whole.slice(at)];
        const without = measure([...before, ...after], 25);
        const withHole = measure([...before, { ms: frames * 40, eyes: 'unmeasured' }, ...after], 25);
        expect(withHole.measuredMs).toBeCloseTo(without.measuredMs, 3);
        expect(withHole.perclos).toBeCloseTo(without.perclos, 9);
        expect(withHole.closedShare).toBeCloseTo(without.closedShare, 9);
      }),
      { numRuns: 60 },
    );
  });

  it('grows when an open stretch is fully closed instead', () => {
    fc.assert(
      fc.property(fc.array(span, { minLength: 1, maxLength: 15 }), (spans) => {
        const opened: Span[] = [...spans, { ms: 2000, eyes: 'open' }, { ms: 400, eyes: 'open' }];
        const closed: Span[] = [...spans, { ms: 2000, eyes: 'fullyClosed' }, { ms: 400, eyes: 'open' }];
        const less = measure(opened, 25);
        const more = measure(closed, 25);
        expect(more.perclos).toBeGreaterThan(less.perclos - 1e-9);
        expect(more.closedShare).toBeGreaterThan(less.closedShare);
      }),
      { numRuns: 60 },
    );
  });

  it('is the same at 12 and at 60 frames a second', () => {
    const slow = fc.array(
      fc.record({
        ms: fc.integer({ min: 1000, max: 4000 }),
        eyes: fc.constantFrom('open', 'open', 'fullyClosed'),
      }),
      { minLength: 15, maxLength: 25 },
    );
    fc.assert(
      fc.property(slow, (spans) => {
        const a = measure(spans, 12);
        const b = measure(spans, 60);
        expect(Math.abs(a.perclos - b.perclos)).toBeLessThan(0.04);
        expect(Math.abs(a.closedShare - b.closedShare)).toBeLessThan(0.04);
      }),
      { numRuns: 30 },
    );
  });

  it('counts closures that are not yet over, from the moment they are longer than a blink', () => {
    const spans: Span[] = [{ ms: 9500, eyes: 'open' }];
    expect(measure([...spans, { ms: 400, eyes: 'fullyClosed' }], 50).perclos).toBe(0);
    expect(measure([...spans, { ms: 600, eyes: 'fullyClosed' }], 50).perclos).toBeGreaterThan(0.05);
  });

  it('counts no time for which frames are missing', () => {
    let state = initialPerclos;
    for (const t of [0, 40, 5040, 5080]) state = stepPerclos(state, t, { kind: 'open' }, blinkMs, 180_000);
    expect(perclosOver(state, 60_000).measuredMs).toBe(40 + 250 + 40);
  });

  it('keeps no more than the longest window', () => {
    let state = initialPerclos;
    for (let t = 0; t < 1_000_000; t += 100) {
      const closed = Math.floor(t / 100) % 2 === 0;
      const sample: PerclosSample = closed
        ? { kind: 'closed', fullyClosed: true, closureId: t, closureMs: 600 }
        : { kind: 'open' };
      state = stepPerclos(state, t, sample, blinkMs, 180_000);
    }
    expect(state.segments.length).toBeLessThanOrEqual(1801);
    expect(state.slowClosures.length).toBeLessThanOrEqual(901);
  });
});
