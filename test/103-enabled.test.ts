import { Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { loadPolicy } from '../src/driver/policy/policy.js';
import { fuse, type GraphInput, type GraphOutput } from '../src/fusion.js';
import { Actuators } from '../src/vehicle/actuators.js';
import { VehicleStore } from '../src/vehicle/store.js';
import { loadTree } from '../src/vehicle/tree.js';
import { perform } from './70-support/person.js';

const path = 'Vehicle.ADAS.DMS.IsEnabled';

function graph(): {
  readonly store: VehicleStore;
  readonly actuators: Actuators;
  readonly inputs: Subject<GraphInput>;
  readonly outputs: GraphOutput[];
} {
  const tree = loadTree();
  const store = new VehicleStore({
    tree,
    onListenerError: (error) => {
      throw error;
    },
  });
  const actuators = new Actuators(tree);
  const inputs = new Subject<GraphInput>();
  const outputs: GraphOutput[] = [];
  const driver = { policy: loadPolicy() };
  fuse(inputs, { store, bus: null, driver, actuators }).subscribe((output) => outputs.push(output));
  return { store, actuators, inputs, outputs };
}

/** A look at the centre stack of 4 s, 30 s after `fromMs`. */
function drive(inputs: Subject<GraphInput>, fromMs: number): void {
  const turns = [{ fromMs: 30_000, forMs: 4000, yawDeg: -32, pitchDeg: -20 }];
  let nextTick = fromMs;
  for (const seen of perform({ lengthMs: 40_000, turns })) {
    const observation = { ...seen, t: seen.t + fromMs };
    for (; nextTick <= observation.t; nextTick += 50) inputs.next({ kind: 'tick', t: nextTick });
    inputs.next({ kind: 'observation', observation });
  }
}

describe('Vehicle.ADAS.DMS.IsEnabled', () => {
  it('is on at the start, can be switched off, and is on again with the next journey', () => {
    const { store, actuators, inputs, outputs } = graph();
    const prompts = (): number => outputs.filter(({ kind }) => kind === 'alertStarted').length;
    drive(inputs, 0);
    expect(store.get(path)).toMatchObject({ quality: 'valid', value: true });
    expect(prompts()).toBe(1);

    actuators.request([{ path, value: false, t: 40_000, requester: 'test' }]);
    drive(inputs, 40_050);
    expect(store.get(path).value).toBe(false);
    expect(prompts()).toBe(1);

    inputs.next({ kind: 'journey', t: 80_050 });
    drive(inputs, 80_100);
    expect(store.get(path).value).toBe(true);
    expect(prompts()).toBe(2);
  });

  it('is given up when the graph ends', () => {
    const { actuators, inputs } = graph();
    expect(actuators.ownerOf(path)).toBe('driver');
    inputs.complete();
    expect(actuators.ownerOf(path)).toBeUndefined();
  });
});
