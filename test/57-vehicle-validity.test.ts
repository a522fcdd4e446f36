import { describe, expect, it } from 'vitest';
import { demoCanFrames } from '../hil/demo/can-trace.js';
import { loadDbc } from '../src/can/dbc-parser.js';
import { messageByName, signalByName } from '../src/can/dbc.js';
import { readBits, writeBits } from '../src/can/encode.js';
import { FrameBatchBuilder } from '../src/can/frame-batch.js';
import { FrameFlag, type CanFrames } from '../src/can/frames.js';
import { AliveWatch } from '../src/can/validity/alive.js';
import { usualWindows } from '../src/can/validity/e2e-state.js';
import { profile1Checksum } from '../src/can/validity/profile1.js';
import { defaultAlive } from '../src/can/validity/rules.js';
import { tickMs } from '../src/fusion.js';
import { VehicleBus } from '../src/vehicle/bus.js';
import {
  compileMapping,
  dbcFileOf,
  loadMapping,
  readMapping,
  standardMappingFile,
} from '../src/vehicle/mapping.js';
import type { Sample } from '../src/vehicle/sample.js';
import type { VehicleStore } from '../src/vehicle/store.js';
import { newStore, thrownBy } from './50-support.js';

const file = standardMappingFile('vigil-demo');
const { database } = loadDbc(dbcFileOf(readMapping(file)));
const motion = messageByName(database, 'VehicleMotion')!;
const speedSignal = signalByName(motion, 'VehicleSpeed')!;
const counterSignal = signalByName(motion, 'AliveCounter')!;
const speedPath = 'Vehicle.Speed';
const anglePath = 'Vehicle.Chassis.SteeringWheel.Vigil.Angle';

interface Frame {
  readonly t: number;
  readonly id: number;
  readonly flags: number;
  readonly payload: Uint8Array;
}

/** The demo drive's frames as objects, so that a fault can be put into them. */
function framesOf(frames: CanFrames): Frame[] {
  return Array.from({ length: frames.count }, (_, i) => ({
    t: frames.t[i],
    id: frames.id[i],
    flags: frames.flags[i],
    payload: frames.data.slice(frames.offset[i], frames.offset[i] + frames.length[i]),
  }));
}

const durationMs = 12_000;
const drive = framesOf(demoCanFrames({ database, durationMs }));

/** A message with another payload and a checksum that fits it. */
function rewritten(frame: Frame, change: (payload: Uint8Array) => void): Frame {
  const payload = frame.payload.slice();
  change(payload);
  payload[0] = profile1Checksum(frame.id, payload);
  return { ...frame, payload };
}

interface Run {
  readonly store: VehicleStore;
  /** Every change of the speed's quality or reason, with the tick or batch at which it was there. */
  readonly changes: readonly { readonly atMs: number; readonly sample: Sample }[];
}

/** Batches of 10 ms and ticks of 50 ms on the drive clock, as the graph has them. */
function run(frames: readonly Frame[], path = speedPath, untilMs = durationMs): Run {
  const { store, errors } = newStore();
  const bus = new VehicleBus(store, database, loadMapping(file, store.tree, database));
  const changes: { atMs: number; sample: Sample }[] = [];
  let next = 0;
  let last = store.get(path);
  for (let now = 10; now <= untilMs; now += 10) {
    const builder = new FrameBatchBuilder();
    for (; next < frames.length && frames[next].t <= now; next++) {
      const { t, id, payload, flags } = frames[next];
      builder.add(t, id, payload, flags);
    }
    bus.receive(builder.take());
    if (now % tickMs === 0) {
      bus.tick(now);
      store.expire(now);
    }
    const sample = store.get(path);
    if (sample.quality !== last.quality || sample.reason !== last.reason) changes.push({ atMs: now, sample });
    last = sample;
  }
  expect(errors).toEqual([]);
  return { store, changes };
}

/** What became of the speed from `fromMs` on: quality, reason and how long after `fromMs` it was there. */
function after({ changes }: Run, fromMs: number): { quality: string; reason: string; afterMs: number }[] {
  return changes
    .filter(({ atMs }) => atMs > fromMs)
    .map(({ atMs, sample: { quality, reason } }) => ({ quality, reason, afterMs: atMs - fromMs }));
}

