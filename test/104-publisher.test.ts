import { describe, expect, it } from 'vitest';
import type { DriverInput } from '../src/driver/outputs.js';
import { DriverPublisher } from '../src/driver/publisher.js';
import { listed } from '../src/driver/publishing/measure-signal.js';
import { VehicleStore } from '../src/vehicle/store.js';
import { loadTree } from '../src/vehicle/tree.js';
import { blinking, perform, type Script } from './70-support/person.js';
import { drive, feed, timeOf } from './70-support/watch.js';

const vigil = 'Vehicle.Driver.Vigil';

/** The store after a drive. */
function published(inputs: readonly DriverInput[]): VehicleStore {
  const store = new VehicleStore({
    tree: loadTree(),
    onListenerError: (error) => {
      throw error;
    },
  });
  const publisher = new DriverPublisher(store);
  let before = feed([]).driver;
  for (const input of inputs) {
    const step = feed([input], before);
    before = step.driver;
    if (input.kind === 'observation') publisher.observation(input.observation);
    for (const output of step.outputs) publisher.output(output);
    if (input.kind === 'tick') publisher.tick(input.t);
  }
  return store;
}

function film(script: Script, extra: readonly DriverInput[] = []): DriverInput[] {
  return [...extra, ...drive(perform(script), 100)].sort((a, b) => timeOf(a) - timeOf(b));
}

describe('publisher', () => {
  const lengthMs = 75_000;
  const steering = Array.from({ length: lengthMs / 20 }, (_, i): DriverInput[] => {
    const t = i * 20;
    const readings = [
      { name: 'steeringAngleDeg', t, value: 5 * Math.sin(t / 900), quality: 'valid' },
      { name: 'driverTorqueNm', t, value: 0.8 * Math.sin(t / 700), quality: 'valid' },
    ] as const;
    return readings.map((reading) => ({ kind: 'vehicle', t, reading }));
  }).flat();
  const store = published(film({ lengthMs, closings: blinking(lengthMs) }, steering));

  it('publishes every measure as valid or with its reason', () => {
    const known = [
      `${vigil}.Eyes.Perclos`,
      `${vigil}.Eyes.Perclos70`,
      `${vigil}.Eyes.ClosureSquare`,
      `${vigil}.Eyes.BlinkDuration`,
      `${vigil}.Eyes.MeasuredTimeLong`,
      `${vigil}.Kss`,
      `${vigil}.KssConfidence`,
      `${vigil}.TimeOnTask`,
      `${vigil}.Steering.ReversalRate`,
      `${vigil}.Gaze.OffRoadDuration`,
      'Vehicle.Driver.IsHandsOnWheel',
      'Vehicle.Driver.DistractionLevel',
    ];
    for (const path of known)
      expect(store.get(path), path).toMatchObject({ quality: 'valid', source: 'driver' });
    const reasons = {
      [`${vigil}.Eyes.ClosingSpeed`]: 'frameRateTooLow',
      [`${vigil}.Steering.Entropy`]: 'calibrating',
      [`${vigil}.IsPhoneInUse`]: 'noPhoneObservation',
    };
    for (const [path, reason] of Object.entries(reasons))
      expect(store.get(path), path).toMatchObject({ quality: 'unavailable', reason });
    expect(store.get('Vehicle.Driver.IsHandsOnWheel').value).toBe(true);
    expect(store.get(`${vigil}.Eyes.MicrosleepCount`).value).toBe(0);
    expect(String(store.get(`${vigil}.KssReasons`).value)).toMatch(
      /^[a-zA-Z]+ [+-]\d\.\d(, [a-zA-Z]+ [+-]\d\.\d)*$/,
    );
  });

  it('leaves no value without a quality, and no other quality without a reason', () => {
    for (const { path } of store.tree.signals) {
      const sample = store.get(path);
      if (sample.source !== 'driver') continue;
      if (sample.quality !== 'valid') expect(sample.reason, path).not.toBe('');
      else expect(sample.value, path).toBeDefined();
    }
  });

  it('writes lists as VSS has them', () => {
    expect([listed('roadAhead'), listed('owl'), listed('driverSideMirror')]).toEqual([
      'ROAD_AHEAD',
      'OWL',
      'DRIVER_SIDE_MIRROR',
    ]);
  });
});

describe('an error of the monitor', () => {
  const stretches = {
    silent: 'cameraSilent',
    damagedImage: 'damagedImage',
    dark: 'imageTooDark',
    noFace: 'noFace',
  } as const;
  for (const [what, reason] of Object.entries(stretches)) {
    it(`is published within ten seconds with ${reason} as its reason`, () => {
      const inputs = film({
        lengthMs: 30_000,
        stretches: [{ fromMs: 15_000, forMs: 15_000, what: what as keyof typeof stretches }],
      });
      const at = (untilMs: number): VehicleStore =>
        published([...inputs.filter((input) => timeOf(input) <= untilMs), { kind: 'tick', t: untilMs }]);
      expect(at(14_900).get('Vehicle.ADAS.DMS.IsError').value).toBe(false);
      const store = at(25_000);
      expect(store.get('Vehicle.ADAS.DMS.IsError')).toMatchObject({ value: true, quality: 'valid' });
      expect(store.get('Vehicle.ADAS.DMS.Vigil.Reason').value).toBe(reason);
      expect(store.get('Vehicle.ADAS.DMS.Vigil.Availability').value).toBe('UNAVAILABLE');
    });
  }

  for (const fault of ['modelMissing', 'cameraDisconnected', 'inferenceFailed'] as const) {
    it(`is published at once with ${fault} as its reason`, () => {
      const store = published([...film({ lengthMs: 5000 }), { kind: 'camera', t: 5000, fault }]);
      expect(store.get('Vehicle.ADAS.DMS.IsError').value).toBe(true);
      expect(store.get('Vehicle.ADAS.DMS.Vigil.Reason').value).toBe(fault);
    });
  }
});
