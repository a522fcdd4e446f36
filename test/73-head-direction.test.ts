import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addAngle, emptyAngleMedian, medianDeg } from '../src/driver/gaze/angle-median.js';
import { initialGlance, looksAway, stepGlance, type RoadLimits } from '../src/driver/gaze/eyes-on-road.js';
import {
  initialNeutralPose,
  neutralDirection,
  stepNeutralPose,
  type NeutralPose,
} from '../src/driver/gaze/neutral-pose.js';
import { knownSpeedKmh, speedGateOpen } from '../src/driver/context/speed.js';
import { seededRandom } from './70-support/person.js';
import { perform } from './70-support/person.js';
import { drive, feed } from './70-support/watch.js';

const limits = { learnedMs: 10_000, memoryMs: 360_000, maxYawDeg: 20, maxPitchDeg: 20 };
const mount = { yawDeg: 0, pitchDeg: 0 };
const road: RoadLimits = {
  yawDeg: 23,
  pitchDownDeg: 18,
  pitchUpDeg: 25,
  gazeAzimuthDeg: 30,
  gazeDownDeg: 30,
  returnFactor: 0.85,
  uncalibratedFactor: 1.4,
};

function learn(
  from: NeutralPose,
  fromMs: number,
  forMs: number,
  yawDeg: number,
  driving = true,
): NeutralPose {
  let neutral = from;
  for (let t = fromMs; t < fromMs + forMs; t += 40) {
    neutral = stepNeutralPose(neutral, t, { yawDeg, pitchDeg: -2 }, driving, limits);
  }
  return neutral;
}

describe('angle median', () => {
  it('is within a degree of the median of what was added', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -80, max: 80, noNaN: true }), { minLength: 1, maxLength: 99 }),
        (angles) => {
          let median = emptyAngleMedian;
          for (const angle of angles) median = addAngle(median, angle, 1, 1e9);
          const sorted = angles.toSorted((a, b) => a - b);
          const low = sorted[Math.ceil(sorted.length / 2) - 1];
          const high = sorted[Math.floor(sorted.length / 2)];
          expect(medianDeg(median)).toBeGreaterThanOrEqual(low - 1.001);
          expect(medianDeg(median)).toBeLessThanOrEqual(high + 1.001);
        },
      ),
    );
  });

  it('forgets', () => {
    let median = emptyAngleMedian;
    for (let i = 0; i < 1000; i++) median = addAngle(median, 20, 100, 60_000);
    for (let i = 0; i < 1000; i++) median = addAngle(median, -5, 100, 60_000);
    expect(medianDeg(median)).toBeCloseTo(-4.5, 0);
  });
});

describe('neutral pose', () => {
  it('is known within a second and learnt after ten of driving', () => {
    expect(neutralDirection(learn(initialNeutralPose, 0, 500, 9), limits, mount)).toBeNull();
    expect(neutralDirection(learn(initialNeutralPose, 0, 1000, 9), limits, mount)).toMatchObject({
      learned: false,
    });
    const learned = neutralDirection(learn(initialNeutralPose, 0, 10_500, 9), limits, mount);
    expect(learned?.learned).toBe(true);
    expect(Math.abs(learned!.yawDeg - 9)).toBeLessThanOrEqual(1);
  });

  it('is not moved by glances, nor by looking around while parked', () => {
    let neutral = learn(initialNeutralPose, 0, 60_000, 5);
    neutral = learn(neutral, 60_000, 20_000, 50);
    neutral = learn(neutral, 80_000, 300_000, -40, false);
    expect(Math.abs(neutralDirection(neutral, limits, mount)!.yawDeg - 5)).toBeLessThanOrEqual(1);
  });

  it('is corrected soon when the first look was at the lap while parked', () => {
    const parked = learn(initialNeutralPose, 0, 10_000, -35, false);
    const driven = learn(parked, 10_000, 4000, 3);
    expect(Math.abs(neutralDirection(driven, limits, mount)!.yawDeg - 3)).toBeLessThanOrEqual(1);
  });

  it('stays within reach of the mount', () => {
    const far = learn(initialNeutralPose, 0, 20_000, 70);
    expect(neutralDirection(far, limits, mount)?.yawDeg).toBe(20);
    expect(neutralDirection(far, limits, { yawDeg: 60, pitchDeg: 0 })?.yawDeg).toBeCloseTo(70, -0.4);
  });
});

