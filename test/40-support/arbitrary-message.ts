import fc from 'fast-check';
import {
  firstBit,
  type DbcDatabase,
  type DbcMessage,
  type DbcSignal,
  type RawType,
} from '../../src/can/dbc.js';

const scale: fc.Arbitrary<Pick<DbcSignal, 'factor' | 'offset'>> = fc.oneof(
  fc.constant({ factor: 1, offset: 0 }),
  fc.record({
    factor: fc.integer({ min: -1000, max: 1000 }).map((value) => (value === 0 ? 1 : value)),
    offset: fc.integer({ min: -100_000, max: 100_000 }),
  }),
  fc.record({
    factor: fc.constantFrom(0.1, -0.25, 1e-3, 0.0155168902, 0.39215686274509803, 1e6, 3),
    offset: fc.constantFrom(0, -40, 0.5, 6.315, 1e9),
  }),
);

const form = fc.oneof(
  fc.record({
    rawType: fc.constantFrom<RawType>('unsigned', 'signed'),
    length: fc.integer({ min: 1, max: 64 }),
  }),
  fc.constantFrom<Pick<DbcSignal, 'rawType' | 'length'>>(
    { rawType: 'float32', length: 32 },
    { rawType: 'float64', length: 64 },
  ),
);

/** A signal anywhere in a message of `bytes`, or null when it does not fit there. */
function signalIn(bytes: number): fc.Arbitrary<DbcSignal | null> {
  return fc
    .record({
      form,
      scale,
      byteOrder: fc.constantFrom('intel' as const, 'motorola' as const),
      startBit: fc.integer({ min: 0, max: bytes * 8 - 1 }),
      name: fc.constant('unnamed'),
    })
    .map(({ form: { rawType, length }, scale: { factor, offset }, byteOrder, startBit, name }) => {
      const fits = firstBit({ startBit, byteOrder }) + length <= bytes * 8;
      if (!fits) return null;
      return {
        name,
        startBit,
        length,
        byteOrder,
        rawType,
        factor,
        offset,
        unit: '',
        receivers: [],
        values: new Map(),
        isSwitch: false,
        comment: '',
        attributes: new Map(),
      };
    });
}

export function messageOf(
  signals: readonly DbcSignal[],
  length: number,
  id = 0x123,
  extended = false,
): DbcMessage {
  return { name: `M${id}`, id, extended, length, sender: '', signals, comment: '', attributes: new Map() };
}

export function databaseOf(...messages: readonly DbcMessage[]): DbcDatabase {
  return {
    file: '',
    version: '',
    nodes: [],
    messages,
    valueTables: new Map(),
    attributes: new Map(),
    comment: '',
    nodeDetails: new Map(),
    attributeDefinitions: new Map(),
    relationDefinitions: new Map(),
    relations: [],
    environmentVariables: [],
    independentSignals: [],
  };
}

function bitsOf(signal: DbcSignal): string[] {
  const first = firstBit(signal);
  return Array.from({ length: signal.length }, (_, i) => {
    const position = first + i;
    const bit = signal.byteOrder === 'intel' ? position & 7 : 7 - (position & 7);
    return `${position >> 3}.${bit}`;
  });
}

/** Messages of 1 to 64 bytes whose signals may overlap, which decoding does not mind. */
export const anyMessage: fc.Arbitrary<DbcMessage> = fc
  .oneof(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 9, max: 64 }))
  .chain((bytes) =>
    fc.array(signalIn(bytes), { minLength: 1, maxLength: 12 }).map((signals) => {
      const fitting = signals.filter((signal) => signal !== null);
      return messageOf(
        fitting.map((signal, i) => ({ ...signal, name: `S${i}` })),
        bytes,
      );
    }),
  );

/** As `anyMessage`, with signals that share no bits. */
export const separateMessage: fc.Arbitrary<DbcMessage> = anyMessage.map((message) => {
  const taken = new Set<string>();
  const signals = message.signals.filter((signal) => {
    const bits = bitsOf(signal);
    if (bits.some((bit) => taken.has(bit))) return false;
    for (const bit of bits) taken.add(bit);
    return true;
  });
  return { ...message, signals };
});

export function payloadOf(bytes: number): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ minLength: bytes, maxLength: bytes });
}
