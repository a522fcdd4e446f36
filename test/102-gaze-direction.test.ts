import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FaceSeen } from '../src/camera/observation.js';
import {
  forgetDirection,
  initialDirection,
  stepDirection,
  stepUnknownDirection,
  type DirectionContext,
  type DirectionTrack,
} from '../src/driver/gaze/direction-track.js';
import { loadCabin } from '../src/driver/gaze/cabin.js';
import { gazeMeasures } from '../src/driver/gaze/gaze-measures.js';
import { documentedGazeLimits } from '../src/driver/gaze/limits.js';
import { drivesStraight } from '../src/driver/gaze/straight.js';
import { faceAt, seededRandom } from './70-support/person.js';
import { policy } from './70-support/watch.js';

const context: DirectionContext = {
  policy,
  driving: true,
  mount: { yawDeg: 0, pitchDeg: 0 },
  eyesOpen: true,
  nodding: false,
};

interface Look {
  readonly headYawDeg?: number;
  readonly headPitchDeg?: number;
  /** Eyes in the head; undefined when they cannot be seen. */
  readonly eyesYawDeg?: number;
  readonly eyesPitchDeg?: number;
  readonly shiftPx?: number;
  readonly lost?: boolean;
}

const ahead: Look = { eyesYawDeg: 0, eyesPitchDeg: 0 };

function faceOf(t: number, look: Look): FaceSeen {
  const { headYawDeg = 0, headPitchDeg = 0, eyesYawDeg, eyesPitchDeg = 0, shiftPx = 0 } = look;
  const face = faceAt(t, Math.round(t), 0.28, headYawDeg, headPitchDeg);
  const confidence = eyesYawDeg === undefined ? 0.2 : 1;
  const gaze = {
    azimuthDeg: headYawDeg + (eyesYawDeg ?? 0),
    elevationDeg: headPitchDeg + eyesPitchDeg,
    confidence,
  };
  return { ...face, gaze, box: { ...face.box, x: face.box.x + shiftPx } };
}

/** Feeds looks one after the other, each for its time, and shows the track after every frame. */
function watch(
  looks: readonly (readonly [Look, number])[],
  { hz = 25, from = initialDirection, fromMs = 0, change = {} } = {},
): { track: DirectionTrack; tracks: DirectionTrack[]; endMs: number } {
  let track = from;
  const tracks: DirectionTrack[] = [];
  let start = fromMs;
  for (const [look, forMs] of looks) {
    for (let t = start; t < start + forMs - 1e-6; t += 1000 / hz) {
      const all = { ...context, ...change };
      track =
        look.lost === true
          ? stepUnknownDirection(track, t, 'noFace', all).direction
          : stepDirection(track, faceOf(t, look), all).direction;
      tracks.push(track);
    }
    start += forMs;
  }
  return { track, tracks, endMs: start };
}

const learnt = watch([[ahead, 15_000]]);
const after = (looks: readonly (readonly [Look, number])[], hz = 25) =>
  watch(looks, { from: learnt.track, fromMs: learnt.endMs, hz });

