import { describe, expect, it } from 'vitest';
import type { DrowsinessScorer } from '../src/driver/drowsiness/score.js';
import { initialDriver } from '../src/driver/memory.js';
import type { Measured } from '../src/driver/measured.js';
import type { DriverInput, DriverMeasures } from '../src/driver/outputs.js';
import { stepDriver } from '../src/driver/driver.js';
import { blinking, faceAt, perform, type Script } from './70-support/person.js';
import { drive, feed, policy, timeOf } from './70-support/watch.js';

const word = <T>(measured: Measured<T>): T | string =>
  measured.quality === 'valid' ? measured.value : measured.reason;

/** The drive with readings of the vehicle added, in order of time. */
function withReadings(inputs: readonly DriverInput[], readings: readonly DriverInput[]): DriverInput[] {
  return [...readings, ...inputs].sort((a, b) => timeOf(a) - timeOf(b));
}

function reading(name: 'driverDoorOpen', t: number, value: boolean): DriverInput {
  return { kind: 'vehicle', t, reading: { name, t, value, quality: 'valid' } };
}

function kss(measures: DriverMeasures): number {
  return measures.kss.quality === 'valid' ? measures.kss.value.estimate : Number.NaN;
}

describe('sleepiness in the driver graph', () => {
  const awake: Script = { lengthMs: 90_000, closings: blinking(90_000) };
  const sleepy: Script = {
    lengthMs: 90_000,
    closings: Array.from({ length: 20 }, (_, i) => ({ fromMs: 3000 + 4000 * i, forMs: 900 })),
  };
  const slept: Script = { ...awake, closings: [...blinking(58_000), { fromMs: 60_000, forMs: 1600 }] };

  it('is unknown at first and low for an awake driver, though no model is there, which is said', () => {
    const { measures } = feed(drive(perform(awake), 100));
    expect(word(measures[0].kss)).toBe('tooLittleMeasured');
    const last = measures.at(-1)!;
    expect(kss(last)).toBeLessThan(5);
    expect(last.kss.quality === 'valid' ? last.kss.value.unknown : []).toContainEqual({
      source: 'model',
      reason: 'modelMissing',
    });
    expect(last.timeOnTaskMs).toBeGreaterThan(89_000);
  });

  it('is high by PERCLOS, and by a microsleep however open the eyes are else', () => {
    expect(kss(feed(drive(perform(sleepy), 100)).measures.at(-1)!)).toBeGreaterThan(7);
    const { measures } = feed(drive(perform(slept), 100));
    expect(kss(measures.at(-1)!)).toBeGreaterThanOrEqual(8);
    expect(word(measures.at(-1)!.microsleeps.count)).toBe(1);
  });

  it('changes once a second, and asks the model only of whole windows', () => {
    let asked = 0;
    const scorer: DrowsinessScorer = {
      score: (window) => {
        asked++;
        expect(window).toHaveLength(120);
        return { alert: 0.1, lowVigilant: 0.1, drowsy: 0.8 };
      },
    };
    const lengthMs = 150_000;
    const inputs = drive(perform({ lengthMs, closings: blinking(lengthMs, 2500) }), 100);
    const { measures } = feed(inputs, initialDriver({ policy, drowsiness: scorer }));
    expect(asked).toBeGreaterThan(5);
    const without = feed(inputs).measures.at(-1)!;
    expect(kss(measures.at(-1)!)).toBeGreaterThan(kss(without) + 1);
    const changes = measures.filter(
      (m, i) => i > 0 && kss(m) !== kss(measures[i - 1]) && !Number.isNaN(kss(m)),
    );
    expect(changes.length).toBeLessThanOrEqual(lengthMs / 1000 + 1);
  });
});