describe('a sound drive', () => {
  it('is valid from the first frame on, in every mapped signal', () => {
    const { store, changes } = run(drive);
    expect(changes.map(({ sample }) => sample.quality)).toEqual(['valid']);
    expect(store.counters).toMatchObject({ invalid: 0, expired: 0, late: 0 });
  });
});

describe('the whole demo drive', () => {
  it('raises nothing in 200 s, stop and go included', () => {
    const { store } = newStore();
    const bus = new VehicleBus(store, database, loadMapping(file, store.tree, database));
    const faults: Sample[] = [];
    store.subscribe('Vehicle', (sample) => {
      if (sample.quality !== 'valid') faults.push(sample);
    });
    const frames = demoCanFrames({ database });
    for (let from = 0, now = tickMs; from < frames.count; now += tickMs) {
      let to = from;
      while (to < frames.count && frames.t[to] <= now) to += 1;
      const { t, id, flags, channel, length, offset } = frames;
      const [cut, count] = [[from, to] as const, to - from];
      bus.receive({
        count,
        t: t.slice(...cut),
        id: id.slice(...cut),
        flags: flags.slice(...cut),
        channel: channel.slice(...cut),
        length: length.slice(...cut),
        offset: offset.slice(...cut),
        data: frames.data,
      });
      bus.tick(now);
      from = to;
    }
    expect(faults).toEqual([]);
    for (const { path } of readMapping(file).entries)
      expect(store.get(path), path).toMatchObject({ quality: 'valid' });
  });
});

