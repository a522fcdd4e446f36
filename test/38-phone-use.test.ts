import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PhoneObservation } from '../src/camera/phone-observation.js';
import { placeOfPhone } from '../src/camera/phone-place.js';
import {
  defaultPhoneUse,
  initialPhoneUse,
  phoneUseAt,
  stepPhoneUse,
  type PhoneUse,
  type PhoneUseOptions,
} from '../src/driver/phone-use.js';

const box = { x: 10, y: 10, width: 20, height: 40 };

function phone(
  t: number,
  score: number,
  place: 'atEar' | 'inHand' | 'unplaced' = 'inHand',
): PhoneObservation {
  return { kind: 'phone', t, frame: t, score, box, place };
}

function noPhone(t: number, score = 0.05): PhoneObservation {
  return { kind: 'noPhone', t, frame: t, score };
}

/** What is known right after each observation. */
function follow(observations: readonly PhoneObservation[], options?: PhoneUseOptions): PhoneUse[] {
  let track = initialPhoneUse;
  return observations.map((observation) => {
    track = stepPhoneUse(track, observation, options);
    return phoneUseAt(track, observation.t, options);
  });
}

describe('phone use', () => {
  it('begins with the second sure picture in a row, and says since the first', () => {
    const [first, second, third] = follow([phone(0, 0.6), phone(1000, 0.5, 'atEar'), phone(2000, 0.3)]);
    expect(first).toEqual({ kind: 'none' });
    expect(second).toEqual({ kind: 'inUse', sinceMs: 0, lastMs: 1000, place: 'atEar', score: 0.6 });
    expect(third).toEqual({ kind: 'inUse', sinceMs: 0, lastMs: 2000, place: 'inHand', score: 0.6 });
  });

  it('does not begin with pictures that are not in a row, or not sure', () => {
    const apart = [phone(0, 0.6), noPhone(1000), phone(2000, 0.6), noPhone(3000)];
    const unsure = [phone(0, 0.39), phone(1000, 0.39), phone(2000, 0.39)];
    for (const use of follow([...apart, ...unsure.map((o) => ({ ...o, t: o.t + 4000 }))]))
      expect(use).toEqual({ kind: 'none' });
  });

  it('outlasts pictures without a phone for the hold-over time, and no longer', () => {
    const uses = follow([phone(0, 0.6), phone(1000, 0.6), noPhone(2000), noPhone(3000), noPhone(3501)]);
    expect(uses.map(({ kind }) => kind)).toEqual(['none', 'inUse', 'inUse', 'inUse', 'none']);
  });

  it('keeps the place that was known while no face is seen', () => {
    const uses = follow([phone(0, 0.6, 'atEar'), phone(1000, 0.6, 'unplaced')]);
    expect(uses[1]).toMatchObject({ kind: 'inUse', place: 'atEar' });
  });

  it('is unavailable before the first word, after silence, and while the detector says so', () => {
    expect(phoneUseAt(initialPhoneUse, 0)).toEqual({ kind: 'unavailable', reason: 'noPhoneObservation' });
    const track = stepPhoneUse(stepPhoneUse(initialPhoneUse, phone(0, 0.6)), phone(1000, 0.6));
    expect(phoneUseAt(track, 1000 + defaultPhoneUse.staleMs + 1)).toEqual({
      kind: 'unavailable',
      reason: 'noPhoneObservation',
    });
    const unproven: PhoneObservation = {
      kind: 'unavailable',
      t: 2000,
      frame: 2,
      reason: 'phoneDetectorUnproven',
    };
    const off = stepPhoneUse(track, unproven);
    expect(phoneUseAt(off, 2000)).toEqual({ kind: 'unavailable', reason: 'phoneDetectorUnproven' });
    // One picture after it is not enough: what was seen before does not count any more.
    expect(phoneUseAt(stepPhoneUse(off, phone(2500, 0.6)), 2500)).toEqual({ kind: 'none' });
  });

  it('starts anew where the clock goes back', () => {
    const uses = follow([phone(5000, 0.6), phone(6000, 0.6), phone(1000, 0.6)]);
    expect(uses.map(({ kind }) => kind)).toEqual(['none', 'inUse', 'none']);
  });
});

