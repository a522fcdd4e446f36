import fc from 'fast-check';
import { take, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { History } from '../src/vehicle/history.js';
import { observe, observeChanges } from '../src/vehicle/observe.js';
import { sampleAgeMs, validValue } from '../src/vehicle/sample.js';
import type { Sample } from '../src/vehicle/sample.js';
import { newStore, thrownBy } from './50-support.js';

const speed = 'Vehicle.Speed';
const gear = 'Vehicle.Powertrain.Transmission.CurrentGear';
const brake = 'Vehicle.Chassis.Brake.PedalPosition';
const state = 'Vehicle.LowVoltageSystemState';

describe('a sample', () => {
  it('exists for every signal from the start, and says why it has no value', () => {
    const { store } = newStore();
    for (const sample of store.snapshot('Vehicle')) {
      expect(sample).toMatchObject({
        value: undefined,
        quality: 'unavailable',
        reason: 'nobody provides it',
        source: '',
      });
      expect(sampleAgeMs(sample, 0)).toBe(Infinity);
    }
    expect(store.history(speed)).toEqual([]);
    store.provide('can', [{ path: speed, maxAgeMs: 100 }]);
    expect(store.get(speed)).toMatchObject({
      quality: 'unavailable',
      reason: 'nothing received yet',
      source: 'can',
    });
  });

  it('carries value, time, quality, reason and source', () => {
    const { store } = newStore();
    const can = store.provide('can', [{ path: speed, maxAgeMs: 100 }]);
    expect(can.write(speed, 1000, 51.5)).toBe(true);
    const sample = store.get(speed);
    expect(sample).toEqual({
      path: speed,
      value: 51.5,
      t: 1000,
      quality: 'valid',
      reason: '',
      source: 'can',
    });
    expect(sampleAgeMs(sample, 1040)).toBe(40);
    expect(validValue(sample)).toBe(51.5);
  });

  it('with an implausible value of a source is stored as invalid, with the reason', () => {
    const { store } = newStore();
    const can = store.provide(
      'can',
      [speed, brake, state].map((path) => ({ path, maxAgeMs: 100 })),
    );
    can.write(brake, 1, 130);
    can.write(speed, 1, NaN);
    can.write(state, 1, 'MELTED');
    expect(store.get(brake)).toMatchObject({
      value: 130,
      quality: 'invalid',
      reason: 'expected 0 to 100 percent, received 130',
    });
    expect(store.get(speed)).toMatchObject({
      value: undefined,
      quality: 'invalid',
      reason: 'expected a finite number, received NaN',
    });
    expect(store.get(state)).toMatchObject({ value: 'MELTED', quality: 'invalid' });
    expect(validValue(store.get(brake))).toBeUndefined();
    expect(store.counters.invalid).toBe(3);
  });

  it('with a wrong type, of a foreign path or without a time is refused', () => {
    const { store } = newStore();
    const can = store.provide('can', [{ path: gear, maxAgeMs: 100 }]);
    expect(thrownBy(() => can.write(gear, 1, 'first')).code).toBe('INVALID_VALUE');
    expect(thrownBy(() => can.write(gear, 1, 1.5)).code).toBe('INVALID_VALUE');
    expect(thrownBy(() => can.write(speed, 1, 1)).code).toBe('NOT_THE_SOURCE');
    expect(thrownBy(() => can.write(gear, NaN, 1)).code).toBe('INVALID_ARGUMENT');
    expect(store.get(gear).quality).toBe('unavailable');
  });

  it('older than the present one is counted as late and changes nothing', () => {
    const { store } = newStore();
    const can = store.provide('can', [{ path: speed, maxAgeMs: 100 }]);
    can.write(speed, 20, 2);
    expect(can.write(speed, 10, 1)).toBe(false);
    expect(can.withdraw(speed, 19, 'late')).toBe(false);
    expect(store.get(speed)).toMatchObject({ value: 2, quality: 'valid' });
    expect(store.counters.late).toBe(2);
    expect(can.write(speed, 20, 3)).toBe(true);
  });
});

describe('sources', () => {
  it('are the only one for their paths, and free them when they close', () => {
    const { store } = newStore();
    const can = store.provide(
      'can',
      [speed, gear].map((path) => ({ path, maxAgeMs: 100 })),
    );
    const error = thrownBy(() =>
      store.provide('gps', [
        { path: brake, maxAgeMs: 9 },
        { path: speed, maxAgeMs: 9 },
      ]),
    );
    expect(error.code).toBe('SIGNAL_ALREADY_PROVIDED');
    expect(error.message).toContain('gps but it is provided by can');
    store.provide('brakes', [{ path: brake, maxAgeMs: 9 }]);

    can.write(speed, 50, 10);
    can.close(40, 'bus off');
    expect(store.get(speed)).toEqual({
      path: speed,
      value: undefined,
      t: 50,
      quality: 'unavailable',
      reason: 'bus off',
      source: 'can',
    });
    expect(store.get(gear)).toMatchObject({ quality: 'unavailable', reason: 'bus off', t: 40 });
    expect(thrownBy(() => can.write(speed, 60, 1)).code).toBe('NOT_THE_SOURCE');
    expect(store.expire(1e9)).toBe(0);
    store.provide('gps', [{ path: speed, maxAgeMs: 9 }]).write(speed, 60, 12);
    expect(store.get(speed)).toMatchObject({ value: 12, source: 'gps', quality: 'valid' });
    can.close(70, 'again');
    expect(store.get(speed).source).toBe('gps');
  });

  it('are refused with unknown or doubled paths or an age that is none', () => {
    const { store } = newStore();
    const provide =
      (...paths: string[]) =>
      () =>
        store.provide(
          'x',
          paths.map((path) => ({ path, maxAgeMs: 5 })),
        );
    expect(thrownBy(provide('Vehicle.Nothing')).code).toBe('UNKNOWN_SIGNAL');
    expect(thrownBy(provide(speed, speed)).code).toBe('INVALID_ARGUMENT');
    expect(thrownBy(() => store.provide('x', [{ path: speed, maxAgeMs: 0 }])).code).toBe('INVALID_ARGUMENT');
    expect(thrownBy(() => store.provide('x', [{ path: speed, maxAgeMs: NaN }])).code).toBe(
      'INVALID_ARGUMENT',
    );
    expect(store.get(speed).source).toBe('');
  });
});

describe('expiry', () => {
  it('makes a valid sample stale after its maximum age, not at it, and once', () => {
    const { store } = newStore();
    const can = store.provide('can', [{ path: speed, maxAgeMs: 100 }]);
    can.write(speed, 1000, 50);
    expect(store.expire(1100)).toBe(0);
    expect(store.get(speed).quality).toBe('valid');
    expect(store.expire(1100.5)).toBe(1);
    expect(store.get(speed)).toEqual({
      path: speed,
      value: 50,
      t: 1000,
      quality: 'stale',
      reason: 'nothing received for more than 100 ms',
      source: 'can',
    });
    expect(store.expire(5000)).toBe(0);
    can.write(speed, 5000, 51);
    expect(store.get(speed).quality).toBe('valid');
  });

  it('delivers in order of deadline, and a listener that writes cannot be overtaken by it', () => {
    const { store } = newStore();
    const can = store.provide('can', [
      { path: speed, maxAgeMs: 100 },
      { path: gear, maxAgeMs: 50 },
      { path: brake, maxAgeMs: Infinity },
    ]);
    can.write(speed, 0, 1);
    can.write(gear, 0, 2);
    can.write(brake, 0, 3);
    const seen: string[] = [];
    store.subscribe('Vehicle', ({ path, quality }) => seen.push(`${path} ${quality}`));
    store.subscribe(gear, ({ quality }) => {
      if (quality === 'stale') can.write(speed, 200, 7);
    });
    store.expire(200);
    expect(seen).toEqual([`${gear} stale`, `${speed} stale`, `${speed} valid`]);
    expect(store.get(speed)).toMatchObject({ value: 7, quality: 'valid' });
    expect(store.get(brake).quality).toBe('valid');
  });
});

describe('history', () => {
  it('keeps the last samples of a path, oldest first, within its bound', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.array(fc.integer()), (capacity, items) => {
        const history = new History<number>(capacity);
        items.forEach((item) => history.push(item));
        expect(history.toArray()).toEqual(items.slice(-capacity));
      }),
    );
    expect(thrownBy(() => new History(0)).code).toBe('INVALID_ARGUMENT');
  });
});

