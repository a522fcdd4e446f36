import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kssEvidence } from '../src/driver/drowsiness/kss-levels.js';
import { estimateKss, kssNeutral, type KssEstimate, type KssInputs } from '../src/driver/drowsiness/kss.js';
import type { DrowsinessProbabilities } from '../src/driver/drowsiness/score.js';
import { unavailable, valid, type Measured } from '../src/driver/measured.js';

const nothing: KssInputs = {
  model: unavailable('modelMissing'),
  perclos: unavailable('calibrating'),
  perclosLong: unavailable('calibrating'),
  longClosures: unavailable('frameRateTooLow'),
  microsleeps: unavailable('calibrating'),
  steeringReversals: unavailable('tooLittleMeasured'),
  steeringEntropy: unavailable('tooLittleMeasured'),
  timeOnTask: unavailable('tooLittleMeasured'),
  timeOfDay: unavailable('tooLittleMeasured'),
};

const hour = 3_600_000;

function known(inputs: Partial<KssInputs>): KssEstimate {
  const estimate = estimateKss({ ...nothing, ...inputs });
  if (estimate.quality !== 'valid') throw new Error(`expected an estimate but it is ${estimate.reason}`);
  return estimate.value;
}

const maybe = (low: number, high: number): fc.Arbitrary<Measured<number>> =>
  fc.option(fc.double({ min: low, max: high, noNaN: true }), { nil: null }).map((value) => {
    return value === null ? unavailable('tooLittleMeasured') : valid(value);
  });

/** What is neither alert, and of it what is drowsy. */
const opinion = fc
  .tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([tired, share]): DrowsinessProbabilities => {
    return { alert: 1 - tired, lowVigilant: tired * (1 - share), drowsy: tired * share };
  });

const ranges = {
  perclos: [0, 1],
  perclosLong: [0, 1],
  longClosures: [0, 1],
  steeringReversals: [0, 5],
  steeringEntropy: [0, 5],
  timeOnTask: [0, 10 * hour],
} as const;

const anyInputs: fc.Arbitrary<KssInputs> = fc.record({
  model: fc
    .option(opinion, { nil: null })
    .map((p): Measured<DrowsinessProbabilities> => (p === null ? unavailable('modelMissing') : valid(p))),
  perclos: maybe(...ranges.perclos),
  perclosLong: maybe(...ranges.perclosLong),
  longClosures: maybe(...ranges.longClosures),
  microsleeps: fc
    .option(fc.nat(5), { nil: null })
    .map((n): Measured<number> => (n === null ? unavailable('calibrating') : valid(n))),
  steeringReversals: maybe(...ranges.steeringReversals),
  steeringEntropy: maybe(...ranges.steeringEntropy),
  timeOnTask: maybe(...ranges.timeOnTask),
  timeOfDay: maybe(0, 24),
});

/** That more of `name` never lowers the estimate, whatever else is known. */
function rises(inputs: KssInputs, less: Partial<KssInputs>, more: Partial<KssInputs>): void {
  const low = estimateKss({ ...inputs, ...less });
  const high = estimateKss({ ...inputs, ...more });
  if (low.quality !== 'valid') return;
  if (high.quality !== 'valid') throw new Error('more evidence made the estimate unavailable');
  expect(high.value.estimate).toBeGreaterThanOrEqual(low.value.estimate - 1e-9);
}

describe('KSS estimate: monotone', () => {
  it.each(Object.entries(ranges))('in %s', (name, [low, high]) => {
    const value = fc.double({ min: low, max: high, noNaN: true });
    fc.assert(
      fc.property(anyInputs, value, value, (inputs, a, b) => {
        rises(inputs, { [name]: valid(Math.min(a, b)) }, { [name]: valid(Math.max(a, b)) });
      }),
    );
  });

  it('in the number of microsleeps', () => {
    fc.assert(
      fc.property(anyInputs, fc.nat(6), fc.nat(6), (inputs, a, b) => {
        rises(inputs, { microsleeps: valid(Math.min(a, b)) }, { microsleeps: valid(Math.max(a, b)) });
      }),
    );
  });

  it('in what the model moves from alert to low vigilant to drowsy', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(anyInputs, opinion, share, share, (inputs, p, up, further) => {
        const lowVigilant = p.lowVigilant + up * p.alert;
        const sleepier = {
          alert: (1 - up) * p.alert,
          lowVigilant: (1 - further) * lowVigilant,
          drowsy: p.drowsy + further * lowVigilant,
        };
        rises(inputs, { model: valid(p) }, { model: valid(sleepier) });
      }),
    );
  });

  it('in the sleepiness that the hour brings', () => {
    const time = fc.double({ min: 0, max: 24, noNaN: true });
    fc.assert(
      fc.property(anyInputs, time, time, (inputs, a, b) => {
        const [less, more] = [a, b].sort(
          (x, y) => kssEvidence.timeOfDay.level(x) - kssEvidence.timeOfDay.level(y),
        );
        rises(inputs, { timeOfDay: valid(less) }, { timeOfDay: valid(more) });
      }),
    );
  });
});

