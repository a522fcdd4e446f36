import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileDecodePlan, subscribedPlan } from '../src/can/decode-plan.js';
import { parseDbc } from '../src/can/dbc-parser.js';
import { CanDecoder } from '../src/can/decoder.js';
import { FrameBatchBuilder } from '../src/can/frame-batch.js';
import { FrameFlag, type CanFrames } from '../src/can/frames.js';
import { LatestValues } from '../src/can/latest-values.js';
import { isUsable, Verdict } from '../src/can/validity/verdict.js';
import { VigilError } from '../src/runtime/errors.js';
import { doubleBits } from './40-support/frames.js';

/** One plain message, one multiplexed twice over, one on CAN FD, one matched by its parameter group. */
const { database } = parseDbc(`
BO_ 291 Plain: 8 A
 SG_ Speed : 0|16@1+ (0.01,0) [0|0] "" A
 SG_ Angle : 23|16@0- (0.1,-5) [0|0] "" A
 SG_ Level : 56|8@1+ (1,0) [0|0] "" A
BO_ 292 Chosen: 8 A
 SG_ Mode M : 0|2@1+ (1,0) [0|0] "" A
 SG_ Deep m1M : 2|2@1+ (1,0) [0|0] "" A
 SG_ Deepest m3 : 8|16@1- (1,0) [0|0] "" A
 SG_ Other m2 : 8|16@1+ (1,0) [0|0] "" A
 SG_ Always : 32|32@1- (1,0) [0|0] "" A
BO_ 293 Wide: 24 A
 SG_ Near : 0|12@1+ (1,0) [0|0] "" A
 SG_ Far : 167|64@0- (2,1) [0|0] "" A
BO_ 2566844926 Group: 8 A
 SG_ Rpm : 24|16@1+ (0.125,0) [0|0] "" A
BA_DEF_ BO_ "VFrameFormat" ENUM "StandardCAN","ExtendedCAN","reserved","J1939PG";
BA_DEF_DEF_ "VFrameFormat" "StandardCAN";
BA_ "VFrameFormat" BO_ 2566844926 3;
SG_MUL_VAL_ 292 Deepest Deep 3-3;
`);
const plan = compileDecodePlan(database);

const ids: readonly (readonly [id: number, flags: number])[] = [
  [291, 0],
  [292, 0],
  [293, FrameFlag.fd],
  [0x18fe_f131, FrameFlag.extended],
  [7, 0],
  [291, FrameFlag.remote],
];

const frame = fc.record({
  kind: fc.integer({ min: 0, max: ids.length - 1 }),
  channel: fc.integer({ min: 0, max: 1 }),
  data: fc.oneof(fc.uint8Array({ minLength: 8, maxLength: 24 }), fc.uint8Array({ maxLength: 24 })),
  verdict: fc.integer({ min: 0, max: 7 }),
});
type Row = typeof frame extends fc.Arbitrary<infer T> ? T : never;

/** The rows that `keep` takes, one a millisecond. */
function batchOf(rows: readonly Row[], start: number, keep: (row: Row) => boolean = () => true): CanFrames {
  const builder = new FrameBatchBuilder(Math.max(rows.length, 1));
  rows.forEach((row, i) => {
    const [id, flags] = ids[row.kind];
    const most = (flags & FrameFlag.fd) !== 0 ? 24 : 8;
    if (keep(row)) builder.add(start + i, id, row.data.subarray(0, most), flags, row.channel);
  });
  return builder.take();
}

/** The same from columns: per signal the last row that has a value. None of our signals is a float, so NaN is absent. */
function expectedOf(batches: readonly CanFrames[], channel?: number): [t: number, value: number][] {
  const decoder = new CanDecoder(plan, channel === undefined ? {} : { channel });
  const latest = plan.messages.flatMap(({ signals }) =>
    signals.map((): [number, number] => [-Infinity, Number.NaN]),
  );
  for (const batch of batches) {
    for (const decoded of decoder.decode(batch).messages) {
      const start = plan.signalStart[plan.messages.indexOf(decoded.message)];
      decoded.message.signals.forEach((_, s) => {
        decoded.columnAt(s).forEach((value, row) => {
          if (!Number.isNaN(value)) latest[start + s] = [decoded.t[row], value];
        });
      });
    }
  }
  return latest;
}

function actualOf({ t, values }: LatestValues): [t: number, value: number][] {
  return Array.from(values, (value, i) => [t[i], value]);
}

const batches = fc.array(fc.array(frame, { maxLength: 30 }), { minLength: 1, maxLength: 4 });

