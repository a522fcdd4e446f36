import type { Sample } from '../../vehicle/sample.js';
import type { SignalTree } from '../../vehicle/tree.js';
import type { SignalValue } from '../../vehicle/value.js';
import type { DriverSide } from './place.js';

/** The newest sample of every path that was told; immutable. */
export type KnownSamples = Readonly<Record<string, Sample>>;

/** The vehicle as actions see it. */
export interface VehicleView {
  readonly tree: SignalTree;
  readonly samples: KnownSamples;
}

/** The value that may be relied on; undefined when there is none. */
export function known({ samples }: VehicleView, path: string): SignalValue | undefined {
  if (!Object.hasOwn(samples, path)) return undefined;
  const sample = samples[path];
  return sample.quality === 'valid' ? sample.value : undefined;
}

/** Whether nothing ever told this path: the car has no such thing. */
export function isAbsent({ samples }: VehicleView, path: string): boolean {
  return !Object.hasOwn(samples, path) || samples[path].quality === 'unavailable';
}

/** Speed over ground, km/h, without sign; null when it is not known. */
export function speedKmh(view: VehicleView): number | null {
  const speed = known(view, 'Vehicle.Speed');
  return typeof speed === 'number' ? Math.abs(speed) : null;
}

/** LEFT where the car does not say: most are. */
export function driverSideOf(view: VehicleView): DriverSide {
  return known(view, 'Vehicle.Cabin.DriverPosition') === 'RIGHT' ? 'RIGHT' : 'LEFT';
}