describe('subscriptions', () => {
  it('to a path or a branch see its samples and no others, leaf before branch', () => {
    const { store } = newStore();
    const can = store.provide(
      'can',
      [speed, gear].map((path) => ({ path, maxAgeMs: 100 })),
    );
    const seen: string[] = [];
    store.subscribe('Vehicle.Powertrain', ({ path }) => seen.push(`branch ${path}`));
    store.subscribe(gear, ({ path }) => seen.push(`leaf ${path}`));
    can.write(speed, 1, 1);
    can.write(gear, 1, 1);
    expect(seen).toEqual([`leaf ${gear}`, `branch ${gear}`]);
    expect(thrownBy(() => store.subscribe('Vehicle.Power', () => undefined)).code).toBe('UNKNOWN_SIGNAL');
  });

  it('cost nothing to other paths: 10,000 elsewhere are never looked at', () => {
    const { store } = newStore();
    const others = store.tree.signals.map(({ path }) => path).filter((path) => path !== speed);
    let calls = 0;
    for (let i = 0; i < 10_000; i++) store.subscribe(others[i % others.length], () => (calls += 1));
    store.subscribe('Vehicle.Cabin', () => (calls += 1));
    const can = store.provide('can', [{ path: speed, maxAgeMs: 100 }]);
    let mine = 0;
    store.subscribe(speed, () => (mine += 1));
    const before = store.counters;
    for (let t = 0; t < 100; t++) can.write(speed, t, t);
    expect(store.counters.visited - before.visited).toBe(100);
    expect({ mine, calls }).toEqual({ mine: 100, calls: 0 });
  });

  it('may end or begin during delivery: the ended one is not called, the new one from the next sample on', () => {
    const { store } = newStore();
    const can = store.provide('can', [{ path: speed, maxAgeMs: 100 }]);
    const seen: string[] = [];
    store.subscribe(speed, ({ value }) => {
      if (value !== 1) return;
      second.unsubscribe();
      store.subscribe(speed, (sample) => seen.push(`new ${String(sample.value)}`));
    });
    const second = store.subscribe(speed, () => seen.push('ended'));
    can.write(speed, 1, 1);
    expect(seen).toEqual([]);
    can.write(speed, 2, 2);
    expect(seen).toEqual(['new 2']);
  });

  it('that write see every path in write order, all subscribers alike', () => {
    const { store } = newStore();
    const can = store.provide(
      'can',
      [speed, brake].map((path) => ({ path, maxAgeMs: 100 })),
    );
    const seen: string[] = [];
    store.subscribe(speed, ({ value, t }) => {
      if (value === 1) can.write(speed, t, 2);
      can.write(brake, t, Number(value));
    });
    store.subscribe('Vehicle', ({ path, value }) => seen.push(`${path}=${String(value)}`));
    can.write(speed, 5, 1);
    expect(seen).toEqual([`${speed}=1`, `${speed}=2`, `${brake}=1`, `${brake}=2`]);
  });

  it('that throw are reported and keep nothing from the others', () => {
    const { store, errors } = newStore();
    const can = store.provide('can', [{ path: speed, maxAgeMs: 100 }]);
    const seen: unknown[] = [];
    const broken = new Error('broken listener');
    store.subscribe(speed, () => {
      throw broken;
    });
    store.subscribe(speed, ({ value }) => seen.push(value));
    can.write(speed, 1, 1);
    can.write(speed, 2, 2);
    expect(seen).toEqual([1, 2]);
    expect(errors).toEqual([
      { error: broken, path: speed },
      { error: broken, path: speed },
    ]);
    expect(store.counters).toMatchObject({ failed: 2, delivered: 2, visited: 4 });
  });

  it('that feed themselves are a loop, not a hang', () => {
    const { store } = newStore();
    const can = store.provide('can', [{ path: speed, maxAgeMs: 100 }]);
    const loop = store.subscribe(speed, ({ t }) => void can.write(speed, t, 1));
    expect(thrownBy(() => can.write(speed, 1, 1)).code).toBe('STORE_FEEDBACK_LOOP');
    loop.unsubscribe();
    let calls = 0;
    store.subscribe(speed, () => (calls += 1));
    can.write(speed, 2, 1);
    expect(calls).toBe(1);
  });
});

