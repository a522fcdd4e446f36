import { VigilError } from '../runtime/errors.js';
import type { DbcMessage, DbcSignal } from './dbc.js';

/** A physical number, an exact integer, or the name of a value from the signal's value table. */
export type SignalInput = number | bigint | string;

export function outOfRange(
  message: DbcMessage,
  signal: DbcSignal,
  expected: string,
  actual: SignalInput,
): VigilError {
  const unit = signal.unit === '' ? '' : ` ${signal.unit}`;
  return new VigilError(
    'CAN_VALUE_OUT_OF_RANGE',
    `Expected ${expected}${unit} for ${message.name}.${signal.name} but received ${actual.toString()}.`,
    '',
    { message: message.name, signal: signal.name },
  );
}

/** Least and greatest raw value of an integer signal. */
export function rawRange(
  signal: Pick<DbcSignal, 'length' | 'rawType'>,
): readonly [low: bigint, high: bigint] {
  const bits = BigInt(signal.length);
  if (signal.rawType === 'signed') return [-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n];
  return [0n, (1n << bits) - 1n];
}

/** To the nearest integer, a half to the even one (IEEE 754's default, and Python's `round`). */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** As `roundHalfEven` of a quotient of whole numbers, exactly. */
function divideHalfEven(dividend: bigint, divisor: bigint): bigint {
  const [n, d] = divisor < 0n ? [-dividend, -divisor] : [dividend, divisor];
  const remainder = ((n % d) + d) % d;
  const floor = (n - remainder) / d;
  const twice = 2n * remainder;
  if (twice === d) return floor % 2n === 0n ? floor : floor + 1n;
  return twice > d ? floor + 1n : floor;
}

/** Bits of an IEEE 754 number as an unsigned integer. */
function floatBits(value: number, length: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  if (length === 32) {
    view.setFloat32(0, value);
    return BigInt(view.getUint32(0));
  }
  view.setFloat64(0, value);
  return view.getBigUint64(0);
}

function rawOfName(message: DbcMessage, signal: DbcSignal, name: string): bigint {
  for (const [raw, label] of signal.values) if (label === name) return raw;
  const names = [...signal.values.values()].map((label) => `"${label}"`).join(', ');
  throw outOfRange(
    message,
    signal,
    names === '' ? 'a number (the signal has no named values)' : `one of ${names}`,
    name,
  );
}

/** A value that was decoded may lie above the maximum by a rounding error; a millionth of a raw step is let pass. */
function checkRange(message: DbcMessage, signal: DbcSignal, value: number | bigint): void {
  const { minimum, maximum, factor } = signal;
  if (minimum === undefined || maximum === undefined) return;
  const slack = Math.abs(factor) * 1e-6;
  if (value >= minimum - slack && value <= maximum + slack) return;
  throw outOfRange(message, signal, `a value from ${minimum} to ${maximum}`, value);
}

function rawOfNumber(message: DbcMessage, signal: DbcSignal, value: number | bigint): bigint {
  const { factor, offset } = signal;
  if (Number.isNaN(value)) throw outOfRange(message, signal, 'a number', value);
  checkRange(message, signal, value);
  const whole = typeof value === 'bigint' || Number.isInteger(value);
  if (whole && Number.isInteger(factor) && Number.isInteger(offset)) {
    return divideHalfEven(BigInt(value) - BigInt(offset), BigInt(factor));
  }
  const raw = roundHalfEven((Number(value) - offset) / factor);
  if (!Number.isFinite(raw)) throw outOfRange(message, signal, 'a finite value', value);
  return BigInt(raw);
}

function floatRaw(message: DbcMessage, signal: DbcSignal, value: number | bigint): bigint {
  const { factor, offset, length } = signal;
  checkRange(message, signal, value);
  const number = Number(value);
  const raw = factor === 1 && offset === 0 ? number : (number - offset) / factor;
  if (length === 32 && Number.isFinite(raw) && !Number.isFinite(Math.fround(raw))) {
    throw outOfRange(message, signal, 'a value that a 32-bit float holds', value);
  }
  return floatBits(raw, length);
}

/**
 * The bits that stand for a value, as an unsigned integer of `signal.length` bits. raw = (physical - offset) /
 * factor, rounded half to even. A range given in the database is enforced, and so is the range of the bits.
 * @throws VigilError `CAN_VALUE_OUT_OF_RANGE`
 */
export function rawBits(message: DbcMessage, signal: DbcSignal, value: SignalInput): bigint {
  if (signal.rawType === 'float32' || signal.rawType === 'float64') {
    if (typeof value !== 'string') return floatRaw(message, signal, value);
    return floatBits(Number(rawOfName(message, signal, value)), signal.length);
  }
  const raw =
    typeof value === 'string' ? rawOfName(message, signal, value) : rawOfNumber(message, signal, value);
  const [low, high] = rawRange(signal);
  if (raw < low || raw > high) {
    throw outOfRange(message, signal, `a raw value from ${low.toString()} to ${high.toString()}`, value);
  }
  return BigInt.asUintN(signal.length, raw);
}

/**
 * The bits that a signal starts with (`GenSigStartValue`, a raw value; of a float, the value itself); 0 when the
 * database gives none.
 * @throws VigilError `CAN_VALUE_OUT_OF_RANGE` when they do not fit
 */
export function startBits(message: DbcMessage, signal: DbcSignal): bigint {
  const { startRaw = 0, rawType, length } = signal;
  if (rawType === 'float32' || rawType === 'float64') return floatBits(Number(startRaw), length);
  const [low, high] = rawRange(signal);
  const whole = typeof startRaw === 'bigint' || Number.isInteger(startRaw);
  if (!whole || startRaw < low || startRaw > high) {
    const expected = `a whole raw start value from ${low.toString()} to ${high.toString()}`;
    throw outOfRange(message, signal, expected, startRaw);
  }
  return BigInt.asUintN(length, BigInt(startRaw));
}

/** The name of a decoded physical value; undefined when the value table has none for it. */
export function valueName(signal: DbcSignal, physical: number): string | undefined {
  if (signal.values.size === 0 || !Number.isFinite(physical)) return undefined;
  return signal.values.get(BigInt(Math.round((physical - signal.offset) / signal.factor)));
}
