import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { vehicleSignals } from '../src/driver/context/vehicle-signals.js';
import type { VehicleContext } from '../src/driver/context/vehicle-context.js';
import {
  initialDriverChange,
  stepDriverChange,
  type ChangeCause,
  type DriverChange,
} from '../src/driver/trip/driver-change.js';
import { timeOfDayHours, wallClock } from '../src/driver/trip/time-of-day.js';
import {
  initialTimeOnTask,
  restMs,
  stepTimeOnTask,
  type TimeOnTask,
} from '../src/driver/trip/time-on-task.js';

describe('time on task', () => {
  const drive = (legs: readonly (readonly [minutes: number, speedKmh: number | null])[]): TimeOnTask => {
    let task = initialTimeOnTask;
    let t = 0;
    for (const [minutes, speedKmh] of legs) {
      const end = t + minutes * 60_000;
      for (; t < end; t += 1000) task = stepTimeOnTask(task, t, speedKmh);
    }
    return task;
  };
  const minutes = (task: TimeOnTask): number => Math.round(task.drivingMs / 60_000);

  it('counts driving and neither counts nor forgets short stops', () => {
    expect(minutes(drive([[60, 100]]))).toBe(60);
    expect(
      minutes(
        drive([
          [60, 100],
          [14, 0],
          [30, 80],
        ]),
      ),
    ).toBe(90);
  });

  it('begins anew after standing for a quarter of an hour', () => {
    expect(
      minutes(
        drive([
          [60, 100],
          [15.1, 0],
        ]),
      ),
    ).toBe(0);
    expect(
      minutes(
        drive([
          [60, 100],
          [20, 0],
          [5, 80],
        ]),
      ),
    ).toBe(5);
  });

  it('takes an unknown speed for driving, and a long silence for a stop', () => {
    expect(minutes(drive([[30, null]]))).toBe(30);
    let task = drive([[60, 100]]);
    const last = task.lastT!;
    expect(minutes(stepTimeOnTask(task, last + restMs - 1, 100))).toBe(60);
    task = stepTimeOnTask(task, last + restMs, 100);
    expect(minutes(task)).toBe(0);
  });

  it('never exceeds the time that passed', () => {
    const step = fc.tuple(
      fc.integer({ min: 0, max: 2_000_000 }),
      fc.option(fc.integer({ min: 0, max: 130 })),
    );
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        let task = initialTimeOnTask;
        let t = 0;
        for (const [ms, speedKmh] of steps) {
          t += ms;
          task = stepTimeOnTask(task, t, speedKmh);
          expect(task.drivingMs).toBeGreaterThanOrEqual(0);
          expect(task.drivingMs).toBeLessThanOrEqual(t);
        }
      }),
    );
  });
});

