import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EyeObservation } from '../src/camera/observation.js';
import {
  eyeEvidence,
  eyeEvidenceParameters,
  evidentOpenness,
  geometryDoubt,
  networkOpinion,
  poolClosure,
} from '../src/driver/eyes/eye-evidence.js';

const ratio = fc.double({ min: 0, max: 1, noNaN: true });
const ahead = { yawDeg: 0, pitchDeg: 0 };

function eye(closedProbability?: number, weight = 1): EyeObservation {
  return closedProbability === undefined
    ? { openness: 0.2, weight }
    : { openness: 0.2, weight, closedProbability };
}

function both(closedProbability?: number): { left: EyeObservation; right: EyeObservation } {
  return { left: eye(closedProbability), right: eye(closedProbability) };
}

describe('eye evidence', () => {
  it('property: monotone in the closure and in the probability', () => {
    fc.assert(
      fc.property(ratio, ratio, ratio, ratio, ratio, (a, b, p, q, doubt) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        const [less, more] = [Math.min(p, q), Math.max(p, q)];
        expect(poolClosure(high, p, doubt)).toBeGreaterThanOrEqual(poolClosure(low, p, doubt) - 1e-12);
        expect(poolClosure(a, more, doubt)).toBeGreaterThanOrEqual(poolClosure(a, less, doubt) - 1e-12);
      }),
    );
  });

  it('property: outside the band geometry stands, inside the result stays inside', () => {
    const { bandFrom, bandTo, doubtfulFrom, doubtfulTo } = eyeEvidenceParameters;
    fc.assert(
      fc.property(ratio, ratio, ratio, (closure, p, doubt) => {
        const pooled = poolClosure(closure, p, doubt);
        const from = bandFrom + (doubtfulFrom - bandFrom) * doubt;
        const to = bandTo + (doubtfulTo - bandTo) * doubt;
        if (closure <= from || closure >= to) expect(pooled).toBe(closure);
        else {
          expect(pooled).toBeGreaterThanOrEqual(from);
          expect(pooled).toBeLessThanOrEqual(to);
        }
      }),
    );
  });

  it('property: an undecided network changes nothing, and doubt only widens the band', () => {
    fc.assert(
      fc.property(ratio, ratio, (closure, doubt) => {
        expect(poolClosure(closure, 0.5, doubt)).toBe(closure);
      }),
    );
    expect(poolClosure(0.3, 0.99, 0)).toBe(0.3);
    expect(poolClosure(0.3, 0.99, 1)).toBeGreaterThan(0.7);
    expect(poolClosure(0.85, 0.01, 0)).toBe(0.85);
    expect(poolClosure(0.85, 0.01, 1)).toBeLessThan(0.6);
  });

  it('known answers: the product of the odds', () => {
    // Middle of the band 0.4 to 0.75 is even odds, so the result is the probability's own place in it.
    expect(poolClosure(0.575, 0.8, 0)).toBeCloseTo(0.4 + 0.35 * 0.8, 12);
    expect(poolClosure(0.575, 0.2, 0)).toBeCloseTo(0.4 + 0.35 * 0.2, 12);
    // A fifth into it is odds of 1:4, times 4:1 is even.
    expect(poolClosure(0.47, 0.8, 0)).toBeCloseTo(0.575, 12);
    // Certainty is not believed beyond 0.95.
    expect(poolClosure(0.575, 1, 0)).toBeCloseTo(0.4 + 0.35 * 0.95, 12);
    expect(poolClosure(0.575, 0, 0)).toBeCloseTo(0.4 + 0.35 * 0.05, 12);
  });

  it('without the network, or without geometry, geometry’s answer stands', () => {
    expect(eyeEvidence(0.6, both(), ahead)).toEqual({
      closure: 0.6,
      source: 'geometry',
      closedProbability: null,
    });
    expect(eyeEvidence(null, both(0.99), ahead)).toEqual({
      closure: null,
      source: 'geometry',
      closedProbability: 0.99,
    });
    expect(eyeEvidence(0.6, both(0.05), ahead)).toMatchObject({ source: 'both', closedProbability: 0.05 });
    expect(eyeEvidence(0.1, both(0.95), ahead)).toMatchObject({ closure: 0.1, source: 'geometry' });
  });

  it('eyes count by their trust, and not at all beyond the angles of the training', () => {
    const eyes = { left: eye(1, 0.5), right: eye(0.4, 1) };
    expect(networkOpinion(eyes, ahead)).toBeCloseTo(0.6, 12);
    expect(networkOpinion({ left: eye(1, 0), right: eye(0.4) }, ahead)).toBe(0.4);
    expect(networkOpinion({ left: eye(1, 0), right: eye(undefined) }, ahead)).toBeNull();
    expect(networkOpinion(eyes, { yawDeg: -46, pitchDeg: 0 })).toBeNull();
  });

  it('doubt comes from a turned or lowered head or a lost eye, whichever is worse', () => {
    expect(geometryDoubt(both(), ahead)).toBe(0);
    expect(geometryDoubt(both(), { yawDeg: -30, pitchDeg: 0 })).toBeCloseTo(0.5, 12);
    expect(geometryDoubt(both(), { yawDeg: 0, pitchDeg: -25 })).toBe(1);
    expect(geometryDoubt(both(), { yawDeg: 0, pitchDeg: 25 })).toBe(0);
    expect(geometryDoubt({ left: eye(0.5, 0.3), right: eye(0.5, 0.7) }, ahead)).toBeCloseTo(0.3, 12);
  });

  it('moves the openness that the driver is judged by, and only where geometry is unsure', () => {
    const own = { open: 0.28, floor: 0.15 };
    const halfway = 0.14;
    expect(evidentOpenness(halfway, own, both(0.95), ahead)).toBeLessThan(halfway);
    expect(evidentOpenness(halfway, own, both(0.05), ahead)).toBeGreaterThan(halfway);
    expect(evidentOpenness(halfway, own, both(), ahead)).toBe(halfway);
    for (const sure of [0.27, 0.05]) expect(evidentOpenness(sure, own, both(0.9), ahead)).toBe(sure);
    expect(evidentOpenness(null, own, both(0.9), ahead)).toBeNull();
    expect(evidentOpenness(halfway, { ...own, open: null }, both(0.9), ahead)).toBe(halfway);
  });
});
