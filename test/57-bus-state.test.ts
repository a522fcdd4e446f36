import { Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { demoCanFrames } from '../hil/demo/can-trace.js';
import { loadDbc } from '../src/can/dbc-parser.js';
import type { BusState } from '../src/can/live/can-bus.js';
import { loadPolicy } from '../src/driver/policy/policy.js';
import { fuse, type GraphInput } from '../src/fusion.js';
import { VehicleBus } from '../src/vehicle/bus.js';
import { busFault, followBusState } from '../src/vehicle/bus-state.js';
import { dbcFileOf, loadMapping, readMapping, standardMappingFile } from '../src/vehicle/mapping.js';
import { newStore } from './50-support.js';

const file = standardMappingFile('vigil-demo');
const { database } = loadDbc(dbcFileOf(readMapping(file)));
const frames = demoCanFrames({ database, durationMs: 400 });
const mapped = loadMapping(file, newStore().store.tree, database).provided.map(({ path }) => path);

const faults: readonly (readonly [BusState, string])[] = [
  [{ kind: 'bus-off' }, 'bus off'],
  [{ kind: 'down', reason: 'interface-down' }, 'bus down: interface down'],
  [{ kind: 'down', reason: 'interface-missing' }, 'bus down: interface missing'],
  [{ kind: 'down', reason: 'connection-lost' }, 'bus down: connection lost'],
  [{ kind: 'closed' }, 'bus closed'],
];

describe('the state of a live bus', () => {
  it.each(faults)(
    '%j makes every mapped signal unavailable at once, and frames bring them back',
    (state, reason) => {
      const { store } = newStore();
      const bus = new VehicleBus(store, database, loadMapping(file, store.tree, database));
      bus.receive(frames);
      followBusState(bus, { kind: 'up', controller: 'passive' }, 400);
      expect(store.get('Vehicle.Speed').quality).toBe('valid');
      followBusState(bus, state, 401);
      for (const path of mapped) {
        expect(store.get(path)).toMatchObject({ quality: 'unavailable', reason, t: 401, value: undefined });
      }
      followBusState(bus, { kind: 'up', controller: 'active' }, 402);
      expect(store.get('Vehicle.Speed').quality).toBe('unavailable');
      bus.receive({ ...frames, t: frames.t.map((t) => t + 500) });
      expect(store.get('Vehicle.Speed').quality).toBe('valid');
    },
  );

  it('is no fault while frames may come', () => {
    for (const controller of ['active', 'warning', 'passive'] as const) {
      expect(busFault({ kind: 'up', controller })).toBeUndefined();
      expect(busFault({ kind: 'silent', controller })).toBeUndefined();
    }
  });

  it('reaches the store through the graph', () => {
    const { store } = newStore();
    const bus = new VehicleBus(store, database, loadMapping(file, store.tree, database));
    const inputs = new Subject<GraphInput>();
    fuse(inputs, { store, bus, driver: { policy: loadPolicy() } }).subscribe();
    inputs.next({ kind: 'can', t: 400, frames });
    inputs.next({ kind: 'bus', t: 410, state: { kind: 'down', reason: 'interface-down' } });
    expect(store.get('Vehicle.Speed')).toMatchObject({ quality: 'unavailable', t: 410 });
  });
});
