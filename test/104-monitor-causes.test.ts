import { describe, expect, it } from 'vitest';
import type { UnknownReason } from '../src/driver/measured.js';
import { valid } from '../src/driver/measured.js';
import type { DriverInput } from '../src/driver/outputs.js';
import { consequenceOf } from '../src/driver/publishing/monitor-causes.js';
import { monitorError, type Monitored } from '../src/driver/publishing/monitor-signals.js';
import { faultReasons, faultSeverity } from '../src/driver/visibility/fault.js';
import { blinking, perform } from './70-support/person.js';
import { publish } from './104-support.js';
import { drive, feed, inOrder } from './70-support/watch.js';

const isError = 'Vehicle.ADAS.DMS.IsError';
const reasonPath = 'Vehicle.ADAS.DMS.Vigil.Reason';
const availability = 'Vehicle.ADAS.DMS.Vigil.Availability';
const dms = 'Vehicle.ADAS.DMS.Vigil';

const sound: Monitored = {
  t: 100_000,
  state: { kind: 'attentive', sinceMs: 0 },
  alerts: [],
  measures: { degradedBy: [], faults: [], frameRateHz: valid(30), perclos: valid(0.02) },
};

function withFault(reason: (typeof faultReasons)[number]): Monitored {
  const faults = [{ reason, sinceMs: 90_000, severity: faultSeverity[reason] }];
  return { ...sound, measures: { ...sound.measures!, degradedBy: [reason], faults } };
}

describe('what is an error of the monitor', () => {
  it('is decided for every reason there is', () => {
    const errors = Object.entries(consequenceOf).filter(([, consequence]) => consequence === 'error');
    expect(errors.map(([reason]) => reason).sort()).toEqual(
      [
        ...['cameraCovered', 'cameraDisconnected', 'cameraSilent', 'damagedImage', 'eyesCovered'],
        ...['eyesNotBlinking', 'eyesNotMeasurable', 'glare', 'headPoseInvalid', 'imageFrozen'],
        ...['imageSaturated', 'imageTooDark', 'imageUniform', 'inferenceFailed', 'modelMissing'],
        ...['noFace', 'outOfFocus', 'wrongSeat'],
      ].sort(),
    );
  });

  it('is every fault that takes the eyes or everything, or makes the eyes up', () => {
    for (const reason of faultReasons) {
      const expected = faultSeverity[reason] !== 'degraded' || reason === 'eyesNotBlinking' ? reason : null;
      expect(monitorError(withFault(reason)), reason).toBe(expected);
    }
  });

  it('is a state in which nothing is known, for its reason; a face out of sight after five seconds', () => {
    for (const reason of Object.keys(consequenceOf) as UnknownReason[]) {
      if (consequenceOf[reason] !== 'error') continue;
      const state = { kind: 'unavailable', sinceMs: 99_000, reason } as const;
      expect(monitorError({ ...sound, state })).toBe(reason);
    }
    expect(monitorError({ ...sound, state: { kind: 'noFace', sinceMs: 95_100 } })).toBeNull();
    expect(monitorError({ ...sound, state: { kind: 'noFace', sinceMs: 95_000 } })).toBe('noFace');
    expect(
      monitorError({ ...sound, state: { kind: 'absent', sinceMs: 0, because: 'seatEmpty' } }),
    ).toBeNull();
  });

  it('is a frame rate at which sleepiness is lost, not one at which blinks are', () => {
    const slow = { ...sound.measures!, degradedBy: ['frameRateTooLow' as const], frameRateHz: valid(10) };
    expect(monitorError({ ...sound, measures: slow })).toBeNull();
    const lost = { ...slow, frameRateHz: valid(4) };
    expect(monitorError({ ...sound, measures: lost })).toBe('frameRateTooLow');
  });
});

describe('a limit on the whole graph', () => {
  const lengthMs = 60_000;
  const camera = (fps: number) => perform({ lengthMs, fps, closings: blinking(lengthMs) });

  it('is published with its reason within ten seconds, and an error where sleepiness is lost', () => {
    for (const [fps, error] of [
      [10, false],
      [4, true],
    ] as const) {
      const fast = camera(30).filter(({ t }) => t < 20_000);
      const slow = camera(fps).filter(({ t }) => t >= 20_000 && t < 30_000);
      const frames = [...fast, ...slow].map((face, frame) => ({ ...face, frame }));
      const before = publish(drive(fast, 100));
      expect(before.get(reasonPath).value).toBe('');
      const store = publish(drive(frames, 100));
      expect(store.get(reasonPath).value, `${fps}/s`).toBe('frameRateTooLow');
      expect(store.get(isError).value, `${fps}/s`).toBe(error);
      expect(store.get(availability).value).toBe('DEGRADED');
    }
  });

  it('of load or of a lost speed is a reason and no error', () => {
    const inputs = drive(camera(30).slice(0, 300), 100);
    const loaded: DriverInput[] = inOrder([...inputs, { kind: 'load', t: 5000, turnedDown: true }]);
    expect(publish(loaded).get(reasonPath).value).toBe('overloaded');
    const lost = publish(drive(camera(30).slice(0, 300), (t) => (t < 4000 ? 100 : null)));
    expect(lost.get(reasonPath).value).toBe('speedUnknown');
    expect([publish(loaded), lost].map((store) => store.get(isError).value)).toEqual([false, false]);
  });

  it('names what is in the way, how grave it is and how long it lasts', () => {
    const faces = camera(30).slice(0, 450);
    const masked = faces.map((face) =>
      face.kind === 'face' && face.t >= 8000
        ? { ...face, lowerFace: { familiarity: 0, contrast: 0.1 } }
        : face,
    );
    const store = publish(drive(masked, 100));
    expect(store.get(`${dms}.Faults`).value).toBe('lowerFaceCovered');
    expect(store.get(`${dms}.FaultSeverity`).value).toBe('DEGRADED');
    expect(store.get(`${dms}.FaultDuration`).value).toBeCloseTo(7, 0);
    expect(store.get('Vehicle.Driver.Vigil.Corroboration.YawnCount')).toMatchObject({
      quality: 'unavailable',
      reason: 'lowerFaceCovered',
    });
    const clear = publish(drive(faces, 100));
    expect(clear.get(`${dms}.FaultSeverity`).value).toBe('NONE');
    expect(clear.get('Vehicle.Driver.Vigil.Corroboration.YawnCount').value).toBe(0);
    expect(clear.get('Vehicle.Driver.Vigil.Corroboration.IsHeadResting').value).toBe(false);
  });
});

describe('drowsiness that cannot be measured', () => {
  it('for longer than learning may take is an error with the reason', () => {
    const lengthMs = 620_000;
    const hidden = [{ fromMs: 0, forMs: lengthMs, what: 'eyesHidden' as const }];
    // Looking away counts as measured: the head is seen, the eyes never are.
    const inputs = drive(perform({ lengthMs, fps: 10, stretches: hidden }), 60);
    const { started } = feed(inputs);
    expect(started.map(({ rule }) => rule)).toContain('notFunctional');
    const store = publish(inputs);
    expect(store.get(isError).value).toBe(true);
    expect(store.get(reasonPath).value).not.toBe('');
  });
});
