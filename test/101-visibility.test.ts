import { describe, expect, it } from 'vitest';
import type { FaceSeen } from '../src/camera/observation.js';
import { stepDriver } from '../src/driver/driver.js';
import { initialDriver } from '../src/driver/memory.js';
import { DriverPublisher } from '../src/driver/publisher.js';
import type { FaultReason, FaultSeverity } from '../src/driver/visibility/fault.js';
import { VehicleStore } from '../src/vehicle/store.js';
import { loadTree } from '../src/vehicle/tree.js';
import { drive, feed, policy, stateAt, storyOf } from './70-support/watch.js';
import {
  blinded,
  noFace,
  ownEye,
  seenFace,
  skinPatch,
  watched,
  withEyes,
  withImage,
  type Alter,
} from './101-support.js';

const fromMs = 12_000;
const seat = { left: 0.2, top: 0, right: 0.8, bottom: 1 };

const oneEye =
  (appearance: typeof ownEye): Alter =>
  (face) => ({ ...face, eyes: { ...face.eyes, left: { ...face.eyes.left, appearance } } });

/** Every cause, what the camera makes of it, and how grave it is. */
const causes: readonly [string, FaultReason, FaultSeverity, Alter][] = [
  [
    'a lens that something lies on',
    'cameraCovered',
    'all',
    (face) => noFace(face, { contrast: 0.01, sharpness: 1 }),
  ],
  ['a smeared lens', 'cameraCovered', 'all', (face) => noFace(face, { contrast: 0.1, detail: 0.02 })],
  ['the dark', 'imageTooDark', 'all', (face) => withImage(face, { brightness: 0.005, contrast: 0.004 })],
  [
    'the dark, without a face',
    'imageTooDark',
    'all',
    (face) => noFace(face, { brightness: 0.01, contrast: 0.008 }),
  ],
  ['low sun into the lens', 'imageSaturated', 'all', (face) => withImage(face, { saturatedShare: 0.8 })],
  ['fog on the lens', 'imageUniform', 'all', (face) => withImage(face, { contrast: 0.005 })],
  ['a blurred image', 'outOfFocus', 'all', (face) => withImage(face, { detail: 0.05 })],
  ['a frozen image', 'imageFrozen', 'all', (face) => withImage(face, { stillMs: face.t - fromMs })],
  [
    'a frozen image without a face',
    'imageFrozen',
    'all',
    (face) => noFace(face, { stillMs: face.t - fromMs }),
  ],
  [
    'somebody on another seat',
    'wrongSeat',
    'all',
    (face) => ({ ...face, box: { x: 0, y: 100, width: 100, height: 120 } }),
  ],
  [
    'dark glasses',
    'eyesCovered',
    'eyesLost',
    (face) => withEyes(face, { ...skinPatch, brightness: 0.2, contrast: 0.02, familiarity: 0.7 }),
  ],
  ['a hand before the eyes', 'eyesCovered', 'eyesLost', (face) => withEyes(face, skinPatch)],
  [
    'hair over the eyes',
    'eyesCovered',
    'eyesLost',
    (face) => withEyes(face, { ...ownEye, familiarity: 0.68, brightness: 0.42, contrast: 0.27 }),
  ],
  [
    'eyes behind a smear',
    'eyesCovered',
    'eyesLost',
    (face) => withEyes(face, { ...ownEye, familiarity: 0.88, contrast: 0.07 }),
  ],
  ['glare on both glasses', 'glare', 'eyesLost', (face) => withEyes(face, blinded)],
  ['glare on one glass', 'oneEyeGlare', 'degraded', oneEye(blinded)],
  ['a patch on one eye', 'oneEyeCovered', 'degraded', oneEye({ ...skinPatch, familiarity: 0.1 })],
  [
    'a mask',
    'lowerFaceCovered',
    'degraded',
    (face) => ({ ...face, lowerFace: { familiarity: -0.1, contrast: 0.05 } }),
  ],
  [
    'a hand before the mouth',
    'lowerFaceCovered',
    'degraded',
    (face) => ({ ...face, lowerFace: { familiarity: 0, contrast: 0.1 } }),
  ],
  ['a second face', 'severalFaces', 'degraded', (face) => ({ ...face, faces: 2 })],
];