describe('where the driver looks', () => {
  it.each([
    ['rearViewMirror', 'owl', { headYawDeg: -26, headPitchDeg: 8, eyesYawDeg: -4, eyesPitchDeg: 8 }, true],
    ['instrumentCluster', 'lizard', { headPitchDeg: -3, eyesYawDeg: 0, eyesPitchDeg: -21 }, true],
    ['infotainment', 'lizard', { headYawDeg: -6, eyesYawDeg: -26, eyesPitchDeg: -20 }, false],
    ['lap', 'owl', { headPitchDeg: -32, eyesYawDeg: 0, eyesPitchDeg: -15 }, false],
    ['driverSideWindow', 'owl', { headYawDeg: 62, eyesYawDeg: 10 }, false],
    [
      'footwell',
      'lean',
      { headYawDeg: -40, headPitchDeg: -30, eyesYawDeg: -8, eyesPitchDeg: -12, shiftPx: 150 },
      false,
    ],
  ] as const)('finds the %s, looked at as an %s does', (zone, movement, look, drivingTask) => {
    const { track } = after([[look, 1000]]);
    expect(track.facts).toMatchObject({ zone, movement, drivingTask });
    expect(track.facts.awayMs).toBeGreaterThanOrEqual(900);
    const measures = gazeMeasures(track, 'calibrating');
    expect(measures.zone).toEqual({ quality: 'valid', value: zone });
    expect(measures.source).toEqual({ quality: 'valid', value: 'gaze' });
  });

  it('goes by the head alone, less surely, where the irises cannot be seen', () => {
    const { track } = after([[{ headYawDeg: 60 }, 1000]]);
    expect(track.facts).toMatchObject({ zone: 'driverSideWindow', movement: 'owl' });
    expect(track.sight?.source).toBe('head');
    // Eyes alone then go unseen: the look is not called away.
    expect(after([[{ headYawDeg: -6 }, 1000]]).track.facts).toMatchObject({ zone: 'roadAhead', awayMs: 0 });
  });

  it('keeps the eyes where they were during a blink', () => {
    const down = { eyesYawDeg: -33, eyesPitchDeg: -20 };
    const { tracks } = after([
      [down, 1000],
      [{}, 240],
      [down, 2000],
    ]);
    const blink = tracks.slice(25, 31);
    for (const { sight, facts } of blink) {
      expect(sight?.source).toBe('heldGaze');
      expect(facts.zone).toBe('infotainment');
    }
    expect(tracks.at(-1)!.facts.awayMs).toBeGreaterThan(3100);
  });

  it('says no zone before the zero is learnt, and knows at least the road', () => {
    const early = watch([[ahead, 2000]]);
    expect(early.track.facts.zone).toBe('roadAhead');
    const away = watch([[{ headYawDeg: 45 }, 1000]], { from: early.track, fromMs: early.endMs }).track;
    expect(away.facts).toMatchObject({ zone: null, movement: 'owl' });
    expect(away.facts.awayMs).toBeGreaterThan(900);
    expect(gazeMeasures(away, 'noFace').zone).toEqual({ quality: 'unavailable', reason: 'calibrating' });
  });

  it('swaps sides with the cabin', () => {
    const look = { headYawDeg: 25, headPitchDeg: 8, eyesYawDeg: 4, eyesPitchDeg: 8 };
    const change = { cabin: loadCabin('generic-rhd') };
    const { track } = watch([[look, 500]], { from: learnt.track, fromMs: learnt.endMs, change });
    expect(track.facts.zone).toBe('rearViewMirror');
  });

  it('takes mirror and cluster for driving, a phone after them not', () => {
    const mirror = { headYawDeg: 30, eyesYawDeg: 9, headPitchDeg: -5, eyesPitchDeg: -7 };
    const lap = { headPitchDeg: -30, eyesYawDeg: -10, eyesPitchDeg: -20 };
    expect(after([[mirror, 2000]]).track.facts.drivingTask).toBe(true);
    const then = after([
      [mirror, 1000],
      [lap, 1000],
    ]).track.facts;
    expect(then).toMatchObject({ drivingTask: false, zone: 'lap' });
    expect(then.awayMs).toBeGreaterThan(1900);
  });

  it('forgets nothing for a look in, out and back in that is shorter than the flicker', () => {
    const lap = { headPitchDeg: -30, eyesYawDeg: -10, eyesPitchDeg: -20 };
    const { track } = after([
      [lap, 2000],
      [ahead, 160],
      [lap, 2000],
    ]);
    expect(track.facts.awayMs).toBeGreaterThan(4000);
    expect(track.facts.area3Ms).toBeGreaterThan(4000);
  });

  it('never counts a lost face as looking at the road', () => {
    const away = { headYawDeg: 45, eyesYawDeg: 5 };
    const { tracks } = after([
      [away, 3000],
      [{ lost: true }, 3000],
      [{ lost: true }, 6000],
    ]);
    const facts = tracks.map((track) => track.facts);
    expect(facts[149].awayMs).toBeGreaterThan(5800);
    expect(facts.at(-1)!.cumulativeAwayMs).toBeGreaterThanOrEqual(2950);
    expect(facts.at(-1)!.attentionBufferMs).toBeLessThanOrEqual(facts[74].attentionBufferMs);
    expect(facts.at(-1)!.zone).toBeNull();
    expect(gazeMeasures(tracks.at(-1)!, 'noFace').azimuthDeg).toEqual({
      quality: 'unavailable',
      reason: 'noFace',
    });
  });

  it('says the same within a frame at 10 to 60 frames a second', () => {
    const looks = [
      [{ eyesYawDeg: -33, eyesPitchDeg: -20 }, 1700],
      [ahead, 900],
      [{ headYawDeg: 40, eyesYawDeg: 0, headPitchDeg: -10 }, 1300],
      [ahead, 1000],
      [{ headPitchDeg: -32, eyesYawDeg: -10, eyesPitchDeg: -15 }, 1200],
    ] as const;
    const reference = after(looks, 200).track.facts;
    for (const hz of [10, 12, 15, 24, 30, 60]) {
      const { facts } = after(looks, hz).track;
      expect(facts.zone).toBe(reference.zone);
      expect(facts.movement).toBe(reference.movement);
      for (const name of ['awayMs', 'area3Ms'] as const)
        expect(Math.abs(facts[name] - reference[name])).toBeLessThanOrEqual(1000 / hz + 5);
      // Six turns of the look, each up to a frame late.
      for (const name of ['cumulativeAwayMs', 'attentionBufferMs'] as const)
        expect(Math.abs(facts[name] - reference[name])).toBeLessThanOrEqual(6 * (1000 / hz + 5));
    }
  });

  it('holds for any looks: times within bounds, remembered things bounded', () => {
    const some = fc.record({
      headYawDeg: fc.integer({ min: -90, max: 90 }),
      headPitchDeg: fc.integer({ min: -60, max: 60 }),
      eyesYawDeg: fc.option(fc.integer({ min: -40, max: 40 }), { nil: undefined }),
      eyesPitchDeg: fc.integer({ min: -40, max: 30 }),
      shiftPx: fc.integer({ min: -300, max: 300 }),
      lost: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(some, fc.integer({ min: 40, max: 4000 })), { maxLength: 12 }),
        (looks) => {
          const { tracks } = watch(looks, { hz: 10 });
          for (const { facts, glances, sight } of tracks) {
            expect(facts.attentionBufferMs).toBeGreaterThanOrEqual(0);
            expect(facts.attentionBufferMs).toBeLessThanOrEqual(2000);
            expect(facts.cumulativeAwayMs).toBeLessThanOrEqual(30_000);
            expect(facts.awaySinceMs === null).toBe(facts.movement === null && facts.awayMs === 0);
            if (sight === null) expect(facts.zone).toBeNull();
            expect(glances.zoneConfidence).toBeLessThanOrEqual(1);
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe("the driver's own zero", () => {
  const zeroOf = ({ zero }: DirectionTrack) => zero!;
  const own = { headYawDeg: 6, headPitchDeg: -4, eyesYawDeg: -2, eyesPitchDeg: 3 };

  it('is not moved by mirror checks of a fifth of the time', () => {
    const random = seededRandom(102);
    const looks = Array.from({ length: 300 }, () => {
      const mirror = random() < 0.2;
      const jitter = () => (random() - 0.5) * 4;
      const yaw = mirror ? 35 : 0;
      return [
        {
          headYawDeg: 6 + yaw + jitter(),
          headPitchDeg: -4 + jitter(),
          eyesYawDeg: -2 + jitter(),
          eyesPitchDeg: 3 + jitter(),
        },
        800,
      ] as const;
    });
    const { track } = watch(looks, { hz: 10 });
    expect(Math.abs(zeroOf(track).yawDeg - 6)).toBeLessThan(1.5);
    expect(Math.abs(zeroOf(track).pitchDeg + 4)).toBeLessThan(1.5);
  });

  it('is learnt on straight road only, where the course is known', () => {
    expect(drivesStraight({ speedKmh: 41, steeringAngleDeg: 3 })).toBe(true);
    expect(drivesStraight({ speedKmh: 39, steeringAngleDeg: 3 })).toBe(false);
    expect(drivesStraight({ speedKmh: 80, steeringAngleDeg: -25 })).toBe(false);
    expect(drivesStraight({ speedKmh: null, steeringAngleDeg: null })).toBe(true);
    const bend = { course: { speedKmh: 80, steeringAngleDeg: 60 } };
    const bent = watch([[{ headYawDeg: 18, eyesYawDeg: 5 }, 60_000]], {
      from: learnt.track,
      fromMs: learnt.endMs,
      change: bend,
    });
    expect(Math.abs(zeroOf(bent.track).yawDeg)).toBeLessThan(1);
    const slow = watch([[ahead, 20_000]], { change: { course: { speedKmh: 30, steeringAngleDeg: 0 } } });
    expect(slow.track.calibration).toBe(0);
    expect(zeroOf(slow.track).learned).toBe(false);
  });

  it('stays while the driver is drowsy or nods', () => {
    const sunk = { headPitchDeg: -15, eyesYawDeg: 0, eyesPitchDeg: 0 };
    for (const change of [{ drowsy: true }, { nodding: true }]) {
      const { track } = watch([[sunk, 120_000]], {
        from: learnt.track,
        fromMs: learnt.endMs,
        change,
        hz: 10,
      });
      expect(Math.abs(zeroOf(track).pitchDeg)).toBeLessThan(1);
    }
  });

  it('tells how far it is learnt', () => {
    const shares = watch([[own, 12_000]]).tracks.map(({ calibration }) => calibration);
    shares.forEach((share, i) => expect(share).toBeGreaterThanOrEqual(i === 0 ? 0 : shares[i - 1]));
    expect(shares[125]).toBeCloseTo(0.5, 1);
    expect(shares.at(-1)).toBe(1);
  });

  it('is learnt anew for another driver, starting from the old one', () => {
    const other = { headYawDeg: -8, headPitchDeg: 2, eyesYawDeg: 1, eyesPitchDeg: 0 };
    const forgotten = forgetDirection(learnt.track);
    expect(forgotten.calibration).toBe(0);
    const first = watch([[other, 100]], { from: forgotten, fromMs: learnt.endMs });
    expect(zeroOf(first.track).learned).toBe(false);
    const { track } = watch([[other, 12_000]], { from: forgotten, fromMs: learnt.endMs });
    expect(zeroOf(track).learned).toBe(true);
    expect(Math.abs(zeroOf(track).yawDeg + 8)).toBeLessThan(1);
  });
});

describe('limits of gaze', () => {
  it('say where they come from', () => {
    for (const [name, { clause }] of Object.entries(documentedGazeLimits))
      expect(clause.length, name).toBeGreaterThan(20);
  });
});
