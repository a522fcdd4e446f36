import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { VehicleReading } from '../src/driver/context/vehicle-context.js';
import { initialHandsOn, stepHandsOn, handsOnWheel } from '../src/driver/steering/hands-on.js';
import { lowPassCoefficients, initialLowPass, stepLowPass } from '../src/driver/steering/low-pass.js';
import {
  entropyOf,
  errorClass,
  initialPredictionError,
  stepPredictionError,
} from '../src/driver/steering/prediction-error.js';
import { gridMs, initialResampler, stepResampler } from '../src/driver/steering/resampler.js';
import { steeringMeasures, type SteeringMeasures } from '../src/driver/steering/steering-measures.js';
import {
  forgetSteering,
  initialSteering,
  stepSteering,
  type SteeringTrack,
} from '../src/driver/steering/steering-track.js';
import { seededRandom } from './70-support/person.js';

interface Drive {
  readonly lengthMs: number;
  readonly angleDeg: (t: number) => number;
  readonly everyMs?: number;
  readonly jitterMs?: number;
  readonly speedKmh?: number | null;
  readonly drowsy?: boolean;
  readonly from?: SteeringTrack;
  readonly fromMs?: number;
}

function steer(drive: Drive): SteeringTrack {
  const { everyMs = 12, jitterMs = 0, speedKmh = 100, drowsy = false, fromMs = 0 } = drive;
  const random = seededRandom(5);
  let track = drive.from ?? initialSteering;
  for (let n = 0; n * everyMs < drive.lengthMs; n++) {
    const t = fromMs + n * everyMs + jitterMs * random();
    const reading: VehicleReading = {
      name: 'steeringAngleDeg',
      t,
      value: drive.angleDeg(t),
      quality: 'valid',
    };
    track = stepSteering(track, reading, { speedKmh, drowsy });
  }
  return track;
}

const sine =
  (amplitudeDeg: number, hz: number) =>
  (t: number): number =>
    amplitudeDeg * Math.sin((2 * Math.PI * hz * t) / 1000);

function rateOf(track: SteeringTrack, now: number): number {
  const { reversalsPerMin } = steeringMeasures(track, now, 100);
  return reversalsPerMin.quality === 'valid' ? reversalsPerMin.value : Number.NaN;
}

describe('resampling', () => {
  it('gives the grid values of a straight line at any times of its readings', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 1, max: 250, noNaN: true }), { minLength: 2, maxLength: 60 }),
        (steps) => {
          let resampler = initialResampler;
          const samples: number[] = [];
          let t = 3;
          for (const step of steps) {
            const next = stepResampler(resampler, t, 2 * t + 1);
            resampler = next.resampler;
            samples.push(...next.samples);
            t += step;
          }
          samples.forEach((value, i) => expect(value).toBeCloseTo(2 * (i + 1) * gridMs + 1, 6));
          expect(samples).toHaveLength(Math.floor(resampler.lastT! / gridMs));
        },
      ),
    );
  });

  it('makes nothing up over a gap, and says that there was one', () => {
    const one = stepResampler(stepResampler(initialResampler, 0, 0).resampler, 100, 1);
    const gap = stepResampler(one.resampler, 900, 50);
    expect([gap.samples, gap.broken]).toEqual([[], true]);
    expect(stepResampler(gap.resampler, 950, 50)).toMatchObject({ samples: [50], broken: false });
    expect(stepResampler(gap.resampler, 900, 7)).toEqual({
      resampler: gap.resampler,
      samples: [],
      broken: false,
    });
  });
});

describe('low-pass', () => {
  it('has the gain of a Butterworth filter of second order', () => {
    const coefficients = lowPassCoefficients(0.6, 20);
    for (const hz of [0.1, 0.3, 0.6, 1.2, 3]) {
      let filter = initialLowPass;
      let peak = 0;
      for (let n = 0; n < 4000; n++) {
        const step = stepLowPass(filter, Math.sin((2 * Math.PI * hz * n) / 20), coefficients);
        filter = step.filter;
        if (n > 2000) peak = Math.max(peak, Math.abs(step.value));
      }
      const warped = Math.tan((Math.PI * hz) / 20) / Math.tan((Math.PI * 0.6) / 20);
      expect(peak).toBeCloseTo(1 / Math.sqrt(1 + warped ** 4), 2);
    }
  });
});

