import type { DbcMessage, DbcSignal } from '../../src/can/dbc.js';

/**
 * The slow and obvious way to decode, bit by bit and in BigInt, sharing nothing with the product: start bit and
 * sawtooth counting as the DBC format describes them.
 */
export function referenceRaw(payload: Uint8Array, signal: DbcSignal): bigint | undefined {
  let raw = 0n;
  let position = signal.startBit;
  for (let i = 0; i < signal.length; i++) {
    const byte = payload.at(position >> 3);
    if (byte === undefined) return undefined;
    const bit = BigInt((byte >> (position & 7)) & 1);
    if (signal.byteOrder === 'intel') {
      raw |= bit << BigInt(i);
      position += 1;
    } else {
      raw = (raw << 1n) | bit;
      position = (position & 7) === 0 ? position + 15 : position - 1;
    }
  }
  return raw;
}

export function referencePhysical(raw: bigint, signal: DbcSignal): number {
  const { factor, offset, rawType, length } = signal;
  if (rawType === 'float32' || rawType === 'float64') {
    const bytes = new DataView(new ArrayBuffer(8));
    if (rawType === 'float32') bytes.setUint32(0, Number(raw));
    else bytes.setBigUint64(0, raw);
    const value = rawType === 'float32' ? bytes.getFloat32(0) : bytes.getFloat64(0);
    return factor === 1 && offset === 0 ? value : value * factor + offset;
  }
  const integer = rawType === 'signed' ? BigInt.asIntN(length, raw) : raw;
  // Whole numbers are scaled exactly and rounded once.
  if (Number.isInteger(factor) && Number.isInteger(offset)) {
    return Number(integer * BigInt(factor) + BigInt(offset));
  }
  if (Number.isInteger(factor)) return Number(integer * BigInt(factor)) + offset;
  return Number(integer) * factor + offset;
}

function isPresent(payload: Uint8Array, message: DbcMessage, signal: DbcSignal): boolean {
  const { selector } = signal;
  if (selector === undefined) return true;
  const owner = message.signals.find((candidate) => candidate.name === selector.switchName);
  if (owner === undefined || !isPresent(payload, message, owner)) return false;
  const raw = referenceRaw(payload, owner);
  return raw !== undefined && selector.ranges.some(([low, high]) => raw >= low && raw <= high);
}

/** Physical value of a signal in a payload; NaN where it is not in it. */
export function referenceDecode(payload: Uint8Array, message: DbcMessage, signal: DbcSignal): number {
  if (!isPresent(payload, message, signal)) return NaN;
  const raw = referenceRaw(payload, signal);
  return raw === undefined ? NaN : referencePhysical(raw, signal);
}
