import { invalidArgument, VigilError } from '../runtime/errors.js';

/** What a signal can hold; 64-bit integers and arrays are not in our trees. */
export type SignalValue = boolean | number | string;

/** As in VSS. */
export type SignalKind = 'sensor' | 'actuator' | 'attribute';

interface NumericRange {
  readonly integer: boolean;
  readonly min: number;
  readonly max: number;
}

const float32Max = 3.4028234663852886e38;

/** Numeric VSS data types with what they can represent; `boolean` and `string` have no entry. */
const numericRanges = {
  int8: { integer: true, min: -128, max: 127 },
  int16: { integer: true, min: -32_768, max: 32_767 },
  int32: { integer: true, min: -2_147_483_648, max: 2_147_483_647 },
  uint8: { integer: true, min: 0, max: 255 },
  uint16: { integer: true, min: 0, max: 65_535 },
  uint32: { integer: true, min: 0, max: 4_294_967_295 },
  float: { integer: false, min: -float32Max, max: float32Max },
  double: { integer: false, min: -Number.MAX_VALUE, max: Number.MAX_VALUE },
} as const satisfies Record<string, NumericRange>;

export type NumericDatatype = keyof typeof numericRanges;
/** VSS's types without 64-bit integers and arrays. */
export type Datatype = NumericDatatype | 'boolean' | 'string';

export const datatypes: readonly Datatype[] = [
  'boolean',
  'string',
  ...(Object.keys(numericRanges) as NumericDatatype[]),
];

/** One leaf of the signal tree. */
export interface Signal {
  /** Position in the tree's list, ordered by path: stable for one set of catalogues. */
  readonly index: number;
  readonly path: string;
  readonly kind: SignalKind;
  readonly datatype: Datatype;
  /** VSS unit; absent where the value has none. */
  readonly unit: string | undefined;
  /** Inclusive limits of a number. */
  readonly min: number | undefined;
  readonly max: number | undefined;
  /** The only values it may take. */
  readonly allowed: readonly SignalValue[] | undefined;
  readonly about: string;
}

export function numericRange(datatype: Datatype): NumericRange | undefined {
  return datatype === 'boolean' || datatype === 'string' ? undefined : numericRanges[datatype];
}

/**
 * Why a value does not fit a signal. `type` is the writer's mistake (a string for a number, 1.5 for an
 * integer); the others are implausible content that a sound writer can meet in what it reads.
 */
export interface Violation {
  readonly kind: 'type' | 'not-a-number' | 'range' | 'allowed';
  /** Completes "expected ... for PATH". */
  readonly expected: string;
}

function checkNumber(signal: Signal, range: NumericRange, value: number): Violation | undefined {
  if (!Number.isFinite(value)) return { kind: 'not-a-number', expected: 'a finite number' };
  if (range.integer && !Number.isInteger(value))
    return { kind: 'type', expected: `a whole number (${signal.datatype})` };
  const min = Math.max(range.min, signal.min ?? -Infinity);
  const max = Math.min(range.max, signal.max ?? Infinity);
  if (value >= min && value <= max) return undefined;
  return { kind: 'range', expected: `${min} to ${max}${signal.unit === undefined ? '' : ` ${signal.unit}`}` };
}

/** Checks data type, then limits, then allowed values. Returns nothing when the value fits. */
export function checkValue(signal: Signal, value: SignalValue): Violation | undefined {
  const range = numericRange(signal.datatype);
  if (range === undefined) {
    if (typeof value !== signal.datatype) return { kind: 'type', expected: `a ${signal.datatype}` };
  } else {
    if (typeof value !== 'number') return { kind: 'type', expected: `a number (${signal.datatype})` };
    const violation = checkNumber(signal, range, value);
    if (violation !== undefined) return violation;
  }
  if (signal.allowed === undefined || signal.allowed.includes(value)) return undefined;
  return { kind: 'allowed', expected: `one of ${signal.allowed.join(', ')}` };
}

/**
 * For callers whose value must fit or be refused (an API client, an actuator target).
 * @throws VigilError `INVALID_VALUE` naming the path, what was expected and what came.
 */
export function requireValue(signal: Signal, value: SignalValue): void {
  const violation = checkValue(signal, value);
  if (violation === undefined) return;
  const cause = invalidArgument(signal.path, violation.expected, value);
  throw new VigilError('INVALID_VALUE', cause.message, '', { path: signal.path, violation: violation.kind });
}
