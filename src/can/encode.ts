import { VigilError } from '../runtime/errors.js';
import { firstBit, type DbcMessage, type DbcSignal } from './dbc.js';
import { rawBits, startBits, type SignalInput } from './raw-value.js';

/** Physical values, or names of values, by signal name. */
export type MessageValues = Readonly<Record<string, SignalInput>>;

/** Writes the low `signal.length` bits of `raw` where the signal lies; all other bits stay. */
export function writeBits(payload: Uint8Array, signal: DbcSignal, raw: bigint): void {
  const first = firstBit(signal);
  const last = first + signal.length - 1;
  let rest = raw;
  // From the least significant bit on, a byte's share at a time: towards higher bytes (Intel) or lower (Motorola).
  for (let done = 0; done < signal.length;) {
    const intel = signal.byteOrder === 'intel';
    const position = intel ? first + done : last - done;
    const shift = intel ? position & 7 : 7 - (position & 7);
    const bits = Math.min(8 - shift, signal.length - done);
    const mask = ((1 << bits) - 1) << shift;
    const index = position >> 3;
    const share = Number(BigInt.asUintN(bits, rest)) << shift;
    payload[index] = (payload[index] & ~mask) | share;
    rest >>= BigInt(bits);
    done += bits;
  }
}

/** The bits of a signal as an unsigned integer; the inverse of `writeBits`. */
export function readBits(payload: Uint8Array, signal: DbcSignal): bigint {
  const first = firstBit(signal);
  const last = first + signal.length - 1;
  let raw = 0n;
  for (let done = 0; done < signal.length;) {
    const intel = signal.byteOrder === 'intel';
    const position = intel ? first + done : last - done;
    const shift = intel ? position & 7 : 7 - (position & 7);
    const bits = Math.min(8 - shift, signal.length - done);
    raw |= BigInt((payload[position >> 3] >> shift) & ((1 << bits) - 1)) << BigInt(done);
    done += bits;
  }
  return raw;
}

/** Whether a multiplexed signal is in a payload, by the raw values of its switches there. */
function isPresent(message: DbcMessage, signal: DbcSignal, payload: Uint8Array): boolean {
  const { selector } = signal;
  if (selector === undefined) return true;
  const owner = message.signals.find((candidate) => candidate.name === selector.switchName)!;
  if (!isPresent(message, owner, payload)) return false;
  const raw = readBits(payload, owner);
  return selector.ranges.some(([low, high]) => raw >= low && raw <= high);
}

function refuse(code: string, message: DbcMessage, text: string, advice: string): never {
  throw new VigilError(code, text, advice, { message: message.name });
}

/** Switches before the signals that depend on them, so that presence can be read from the payload. */
function switchesFirst(signals: readonly DbcSignal[]): DbcSignal[] {
  const depth = (signal: DbcSignal): number => {
    const { selector } = signal;
    if (selector === undefined) return 0;
    return 1 + depth(signals.find((candidate) => candidate.name === selector.switchName)!);
  };
  return signals
    .map((signal) => ({ signal, depth: depth(signal) }))
    .sort((a, b) => a.depth - b.depth)
    .map(({ signal }) => signal);
}

/**
 * Encodes a message of `message.length` bytes. Every signal must be given, of multiplexed ones those that the
 * switch values select and no others; bits that no signal covers are 0. With `base`, a payload of the same
 * message, signals that are not given keep its bits.
 * @throws VigilError `CAN_VALUE_OUT_OF_RANGE`, `CAN_SIGNAL_UNKNOWN`, `CAN_SIGNAL_MISSING`, or
 * `CAN_SIGNAL_NOT_SELECTED` for a signal that the switch values leave out
 */
export function encodeMessage(message: DbcMessage, values: MessageValues, base?: Uint8Array): Uint8Array {
  const payload = new Uint8Array(message.length);
  if (base !== undefined) {
    if (base.length !== message.length) {
      refuse(
        'INVALID_ARGUMENT',
        message,
        `Expected a payload of ${message.length} bytes as base for ${message.name} but received ${base.length}.`,
        '',
      );
    }
    payload.set(base);
  }
  const given = new Map(Object.entries(values));
  for (const name of given.keys()) {
    if (message.signals.some((signal) => signal.name === name)) continue;
    refuse(
      'CAN_SIGNAL_UNKNOWN',
      message,
      `Expected a signal of ${message.name} but received ${name}.`,
      `Its signals are ${message.signals.map((signal) => signal.name).join(', ')}.`,
    );
  }
  for (const signal of switchesFirst(message.signals)) {
    const value = given.get(signal.name);
    const present = isPresent(message, signal, payload);
    if (value !== undefined && !present) {
      refuse(
        'CAN_SIGNAL_NOT_SELECTED',
        message,
        `Expected no value for ${message.name}.${signal.name}, which the value of ` +
          `${signal.selector!.switchName} leaves out, but received ${value.toString()}.`,
        '',
      );
    }
    if (value !== undefined) writeBits(payload, signal, rawBits(message, signal, value));
    else if (present && base === undefined) {
      refuse(
        'CAN_SIGNAL_MISSING',
        message,
        `Expected a value for ${message.name}.${signal.name} but received none.`,
        'Give every signal, or a base payload to change.',
      );
    }
  }
  return payload;
}

/**
 * The payload before any value is set: every signal's start value, of multiplexed ones those that the switches'
 * start values select. A base for `encodeMessage` when only some signals are known.
 * @throws VigilError `CAN_VALUE_OUT_OF_RANGE` for a start value that does not fit its signal
 */
export function startPayload(message: DbcMessage): Uint8Array {
  const payload = new Uint8Array(message.length);
  for (const signal of switchesFirst(message.signals)) {
    if (isPresent(message, signal, payload)) writeBits(payload, signal, startBits(message, signal));
  }
  return payload;
}
