import type { SignalValue } from '../../vehicle/value.js';
import { valid, type Measured } from '../measured.js';
import type { DriverMeasures } from '../outputs.js';

/** A path of the vehicle store, and which measure goes there. */
export interface MeasureSignal {
  readonly path: string;
  readonly of: (measures: DriverMeasures) => Measured<SignalValue>;
}

export const driverBranch = 'Vehicle.Driver';
export const vigilBranch = 'Vehicle.Driver.Vigil';

/** A measure in the unit that the path has. */
export function signal<T>(
  path: string,
  of: (measures: DriverMeasures) => Measured<T>,
  convert: (value: T) => SignalValue,
): MeasureSignal {
  return {
    path,
    of: (measures) => {
      const measured = of(measures);
      return measured.quality === 'valid' ? valid(convert(measured.value)) : measured;
    },
  };
}

export const asIs = <T extends SignalValue>(value: T): T => value;
export const percent = (share: number): number => 100 * Math.min(1, Math.max(0, share));
export const seconds = (ms: number): number => ms / 1000;

const listedWords = new Map<string, string>();

/** `longDistraction` is LONG_DISTRACTION where VSS lists values. */
export function listed(word: string): string {
  const known = listedWords.get(word);
  if (known !== undefined) return known;
  const name = word.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
  listedWords.set(word, name);
  return name;
}