describe('each fault is seen within its stated time (docs/validity.md)', () => {
  const faultMs = 4000;

  it('a wrong checksum: with the frame itself; the last good value stays to be seen', () => {
    const broken = drive.map((frame) => {
      if (frame.id !== motion.id || frame.t < faultMs || frame.t > faultMs + 200) return frame;
      const payload = frame.payload.slice();
      payload[3] ^= 0x10;
      return { ...frame, payload };
    });
    const result = run(broken);
    const [fault, recovery] = after(result, faultMs);
    expect(fault).toMatchObject({ quality: 'invalid', reason: 'checksum of VehicleMotion wrong' });
    expect(fault.afterMs).toBeLessThanOrEqual(30);
    expect(recovery).toMatchObject({ quality: 'valid', reason: '' });
    expect(recovery.afterMs).toBeLessThanOrEqual(230);
    const { sample } = result.changes[1];
    expect(sample.t).toBeLessThan(faultMs);
    expect(sample.t).toBeGreaterThan(faultMs - 25);
    expect(typeof sample.value).toBe('number');
  });

  it('a stuck counter: after three repetitions', () => {
    let stuck: Uint8Array | undefined;
    const broken = drive.map((frame) => {
      if (frame.id !== motion.id || frame.t < faultMs) return frame;
      stuck ??= frame.payload;
      return rewritten(frame, (payload) =>
        writeBits(payload, counterSignal, readBits(stuck!, counterSignal)),
      );
    });
    const [fault, ...more] = after(run(broken), faultMs);
    expect(fault).toMatchObject({ quality: 'invalid', reason: 'counter of VehicleMotion stuck' });
    expect(fault.afterMs).toBeLessThanOrEqual(90);
    expect(more).toEqual([]);
  });

  it('a frame sent again and again as a whole (a stuck sender): the same', () => {
    let stuck: Uint8Array | undefined;
    const broken = drive.map((frame) => {
      if (frame.id !== motion.id || frame.t < faultMs) return frame;
      stuck ??= frame.payload;
      return { ...frame, payload: stuck };
    });
    const [fault] = after(run(broken), faultMs);
    expect(fault).toMatchObject({ quality: 'invalid', reason: 'counter of VehicleMotion stuck' });
    expect(fault.afterMs).toBeLessThanOrEqual(90);
  });

  it('a jump of the counter: with the frame, and the next one counts again', () => {
    let jumped = false;
    const broken = drive.map((frame) => {
      if (frame.id !== motion.id || frame.t < faultMs) return frame;
      jumped = true;
      return rewritten(frame, (payload) => {
        const counter = (Number(readBits(payload, counterSignal)) + 8) % 15;
        writeBits(payload, counterSignal, BigInt(counter));
      });
    });
    expect(jumped).toBe(true);
    const [fault, recovery] = after(run(broken), faultMs);
    expect(fault).toMatchObject({ quality: 'invalid', reason: 'counter of VehicleMotion jumped' });
    expect(fault.afterMs).toBeLessThanOrEqual(30);
    expect(recovery.quality).toBe('valid');
    expect(recovery.afterMs - fault.afterMs).toBeLessThanOrEqual(30);
  });

  it('one lost frame in three is no fault', () => {
    const thinned = drive.filter((frame, i) => frame.id !== motion.id || i % 3 !== 0);
    const { changes } = run(thinned);
    expect(changes.map(({ sample }) => sample.quality)).toEqual(['valid']);
  });

  it('a speed that stands still while the wheels slow down or pull away', () => {
    // Where the true speed changes fastest.
    const speeds = drive
      .filter(({ id }) => id === motion.id)
      .map(({ t, payload }) => ({ t, kmh: Number(readBits(payload, speedSignal)) / 100 }));
    const kmhAt = (t: number): number => speeds.findLast((entry) => entry.t <= t)?.kmh ?? Number.NaN;
    const starts = Array.from({ length: 80 }, (_, i) => 1000 + i * 100);
    const change = (t: number): number => Math.abs(kmhAt(t + 2500) - kmhAt(t));
    const frozenMs = starts.reduce((best, t) => (change(t) > change(best) ? t : best), starts[0]);
    expect(change(frozenMs)).toBeGreaterThan(4);
    let frozen: bigint | undefined;
    const broken = drive.map((frame) => {
      if (frame.id !== motion.id || frame.t < frozenMs) return frame;
      frozen ??= readBits(frame.payload, speedSignal);
      return rewritten(frame, (payload) => writeBits(payload, speedSignal, frozen!));
    });
    const movedMs = starts
      .concat(Array.from({ length: 300 }, (_, i) => frozenMs + i * 10))
      .filter((t) => t > frozenMs && Math.abs(kmhAt(t) - kmhAt(frozenMs)) > 3.3)
      .reduce((a, b) => Math.min(a, b), Infinity);
    const result = run(broken);
    const [fault, ...more] = after(result, frozenMs);
    expect(fault.quality).toBe('invalid');
    expect(fault.reason).toMatch(/^VehicleSpeed frozen at .* while WheelSpeeds moved by more than 3$/);
    expect(fault.afterMs).toBeLessThanOrEqual(Math.max(500, movedMs - frozenMs) + 30);
    expect(more).toEqual([]);
    // The rest of the message is sound.
    expect(result.store.get('Vehicle.AngularVelocity.Yaw').quality).toBe('valid');
  });

  it('a message that stops: ten periods, and the tick that notices', () => {
    const stopped = drive.filter(({ id, t }) => id !== motion.id || t < faultMs);
    const [fault] = after(run(stopped), faultMs);
    expect(fault).toMatchObject({ quality: 'stale', reason: 'no VehicleMotion for more than 200 ms' });
    expect(fault.afterMs).toBeLessThanOrEqual(200 + tickMs);
    const steering = messageByName(database, 'SteeringWheel')!.id;
    const [angle] = after(
      run(
        drive.filter(({ id, t }) => id !== steering || t < faultMs),
        anglePath,
      ),
      faultMs,
    );
    expect(angle).toMatchObject({ quality: 'stale', reason: 'no SteeringWheel for more than 100 ms' });
    expect(angle.afterMs).toBeLessThanOrEqual(100 + tickMs);
  });

  it('a silent bus: 500 ms at most, also for what comes once a second', () => {
    const silent = drive.filter(({ t }) => t < faultMs);
    const [speed] = after(run(silent), faultMs);
    expect(speed).toMatchObject({ quality: 'stale' });
    const odometer = run(silent, 'Vehicle.TraveledDistance');
    const [fault] = after(odometer, faultMs);
    expect(fault).toMatchObject({ quality: 'stale', reason: 'bus silent for more than 500 ms' });
    expect(fault.afterMs).toBeLessThanOrEqual(500 + tickMs);
    for (const { path } of readMapping(file).entries)
      expect(odometer.store.get(path).quality, path).not.toBe('valid');
  });

  it('bus-off: with its error frame; and back with the first frame after it', () => {
    const off: Frame = {
      t: faultMs,
      id: 0x40,
      flags: FrameFlag.error,
      payload: new Uint8Array(8),
    };
    const broken = drive.filter(({ t }) => t <= faultMs || t > faultMs + 300);
    broken.splice(
      broken.findIndex(({ t }) => t > faultMs),
      0,
      off,
    );
    const result = run(broken);
    const [fault, recovery] = after(result, faultMs - 10);
    expect(fault).toMatchObject({ quality: 'unavailable', reason: 'bus off' });
    expect(fault.afterMs).toBeLessThanOrEqual(20);
    expect(recovery.quality).toBe('valid');
    expect(result.changes.at(-1)?.sample.quality).toBe('valid');
  });
});

