import { firstBit, messagesByKey, type DbcDatabase, type DbcMessage, type DbcSignal } from './dbc.js';
import { planKey } from './j1939.js';

/** Bits of `DecodePlan.kind`; the same values as `SignalKind` in native/can/decode_plan.h. */
export const SignalKind = { motorola: 1, signed: 2, float: 4 } as const;

/**
 * A database compiled to flat columns for the native decoder. Message m has the signals
 * `signalStart[m]` to `signalStart[m + 1] - 1`, in the order of `messages[m].signals`.
 */
export interface DecodePlan {
  readonly messages: readonly DbcMessage[];
  /** Identifier; bit 31 set for 29-bit ones, bit 30 too for those matched by J1939's parameter group. */
  readonly key: Uint32Array;
  readonly messageBytes: Uint16Array;
  readonly signalStart: Uint32Array;
  /** First bit in the reading order of the signal's byte order (see `firstBit`). */
  readonly firstBit: Uint16Array;
  readonly bitLength: Uint8Array;
  readonly kind: Uint8Array;
  readonly factor: Float64Array;
  readonly offset: Float64Array;
  /** The signal that decides whether this one is present, or -1. */
  readonly switchIndex: Int32Array;
  /** Signal s is present for switch values in `rangeLow[i]`..`rangeHigh[i]`, i from `rangeStart[s]` to `rangeStart[s + 1] - 1`. */
  readonly rangeStart: Uint32Array;
  readonly rangeLow: BigInt64Array;
  readonly rangeHigh: BigInt64Array;
}

/**
 * Compiles the messages of a database for decoding.
 * @param keep which messages to decode; all when absent
 */
export function compileDecodePlan(
  database: DbcDatabase,
  keep: (message: DbcMessage) => boolean = () => true,
): DecodePlan {
  const messages = [...messagesByKey(database).values()].filter(keep);
  const signals = messages.flatMap((message) => message.signals);
  const signalStart = new Uint32Array(messages.length + 1);
  const switchIndex = new Int32Array(signals.length);
  messages.forEach((message, m) => {
    const start = signalStart[m];
    signalStart[m + 1] = start + message.signals.length;
    const positions = new Map(message.signals.map((signal, i) => [signal.name, start + i]));
    message.signals.forEach(({ selector }, i) => {
      switchIndex[start + i] = selector === undefined ? -1 : positions.get(selector.switchName)!;
    });
  });
  const ranges = signals.map((signal) => signal.selector?.ranges ?? []);
  const rangeStart = new Uint32Array(signals.length + 1);
  ranges.forEach((list, s) => (rangeStart[s + 1] = rangeStart[s] + list.length));
  return {
    messages,
    key: Uint32Array.from(messages, planKey),
    messageBytes: Uint16Array.from(messages, (message) => message.length),
    signalStart,
    firstBit: Uint16Array.from(signals, firstBit),
    bitLength: Uint8Array.from(signals, (signal) => signal.length),
    kind: Uint8Array.from(
      signals,
      ({ byteOrder, rawType }) =>
        (byteOrder === 'motorola' ? SignalKind.motorola : 0) |
        (rawType === 'signed' ? SignalKind.signed : 0) |
        (rawType === 'float32' || rawType === 'float64' ? SignalKind.float : 0),
    ),
    factor: Float64Array.from(signals, (signal) => signal.factor),
    offset: Float64Array.from(signals, (signal) => signal.offset),
    switchIndex,
    rangeStart,
    rangeLow: BigInt64Array.from(ranges.flat(), ([low]) => BigInt.asIntN(64, low)),
    rangeHigh: BigInt64Array.from(ranges.flat(), ([, high]) => BigInt.asIntN(64, high)),
  };
}

/**
 * A plan of some signals only, with the switches that decide whether they are present. Frames of other messages cost a
 * look at their identifier.
 * @param wanted which signals somebody asked for
 */
export function subscribedPlan(
  database: DbcDatabase,
  wanted: (message: DbcMessage, signal: DbcSignal) => boolean,
): DecodePlan {
  const messages = database.messages.map((message) => ({
    ...message,
    signals: withSwitches(
      message.signals,
      message.signals.filter((signal) => wanted(message, signal)),
    ),
  }));
  return compileDecodePlan({ ...database, messages }, ({ signals }) => signals.length > 0);
}

/** The chosen signals and, transitively, the switches they depend on, in the message's order. */
function withSwitches(all: readonly DbcSignal[], chosen: readonly DbcSignal[]): DbcSignal[] {
  const byName = new Map(all.map((signal) => [signal.name, signal]));
  const kept = new Set<DbcSignal>();
  for (const signal of chosen) {
    let next: DbcSignal | undefined = signal;
    while (next !== undefined && !kept.has(next)) {
      kept.add(next);
      next = next.selector === undefined ? undefined : byName.get(next.selector.switchName);
    }
  }
  return all.filter((signal) => kept.has(signal));
}