describe('observables', () => {
  it('give the present sample first, then the further ones, and unsubscribe', () => {
    const { store } = newStore();
    const can = store.provide('can', [{ path: speed, maxAgeMs: 100 }]);
    can.write(speed, 1, 10);
    let result: Sample[] = [];
    observe(store, speed)
      .pipe(take(3), toArray())
      .subscribe((samples) => (result = samples));
    for (let t = 2; t < 6; t++) can.write(speed, t, t * 10);
    expect(result.map(({ value }) => value)).toEqual([10, 20, 30]);
    const before = store.counters.visited;
    can.write(speed, 9, 0);
    expect(store.counters.visited).toBe(before);
  });

  it('of changes pass over samples that repeat value and quality', () => {
    const { store } = newStore();
    const can = store.provide('can', [{ path: gear, maxAgeMs: 100 }]);
    const seen: string[] = [];
    observeChanges(store, gear).subscribe(({ value, quality }) => seen.push(`${String(value)} ${quality}`));
    for (const [t, value] of [
      [1, 1],
      [2, 1],
      [3, 2],
    ])
      can.write(gear, t, value);
    store.expire(500);
    can.write(gear, 600, 2);
    expect(seen).toEqual(['undefined unavailable', '1 valid', '2 valid', '2 stale', '2 valid']);
  });
});

