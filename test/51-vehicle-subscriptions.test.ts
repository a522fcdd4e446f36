import { take, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { observe, observeChanges } from '../src/vehicle/observe.js';
import type { Sample } from '../src/vehicle/sample.js';
import { newStore, thrownBy } from './50-support.js';
import { brake, gear, speed } from './51-support.js';

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
