import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { knownReading, takeReading, type VehicleReading } from '../src/driver/context/vehicle-context.js';
import { vehicleSignals } from '../src/driver/context/vehicle-signals.js';
import { loadTree } from '../src/vehicle/tree.js';
import type { Sample } from '../src/vehicle/sample.js';

const steeringPath = 'Vehicle.Chassis.SteeringWheel.Vigil.Angle';

const sample = (overrides: Partial<Sample>): Sample => ({
  path: steeringPath,
  t: 100,
  value: 12.5,
  quality: 'valid',
  reason: '',
  source: 'can',
  ...overrides,
});

describe('vehicle context', () => {
  it('reads signals that are in the tree', () => {
    const tree = loadTree();
    for (const path of Object.keys(vehicleSignals)) expect(tree.byPath.has(path), path).toBe(true);
  });

  it('turns samples into readings, with their quality', () => {
    const reading = vehicleSignals[steeringPath];
    expect(reading(sample({}))).toEqual({
      name: 'steeringAngleDeg',
      t: 100,
      value: 12.5,
      quality: 'valid',
    });
    expect(reading(sample({ quality: 'stale' }))).toMatchObject({ value: null, quality: 'stale' });
    expect(reading(sample({ t: Number.NaN }))).toBeNull();
    expect(reading(sample({ value: 'left' }))).toBeNull();
  });

  it('reads the lever as a gear', () => {
    const lever = vehicleSignals['Vehicle.Powertrain.Transmission.SelectedGear'];
    expect([126, 127, -1, 0, 3].map((value) => lever(sample({ value }))?.value)).toEqual([0, 1, -1, 0, 3]);
  });

  it('knows a value while it is valid and fresh, and nothing else', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('valid' as const, 'stale' as const, 'invalid' as const, 'unavailable' as const),
        fc.nat(5000),
        (quality, age) => {
          const value = quality === 'valid' ? 7 : null;
          const reading: VehicleReading = { name: 'steeringAngleDeg', t: 1000, value, quality };
          const known = knownReading(takeReading({}, reading), 'steeringAngleDeg', 1000 + age, 2000);
          expect(known).toBe(quality === 'valid' && age <= 2000 ? 7 : null);
        },
      ),
    );
    expect(knownReading({}, 'gear', 0, 2000)).toBeNull();
  });
});
