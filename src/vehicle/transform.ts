import { numericRange } from './value.js';
import type { Signal, SignalValue } from './value.js';

/** How a physical value of a DBC becomes the value of a VSS signal. */
export type Transform =
  | { readonly type: 'linear'; readonly factor: number; readonly offset: number }
  /** `true` at or above the limit. */
  | { readonly type: 'threshold'; readonly limit: number }
  | { readonly type: 'enum'; readonly values: ReadonlyMap<number, SignalValue> };

export const identity: Transform = { type: 'linear', factor: 1, offset: 0 };

/** Where a value cannot be given: why, in words for the sample's reason, and what was worked out, if anything. */
export class Refusal {
  constructor(
    readonly reason: string,
    readonly value?: SignalValue,
  ) {}
}

/** Pure. `physical` is the decoder's value; NaN gives a refusal. */
export type Converter = (physical: number) => SignalValue | Refusal;

const notANumber = new Refusal('expected a number, the frame holds none');

/**
 * Nearest whole number, halves upward, never -0.
 */
function roundToWhole(value: number): number {
  return Math.round(value) + 0;
}

function compileLinear(
  signal: Signal,
  factor: number,
  offset: number,
  range: PlausibleRange | undefined,
): Converter {
  const whole = numericRange(signal.datatype)?.integer ?? false;
  return (physical) => {
    const exact = physical * factor + offset;
    if (Number.isNaN(exact)) return notANumber;
    const value = whole ? roundToWhole(exact) : exact;
    if (range === undefined || (exact >= range.min && exact <= range.max)) return value;
    return new Refusal(`expected ${range.min} to ${range.max}, received ${exact}`, value);
  };
}

export interface PlausibleRange {
  readonly min: number;
  readonly max: number;
}

/** @param range plausible values after a linear transform; nothing is clamped into it. */
export function compileTransform(transform: Transform, signal: Signal, range?: PlausibleRange): Converter {
  switch (transform.type) {
    case 'linear':
      return compileLinear(signal, transform.factor, transform.offset, range);
    case 'threshold':
      return (physical) => (Number.isNaN(physical) ? notANumber : physical >= transform.limit);
    case 'enum':
      return (physical) =>
        Number.isNaN(physical)
          ? notANumber
          : (transform.values.get(physical) ?? new Refusal(`the mapping gives ${physical} no meaning`));
  }
}
