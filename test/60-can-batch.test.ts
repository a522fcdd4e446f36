import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CanFrames } from '../src/can/frames.js';
import { VigilError } from '../src/runtime/errors.js';
import {
  batchMaxFrames,
  decodeFrames,
  encodeFrames,
  lastStamp,
  packFrames,
  sliceFrames,
  splitFrames,
} from '../hil/recording/can-batch.js';
import { messageType } from '../hil/recording/schemas.js';
import { canFrames, rowsOf, type CanRow } from './60-support/frames.js';

const payload = fc.uint8Array({ maxLength: 64 });

/** Rows with stamps on whole nanoseconds, stepping forwards and a little backwards. */
const rows: fc.Arbitrary<CanRow[]> = fc
  .tuple(
    fc.integer({ min: 0, max: 3_600_000 }),
    fc.array(
      fc.record({
        stepNs: fc.integer({ min: -300_000, max: 1_500_000 }),
        id: fc.integer({ min: 0, max: 0x1fff_ffff }),
        flags: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 127 })),
        channel: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 255 })),
        data: payload,
      }),
      { minLength: 1, maxLength: 60 },
    ),
  )
  .map(([startMs, steps]) => {
    let ns = startMs * 1e6 + 1e9;
    return steps.map(({ stepNs, ...row }) => ({ ...row, t: (ns += stepNs) / 1e6 }));
  });

describe('CAN batches', () => {
  it('come back exactly, stamps included', () => {
    fc.assert(
      fc.property(rows, (written) => {
        const read = decodeFrames(encodeFrames(canFrames(written)));
        expect(rowsOf(read)).toEqual(written);
      }),
    );
  });

  it('say the same to a reader that knows only the schema', () => {
    fc.assert(
      fc.property(rows, (written) => {
        const frames = canFrames(written);
        const message = messageType('vigil.CanFrames').decode(encodeFrames(frames));
        const fields = messageType('vigil.CanFrames').toObject(message, {
          longs: Number,
          arrays: true,
          defaults: true,
        });
        expect(fields['id']).toEqual(written.map(({ id }) => id));
        expect(Array.from(fields['length'] as Uint8Array)).toEqual(written.map(({ data }) => data.length));
        const { seconds, nanos } = fields['timestamp'] as { seconds: number; nanos: number };
        let ns = seconds * 1e9 + nanos;
        const stamps = (fields['timeDeltaNs'] as number[]).map((delta) => (ns += delta) / 1e6);
        expect(stamps).toEqual(written.map(({ t }) => t));
      }),
      { numRuns: 30 },
    );
  });

  it('are read from what another protobuf writer wrote', () => {
    const encoded = messageType('vigil.CanFrames').encode({
      timestamp: { seconds: 3, nanos: 500_000_000 },
      timeDeltaNs: [0, 250_000, -1_000],
      id: [0x123, 0x1fff_ffff, 0],
      flags: Uint8Array.of(0, 1, 0),
      length: Uint8Array.of(2, 0, 1),
      data: Uint8Array.of(0xde, 0xad, 0x7f),
    });
    expect(rowsOf(decodeFrames(encoded.finish()))).toEqual([
      { t: 3500, id: 0x123, flags: 0, channel: 0, data: Uint8Array.of(0xde, 0xad) },
      { t: 3500.25, id: 0x1fff_ffff, flags: 1, channel: 0, data: new Uint8Array(0) },
      { t: 3500.249, id: 0, flags: 0, channel: 0, data: Uint8Array.of(0x7f) },
    ]);
  });

  it('take a stamp between nanoseconds to the nearest one', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e8, noNaN: true }), (t) => {
        const read = decodeFrames(
          encodeFrames(canFrames([{ t, id: 1, flags: 0, channel: 0, data: new Uint8Array(8) }])),
        );
        expect(Math.abs(read.t[0] - t)).toBeLessThanOrEqual(0.5e-6 + t * 2 ** -52);
        const again = decodeFrames(encodeFrames(read));
        expect(again.t[0]).toBe(read.t[0]);
      }),
    );
  });

  it('split without losing, changing or reordering a frame, none longer than the span', () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 20 }), (written, spanMs) => {
        const batches = [...splitFrames(canFrames(written), spanMs)];
        expect(batches.flatMap(rowsOf)).toEqual(written);
        for (const batch of batches) {
          expect(batch.count).toBeGreaterThan(0);
          for (let i = 1; i < batch.count; i++)
            expect(Math.abs(batch.t[i] - batch.t[0])).toBeLessThan(spanMs);
        }
      }),
    );
  });

  it('stay short in a flood of frames with one stamp', () => {
    const flood = Array.from({ length: 2 * batchMaxFrames + 3 }, () => ({
      t: 5,
      id: 7,
      flags: 0,
      channel: 0,
      data: Uint8Array.of(1),
    }));
    expect([...splitFrames(canFrames(flood))].map(({ count }) => count)).toEqual([
      batchMaxFrames,
      batchMaxFrames,
      3,
    ]);
  });

  it('pack rows that point anywhere into a larger payload buffer', () => {
    const frames: CanFrames = {
      count: 2,
      t: Float64Array.of(1, 2, 99),
      id: Uint32Array.of(10, 11, 99),
      flags: new Uint8Array(3),
      channel: Uint8Array.of(0, 1, 9),
      length: Uint8Array.of(2, 3, 9),
      offset: Uint32Array.of(5, 0, 0),
      data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
    };
    const packed = packFrames(frames);
    expect(packed.data).toEqual(Uint8Array.of(6, 7, 1, 2, 3));
    expect(packed.t).toHaveLength(2);
    expect(rowsOf(decodeFrames(encodeFrames(frames)))).toEqual(rowsOf(packed));
    expect(lastStamp(frames)).toBe(2);
    expect(rowsOf(sliceFrames(frames, 1, 2))).toEqual(rowsOf(packed).slice(1));
  });

  it.each([
    ['no frames', []],
    ['a stamp before the drive', [-1]],
    ['a stamp that is no number', [Number.NaN]],
    ['a gap of seconds', [0, 5000]],
  ])('refuse %s', (_name, stamps) => {
    const written = stamps.map((t) => ({ t, id: 1, flags: 0, channel: 0, data: new Uint8Array(1) }));
    expect(() => encodeFrames(canFrames(written))).toThrow(
      expect.objectContaining({ code: 'CAN_BATCH_INVALID' }),
    );
  });

  it('answer damaged bytes with an error of ours, whatever they are', () => {
    fc.assert(
      fc.property(
        rows,
        fc.nat(),
        fc.integer({ min: 0, max: 255 }),
        fc.boolean(),
        (written, at, value, cut) => {
          const bytes = encodeFrames(canFrames(written)).slice();
          const place = at % bytes.length;
          bytes[place] = value;
          try {
            decodeFrames(cut ? bytes.subarray(0, place) : bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(VigilError);
            expect((error as VigilError).code).toBe('RECORDING_CORRUPT');
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