describe('the store against a model', () => {
  const paths = [speed, gear, brake] as const;
  const maxAges = [100, 250, Infinity] as const;
  const step = fc.oneof(
    fc.record({
      type: fc.constant('write' as const),
      path: fc.integer({ min: 0, max: 2 }),
      dt: fc.integer({ min: -50, max: 200 }),
      value: fc.integer({ min: -20, max: 140 }),
    }),
    fc.record({
      type: fc.constant('invalidate' as const),
      path: fc.integer({ min: 0, max: 2 }),
      dt: fc.integer({ min: -50, max: 200 }),
    }),
    fc.record({ type: fc.constant('expire' as const), dt: fc.integer({ min: 0, max: 300 }) }),
  );

  it('agrees on value, time and quality after any sequence of writes, refusals and expiries', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { store } = newStore(5);
        const delivered = paths.map((): Sample[] => []);
        paths.forEach((path, i) => store.subscribe(path, (sample) => delivered[i].push(sample)));
        const provided = paths.map((path, i) => ({ path, maxAgeMs: maxAges[i] }));
        const can = store.provide('can', provided);
        const model = paths.map(() => ({
          value: undefined as number | undefined,
          t: -Infinity,
          quality: 'unavailable',
        }));
        let now = 0;
        for (const event of steps) {
          if (event.type === 'expire') {
            now += event.dt;
            store.expire(now);
            model.forEach((entry, i) => {
              if (entry.quality === 'valid' && now > entry.t + maxAges[i]) entry.quality = 'stale';
            });
          } else {
            const i = event.path;
            const t = now + event.dt;
            const entry = model[i];
            const value = event.type === 'write' ? event.value : undefined;
            if (value === undefined) can.invalidate(paths[i], t, 'checksum');
            else can.write(paths[i], t, value);
            if (t >= entry.t) {
              const fits =
                value !== undefined && (i === 0 || (i === 1 ? value <= 127 : value >= 0 && value <= 100));
              model[i] = { value, t, quality: fits ? 'valid' : 'invalid' };
            }
          }
          paths.forEach((path, i) => {
            expect(store.get(path)).toMatchObject(model[i]);
            expect(store.get(path).reason === '').toBe(model[i].quality === 'valid');
          });
        }
        paths.forEach((path, i) => {
          expect(store.history(path)).toEqual(delivered[i].slice(-5));
          expect(store.get(path)).toBe(delivered[i].at(-1));
        });
      }),
    );
  });
});
