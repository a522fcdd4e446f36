import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unavailable, valid } from '../src/driver/measured.js';
import {
  awarenessStage,
  fullAwareness,
  stepAwareness,
  type Attention,
} from '../src/driver/policy/awareness.js';
import type { DriverFacts } from '../src/driver/policy/facts.js';
import { loadPolicy } from '../src/driver/policy/policy.js';
import { away, closed, run } from './70-support/policy-run.js';

describe('speed gates', () => {
  const addw = { policies: 'eu-addw-2023-2590', untilMs: 60_000 };
  const below = (t: number, fromMs: number): Partial<DriverFacts> =>
    away(t, fromMs, 1e9, { area3Ms: Math.max(0, t - fromMs) });

  it('pick the band of the speed, and keep it a little below its limit', () => {
    const startedAt = (speedKmh: (t: number) => number | null): number | undefined =>
      run((t) => ({ ...below(t, 20_000), speedKmh: speedKmh(t) }), addw).started.at(0)?.startedMs;
    expect(startedAt(() => 50)).toBe(23_500);
    expect(startedAt(() => 49)).toBe(26_000);
    expect(startedAt((t) => (t < 10_000 ? 55 : 47))).toBe(23_500);
    expect(startedAt((t) => (t < 10_000 ? 55 : 44))).toBe(26_000);
    expect(startedAt(() => 19)).toBeUndefined();
    // An unknown speed counts as driving.
    expect(startedAt(() => null)).toBe(23_500);
  });

  it('that only an unknown speed opened close as soon as it is known', () => {
    const facts = (t: number): Partial<DriverFacts> => ({
      ...closed(t, 10_000, 4000),
      speedKmh: t < 11_500 ? null : 17,
    });
    const { started, ended } = run(facts, { untilMs: 20_000 });
    expect(started.map(({ rule }) => rule)).toEqual(['microsleep']);
    expect(ended).toMatchObject([{ t: 11_500, reason: 'belowSpeed' }]);
  });

  it('give 1.5 s more when the driver is measured less well', () => {
    const facts = (t: number): Partial<DriverFacts> => ({ ...below(t, 20_000), nonNominal: true });
    expect(run(facts, addw).started[0].startedMs).toBe(25_000);
    expect(run((t) => ({ ...facts(t), speedKmh: 30 }), addw).started[0].startedMs).toBe(27_500);
  });
});

describe('drowsiness', () => {
  const drowsy = { perclosShort: valid(0.2), perclosLong: valid(0.12) };

  it('is not judged before a minute of driving', () => {
    const facts = (t: number): Partial<DriverFacts> => ({ ...drowsy, speedKmh: t < 30_000 ? 5 : 60 });
    // To the step: the time since the last one counts by the speed of now.
    expect(Math.abs(run(facts, { untilMs: 120_000 }).started[0].startedMs - 90_000)).toBeLessThanOrEqual(50);
  });

  it('begins by either source and ends when all that is known has fallen', () => {
    const facts = (t: number): Partial<DriverFacts> =>
      t < 70_000
        ? {}
        : t < 110_000
          ? { perclosShort: valid(0.09), perclosLong: valid(0.09), kssEstimate: 8.1 }
          : { perclosShort: valid(0.05), perclosLong: valid(0.09), kssEstimate: t < 120_000 ? 7 : 6 };
    const { states } = run(facts, { untilMs: 130_000 });
    expect(states.map(({ t, state }) => [t, state.kind])).toEqual([
      [0, 'attentive'],
      [100_000, 'drowsy'],
      [120_000, 'attentive'],
    ]);
  });

  it('by the estimate alone does not begin before the lids have had their say', () => {
    // A microsleep early in the drive holds the estimate up; PERCLOS is known a little after the first minute.
    const facts = (t: number): Partial<DriverFacts> => ({
      kssEstimate: t < 9000 ? null : 8,
      recentMicrosleeps: 1,
      ...(t < 62_000 ? { perclosLong: unavailable<number>('tooLittleMeasured') } : {}),
    });
    expect(run(facts, { untilMs: 120_000 }).states.map(({ state }) => state.kind)).toEqual(['attentive']);
  });

  it('that the lids contradict is impairment of unknown cause, after a minute', () => {
    const facts = (t: number): Partial<DriverFacts> => (t < 70_000 ? {} : { kssEstimate: 8.5 });
    const { states, started } = run(facts, { untilMs: 140_000 });
    expect(states.map(({ t, state }) => [t, state.kind])).toEqual([
      [0, 'attentive'],
      [130_000, 'impairedUnknown'],
    ]);
    expect(started.map(({ rule }) => rule)).toEqual(['impairedUnknown']);
    const unsure = (t: number): Partial<DriverFacts> => ({
      ...facts(t),
      perclosLong: unavailable('tooLittleMeasured'),
    });
    // Lids that are not known contradict nothing.
    expect(run(unsure, { untilMs: 140_000 }).states.map(({ state }) => state.kind)).toEqual([
      'attentive',
      'drowsy',
    ]);
  });

  it('that cannot be measured for ten minutes at 50 km/h is said to be so', () => {
    const nothing = { perclosShort: unavailable<number>('frameRateTooLow') };
    const options = { untilMs: 700_000, stepMs: 500 };
    const { started } = run(() => nothing, options);
    expect(started).toMatchObject([{ rule: 'notFunctional', level: 'inform' }]);
    expect(started[0].startedMs).toBeGreaterThanOrEqual(600_000);
    expect(started[0].startedMs).toBeLessThan(602_000);
    expect(run(() => ({ ...nothing, speedKmh: 45 }), options).started).toEqual([]);
  });
});