describe('rules that do not fit', () => {
  it('are refused when the bus is made: a frozen rule over what is not mapped', () => {
    const { store } = newStore();
    const mapping = loadMapping(file, store.tree, database);
    for (const signal of ['Nowhere', 'YawRate'])
      for (const message of ['VehicleMotion', 'Nowhere']) {
        const frozen = [{ ...mapping.validity.frozen[0], message, signal }];
        const make = (): VehicleBus =>
          new VehicleBus(newStore().store, database, {
            ...mapping,
            validity: { ...mapping.validity, frozen },
          });
        if (message === 'VehicleMotion' && signal === 'YawRate') expect(make()).toBeInstanceOf(VehicleBus);
        else expect(thrownBy(make).code).toBe('VALIDITY_INVALID');
      }
  });
});

describe('the E2E state machine on the bus', () => {
  it('holds a value back until it is valid, and calls it invalid until enough good frames came', () => {
    const { store } = newStore();
    const mapping = loadMapping(file, store.tree, database);
    const rules = mapping.validity.rules.map((rule) => ({ ...rule, stateMachine: usualWindows }));
    const bus = new VehicleBus(store, database, { ...mapping, validity: { ...mapping.validity, rules } });
    const qualities = drive
      .filter(({ id }) => id === motion.id)
      .slice(0, 16)
      .map((frame, i) => {
        const payload = frame.payload.slice();
        if (i >= 4 && i < 7) payload[3] ^= 1;
        const builder = new FrameBatchBuilder();
        builder.add(frame.t, frame.id, payload);
        bus.receive(builder.take());
        return store.get(speedPath).quality;
      });
    expect(qualities).toEqual([
      'unavailable',
      ...['valid', 'valid', 'valid'],
      // Three frames with a wrong checksum, then three more until three good ones and at most one error are in the window.
      ...['invalid', 'invalid', 'invalid', 'invalid', 'invalid', 'invalid'],
      ...['valid', 'valid', 'valid', 'valid', 'valid', 'valid'],
    ]);
  });
});

describe('alive timeouts', () => {
  it('are learnt where the DBC states no period, and not for what comes irregularly', () => {
    const watch = new AliveWatch(
      defaultAlive,
      new Map([
        ['cyclic', undefined],
        ['onChange', undefined],
        ['stated', 20],
      ]),
    );
    for (let i = 0; i <= 10; i++) {
      watch.seen('cyclic', i * 50);
      watch.seen('onChange', 2 ** i);
    }
    expect(watch.timeoutMs('cyclic')).toBe(500);
    expect(watch.timeoutMs('onChange')).toBeUndefined();
    expect(watch.timeoutMs('stated')).toBe(200);
    expect(watch.takeOverdue(1000)).toEqual([]);
    expect(watch.takeOverdue(1000.5)).toEqual([{ message: 'cyclic', timeoutMs: 500 }]);
    expect(watch.takeOverdue(1e9)).toEqual([]);
    watch.seen('cyclic', 1e9);
    expect(watch.takeOverdue(1e9 + 501)).toEqual([{ message: 'cyclic', timeoutMs: 500 }]);
  });

  it('hold for a mapping without validity rules, too', () => {
    const { store } = newStore();
    const bare = compileMapping(readMapping(file), store.tree, database);
    const bus = new VehicleBus(store, database, bare);
    bus.receive(demoCanFrames({ database, durationMs: 100 }));
    expect(store.get(speedPath).quality).toBe('valid');
    bus.tick(301);
    expect(store.get(speedPath)).toMatchObject({
      quality: 'stale',
      reason: 'no VehicleMotion for more than 200 ms',
    });
  });
});
