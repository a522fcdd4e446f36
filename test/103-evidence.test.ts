import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { initialDriver } from '../src/driver/memory.js';
import {
  addToTrace,
  initialTrace,
  traceMs,
  tracedNames,
  windowOf,
  type TracedValues,
} from '../src/driver/policy/evidence.js';
import { blinking, perform } from './70-support/person.js';
import { drive, feed, policy } from './70-support/watch.js';

const nothing = Object.fromEntries(tracedNames.map((name) => [name, null])) as TracedValues;

describe('the record of an alert', () => {
  it('holds what was measured before, not only at the instant', () => {
    const closings = [...blinking(38_000), { fromMs: 40_000, forMs: 1800 }];
    const models = { mesh: '0123456789ab' };
    const inputs = drive(perform({ lengthMs: 45_000, closings }), 77);
    const [alert] = feed(inputs, initialDriver({ policy, models })).started;
    const { fromMs, toMs, measures } = alert.window;
    expect(toMs).toBe(alert.startedMs);
    expect(toMs - fromMs).toBeGreaterThanOrEqual(10_000);
    expect(toMs - fromMs).toBeLessThan(11_500);
    expect(measures.closureMs).toMatchObject({ min: 0, max: alert.measured['closureMs'] });
    expect(measures.closure!.mean).toBeGreaterThan(0.05);
    expect(measures.closure!.mean).toBeLessThan(0.3);
    expect(measures.speedKmh).toMatchObject({ min: 77, mean: 77, max: 77 });
    expect(measures.headYawDeg!.frames).toBeGreaterThan(290);
    expect(alert.models).toEqual(models);
    expect(alert.inputs).toMatchObject({ driver: null, speed: 'valid', calibration: 1, nonNominal: false });
    expect(alert.inputs.frameRateHz).toBeCloseTo(30, 0);
  });

  it('says that the speed was not known', () => {
    const closings = [{ fromMs: 20_000, forMs: 1800 }];
    const [alert] = feed(drive(perform({ lengthMs: 25_000, closings }), () => null)).started;
    expect(alert.inputs.speed).toBe('unknown');
    expect(alert.window.measures.speedKmh).toBeUndefined();
  });
});

describe('the trace', () => {
  const value = fc.option(fc.double({ min: -100, max: 100, noNaN: true }), { nil: null });
  it('summarises what was known, to the second', () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 200 }), (values) => {
        let trace = initialTrace;
        values.forEach((closure, i) => {
          trace = addToTrace(trace, i * 40, { ...nothing, closure });
        });
        const end = (values.length - 1) * 40;
        const { measures } = windowOf(trace, end, 1e9);
        const known = values.filter((one) => one !== null);
        if (known.length === 0) {
          expect(measures.closure).toBeUndefined();
          return;
        }
        expect(measures.closure?.frames).toBe(known.length);
        expect(measures.closure?.min).toBe(Math.min(...known));
        expect(measures.closure?.max).toBe(Math.max(...known));
        const mean = known.reduce((sum, one) => sum + one, 0) / known.length;
        expect(measures.closure?.mean).toBeCloseTo(mean, 6);
      }),
    );
  });

  it('keeps three minutes and no more', () => {
    let trace = initialTrace;
    for (let t = 0; t < 3 * traceMs; t += 100) trace = addToTrace(trace, t, { ...nothing, closure: t });
    expect(trace.seconds.length).toBeLessThanOrEqual(traceMs / 1000 + 2);
    const { fromMs, measures } = windowOf(trace, 3 * traceMs, traceMs);
    expect(fromMs).toBeGreaterThanOrEqual(2 * traceMs - 1000);
    expect(measures.closure!.min).toBeGreaterThanOrEqual(2 * traceMs - 1000);
  });
});