describe('eyes on road', () => {
  const ahead = { yawDeg: 0, pitchDeg: 0 };

  it('has a wider limit before the pose is learnt and a narrower one for the way back', () => {
    expect(looksAway({ yawDeg: 24, pitchDeg: 0 }, null, false, true, road)).toBe(true);
    expect(looksAway({ yawDeg: -24, pitchDeg: 0 }, null, false, false, road)).toBe(false);
    expect(looksAway({ yawDeg: 21, pitchDeg: 0 }, null, false, true, road)).toBe(false);
    expect(looksAway({ yawDeg: 21, pitchDeg: 0 }, null, true, true, road)).toBe(true);
    expect(looksAway({ yawDeg: 0, pitchDeg: -19 }, null, false, true, road)).toBe(true);
    expect(looksAway({ yawDeg: 0, pitchDeg: 19 }, null, false, true, road)).toBe(false);
  });

  it('lets a confident gaze find the look away that the head does not make', () => {
    expect(looksAway(ahead, { yawDeg: 35, pitchDeg: 0 }, false, true, road)).toBe(true);
    expect(looksAway(ahead, { yawDeg: 0, pitchDeg: -35 }, false, true, road)).toBe(true);
    expect(looksAway(ahead, { yawDeg: 10, pitchDeg: -10 }, false, true, road)).toBe(false);
  });

  it('looks away at most as long as time passes, and never while looking ahead for longer than a flicker', () => {
    const looks = fc.array(fc.constantFrom('ahead', 'away', 'unknown'), { maxLength: 200 });
    fc.assert(
      fc.property(looks, (sequence) => {
        let glance = initialGlance;
        let ahead = 0;
        sequence.forEach((looking, i) => {
          glance = stepGlance(glance, i * 40, looking, 250, 5000);
          ahead = looking === 'ahead' ? ahead + 1 : 0;
          expect(glance.offMs).toBeGreaterThanOrEqual(0);
          expect(glance.offMs).toBeLessThanOrEqual(i * 40);
          if (ahead > 8) expect(glance.offMs).toBe(0);
          if (looking === 'away') expect(glance.offSinceMs).not.toBeNull();
        });
      }),
    );
  });

  it('uses gaze only when confident', () => {
    const looking = (confidence: number) => {
      const observations = perform({ lengthMs: 40_000 }).map((o) => {
        if (o.kind !== 'face') return o;
        const azimuthDeg = o.t > 30_000 && o.t < 35_000 ? 45 : 0;
        return { ...o, gaze: { azimuthDeg, elevationDeg: 0, confidence } };
      });
      return feed(drive(observations)).started.map(({ rule }) => rule);
    };
    expect(looking(0.9)).toEqual(['longDistraction']);
    expect(looking(0.4)).toEqual([]);
  });
});

describe('speed', () => {
  it('is unknown when old, not valid or not a number', () => {
    const reading = { t: 1000, speedKmh: -30, quality: 'valid' } as const;
    expect(knownSpeedKmh(reading, 2000, 2000)).toBe(30);
    expect(knownSpeedKmh(reading, 3001, 2000)).toBeNull();
    expect(knownSpeedKmh({ ...reading, quality: 'stale' }, 2000, 2000)).toBeNull();
    expect(knownSpeedKmh({ ...reading, speedKmh: Number.NaN }, 2000, 2000)).toBeNull();
    expect(knownSpeedKmh(null, 2000, 2000)).toBeNull();
  });

  it('opens the gate when unknown, and closes it with hysteresis', () => {
    expect(speedGateOpen(null, 20, false, 5)).toBe(true);
    expect(speedGateOpen(19, 20, false, 5)).toBe(false);
    expect(speedGateOpen(20, 20, false, 5)).toBe(true);
    expect(speedGateOpen(16, 20, true, 5)).toBe(true);
    expect(speedGateOpen(14, 20, true, 5)).toBe(false);
  });

  it('noise does not chop a warning at the limit', () => {
    const random = seededRandom(4);
    const observations = perform({ lengthMs: 20_000, closings: [{ fromMs: 10_000, forMs: 6000 }] });
    const watched = feed(drive(observations, () => 20 + 3 * (random() - 0.5)));
    expect(watched.started.map(({ rule }) => rule)).toEqual(['microsleep', 'sleep']);
  });
});
