import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eyesDown } from '../src/driver/gaze/down-gaze.js';
import { gazeLimits } from '../src/driver/gaze/limits.js';

const angle = fc.double({ min: -60, max: 60, noNaN: true });
const lowered = fc.double({ min: -0.5, max: 0.9, noNaN: true });

describe('eyes that look down', () => {
  it('are put back where the lids go along', () => {
    const { elevationDeg, gain } = eyesDown(-8, 0.07);
    expect(elevationDeg).toBeLessThan(-20);
    expect(elevationDeg).toBeGreaterThan(-24);
    expect(gain).toBeCloseTo(elevationDeg / -8);
  });

  it('are as read when they look up or ahead, when the lids rise, and when nothing is known of them', () => {
    fc.assert(
      fc.property(angle, lowered, (read, lids) => {
        expect(eyesDown(Math.abs(read), lids)).toEqual({ elevationDeg: Math.abs(read), gain: 1 });
        expect(eyesDown(read, null)).toEqual({ elevationDeg: read, gain: 1 });
        const risen = Math.min(lids, gazeLimits.lidsRaised);
        expect(eyesDown(read, risen).elevationDeg).toBeCloseTo(read, 9);
      }),
    );
  });

  it('are not made out of a squint, which pulls the iris down a little', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 0.9, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (lids, share) => {
          const read = -share * gazeLimits.lidsPullDeg * lids;
          expect(eyesDown(read, lids).elevationDeg).toBeCloseTo(read, 9);
        },
      ),
    );
  });

  it('never read as less, nor as more than what a look shows least, nor beyond their reach', () => {
    fc.assert(
      fc.property(angle, lowered, (read, lids) => {
        const { elevationDeg, gain } = eyesDown(read, lids);
        expect(elevationDeg).toBeLessThanOrEqual(read);
        expect(elevationDeg).toBeGreaterThanOrEqual(Math.min(read, read / gazeLimits.downShown) - 1e-9);
        expect(elevationDeg).toBeGreaterThanOrEqual(Math.min(read, -gazeLimits.downReachDeg));
        expect(gain).toBeGreaterThanOrEqual(1);
      }),
    );
  });

  it('go down as their reading does', () => {
    fc.assert(
      fc.property(angle, angle, lowered, (a, b, lids) => {
        const at = (read: number) => eyesDown(read, lids).elevationDeg;
        expect(at(Math.min(a, b))).toBeLessThanOrEqual(at(Math.max(a, b)));
      }),
    );
  });

  it('do not jump: a little more of lid or reading is a little more of a look', () => {
    fc.assert(
      fc.property(angle, lowered, (read, lids) => {
        const at = eyesDown(read, lids).elevationDeg;
        expect(Math.abs(eyesDown(read + 1e-4, lids).elevationDeg - at)).toBeLessThan(1e-3);
        expect(Math.abs(eyesDown(read, lids + 1e-6).elevationDeg - at)).toBeLessThan(1e-2);
      }),
    );
  });
});