describe('time of day', () => {
  it('runs on from its last reading for an hour, past midnight, and is unknown else', () => {
    const at = (value: number | null, quality: 'valid' | 'stale' = 'valid'): VehicleContext => ({
      timeOfDayHours: { t: 0, value, quality },
    });
    expect(timeOfDayHours(at(23.75), 1_800_000, null)).toBeCloseTo(0.25, 9);
    expect(timeOfDayHours(at(23.75), 3_700_000, null)).toBeNull();
    expect(timeOfDayHours(at(23.75, 'stale'), 0, null)).toBeNull();
    expect(timeOfDayHours(at(null), 0, null)).toBeNull();
    expect(timeOfDayHours({}, 0, null)).toBeNull();
  });

  const utcMs = Date.parse('2026-06-01T23:30:00Z');
  const valid = (value: number) => ({ t: 0, value, quality: 'valid' as const });

  it('comes of UTC with an offset or a longitude, and of UTC alone not at all', () => {
    const fix: VehicleContext = { utcMs: valid(utcMs) };
    expect(timeOfDayHours(fix, 0, null)).toBeNull();
    expect(timeOfDayHours({ ...fix, longitudeDeg: valid(-75) }, 0, null)).toBeCloseTo(18.5, 9);
    expect(timeOfDayHours({ ...fix, longitudeDeg: valid(135) }, 0, null)).toBeCloseTo(8.5, 9);
    // The offset that somebody gave is the clock on the wall; the sun's is a guess.
    const clock = { utcMs: 0, utcOffsetMin: 120 };
    expect(timeOfDayHours({ ...fix, longitudeDeg: valid(-75) }, 0, clock)).toBeCloseTo(1.5, 9);
  });

  it('comes of the recording where the vehicle says nothing', () => {
    const clock = { utcMs, utcOffsetMin: -300 };
    expect(timeOfDayHours({}, 0, clock)).toBeCloseTo(18.5, 9);
    expect(timeOfDayHours({}, 6 * 3_600_000, clock)).toBeCloseTo(0.5, 9);
    expect(timeOfDayHours({}, 0, { utcMs, utcOffsetMin: null })).toBeNull();
    expect(timeOfDayHours({ timeOfDayHours: valid(3) }, 0, clock)).toBe(3);
  });

  it('is given as ISO 8601 with an offset, or Z for UTC alone', () => {
    expect(wallClock('2026-06-02T01:30:00+02:00')).toEqual({ utcMs, utcOffsetMin: 120 });
    expect(wallClock('2026-06-01T18:00:00-0530')).toEqual({ utcMs, utcOffsetMin: -330 });
    expect(wallClock('2026-06-01T23:30:00Z')).toEqual({ utcMs, utcOffsetMin: null });
    for (const text of ['', 'Z', '23:30', '2026-06-01T23:30:00', '2026-13-01T00:00:00Z'])
      expect(wallClock(text)).toBeNull();
  });

  it('is read from VSS only with an offset or Z', () => {
    const read = vehicleSignals['Vehicle.CurrentLocation.Timestamp'];
    const sample = (value: string) =>
      ({ path: '', t: 5, value, quality: 'valid', reason: '', source: 'test' }) as const;
    expect(read(sample('2026-06-01T23:30:00Z'))).toMatchObject({ name: 'utcMs', value: utcMs });
    expect(read(sample('2026-06-02T01:30:00+02:00'))).toMatchObject({ value: utcMs });
    expect(read(sample('2026-06-01T23:30:00'))).toBeNull();
    expect(read(sample('noon'))).toBeNull();
  });
});

describe('driver change', () => {
  interface Moment {
    readonly t: number;
    readonly face: boolean;
    readonly speedKmh?: number | null;
    readonly seat?: 'OCCUPIED' | 'EMPTY';
    readonly doorOpen?: boolean;
  }

  function causes(moments: readonly Moment[]): (readonly [number, ChangeCause])[] {
    let change: DriverChange = initialDriverChange;
    let lastFaceMs: number | null = null;
    const found: (readonly [number, ChangeCause])[] = [];
    for (const { t, face, speedKmh = 0, seat = 'OCCUPIED', doorOpen = false } of moments) {
      const vehicle: VehicleContext = {
        driverSeat: { t, value: seat, quality: 'valid' },
        driverDoorOpen: { t, value: doorOpen, quality: 'valid' },
      };
      const step = stepDriverChange(change, { now: t, vehicle, speedKmh, faceNow: face, lastFaceMs });
      change = step.change;
      if (step.cause !== null) found.push([t, step.cause]);
      if (face) lastFaceMs = t;
    }
    return found;
  }

  it('is taken for possible once when a face comes back after more than ten seconds', () => {
    const seen = (t: number): Moment => ({ t, face: true, speedKmh: 100 });
    const unseen = (t: number): Moment => ({ t, face: false, speedKmh: 100 });
    expect(causes([seen(0), unseen(5000), seen(10_000), seen(10_040)])).toEqual([]);
    expect(causes([seen(0), unseen(5000), unseen(10_001), seen(10_100), seen(10_140)])).toEqual([
      [10_100, 'faceGone'],
    ]);
  });

  it('is noted with the seat empty or the door open, and comes with the face after it', () => {
    expect(
      causes([
        { t: 0, face: true },
        { t: 1000, face: false, seat: 'EMPTY', doorOpen: true },
        { t: 2000, face: true, doorOpen: true },
        { t: 3000, face: true },
        { t: 4000, face: true },
      ]),
    ).toEqual([[3000, 'seatEmpty']]);
    expect(
      causes([
        { t: 0, face: true, doorOpen: true },
        { t: 50, face: true },
      ]),
    ).toEqual([[50, 'doorOpen']]);
  });

  it('is nothing that a broken door or seat switch makes up while driving', () => {
    for (const speedKmh of [50, null]) {
      const moments = Array.from({ length: 20 }, (_, i) => ({
        t: i * 100,
        face: true,
        speedKmh,
        doorOpen: i % 2 === 0,
        seat: i % 3 === 0 ? ('EMPTY' as const) : ('OCCUPIED' as const),
      }));
      expect(causes(moments)).toEqual([]);
    }
  });
});
