import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FaceSeen } from '../src/camera/observation.js';
import { lookOf, noUsualContrast, type LidsContext } from '../src/driver/visibility/eye-look.js';
import {
  learnSurroundings,
  surroundingsLook,
  type Surroundings,
} from '../src/driver/visibility/surroundings.js';
import { drive, feed, storyOf } from './70-support/watch.js';
import { behindHand, ownEye, seenFace, skinPatch, watched, withEyes, type Alter } from './101-support.js';

const fromMs = 12_000;
const storyWith = (alter: Alter, lengthMs = 26_000) => feed(drive(watched(lengthMs, fromMs, alter)));
const saidOf = (result: ReturnType<typeof feed>) => [
  ...new Set(result.measures.flatMap(({ faults }) => faults.map(({ reason }) => reason))),
];

/** Lids that look like nothing this driver's eyes ever did. */
const strangeLids: Alter = (face) =>
  withEyes(seenFace(face.t, face.frame, 0.04), { ...skinPatch, familiarity: 0.25 });

describe('a hand before the eyes', () => {
  it('is named within a second and is no microsleep, whatever the lids on it look like', () => {
    for (const familiarity of [0.1, 0.45, 0.7]) {
      const result = storyWith((face) => behindHand(face, familiarity));
      expect(storyOf(result)).toEqual(['calibrating', 'attentive', 'eyesCovered']);
      const first = result.measures.find(({ faults }) => faults.some((f) => f.reason === 'eyesCovered'));
      expect(first!.t - fromMs).toBeLessThan(1000);
      expect(result.started.map(({ rule }) => rule)).toEqual(['notFunctional']);
    }
  });

  it('that takes its time to come is named as well', () => {
    const arriving: Alter = (face) => {
      const arrived = Math.min(1, (face.t - fromMs) / 500);
      if (arrived < 0.6) return { ...face, aroundEyes: 0.97 - arrived };
      return behindHand(face);
    };
    const result = storyWith(arriving);
    expect(storyOf(result)).toEqual(['calibrating', 'attentive', 'eyesCovered']);
  });

  it('that is gone leaves an attentive driver', () => {
    const result = feed(drive(watched(24_000, fromMs, (face) => behindHand(face), 18_000)));
    expect(storyOf(result)).toEqual(['calibrating', 'attentive', 'eyesCovered', 'attentive']);
  });
});

describe('closed lids', () => {
  const asleep = ['calibrating', 'attentive', 'microsleep', 'sleep'];

  it('around which nothing has changed are lids for as long as they are closed', () => {
    const result = storyWith(strangeLids, 40_000);
    expect(storyOf(result).slice(0, 4)).toEqual(asleep);
    expect(saidOf(result)).toEqual([]);
  });

  it.each<[string, (face: FaceSeen) => FaceSeen]>([
    ['under a light that comes and goes', (face) => ({ ...face, aroundEyes: 0.6 })],
    [
      'of a head that sinks',
      (face) => ({ ...face, aroundEyes: 0.45, head: { ...face.head, pitchDeg: -18 } }),
    ],
    ['of a head that turns', (face) => ({ ...face, aroundEyes: 0.4, head: { ...face.head, yawDeg: 16 } })],
    ['before the face is learnt', (face) => ({ ...face, aroundEyes: undefined })],
  ])('%s are warned of', (_, alter) => {
    const result = storyWith((face) => alter(strangeLids(face) as FaceSeen));
    expect(storyOf(result).slice(0, 4)).toEqual(asleep);
  });

  it('of a driver whose face has looked otherwise for a while are warned of', () => {
    const changed: Alter = (face) => {
      const seen = face.t < fromMs + 8000 ? face : (strangeLids(face) as FaceSeen);
      return { ...seen, aroundEyes: 0.4 };
    };
    expect(storyOf(storyWith(changed, 30_000)).slice(0, 4)).toEqual(asleep);
  });
});

describe('the rule', () => {
  const share = fc.double({ min: -1, max: 1, noNaN: true });
  const angle = fc.double({ min: -40, max: 40, noNaN: true });
  const surroundings = fc.record({ level: share, yawDeg: angle, pitchDeg: angle });
  const face = (aroundEyes: number, yawDeg: number, pitchDeg: number): FaceSeen => ({
    ...seenFace(0, 0),
    aroundEyes,
    head: { yawDeg, pitchDeg, rollDeg: 0 },
  });
  const forLids = { changed: 0, unknown: 1, same: 2 } as const;

  it('never speaks more for lids as less of the surroundings is left', () => {
    fc.assert(
      fc.property(surroundings, share, share, angle, angle, (before, a, b, yaw, pitch) => {
        const look = (value: number) => forLids[surroundingsLook(before, face(value, yaw, pitch))];
        expect(look(Math.min(a, b))).toBeLessThanOrEqual(look(Math.max(a, b)));
      }),
    );
  });

  it('says nothing against lids without a face that was seen uncovered', () => {
    fc.assert(
      fc.property(share, angle, angle, (value, yaw, pitch) => {
        expect(surroundingsLook(null, face(value, yaw, pitch))).not.toBe('changed');
      }),
    );
  });

  it('learns a level between what it was and what it is, in any steps of time', () => {
    fc.assert(
      fc.property(surroundings, share, fc.double({ min: -50, max: 5000, noNaN: true }), (before, now, ms) => {
        const { level } = learnSurroundings(before, face(now, 0, 0), ms) as Surroundings;
        expect(level).toBeGreaterThanOrEqual(Math.min(before.level, now) - 1e-12);
        expect(level).toBeLessThanOrEqual(Math.max(before.level, now) + 1e-12);
      }),
    );
  });

  it('never takes an eye for more covered as it becomes more familiar', () => {
    const covered = { covered: 0, doubtful: 1, seen: 2 } as const;
    const contexts = fc.record({
      closing: fc.boolean(),
      surroundings: fc.constantFrom('same', 'changed', 'unknown'),
      levelPitchDeg: fc.constant(0),
    }) as fc.Arbitrary<LidsContext>;
    const openness = fc.double({ min: 0, max: 0.4, noNaN: true });
    fc.assert(
      fc.property(contexts, openness, share, share, (context, open, a, b) => {
        const look = (familiarity: number) => {
          const seen = withEyes(seenFace(0, 0, open), { ...ownEye, familiarity });
          return covered[lookOf(seen, noUsualContrast, context).both as keyof typeof covered];
        };
        expect(look(Math.min(a, b))).toBeLessThanOrEqual(look(Math.max(a, b)));
      }),
    );
  });
});