describe('another driver', () => {
  const open = 0.28;
  const narrow = 0.17;

  it('is learnt anew after the door was open at standstill, and calibrating meanwhile', () => {
    const first = perform({ lengthMs: 60_000, open });
    const second = perform({ lengthMs: 30_000, open: narrow }).map((face) => ({
      ...face,
      t: face.t + 62_000,
      frame: face.frame + 2000,
    }));
    const inputs = withReadings(drive([...first, ...second], 0, 92_000), [
      reading('driverDoorOpen', 60_500, true),
      reading('driverDoorOpen', 61_500, false),
    ]);
    const { measures, states } = feed(inputs);
    const before = measures.filter(({ t }) => t < 60_000).at(-1)!;
    const after = measures.find(({ t }) => t > 64_000)!;
    expect(word(before.openBaseline)).toBeCloseTo(open, 1);
    expect(word(after.openBaseline)).toBeCloseTo(narrow, 1);
    const anew = states.filter(({ t }) => t > 61_900 && t < 63_000).map(({ state }) => state.kind);
    expect(anew).toContain('calibrating');
    const percents = measures
      // The door alone makes nobody: the next face does.
      .filter(({ t, cameraReason }) => t >= 62_000 && t < 62_900 && cameraReason === null)
      .map(({ calibration }) => calibration);
    expect(percents[0]).toBeLessThan(0.5);
    expect(percents).toEqual([...percents].sort((a, b) => a - b));
  });

  it('is not made of a door that opens while driving', () => {
    const inputs = withReadings(drive(perform({ lengthMs: 40_000 }), 80), [
      reading('driverDoorOpen', 20_000, true),
      reading('driverDoorOpen', 21_000, false),
    ]);
    const { measures } = feed(inputs);
    expect(measures.filter(({ t, calibration }) => t > 5000 && calibration < 1)).toEqual([]);
  });
});

describe('baselines', () => {
  it('stand still while the driver is drowsy', () => {
    const closings = Array.from({ length: 45 }, (_, i) => ({ fromMs: 3000 + 4000 * i, forMs: 900 }));
    const { measures, driver } = feed(
      drive(perform({ lengthMs: 180_000, closings, driftPerMinute: -0.05 }), 100),
    );
    expect(driver.drowsy).toBe(true);
    const late = measures.filter(({ t }) => t > 120_000).map(({ openBaseline }) => word(openBaseline));
    expect(new Set(late).size).toBe(1);
  });

  it('stay near where they settled when the lids droop for long', () => {
    const lengthMs = 420_000;
    const droop = [{ fromMs: 200_000, forMs: 220_000, toRatio: 0.62 }];
    const { measures } = feed(drive(perform({ lengthMs, fps: 15, closings: droop }), 100));
    expect(word(measures.at(-1)!.openBaseline)).toBeGreaterThan(0.7 * 0.28);
  });
});

describe('ten hours', () => {
  it('leave the driver graph no larger than one', () => {
    const size = (value: unknown): number =>
      JSON.stringify(value, (_, part: unknown) =>
        ArrayBuffer.isView(part) ? Array.from(part as Uint32Array) : part,
      ).length;
    let driver = initialDriver({ policy });
    let afterOne = 0;
    for (let t = 0, frame = 0; t < 36_000_000; t += 2000, frame++) {
      const openness = frame % 7 === 0 ? 0.03 : 0.28 + 0.01 * Math.sin(frame);
      const inputs: DriverInput[] = [
        { kind: 'speed', t, speedKmh: 100, quality: 'valid' },
        {
          kind: 'vehicle',
          t,
          reading: { name: 'steeringAngleDeg', t, value: 5 * Math.sin(frame), quality: 'valid' },
        },
        { kind: 'observation', observation: faceAt(t, frame, openness, 30 * Math.sin(frame / 9)) },
      ];
      for (const input of inputs) driver = stepDriver(driver, input).driver;
      if (t === 3_600_000) afterOne = size(driver);
    }
    expect(afterOne).toBeGreaterThan(1000);
    expect(size(driver)).toBeLessThan(1.3 * afterOne);
  });
});
