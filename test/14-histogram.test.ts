import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Histogram } from '../src/runtime/histogram.js';
import { vigilErrorOf } from './10-support.js';
import { nativeCall } from '../src/runtime/errors.js';

describe('Histogram', () => {
  it('reads as zero when nothing was recorded', () => {
    expect(new Histogram().read()).toEqual({
      count: 0,
      p50Ms: 0,
      p90Ms: 0,
      p99Ms: 0,
      p999Ms: 0,
      maxMs: 0,
      meanMs: 0,
    });
  });

  it('can be read at any time', () => {
    const histogram = new Histogram();
    for (let i = 1; i <= 100; i++) {
      histogram.record(i);
      const { count, maxMs } = histogram.read();
      expect(count).toBe(i);
      expect(maxMs).toBe(i);
    }
    const { p50Ms, p90Ms, p99Ms, meanMs } = histogram.read();
    expect(p50Ms).toBeGreaterThanOrEqual(50);
    expect(p50Ms).toBeLessThanOrEqual(50 * (1 + 1 / 64));
    expect(p90Ms).toBeGreaterThanOrEqual(90);
    expect(p99Ms).toBeGreaterThanOrEqual(99);
    expect(meanMs).toBeCloseTo(50.5, 6);
  });

  it('never reports a percentile below the true one, nor more than one bucket above', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 200 }),
        (values) => {
          const histogram = new Histogram();
          for (const value of values) histogram.record(value);
          const sorted = [...values].sort((a, b) => a - b);
          const read = histogram.read();
          for (const [share, reported] of [
            [0.5, read.p50Ms],
            [0.9, read.p90Ms],
            [0.99, read.p99Ms],
            [0.999, read.p999Ms],
          ] as const) {
            const exact = sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1];
            expect(reported).toBeGreaterThanOrEqual(exact - 0.0005 - exact * 1e-12);
            expect(reported).toBeLessThanOrEqual(exact * (1 + 1 / 64) + 0.001);
          }
        },
      ),
    );
  });

  it('refuses what is not a number', () => {
    const histogram = new Histogram();
    const record: (value: unknown) => void = histogram.record.bind(histogram) as (value: unknown) => void;
    for (const value of ['1', undefined, null, 1n]) {
      expect(vigilErrorOf(() => nativeCall(() => record(value))).code).toBe('INVALID_ARGUMENT');
    }
    expect(histogram.read().count).toBe(0);
  });
});