const isError = 'Vehicle.ADAS.DMS.IsError';
const availability = 'Vehicle.ADAS.DMS.Vigil.Availability';
const published = 'Vehicle.ADAS.DMS.Vigil.Reason';

/** What the vehicle reads at the end of each 100 ms. */
function readings(alter: Alter, lengthMs: number, seated = false) {
  const store = new VehicleStore({
    tree: loadTree(),
    onListenerError: (error) => {
      throw error;
    },
  });
  const publisher = new DriverPublisher(store);
  let driver = initialDriver({ policy, seat: seated ? seat : null });
  const read: { t: number; error: unknown; availability: unknown; reason: unknown }[] = [];
  for (const input of drive(watched(lengthMs, fromMs, alter))) {
    const step = stepDriver(driver, input);
    driver = step.driver;
    if (input.kind === 'observation') publisher.observation(input.observation);
    for (const output of step.outputs) publisher.output(output);
    if (input.kind !== 'tick') continue;
    publisher.tick(input.t);
    const value = (path: string): unknown => store.get(path).value;
    read.push({
      t: input.t,
      error: value(isError),
      availability: value(availability),
      reason: value(published),
    });
  }
  return read;
}

describe('what is in the way is named', () => {
  it.each(causes)('%s: %s, %s, within 10 s, and published', (_, reason, severity, alter) => {
    const read = readings(alter, 26_000, reason === 'wrongSeat');
    const before = read.filter(({ t }) => t > 6000 && t <= fromMs);
    expect(before.every(({ error, reason: said }) => error === false && said === '')).toBe(true);
    const first = read.find(({ t, reason: said }) => t > fromMs && String(said).split(',').includes(reason));
    expect(first?.t).toBeLessThanOrEqual(fromMs + 8000);
    const last = read.at(-1);
    expect(last).toMatchObject({ error: severity !== 'degraded' });
    expect(last?.availability).toBe(severity === 'degraded' ? 'DEGRADED' : 'UNAVAILABLE');
    if (severity === 'degraded') return;
    const error = read.find(({ error: is }) => is === true);
    expect(error?.t).toBeLessThanOrEqual(fromMs + 10_000);
  });

  it.each(causes)('%s is over when it is gone', (_, reason, __, alter) => {
    const observations = watched(24_000, fromMs, alter, 18_000);
    const options = { policy, seat: reason === 'wrongSeat' ? seat : null };
    const { driver, measures } = feed(drive(observations), initialDriver(options));
    expect(measures.some(({ faults }) => faults.some((fault) => fault.reason === reason))).toBe(true);
    expect(driver.view.visibility.faults).toEqual([]);
    expect(driver.state?.kind).toBe('attentive');
  });

  it('lids that neither blink nor move for 40 s are doubted', () => {
    const still: Alter = ({ t, frame }) => seenFace(t, frame, 0.24 + 0.001 * Math.sin(t));
    const read = readings(still, 56_000);
    const first = read.find(({ reason }) => reason === 'eyesNotBlinking');
    expect(first!.t - fromMs).toBeGreaterThan(38_000);
    expect(first!.t - fromMs).toBeLessThan(42_000);
  });
});

