import type { DbcMessage, DbcSignal } from './dbc.js';
import { requiredBytes } from './dbc.js';
import { readBits } from './encode.js';

/** A signal of one frame, with nothing lost on the way. */
export interface DecodedSignal {
  readonly signal: DbcSignal;
  /** The bits as a whole number, with their sign; of a float, its bits. */
  readonly raw: bigint;
  /** raw * factor + offset in doubles: to the last bit what the batch decoder gives. */
  readonly physical: number;
  /** The physical value where it is a whole number for certain (whole factor and offset); 64 bits stay 64 bits. */
  readonly exact?: bigint;
  /** From the value table. */
  readonly name?: string;
}

export interface DecodedFrame {
  readonly message: DbcMessage;
  /** Shorter than the database says: signals that did not fit are left out. */
  readonly truncated: boolean;
  /** By signal name, in the message's order; without those that are multiplexed away. */
  readonly signals: ReadonlyMap<string, DecodedSignal>;
}

function floatOf(bits: bigint, length: number): number {
  const view = new DataView(new ArrayBuffer(8));
  if (length === 32) {
    view.setUint32(0, Number(bits));
    return view.getFloat32(0);
  }
  view.setBigUint64(0, bits);
  return view.getFloat64(0);
}

/**
 * Whole numbers are scaled exactly and rounded once; the rule of native/can/scaling.cc, whose bounds (factors up to
 * 2^62, offsets to 2^120) lie beyond what files hold.
 */
function physicalOf(raw: bigint, factor: number, offset: number): { physical: number; exact?: bigint } {
  if (!Number.isInteger(factor)) return { physical: Number(raw) * factor + offset };
  const scaled = raw * BigInt(factor);
  if (!Number.isInteger(offset)) return { physical: Number(scaled) + offset };
  const exact = scaled + BigInt(offset);
  return { physical: Number(exact), exact };
}

function decodeSignal(signal: DbcSignal, bits: bigint): DecodedSignal {
  const { rawType, length, factor, offset, values } = signal;
  if (rawType === 'float32' || rawType === 'float64') {
    const value = floatOf(bits, length);
    const physical = factor === 1 && offset === 0 ? value : value * factor + offset;
    const name = Number.isInteger(value) ? values.get(BigInt(value)) : undefined;
    return { signal, raw: bits, physical, ...(name === undefined ? {} : { name }) };
  }
  const raw = rawType === 'signed' ? BigInt.asIntN(length, bits) : bits;
  const name = values.get(raw);
  return { signal, raw, ...physicalOf(raw, factor, offset), ...(name === undefined ? {} : { name }) };
}

/**
 * Decodes one frame exactly, in JavaScript: for tools, tests and 64-bit signals. Traffic goes through `CanDecoder`,
 * whose doubles hold whole numbers up to 2^53.
 */
export function decodeMessage(message: DbcMessage, payload: Uint8Array): DecodedFrame {
  const byName = new Map(message.signals.map((signal) => [signal.name, signal]));
  const bits = new Map<DbcSignal, bigint | undefined>();
  const bitsOf = (signal: DbcSignal): bigint | undefined => {
    if (bits.has(signal)) return bits.get(signal);
    const fits = requiredBytes(signal) <= payload.length;
    const value = fits && isSelected(signal) ? readBits(payload, signal) : undefined;
    bits.set(signal, value);
    return value;
  };
  const isSelected = ({ selector }: DbcSignal): boolean => {
    if (selector === undefined) return true;
    const owner = byName.get(selector.switchName);
    const raw = owner === undefined ? undefined : bitsOf(owner);
    return raw !== undefined && selector.ranges.some(([low, high]) => raw >= low && raw <= high);
  };
  const signals = new Map<string, DecodedSignal>();
  for (const signal of message.signals) {
    const value = bitsOf(signal);
    if (value !== undefined) signals.set(signal.name, decodeSignal(signal, value));
  }
  return { message, truncated: payload.length < message.length, signals };
}