describe('KSS estimate', () => {
  it('is on the scale, explained to the last digit, and less sure the less is known', () => {
    let estimated = 0;
    fc.assert(
      fc.property(anyInputs, (inputs) => {
        const result = estimateKss(inputs);
        if (result.quality !== 'valid') return;
        estimated++;
        const { estimate, confidence, reasons, floor, unknown } = result.value;
        expect(estimate).toBeGreaterThanOrEqual(1);
        expect(estimate).toBeLessThanOrEqual(9);
        expect(confidence).toBeGreaterThan(0);
        expect(confidence).toBeLessThanOrEqual(0.7 + 1e-9);
        const moved = reasons.reduce((sum, { effect }) => sum + effect, floor?.effect ?? 0);
        expect(kssNeutral + moved).toBeCloseTo(estimate, 9);
        expect(reasons.length + unknown.filter(({ source }) => source !== 'microsleeps').length).toBe(8);
      }),
    );
    expect(estimated).toBeGreaterThan(50);
  });

  it('loses confidence, not level, with an input that goes missing', () => {
    const perclos = valid(0.2);
    const all = known({ perclos, perclosLong: valid(0.05), timeOfDay: valid(12) });
    const one = known({ perclos });
    expect(one.confidence).toBeLessThan(all.confidence);
    expect(one.estimate).toBeCloseTo(kssEvidence.perclos.level(0.2), 9);
    expect(one.estimate).toBeGreaterThan(8);
    expect(one.unknown).toContainEqual({ source: 'model', reason: 'modelMissing' });
  });

  it('never loses confidence by an input that becomes known', () => {
    fc.assert(
      fc.property(anyInputs, fc.double({ min: 0, max: 1, noNaN: true }), (inputs, value) => {
        const less = estimateKss({ ...inputs, longClosures: unavailable('frameRateTooLow') });
        const more = estimateKss({ ...inputs, longClosures: valid(value) });
        if (less.quality !== 'valid' || more.quality !== 'valid') return;
        expect(more.value.confidence).toBeGreaterThan(less.value.confidence - 1e-9);
      }),
    );
  });

  it('of an awake driver by day is low, of one with everything against it is 9', () => {
    const day = known({
      model: valid({ alert: 0.9, lowVigilant: 0.07, drowsy: 0.03 }),
      perclos: valid(0.01),
      perclosLong: valid(0.01),
      longClosures: valid(0),
      microsleeps: valid(0),
      steeringReversals: valid(1),
      steeringEntropy: valid(1),
      timeOnTask: valid(0.5 * hour),
      timeOfDay: valid(10),
    });
    expect(day.estimate).toBeLessThan(3.5);
    expect(day.confidence).toBeCloseTo(0.7, 9);
    expect(day.floor).toBeNull();
    const night = known({ perclos: valid(0.5), perclosLong: valid(0.4), microsleeps: valid(3) });
    expect(night.estimate).toBe(9);
  });

  it('is at least 8 after a microsleep and after PERCLOS in both windows, and says so', () => {
    const awake = { model: valid({ alert: 1, lowVigilant: 0, drowsy: 0 }), timeOfDay: valid(10) };
    const slept = known({ ...awake, perclos: valid(0), microsleeps: valid(1) });
    expect(slept.estimate).toBe(8);
    expect(slept.floor).toMatchObject({ source: 'microsleeps', level: 8 });
    expect(slept.confidence).toBeGreaterThanOrEqual(0.6);
    const closed = known({ ...awake, perclos: valid(0.15), perclosLong: valid(0.1), microsleeps: valid(0) });
    expect(closed.estimate).toBe(8);
    expect(closed.floor).toMatchObject({ source: 'perclosBoth', level: 8 });
    const oneWindow = known({ ...awake, perclos: valid(0.15), perclosLong: valid(0.05) });
    expect(oneWindow.estimate).toBeLessThan(7);
  });

  it('is not made of the hour and the time on task alone', () => {
    const drive = { timeOnTask: valid(8 * hour), timeOfDay: valid(4) };
    expect(estimateKss({ ...nothing, ...drive })).toEqual({ quality: 'unavailable', reason: 'calibrating' });
    expect(estimateKss({ ...nothing, ...drive, microsleeps: valid(0) }).quality).toBe('unavailable');
    expect(known({ microsleeps: valid(2) }).estimate).toBe(8.5);
  });

  it('names the strongest reason first', () => {
    const { reasons } = known({ perclos: valid(0.3), longClosures: valid(0.02), timeOfDay: valid(10) });
    expect(reasons.map(({ source }) => source)).toEqual(['perclos', 'longClosures', 'timeOfDay']);
    expect(reasons[0].share).toBeCloseTo(1 / 1.8, 9);
  });
});

describe('levels', () => {
  it('follow the sources at their thresholds', () => {
    expect(kssEvidence.perclos.level(0.075)).toBe(6);
    expect(kssEvidence.perclos.level(0.15)).toBe(8);
    expect(kssEvidence.perclosLong.level(0.12)).toBe(8);
    expect(kssEvidence.model.level({ alert: 0, lowVigilant: 0, drowsy: 1 })).toBe(8.5);
    expect(kssEvidence.timeOfDay.level(0)).toBe(kssEvidence.timeOfDay.level(24));
    expect(kssEvidence.timeOfDay.level(4)).toBeGreaterThan(kssEvidence.timeOfDay.level(15.5));
    expect(kssEvidence.timeOfDay.level(15.5)).toBeGreaterThan(kssEvidence.timeOfDay.level(11));
  });
});