describe('steering wheel reversals', () => {
  it('are two a period of a sine, whatever the rate and jitter of the readings', () => {
    for (const [everyMs, jitterMs] of [
      [10, 0],
      [12, 9],
      [100, 0],
      [80, 60],
    ]) {
      const track = steer({ lengthMs: 120_000, angleDeg: sine(5, 0.2), everyMs, jitterMs });
      expect(rateOf(track, 120_000)).toBeGreaterThan(24 - 2.1);
      expect(rateOf(track, 120_000)).toBeLessThan(24 + 2.1);
    }
  });

  it('are none below the gap, and none of what is faster than steering', () => {
    expect(rateOf(steer({ lengthMs: 90_000, angleDeg: sine(0.95, 0.2) }), 90_000)).toBe(0);
    expect(rateOf(steer({ lengthMs: 90_000, angleDeg: sine(3, 3) }), 90_000)).toBe(0);
    expect(rateOf(steer({ lengthMs: 90_000, angleDeg: sine(1.1, 0.1) }), 90_000)).toBeGreaterThan(10);
  });

  it('are one of a bend that is steered into and out of', () => {
    const bend = (t: number): number => 30 * Math.exp(-(((t - 45_000) / 4000) ** 2));
    const track = steer({ lengthMs: 90_000, angleDeg: bend });
    expect([...track.slots, track.current].reduce((n, slot) => n + slot.reversals, 0)).toBe(1);
  });

  it('do not depend on the sign or an offset of the angle', () => {
    const wander = (t: number): number => 3 * Math.sin(t / 1700) + 2 * Math.sin(t / 3100 + 1);
    const plain = rateOf(steer({ lengthMs: 90_000, angleDeg: wander }), 90_000);
    expect(plain).toBeGreaterThan(5);
    expect(rateOf(steer({ lengthMs: 90_000, angleDeg: (t) => -wander(t) }), 90_000)).toBe(plain);
    expect(rateOf(steer({ lengthMs: 90_000, angleDeg: (t) => wander(t) + 4 }), 90_000)).toBe(plain);
  });

  it('count only time at a known speed of 50 km/h or more, and say why else', () => {
    const angleDeg = sine(5, 0.2);
    for (const speedKmh of [30, null]) {
      const track = steer({ lengthMs: 90_000, angleDeg, speedKmh });
      expect(track.slots).toEqual([]);
      expect(steeringMeasures(track, 90_000, 100).reversalsPerMin).toMatchObject({
        reason: 'tooLittleMeasured',
      });
    }
    const track = steer({ lengthMs: 90_000, angleDeg });
    const reason = (now: number, speedKmh: number | null): string => {
      const { reversalsPerMin } = steeringMeasures(track, now, speedKmh);
      return reversalsPerMin.quality === 'valid' ? 'known' : reversalsPerMin.reason;
    };
    expect(reason(90_000, 100)).toBe('known');
    expect(reason(90_000, null)).toBe('speedUnknown');
    expect(reason(90_000, 30)).toBe('speedTooLow');
    expect(reason(92_000, 100)).toBe('steeringSilent');
  });
});

