import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { History } from '../src/vehicle/history.js';
import { sampleAgeMs, validValue } from '../src/vehicle/sample.js';
import type { Sample } from '../src/vehicle/sample.js';
import { newStore, thrownBy } from './50-support.js';
import { brake, gear, speed, state } from './51-support.js';

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
