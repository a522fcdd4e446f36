import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FaceObservation } from '../src/camera/observation.js';
import { stepDriver } from '../src/driver/driver.js';
import { unavailable, valid, type Measured } from '../src/driver/measured.js';
import { loadPolicy } from '../src/driver/policy/policy.js';
import { initialDriver, type Driver } from '../src/driver/memory.js';
import type { DriverInput } from '../src/driver/outputs.js';
import type { DriverFacts } from '../src/driver/policy/facts.js';
import { driverState, stateRank } from '../src/driver/policy/state.js';
import { lookingAway, stateFrom, well } from './70-support/facts.js';
import { blinking, faceAt, perform } from './70-support/person.js';
import { drive, feed, policy, storyOf } from './70-support/watch.js';

const kindOf = (facts: Partial<DriverFacts>): string => {
  const state = stateFrom({ ...well, ...facts });
  return state.kind === 'unavailable' ? state.reason : state.kind;
};

const age = fc.option(fc.double({ min: 0, max: 20_000, noNaN: true }), { nil: null });
const known = (value: number): Measured<number> =>
  value < 0.02 ? unavailable('tooLittleMeasured') : valid(value);
const share = fc.double({ min: 0, max: 0.3, noNaN: true }).map(known);
const facts: fc.Arbitrary<DriverFacts> = fc
  .record({
    observation: age,
    readable: age,
    face: age,
    measured: age,
    fault: fc.constantFrom(null, 'modelMissing' as const, 'cameraDisconnected' as const),
    unreadable: fc.constantFrom(null, 'damagedImage' as const),
    calibration: fc.constantFrom(0, 0.5, 1),
    closureMs: fc.double({ min: 0, max: 8000, noNaN: true }),
    awayMs: fc.double({ min: 0, max: 8000, noNaN: true }),
    cumulativeAwayMs: fc.double({ min: 0, max: 20_000, noNaN: true }),
    phoneMs: fc.option(fc.double({ min: 0, max: 20_000, noNaN: true }), { nil: null }),
    perclosShort: share,
    perclosLong: share,
    kssEstimate: fc.option(fc.double({ min: 1, max: 9, noNaN: true }), { nil: null }),
    speedKmh: fc.option(fc.double({ min: 0, max: 200, noNaN: true }), { nil: null }),
    driverSeat: fc.constantFrom(null, 'EMPTY' as const, 'OCCUPIED' as const),
  })
  .map((x) => {
    const at = (back: number | null): number | null => (back === null ? null : well.now - back);
    return {
      ...well,
      cameraFault: x.fault,
      unreadable: x.unreadable,
      calibration: x.calibration,
      closureMs: x.closureMs,
      glance: lookingAway(x.awayMs, { cumulativeAwayMs: x.cumulativeAwayMs }),
      phoneSinceMs: at(x.phoneMs),
      perclosShort: x.perclosShort,
      perclosLong: x.perclosLong,
      kssEstimate: x.kssEstimate,
      speedKmh: x.speedKmh,
      cabin: { ...well.cabin, driverSeat: x.driverSeat },
      lastObservationMs: at(x.observation),
      lastReadableMs: at(x.readable),
      lastFaceMs: at(x.face),
      lastMeasuredMs: at(x.measured),
    };
  });

const files = ['euroncap-2026', 'eu-addw-2023-2590', 'eu-ddaw-2021-1341', 'openpilot-like'];