describe('phone use', () => {
  it('is a distraction with a phone as its object, or a phone held for long', () => {
    const looks = (t: number): Partial<DriverFacts> => ({ ...away(t, 10_000, 4000), phoneSinceMs: 9000 });
    expect(run(looks, { untilMs: 20_000 }).states.map(({ state }) => state.kind)).toContain('phoneUse');
    const held = run((t) => (t < 5000 ? {} : { phoneSinceMs: 5000, forwardSinceMs: 0 }), { untilMs: 30_000 });
    expect(held.started).toMatchObject([{ rule: 'phoneUse', startedMs: 20_000 }]);
    const short = run((t) => (t < 5000 || t > 15_000 ? {} : { phoneSinceMs: 5000 }), { untilMs: 30_000 });
    expect(short.started).toEqual([]);
  });
});

describe('openpilot-like', () => {
  const values = loadPolicy('openpilot-like').rules.awareness!.values;
  const attention = fc.constantFrom<Attention>('attentive', 'distracted', 'blind', 'touching');

  it('keeps awareness between empty and full, and an empty one until standstill', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(attention, fc.boolean(), fc.integer({ min: 0, max: 1000 }))), (steps) => {
        let awareness = fullAwareness;
        for (const [what, moving, dtMs] of steps) {
          const before = awareness;
          awareness = stepAwareness(before, dtMs, what, moving, values);
          expect(awareness.level).toBeGreaterThanOrEqual(0);
          expect(awareness.level).toBeLessThanOrEqual(1);
          expect(awareness.distraction).toBeGreaterThanOrEqual(0);
          expect(awareness.distraction).toBeLessThanOrEqual(1);
          if (moving && before.level === 0) expect(awareness.level).toBe(0);
          if (!moving && before.level === 0) expect(awareness.level).toBe(1);
        }
      }),
    );
  });

  it('has come to each stage at its time', () => {
    const stageAfter = (gone: number): number =>
      awarenessStage({ level: 1 - gone / values.emptyMs, distraction: 1 }, values);
    expect([2999, 3000, 4999, 5000, 10_999, 11_000].map(stageAfter)).toEqual([0, 1, 1, 2, 2, 3]);
  });

  it('grows one prompt and takes it back when the driver has been attentive', () => {
    const options = { policies: 'openpilot-like', untilMs: 30_000 };
    const { started, changed, ended } = run((t) => away(t, 5000, 6500), options);
    expect(started).toMatchObject([{ rule: 'awareness', level: 'inform' }]);
    expect(changed.map(({ alert }) => alert.level)).toEqual(['warning']);
    expect(ended).toHaveLength(1);
    expect(ended[0].t - 11_500).toBeLessThan(3000);
    const long = run((t) => away(t, 5000, 15_000), options);
    expect(long.changed.map(({ alert }) => alert.level)).toEqual(['warning', 'urgent']);
    expect(long.states.map(({ state }) => state.kind)).toContain('unresponsive');
  });

  it('falls slowly while the driver is not seen, and is filled by a hand on the wheel then, not else', () => {
    const options = { policies: 'openpilot-like', untilMs: 60_000 };
    const hidden = (t: number): Partial<DriverFacts> =>
      t < 5000 ? {} : { lastFaceMs: 5000, lastMeasuredMs: 5000, unmeasured: 'noFace', forwardSinceMs: null };
    const awareness = (facts: (t: number) => Partial<DriverFacts>) =>
      run(facts, options).started.filter(({ rule }) => rule === 'awareness');
    // A second passes before nothing is known; 3 of 11 parts of the 30 s are then the first alert's.
    expect(awareness(hidden)[0].startedMs).toBeCloseTo(6000 + (3 / 11) * 30_000, -2);
    const touched = (t: number) => ({ ...hidden(t), handsOnWheel: t % 6000 < 500 });
    expect(awareness(touched)).toEqual([]);
    const once = (t: number) => ({ ...hidden(t), handsOnWheel: t >= 10_000 && t < 10_100 });
    expect(awareness(once)[0].startedMs).toBeCloseTo(10_050 + (3 / 11) * 30_000, -2);
    // Whoever is seen looking away is not excused by holding the wheel.
    const seen = (t: number) => ({ ...away(t, 5000, 6500), handsOnWheel: true });
    expect(awareness(seen)[0].startedMs).toBe(awareness((t) => away(t, 5000, 6500))[0].startedMs);
  });
});
