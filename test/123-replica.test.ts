import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Replica, storeFeed } from '../src/vehicle/replica.js';
import { VehicleStore } from '../src/vehicle/store.js';
import { loadTree } from '../src/vehicle/tree.js';
import { thrownBy } from './50-support.js';
import { brake, speed, state } from './51-support.js';

const tree = loadTree();
const window = 'Vehicle.Cabin.Door.Row1.DriverSide.Window.Switch';
const isState = (path: string): boolean => path === state;

function newStore(): VehicleStore {
  return new VehicleStore({
    tree,
    onListenerError: (error) => {
      throw error;
    },
  });
}

/** A store that measures, and a replica of it that has one signal of its own. */
function pair() {
  const master = newStore();
  const copy = newStore();
  const source = master.provide('can', [
    { path: speed, maxAgeMs: 100 },
    { path: brake, maxAgeMs: 100 },
  ]);
  const feed = storeFeed(master, (path) => !isState(path));
  const asked: unknown[] = [];
  const replica = new Replica(copy, {
    name: 'driver service',
    mirrors: (path) => !isState(path),
    actuate: (request) => asked.push(request),
  });
  return { master, copy, source, feed, replica, asked };
}

describe('a replica of a vehicle store', () => {
  it('has the samples as they are: time, quality, reason, source', () => {
    const { master, copy, source, feed, replica } = pair();
    source.write(speed, 10, 50);
    source.invalidate(brake, 12, 'checksum', 3);
    replica.put(feed.take());
    expect(copy.get(speed)).toEqual(master.get(speed));
    expect(copy.get(brake)).toEqual(master.get(brake));
    expect(copy.get(brake)).toMatchObject({ quality: 'invalid', reason: 'checksum', source: 'can', t: 12 });
  });

  it('is told that an unchanged value is fresh, and stale when it is', () => {
    const { master, copy, source, feed, replica } = pair();
    source.write(speed, 10, 50);
    replica.put(feed.take());
    source.write(speed, 20, 50);
    replica.put(feed.take());
    expect(copy.get(speed).t).toBe(20);
    copy.expire(1e9);
    expect(copy.get(speed).quality, 'found where it is measured, not here').toBe('valid');
    master.expire(500);
    replica.put(feed.take());
    expect(copy.get(speed)).toMatchObject({ quality: 'stale', t: 20, value: 50 });
  });

  it('ends as its master whatever was written and however often it was passed on', () => {
    const step = fc.record({
      path: fc.constantFrom(speed, brake),
      value: fc.integer({ min: -20, max: 120 }),
      gap: fc.integer({ min: 0, max: 150 }),
      passes: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { master, copy, source, feed, replica } = pair();
        let t = 0;
        for (const { path, value, gap, passes } of steps) {
          t += gap;
          source.write(path, t, value);
          master.expire(t);
          if (passes) replica.put(feed.take());
        }
        replica.put(feed.take());
        for (const path of new Set(steps.map((one) => one.path))) {
          expect(copy.get(path)).toEqual(master.get(path));
        }
      }),
    );
  });

  it('keeps its own signals, which nobody there may overwrite', () => {
    const { copy, replica } = pair();
    const own = copy.provide('assistant', [{ path: state, maxAgeMs: Infinity }]);
    own.write(state, 1, 'ON');
    replica.put([{ path: state, value: 'OFF', t: 5, quality: 'valid', reason: '', source: 'x' }]);
    expect(copy.get(state).value).toBe('ON');
    expect(thrownBy(() => copy.provide('second', [{ path: speed, maxAgeMs: 1 }])).code).toBe(
      'SIGNAL_ALREADY_PROVIDED',
    );
  });

  it('passes requests on for actuators that have an owner there, and refuses others at once', () => {
    const { master, copy, replica, asked } = pair();
    const request = { path: window, value: 'OPEN', t: 3, requester: 'assistant' };
    expect(thrownBy(() => copy.actuate(request)).code).toBe('ACTUATOR_UNAVAILABLE');
    const claim = master.provideActuator(window, 'body', () => undefined);
    replica.ownedThere(master.ownedActuators());
    copy.actuate(request);
    expect(asked).toEqual([request]);
    claim.release();
    replica.ownedThere(master.ownedActuators());
    expect(thrownBy(() => copy.actuate(request)).code).toBe('ACTUATOR_UNAVAILABLE');
  });

  it('says that everything is unavailable when the other side is gone', () => {
    const { master, copy, source, feed, replica } = pair();
    source.write(speed, 10, 50);
    master.provideActuator(window, 'body', () => undefined);
    replica.put(feed.take());
    replica.ownedThere(master.ownedActuators());
    replica.lost(99, 'the driver service ended');
    replica.lost(100, 'twice');
    expect(copy.get(speed)).toMatchObject({
      quality: 'unavailable',
      t: 99,
      value: undefined,
      reason: 'the driver service ended',
    });
    replica.put([{ path: speed, value: 1, t: 200, quality: 'valid', reason: '', source: 'can' }]);
    expect(copy.get(speed).quality).toBe('unavailable');
    const request = { path: window, value: 'OPEN', t: 3, requester: 'assistant' };
    expect(thrownBy(() => copy.actuate(request)).code).toBe('ACTUATOR_UNAVAILABLE');
  });
});
