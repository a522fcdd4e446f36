import { setTimeout as sleep } from 'node:timers/promises';
import { MessageChannel } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { StoreLink } from '../src/vehicle/store-link.js';
import { VehicleStore } from '../src/vehicle/store.js';
import { loadTree } from '../src/vehicle/tree.js';
import { thrownBy } from './50-support.js';
import { speed, state } from './51-support.js';

const tree = loadTree();
const window = 'Vehicle.Cabin.Door.Row1.DriverSide.Window.Switch';
const clock = { now: () => 1000 };
const links: StoreLink[] = [];
afterEach(() => {
  for (const link of links.splice(0)) link.close();
});

function newStore(): VehicleStore {
  return new VehicleStore({
    tree,
    onListenerError: (error) => {
      throw error;
    },
  });
}

/** `left` provides all but the state, `right` the state. */
function linked(left: VehicleStore, right: VehicleStore) {
  const { port1, port2 } = new MessageChannel();
  const refused: string[] = [];
  const toRight = new StoreLink(left, port1, { name: 'right', mirrors: (path) => path === state, clock });
  const toLeft = new StoreLink(right, port2, {
    name: 'left',
    mirrors: (path) => path !== state,
    clock,
    onRefused: (_, message) => refused.push(message),
  });
  links.push(toRight, toLeft);
  const flush = async (): Promise<void> => {
    toRight.flush();
    toLeft.flush();
    await sleep(20);
  };
  return { toRight, toLeft, refused, flush };
}

describe('linked stores', () => {
  it('know what the other one provides', async () => {
    const [left, right] = [newStore(), newStore()];
    left.provide('can', [{ path: speed, maxAgeMs: 100 }]).write(speed, 5, 42);
    right.provide('assistant', [{ path: state, maxAgeMs: Infinity }]).write(state, 6, 'ON');
    const { flush } = linked(left, right);
    await flush();
    expect(right.get(speed)).toEqual(left.get(speed));
    expect(left.get(state)).toEqual(right.get(state));
  });

  it('pass actuations to their owner, and its refusal back', async () => {
    const [left, right] = [newStore(), newStore()];
    const asked: unknown[] = [];
    left.provideActuator(window, 'body', ({ value }) => {
      if (value === 'CLOSE') throw new Error('something is in the way');
      asked.push(value);
    });
    const { flush, refused } = linked(left, right);
    await flush();
    right.actuate({ path: window, value: 'OPEN', t: 1, requester: 'assistant' });
    right.actuate({ path: window, value: 'CLOSE', t: 2, requester: 'assistant' });
    await sleep(20);
    expect(asked).toEqual(['OPEN']);
    expect(refused).toHaveLength(1);
    expect(refused[0]).toMatch(/something is in the way/);
  });

  it('pass actuations through a store in the middle', async () => {
    const [left, middle, right] = [newStore(), newStore(), newStore()];
    const asked: unknown[] = [];
    right.provideActuator(window, 'embedder', ({ value }) => asked.push(value));
    const { port1, port2 } = new MessageChannel();
    const none = (): boolean => false;
    const first = new StoreLink(middle, port1, { name: 'embedder', mirrors: none, clock });
    const second = new StoreLink(right, port2, { name: 'driver service', mirrors: none, clock });
    links.push(first, second);
    const { flush } = linked(middle, left);
    second.flush();
    await sleep(20);
    await flush();
    left.actuate({ path: window, value: 'OPEN', t: 1, requester: 'assistant' });
    await sleep(30);
    expect(asked).toEqual(['OPEN']);
  });

  it('say that the other one is gone', async () => {
    const [left, right] = [newStore(), newStore()];
    left.provide('can', [{ path: speed, maxAgeMs: 100 }]).write(speed, 5, 42);
    left.provideActuator(window, 'body', () => undefined);
    const { toRight, flush } = linked(left, right);
    await flush();
    toRight.close();
    await sleep(20);
    expect(right.get(speed)).toMatchObject({ quality: 'unavailable', reason: 'left ended', t: 1000 });
    const request = { path: window, value: 'OPEN', t: 1, requester: 'assistant' };
    expect(thrownBy(() => right.actuate(request)).code).toBe('ACTUATOR_UNAVAILABLE');
    await flush();
  });
});