describe('steering entropy', () => {
  it('predicts a parabola exactly', () => {
    let error = initialPredictionError;
    const errors: number[] = [];
    for (let i = 0; i < 60; i++) {
      const step = stepPredictionError(error, 3 + 0.2 * i);
      error = step.error;
      if (step.errorDeg !== null) errors.push(step.errorDeg);
    }
    expect(errors).toHaveLength(17);
    for (const value of errors) expect(value).toBeCloseTo(0, 9);
  });

  it('classes errors by half, one, two and a half and five times alpha', () => {
    expect([-9, -3, -2, -0.7, 0, 0.7, 2, 3, 9].map((error) => errorClass(error, 1))).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 8,
    ]);
  });

  it('is 0 of one class, 1 of nine alike, and between of any counts', () => {
    expect(entropyOf([0, 0, 7])).toBe(0);
    expect(entropyOf(Array<number>(9).fill(4))).toBeCloseTo(1, 12);
    expect(entropyOf([0, 0])).toBeNaN();
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { minLength: 9, maxLength: 9 }), (counts) => {
        if (counts.every((n) => n === 0)) return;
        expect(entropyOf(counts)).toBeGreaterThanOrEqual(0);
        expect(entropyOf(counts)).toBeLessThanOrEqual(1 + 1e-12);
      }),
    );
  });

  const smooth = (t: number): number => 2 * Math.sin(t / 2300) + 0.8 * Math.sin(t / 210);
  const jerky = (t: number): number => smooth(t) + (Math.sin(t / 9000) > 0.3 ? 5 * Math.sin(t / 190) : 0);
  const measured = (track: SteeringTrack, now: number): SteeringMeasures => steeringMeasures(track, now, 100);

  it('is learnt in three minutes at speed, then stays where the driver steers as usual and rises when not', () => {
    const learning = steer({ lengthMs: 120_000, angleDeg: smooth });
    expect(measured(learning, 120_000).entropy).toMatchObject({ reason: 'calibrating' });
    expect(measured(learning, 120_000).learnt).toBeGreaterThan(0.6);
    const usual = steer({ lengthMs: 600_000, angleDeg: smooth });
    const more = steer({ lengthMs: 300_000, angleDeg: jerky, from: usual, fromMs: 600_000 });
    const before = measured(usual, 600_000);
    const after = measured(more, 900_000);
    expect(before.learnt).toBe(1);
    const usualOnes = ({ reversalsOverUsual, entropyOverUsual }: SteeringMeasures): number[] =>
      [reversalsOverUsual, entropyOverUsual].map((m) => (m.quality === 'valid' ? m.value : Number.NaN));
    const [reversals, entropy] = usualOnes(before);
    expect(reversals).toBeGreaterThan(0.7);
    expect(reversals).toBeLessThan(1.4);
    expect(entropy).toBeGreaterThan(0.9);
    expect(entropy).toBeLessThan(1.1);
    expect(usualOnes(after)[1]).toBeGreaterThan(1.15);
  });

  it('is not learnt while drowsy, and anew for another driver', () => {
    const asleep = steer({ lengthMs: 400_000, angleDeg: jerky, drowsy: true });
    expect(measured(asleep, 400_000).learnt).toBe(0);
    const forgot = forgetSteering(steer({ lengthMs: 400_000, angleDeg: smooth }));
    expect(measured(forgot, 400_000).learnt).toBe(0);
    expect(measured(forgot, 400_000).reversalsPerMin).toMatchObject({ reason: 'tooLittleMeasured' });
  });

  it('takes the steps of a coarse sensor on a straight road for no steering at all', () => {
    const coarse = (t: number): number => 0.1 * Math.round(Math.sin(t / 5000));
    const track = steer({ lengthMs: 400_000, angleDeg: coarse });
    const { entropy } = measured(track, 400_000);
    expect(entropy.quality === 'valid' ? entropy.value : 1).toBeLessThan(0.2);
  });
});

describe('hands on the wheel', () => {
  const hold = (torqueNm: (t: number) => number, untilMs: number): boolean | string => {
    let hands = initialHandsOn;
    for (let t = 0; t <= untilMs; t += 10) hands = stepHandsOn(hands, t, torqueNm(t));
    return handsOnWheel(hands, untilMs);
  };

  it('are on by steady or repeated torque, and not by a jolt', () => {
    expect(hold(() => -0.6, 1000)).toBe(true);
    expect(hold((t) => 0.5 * Math.sin(t / 700), 30_000)).toBe(true);
    expect(hold((t) => (t % 2000 < 60 ? 3 : 0), 30_000)).toBe(false);
  });

  it('are unsure for a while after the last touch, then off; silent without readings', () => {
    const touched = (t: number): number => (t < 1000 ? 1 : 0);
    expect(hold(touched, 4500)).toBe(true);
    expect(hold(touched, 7000)).toBe('unsure');
    expect(hold(touched, 16_500)).toBe(false);
    expect(handsOnWheel(initialHandsOn, 0)).toBe('silent');
    expect(handsOnWheel(stepHandsOn(initialHandsOn, 0, 1), 2000)).toBe('silent');
  });

  it('say that torque without a scale means nothing', () => {
    const counts: VehicleReading = { name: 'driverTorqueCounts', t: 100, value: 40, quality: 'valid' };
    const track = stepSteering(initialSteering, counts, { speedKmh: 100, drowsy: false });
    expect(steeringMeasures(track, 200, 100).handsOnWheel).toMatchObject({ reason: 'torqueScaleUnknown' });
    expect(steeringMeasures(initialSteering, 200, 100).handsOnWheel).toMatchObject({
      reason: 'steeringSilent',
    });
  });
});
