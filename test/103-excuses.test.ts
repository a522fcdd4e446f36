import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { excusedLimitMs, type Look, type Manoeuvre } from '../src/driver/context/excuse.js';
import type { DriverFacts } from '../src/driver/policy/facts.js';
import { lookingAhead, well } from './70-support/facts.js';
import { away, run } from './70-support/policy-run.js';
import { policy } from './70-support/watch.js';

const nothing: Manoeuvre = { leftIndicator: null, rightIndicator: null, steeringAngleDeg: null, gear: null };
const limit = (manoeuvre: Partial<Manoeuvre>, look: Look): number | null =>
  excusedLimitMs(policy.excuses, { ...nothing, ...manoeuvre }, look);

const leftWindow: Look = { zone: 'driverSideWindow', yawDeg: 75, pitchDeg: 0 };
const rightMirror: Look = { zone: 'passengerSideMirror', yawDeg: -46, pitchDeg: -6 };
const lap: Look = { zone: 'lap', yawDeg: -18, pitchDeg: -45 };

describe('excuses', () => {
  it('go with the side that the vehicle goes to', () => {
    expect(limit({ leftIndicator: true }, leftWindow)).toBe(6000);
    expect(limit({ rightIndicator: true }, leftWindow)).toBeNull();
    expect(limit({ rightIndicator: true }, rightMirror)).toBe(6000);
    expect(limit({ steeringAngleDeg: 90 }, leftWindow)).toBe(5000);
    expect(limit({ steeringAngleDeg: -90 }, leftWindow)).toBeNull();
    expect(limit({ steeringAngleDeg: 20 }, leftWindow)).toBeNull();
  });

  it('let who drives backwards look backwards', () => {
    const back: Look = { zone: 'behind', yawDeg: -140, pitchDeg: 0 };
    expect(limit({ gear: -1 }, back)).toBe(30_000);
    expect(limit({ gear: 1 }, back)).toBeNull();
    expect(limit({ gear: -1 }, { ...back, zone: null })).toBe(30_000);
  });

  it('go by the direction where the zone is not known', () => {
    expect(limit({ leftIndicator: true }, { zone: null, yawDeg: 60, pitchDeg: -5 })).toBe(6000);
    expect(limit({ leftIndicator: true }, { zone: null, yawDeg: 60, pitchDeg: -40 })).toBeNull();
    expect(limit({ leftIndicator: true }, { zone: null, yawDeg: null, pitchDeg: null })).toBeNull();
  });

  const known = fc.option(fc.boolean(), { nil: null });
  it('never cover the lap, nor anything while nothing is known of the vehicle', () => {
    fc.assert(
      fc.property(
        known,
        known,
        fc.option(fc.double({ min: -500, max: 500, noNaN: true }), { nil: null }),
        fc.option(fc.integer({ min: -1, max: 6 }), { nil: null }),
        (leftIndicator, rightIndicator, steeringAngleDeg, gear) => {
          expect(limit({ leftIndicator, rightIndicator, steeringAngleDeg, gear }, lap)).toBeNull();
        },
      ),
    );
    expect(limit({}, leftWindow)).toBeNull();
  });
});

describe('an excused look', () => {
  const cabin = { ...well.cabin, leftIndicator: true };
  const facts =
    (forMs: number, indicating: boolean) =>
    (t: number): Partial<DriverFacts> => {
      const seen = away(t, 5000, forMs, { zone: 'driverSideWindow' });
      const looks = t >= 5000 && t < 5000 + forMs ? leftWindow : well.look;
      return { ...seen, look: looks, ...(indicating ? { cabin } : {}) };
    };

  it('has a longer limit, not none', () => {
    expect(run(facts(5000, false), { untilMs: 15_000 }).started.map(({ startedMs }) => startedMs)).toEqual([
      8000,
    ]);
    expect(run(facts(5000, true), { untilMs: 15_000 }).started).toEqual([]);
    expect(run(facts(7000, true), { untilMs: 15_000 }).started[0]).toMatchObject({ startedMs: 11_000 });
  });

  it('stays excused while it ends', () => {
    const ending = (t: number): Partial<DriverFacts> => {
      // A flicker's time after the look, the look away still stands while the driver looks ahead.
      if (t < 10_000 || t >= 10_250) return facts(5000, true)(t);
      const glance = { ...lookingAhead, awayMs: 5000, awaySinceMs: 5000, cumulativeAwayMs: 5000 };
      return { glance, forwardSinceMs: 10_000, cabin };
    };
    expect(run(ending, { untilMs: 15_000 }).started).toEqual([]);
  });

  it('does not add up with others', () => {
    const looks =
      (indicating: boolean) =>
      (t: number): Partial<DriverFacts> => {
        const since = (t - 5000) % 3000;
        const isAway = t >= 5000 && since < 2000;
        const round = Math.floor((t - 5000) / 3000);
        const sum = Math.min(2000, since) + 2000 * round;
        const glance = isAway
          ? { ...lookingAhead, zone: 'driverSideMirror' as const, awayMs: since, awaySinceMs: t - since }
          : lookingAhead;
        return {
          glance: { ...glance, cumulativeAwayMs: t < 5000 ? 0 : sum },
          look: isAway ? leftWindow : well.look,
          forwardSinceMs: isAway ? null : t - since + 2000,
          ...(indicating ? { cabin } : {}),
        };
      };
    expect(run(looks(false), { untilMs: 25_000 }).started.map(({ rule }) => rule)).toEqual([
      'shortDistraction',
    ]);
    expect(run(looks(true), { untilMs: 25_000 }).started).toEqual([]);
  });
});