describe('phone use, any stream', () => {
  const event = fc.record({
    gap: fc.integer({ min: 1, max: 6000 }),
    kind: fc.constantFrom('phone', 'phone', 'noPhone', 'unavailable'),
    score: fc.double({ min: 0.2, max: 1, noNaN: true }),
    place: fc.constantFrom('atEar' as const, 'inHand' as const, 'unplaced' as const),
  });
  const stream = fc.array(event, { minLength: 1, maxLength: 40 }).map((events) => {
    let t = 0;
    return events.map(({ gap, kind, score, place }): PhoneObservation => {
      t += gap;
      if (kind === 'phone') return phone(t, score, place);
      if (kind === 'noPhone') return noPhone(t, score / 10);
      return { kind, t, frame: t, reason: 'inferenceFailed' };
    });
  });
  const options = fc.record({
    enterScore: fc.double({ min: 0.3, max: 0.9, noNaN: true }),
    holdScore: fc.double({ min: 0.1, max: 0.3, noNaN: true }),
    confirmations: fc.integer({ min: 1, max: 4 }),
    holdOverMs: fc.integer({ min: 0, max: 8000 }),
    staleMs: fc.integer({ min: 100, max: 9000 }),
  });

  it('is in use only on enough pictures since it began, the last of them not too old', () => {
    fc.assert(
      fc.property(stream, options, fc.nat(10_000), (observations, o, later) => {
        let track = initialPhoneUse;
        for (const [i, observation] of observations.entries()) {
          track = stepPhoneUse(track, observation, o);
          const t = observation.t + (i === observations.length - 1 ? later : 0);
          const use = phoneUseAt(track, t, o);
          if (use.kind !== 'inUse') continue;
          const seen = observations
            .slice(0, i + 1)
            .filter((p) => p.kind === 'phone' && p.score >= o.holdScore && p.t >= use.sinceMs);
          expect(seen.length).toBeGreaterThanOrEqual(o.confirmations);
          expect(seen[0]).toMatchObject({ t: use.sinceMs });
          expect(seen.at(-1)).toMatchObject({ t: use.lastMs });
          expect((seen[0] as { score: number }).score).toBeGreaterThanOrEqual(o.enterScore);
          expect(t - use.lastMs).toBeLessThanOrEqual(o.holdOverMs);
          expect(t - observation.t).toBeLessThanOrEqual(o.staleMs);
          const highest = Math.max(...seen.map((p) => (p as { score: number }).score));
          expect(use.score).toBe(highest);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('never comes from pictures without a phone, and never says none when it was told that it cannot know', () => {
    fc.assert(
      fc.property(stream, options, (observations, o) => {
        const without = observations.map((p): PhoneObservation => (p.kind === 'phone' ? noPhone(p.t) : p));
        follow(without, o).forEach((use, i) => {
          expect(use.kind).toBe(without[i].kind === 'unavailable' ? 'unavailable' : 'none');
        });
      }),
    );
  });

  it('is found sooner or stays longer, never the opposite, when thresholds of score are lowered', () => {
    fc.assert(
      fc.property(stream, options, (observations, o) => {
        const strict = follow(observations, o);
        const loose = follow(observations, { ...o, enterScore: o.holdScore });
        strict.forEach((use, i) => {
          if (use.kind === 'inUse') expect(loose[i].kind).toBe('inUse');
        });
      }),
    );
  });

  it('does not depend on anything but the observations', () => {
    fc.assert(
      fc.property(stream, (observations) => {
        expect(follow(observations)).toEqual(follow(structuredClone(observations)));
      }),
    );
  });
});

describe('place of a phone', () => {
  const face = { x: 300, y: 100, width: 120, height: 160 };
  const at = (x: number, y: number) => ({ x: x - 20, y: y - 35, width: 40, height: 70 });

  it('is at the ear beside the cheek on either side', () => {
    expect(placeOfPhone(at(290, 180), face)).toBe('atEar');
    expect(placeOfPhone(at(435, 190), face)).toBe('atEar');
  });

  it('is in hand below, above, far beside and before the face', () => {
    expect(placeOfPhone(at(360, 400), face)).toBe('inHand');
    expect(placeOfPhone(at(290, 60), face)).toBe('inHand');
    expect(placeOfPhone(at(120, 180), face)).toBe('inHand');
    expect(placeOfPhone(at(360, 200), face)).toBe('inHand');
  });

  it('cannot be said without a face', () => {
    expect(placeOfPhone(at(360, 200), undefined)).toBe('unplaced');
    expect(placeOfPhone(at(360, 200), { ...face, width: 0 })).toBe('unplaced');
  });

  it('does not depend on side, size and position of the picture', () => {
    const number = fc.integer({ min: -400, max: 800 });
    fc.assert(
      fc.property(number, number, fc.integer({ min: 1, max: 16 }), (x, y, quarters) => {
        const scale = quarters / 4;
        const place = placeOfPhone(at(x, y), face);
        const mirror = ({ x: left, ...rest }: typeof face) => ({ ...rest, x: 720 - left - rest.width });
        expect(placeOfPhone(mirror(at(x, y)), mirror(face))).toBe(place);
        const grow = ({ x: l, y: u, width, height }: typeof face) => ({
          x: l * scale + 64,
          y: u * scale + 32,
          width: width * scale,
          height: height * scale,
        });
        expect(placeOfPhone(grow(at(x, y)), grow(face))).toBe(place);
      }),
    );
  });
});