describe('latest values', () => {
  it('equal the last value of each column, over any batches', () => {
    fc.assert(
      fc.property(batches, fc.constantFrom(undefined, 0, 1), (rows, channel) => {
        const frames = rows.map((list, i) => batchOf(list, i * 100));
        const latest = new LatestValues(plan, channel === undefined ? {} : { channel });
        for (const batch of frames) latest.update(batch);
        expect(actualOf(latest)).toEqual(expectedOf(frames, channel));
      }),
      { numRuns: 300 },
    );
  });

  it('take only usable frames where verdicts are given', () => {
    fc.assert(
      fc.property(batches, (rows) => {
        const latest = new LatestValues(plan);
        let refused = 0;
        rows.forEach((list, i) => {
          const verdicts = Uint8Array.from(list, ({ verdict }) => verdict);
          refused += latest.update(batchOf(list, i * 100), verdicts).refused;
        });
        const usable = (row: Row) => isUsable(row.verdict);
        const sound = rows.map((list, i) => batchOf(list, i * 100, usable));
        expect(actualOf(latest)).toEqual(expectedOf(sound));
        const known = rows.flat().filter(({ kind, verdict }) => kind < 4 && !isUsable(verdict));
        expect(refused).toBe(known.length);
      }),
      { numRuns: 200 },
    );
  });

  it('count frames of messages, short ones and those passed over', () => {
    const latest = new LatestValues(plan);
    const full = { channel: 0, data: new Uint8Array(8), verdict: Verdict.ok };
    const passed = latest.update(
      batchOf(
        [0, 0, 1, 4, 5, 2].map((kind) => ({ ...full, kind })),
        0,
      ), // Wide has 8 of its 24 bytes
    );
    expect(Array.from(latest.seen)).toEqual([2, 1, 1, 0]);
    expect(Array.from(latest.truncated)).toEqual([0, 0, 1, 0]);
    expect(passed).toEqual({ unknown: 1, withoutData: 1, otherChannel: 0, refused: 0 });
  });

  it('keep a float that is not a number: it came', () => {
    const float = parseDbc(
      'BO_ 1 M: 4 A\n SG_ F : 0|32@1- (1,0) [0|0] "" A\nSIG_VALTYPE_ 1 F : 1;\n',
    ).database;
    const latest = new LatestValues(compileDecodePlan(float));
    const builder = new FrameBatchBuilder(2);
    builder.add(1, 1, Uint8Array.of(0, 0, 0x80, 0x3f));
    builder.add(2, 1, Uint8Array.of(0, 0, 0xc0, 0x7f));
    latest.update(builder.take());
    expect(actualOf(latest)).toEqual([[2, Number.NaN]]);
  });

  it('of subscribed signals only, with the switches they need', () => {
    const some = subscribedPlan(database, (_, { name }) => ['Deepest', 'Angle'].includes(name));
    expect(some.messages.map(({ name, signals }) => [name, signals.map((signal) => signal.name)])).toEqual([
      ['Plain', ['Angle']],
      ['Chosen', ['Mode', 'Deep', 'Deepest']],
    ]);
    const latest = new LatestValues(some);
    const builder = new FrameBatchBuilder(2);
    builder.add(5, 292, Uint8Array.of(0b1101, 0xfe, 0xff, 0, 0, 0, 0, 0));
    builder.add(6, 292, Uint8Array.of(0b0001, 0x11, 0x11, 0, 0, 0, 0, 0));
    latest.update(builder.take());
    const at = latest.indexOf('Chosen', 'Deepest');
    expect([latest.t[at], latest.values[at]]).toEqual([5, -2]);
    expect(() => latest.indexOf('Chosen', 'Other')).toThrow(VigilError);
  });

  it('stay as they are when a batch is not sound', () => {
    const latest = new LatestValues(plan);
    latest.update(batchOf([{ kind: 0, channel: 0, data: new Uint8Array(8).fill(9), verdict: 0 }], 1));
    const before = actualOf(latest).map(([t, value]) => [t, doubleBits(value)]);
    const sound = batchOf([{ kind: 0, channel: 0, data: new Uint8Array(8), verdict: 0 }], 2);
    for (const wrong of [
      { ...sound, offset: Uint32Array.of(1 << 20) },
      { ...sound, t: new Float64Array(0) },
    ])
      expect(() => latest.update(wrong)).toThrow(VigilError);
    expect(() => latest.update(sound, new Uint8Array(0))).toThrow(VigilError);
    expect(actualOf(latest).map(([t, value]) => [t, doubleBits(value)])).toEqual(before);
  });
});