describe('an unnamed cause is not made up', () => {
  it('on a driver who blinks, sleeps and turns', () => {
    const lids = (t: number): number => (t > 20_000 && t < 26_000 ? 0.03 : 0.28);
    const observations = watched(40_000, 15_000, (face: FaceSeen) => {
      const closed = lids(face.t) < 0.1;
      const look = closed ? { ...ownEye, familiarity: 0.5, likeness: 0.3 } : ownEye;
      const yawDeg = face.t > 30_000 && face.t < 31_500 ? 45 : 0;
      const turned = yawDeg === 0 ? look : { ...look, familiarity: 0.2 };
      const next = withEyes(seenFace(face.t, face.frame, lids(face.t)), turned);
      return { ...next, head: { ...next.head, yawDeg } };
    });
    const result = feed(drive(observations));
    expect(result.measures.flatMap(({ faults }) => faults)).toEqual([]);
    expect(storyOf(result)).toEqual(['calibrating', 'attentive', 'microsleep', 'sleep', 'attentive']);
  });

  it('on a frame or two that look otherwise', () => {
    const flicker: Alter = (face) => (face.frame % 3 === 0 ? withEyes(face, skinPatch) : face);
    const { measures } = feed(drive(watched(30_000, fromMs, flicker)));
    expect(measures.flatMap(({ faults }) => faults)).toEqual([]);
  });
});

describe('covered eyes', () => {
  it('of which nothing is left are not taken for sleep, whatever their landmarks say', () => {
    const hand: Alter = (face) => {
      const closed = { ...seenFace(face.t, face.frame, 0.1), aroundEyes: 0.65 };
      return withEyes(closed, { ...skinPatch, familiarity: 0 });
    };
    const result = feed(drive(watched(26_000, fromMs, hand)));
    expect(storyOf(result)).toEqual(['calibrating', 'attentive', 'eyesCovered']);
    expect(result.started.map(({ rule }) => rule)).toEqual(['notFunctional']);
  });

  it('that may be closed ones are warned of first, and called covered after that', () => {
    const strange: Alter = (face) => {
      const closed = { ...seenFace(face.t, face.frame, 0.06), aroundEyes: 0.65 };
      return withEyes(closed, { ...skinPatch, familiarity: 0.2 });
    };
    const result = feed(drive(watched(40_000, fromMs, strange)));
    expect(storyOf(result).slice(0, 4)).toEqual(['calibrating', 'attentive', 'microsleep', 'sleep']);
    expect(result.started.map(({ rule }) => rule).slice(0, 2)).toEqual(['microsleep', 'sleep']);
    const covered = result.measures.find(({ faults }) =>
      faults.some(({ reason }) => reason === 'eyesCovered'),
    );
    expect(covered!.t - fromMs).toBeLessThan(6000);
  });

  it('leave the head: looking away is still long distraction', () => {
    const away: Alter = (face) => ({
      ...withEyes(face, skinPatch),
      head: { yawDeg: face.t > 18_000 ? -40 : 0, pitchDeg: 0, rollDeg: 0 },
    });
    const result = feed(drive(watched(26_000, fromMs, away), 80));
    expect(stateAt(result, 17_000)).toMatchObject({ kind: 'unavailable', reason: 'eyesCovered' });
    expect(result.started.map(({ rule }) => rule)).toContain('longDistraction');
    expect(result.measures.at(-1)?.openness).toMatchObject({ quality: 'unavailable', reason: 'eyesCovered' });
  });

  it('count as worse than nominal conditions, as do half-covered ones', () => {
    for (const alter of [(face: FaceSeen) => withEyes(face, skinPatch), oneEye(blinded)]) {
      const { driver } = feed(drive(watched(20_000, fromMs, alter)));
      expect(driver.view.visibility.nonNominal).toBe(true);
    }
  });

  it('with one seen, are measured by that one', () => {
    const glare: Alter = (face) => {
      const { left, right } = face.eyes;
      return { ...face, eyes: { left: { ...left, openness: 0.02, appearance: blinded }, right } };
    };
    const result = feed(drive(watched(26_000, fromMs, glare)));
    expect(storyOf(result)).toEqual(['calibrating', 'attentive']);
  });

  it('are recognised without ever having been learnt', () => {
    const unlearnt = { likeness: 0, brightness: 1.1, contrast: 0.16, saturatedShare: 0 };
    const observations = watched(10_000, 0, (face) => withEyes(face, unlearnt));
    const { driver } = feed(drive(observations));
    expect(driver.state).toMatchObject({ kind: 'unavailable', reason: 'eyesCovered' });
  });
});