describe('driver state', () => {
  it.each(files)('is attentive only on a fresh measurement, under %s', (id) => {
    const policies = [loadPolicy(id)];
    fc.assert(
      fc.property(facts, (f) => {
        if (stateFrom(f, policies).kind !== 'attentive') return;
        expect(f.now - f.lastObservationMs!).toBeLessThanOrEqual(1000);
        expect(f.now - f.lastMeasuredMs!).toBeLessThanOrEqual(1000);
        expect(f.now - f.lastFaceMs!).toBeLessThanOrEqual(1000);
        expect(f).toMatchObject({ cameraFault: null, calibration: 1 });
      }),
      { numRuns: 500 },
    );
  });

  it('is attentive only while nothing that the protocol names is reached', () => {
    fc.assert(
      fc.property(facts, (f) => {
        if (stateFrom(f).kind !== 'attentive') return;
        expect(f.closureMs).toBeLessThan(1000);
        expect(f.glance.awayMs).toBeLessThan(3000);
        expect(f.glance.awayMs > 0 && f.glance.cumulativeAwayMs >= 10_000).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });

  it('is microsleep from one second of closure, sleep from three, unresponsive from six, whatever else', () => {
    fc.assert(
      fc.property(facts, (f) => {
        const { kind } = stateFrom({ ...f, glance: well.glance });
        const driving = f.speedKmh === null || f.speedKmh >= 20;
        expect(kind === 'unresponsive').toBe(driving && f.closureMs >= 5999.5);
        expect(kind === 'sleep').toBe(f.closureMs >= 2999.5 && kind !== 'unresponsive');
        expect(kind === 'microsleep').toBe(f.closureMs >= 999.5 && f.closureMs < 2999.5);
      }),
      { numRuns: 1000 },
    );
  });

  it('grows no less urgent with a longer closure or a longer look away', () => {
    const more = fc.double({ min: 0, max: 5000, noNaN: true });
    fc.assert(
      fc.property(facts, more, more, (f, closed, away) => {
        const { glance } = f;
        const longer = {
          ...f,
          closureMs: f.closureMs + closed,
          glance: { ...glance, awayMs: glance.awayMs + (glance.awayMs > 0 ? away : 0) },
        };
        expect(stateRank(stateFrom(longer).kind)).toBeLessThanOrEqual(stateRank(stateFrom(f).kind));
      }),
      { numRuns: 1000 },
    );
  });

  it('names what is not known', () => {
    expect(kindOf({})).toBe('attentive');
    expect(kindOf({ cameraFault: 'modelMissing' })).toBe('modelMissing');
    expect(kindOf({ lastObservationMs: 98_000 })).toBe('cameraSilent');
    expect(kindOf({ lastObservationMs: null, startedMs: 98_000 })).toBe('cameraSilent');
    expect(kindOf({ unreadable: 'damagedImage', lastReadableMs: 98_000 })).toBe('damagedImage');
    expect(kindOf({ lastFaceMs: 98_000 })).toBe('noFace');
    expect(kindOf({ lastMeasuredMs: 98_000, unmeasured: 'imageTooDark' })).toBe('imageTooDark');
    expect(stateFrom({ ...well, calibration: 0.42 })).toMatchObject({ kind: 'calibrating', percent: 42 });
  });

  it('is absent when more than the picture says so, and no face otherwise', () => {
    const unseen = { lastFaceMs: 98_000 };
    const cabin = (known: Partial<DriverFacts['cabin']>): Partial<DriverFacts> => ({
      ...unseen,
      cabin: { ...well.cabin, ...known },
    });
    expect(stateFrom({ ...well, ...cabin({ driverSeat: 'EMPTY' }) })).toMatchObject({
      kind: 'absent',
      because: 'seatEmpty',
    });
    expect(kindOf(cabin({ driverDoorOpen: true }))).toBe('absent');
    expect(kindOf(cabin({ driverDoorOpen: true, driverSeat: 'OCCUPIED' }))).toBe('noFace');
    expect(kindOf({ ...unseen, speedKmh: 0 })).toBe('absent');
    expect(kindOf({ ...cabin({ driverBelted: true }), speedKmh: 0 })).toBe('noFace');
    expect(kindOf({ ...unseen, speedKmh: null })).toBe('noFace');
    expect(kindOf({ ...cabin({ driverSeat: 'EMPTY' }), lastFaceMs: 99_980 })).toBe('attentive');
  });

  it('keeps the time at which it began', () => {
    const first = driverState(null, [], well, policy);
    const later = driverState(first, [], { ...well, now: 100_020 }, policy);
    expect(later.sinceMs).toBe(first.sinceMs);
    const drowsy = { kind: 'drowsy', sinceMs: 100_020 } as const;
    expect(driverState(first, [drowsy], { ...well, now: 100_020 }, policy)).toEqual(drowsy);
  });
});

describe('driver graph', () => {
  const closureScript = fc.record({
    forMs: fc.integer({ min: 100, max: 4500 }),
    fps: fc.constantFrom(12, 15, 24, 30, 60),
    seed: fc.nat(1000),
    open: fc.double({ min: 0.18, max: 0.4, noNaN: true }),
    dropped: fc.constantFrom(0, 0.05),
  });

  it('reports a microsleep if and only if the eyes were closed for a second', () => {
    fc.assert(
      fc.property(closureScript, ({ forMs, ...person }) => {
        const closings = [...blinking(10_000), { fromMs: 12_000, forMs }];
        const watched = feed(drive(perform({ ...person, lengthMs: 20_000, closings })));
        const asleep = storyOf(watched).filter((kind) => kind === 'microsleep' || kind === 'sleep');
        const margin = 60 + 3000 / person.fps;
        if (forMs < 1000 - margin) expect(asleep).toEqual([]);
        if (forMs > 1000 + margin) expect(asleep[0]).toBe('microsleep');
        if (forMs < 3000 - margin) expect(asleep).not.toContain('sleep');
        if (forMs > 3000 + margin) expect(asleep).toEqual(['microsleep', 'sleep']);
      }),
      { numRuns: 60 },
    );
  });

  const anyInput: fc.Arbitrary<(t: number) => DriverInput> = fc.oneof(
    fc.double({ min: 0, max: 0.6 }).map((openness) => (t: number) => observe(faceAt(t, t, openness))),
    fc.constant((t: number) => observe(faceAt(t, t, 0.28))),
    fc.constant((t: number) => observe(faceAt(t, t, 0.03))),
    fc.double({ min: -90, max: 90 }).map((yaw) => (t: number) => observe(faceAt(t, t, 0.28, yaw))),
    fc.constant((t: number) =>
      observe({ kind: 'noFace', t, frame: t, presence: 0, image: faceAt(0, 0, 0).image }),
    ),
    fc.constant((t: number) => observe({ kind: 'unreadable', t, frame: t, reason: 'damagedImage' })),
    fc
      .double({ min: -10, max: 200 })
      .map((speedKmh) => (t: number) => ({ kind: 'speed', t, speedKmh, quality: 'valid' }) as const),
    fc.constant((t: number) => ({ kind: 'speed', t, speedKmh: 0, quality: 'unavailable' }) as const),
    fc
      .constantFrom(null, 'modelMissing' as const)
      .map((fault) => (t: number) => ({ kind: 'camera', t, fault }) as const),
    fc.constant((t: number) => ({ kind: 'tick', t }) as const),
  );
  const observe = (observation: FaceObservation): DriverInput => ({ kind: 'observation', observation });
  const steps = fc.array(fc.tuple(fc.integer({ min: -50, max: 900 }), anyInput), { maxLength: 120 });

  it('keeps its promises on any input in any order', () => {
    fc.assert(
      fc.property(steps, (sequence) => {
        let driver = initialDriver({ policy });
        let t = 0;
        let lastFace = Number.NEGATIVE_INFINITY;
        const open = new Set<string>();
        for (const [dt, make] of sequence) {
          t = Math.max(0, t + dt);
          const input = make(t);
          const step = stepDriver(driver, input);
          driver = step.driver;
          const rejected = step.outputs.some(({ kind }) => kind === 'inputRejected');
          if (!rejected && input.kind === 'observation' && input.observation.kind === 'face')
            lastFace = Math.max(lastFace, t);
          if (driver.state?.kind === 'attentive') expect(driver.now! - lastFace).toBeLessThanOrEqual(1000);
          for (const output of step.outputs) {
            if (output.kind === 'alertStarted') {
              expect(open.has(output.alert.id)).toBe(false);
              open.add(output.alert.id);
            }
            if (output.kind === 'alertEnded') {
              expect(open.delete(output.alert.id)).toBe(true);
              expect(output.alert.endedMs).toBeGreaterThanOrEqual(output.alert.startedMs);
            }
          }
          expect(driver.alerts.active.map(({ id }) => id).toSorted()).toEqual([...open].toSorted());
        }
      }),
      { numRuns: 150 },
    );
  });

  it('is a function of its inputs: the same again, and the state given is not changed', () => {
    const inputs = drive(perform({ lengthMs: 15_000, closings: [{ fromMs: 8000, forMs: 3500 }] }));
    const middle = feed(inputs.slice(0, 600)).driver;
    const frozen = deepFreeze(middle);
    const once = feed(inputs.slice(600), frozen);
    const again = feed(inputs.slice(600), frozen);
    expect(JSON.stringify(again.outputs)).toBe(JSON.stringify(once.outputs));
    expect(storyOf(once)).toContain('sleep');
  });

  it('ticks without frames lead from attentive to a silent camera', () => {
    const watched = feed([
      ...drive(perform({ lengthMs: 5000 })),
      ...Array.from({ length: 40 }, (_, i): DriverInput => ({ kind: 'tick', t: 5000 + i * 50 })),
    ]);
    expect(storyOf(watched)).toEqual(['calibrating', 'attentive', 'cameraSilent']);
    expect(watched.states.at(-1)?.t).toBeLessThanOrEqual(6050);
  });

  it('rejects what is out of order and starts anew when the clock did', () => {
    const known = feed(drive(perform({ lengthMs: 20_000 }))).driver;
    const late = stepDriver(known, observe(faceAt(19_000, 1, 0.28)));
    expect(late.outputs).toMatchObject([
      { kind: 'inputRejected', reason: 'timeWentBack', lastT: known.lastT.observation },
    ]);
    expect(late.driver).toBe(known);
    expect(stepDriver(known, { kind: 'tick', t: Number.NaN }).outputs).toMatchObject([
      { reason: 'timeNotFinite' },
    ]);
    const anew = stepDriver(known, observe(faceAt(0, 1, 0.28)));
    expect(anew.outputs[0]).toMatchObject({ kind: 'clockRestarted', t: 0 });
    expect(anew.driver.state).toMatchObject({ kind: 'calibrating' });
  });

  it('remembers no more after an hour than after ten minutes', () => {
    const size = (driver: Driver): number => JSON.stringify(driver).length;
    const observations = perform({ lengthMs: 600_000, fps: 10, closings: blinking(600_000) });
    let driver = initialDriver({ policy });
    const sizes: number[] = [];
    for (let hour = 0; hour < 6; hour++) {
      const shifted = observations.map((o) => ({ ...o, t: o.t + hour * 600_000 }));
      driver = feed(
        shifted.map((observation) => ({ kind: 'observation', observation }) as const),
        driver,
      ).driver;
      sizes.push(size(driver));
    }
    expect(Math.max(...sizes)).toBeLessThan(sizes[0] * 1.2);
  });
});

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}
