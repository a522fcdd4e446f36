import { Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { WatchedWorld } from '../hil/eval/dialog-world.js';
import { driverOf } from '../hil/eval/dialog-driver.js';
import { SyntheticCabin } from '../hil/synthetic/cabin.js';
import { loadDialog } from '../src/assistant/dialog/turn.js';
import { watchedPaths } from '../src/assistant/dialog/watched-paths.js';
import type { AssistantOutput } from '../src/assistant/exchange.js';
import { Grammars } from '../src/assistant/grammars.js';
import { loadCommands } from '../src/assistant/grammar/load.js';
import { assistantPaths } from '../src/assistant/publisher.js';
import { loadPolicy } from '../src/driver/policy/policy.js';
import { fuse, type GraphInput, type GraphOutput } from '../src/fusion.js';
import { VehicleStore } from '../src/vehicle/store.js';
import { loadTree } from '../src/vehicle/tree.js';

const tree = loadTree();
const config = loadDialog(tree);
const grammars = new Grammars(loadCommands());

describe('driver and assistant in one graph', () => {
  it("the driver graph's suggestion of a rest alone makes the assistant offer one", () => {
    // Nothing but the suggestion counts: neither the state nor the estimated sleepiness.
    const { arbitration } = config;
    const restOffer = { ...arbitration.restOffer, states: [], kss: 10 };
    const options = { config: { ...config, arbitration: { ...arbitration, restOffer } }, grammars };
    const acts = [
      { at: 200, driver: 'slowLids' },
      { at: 290, driver: 'ahead' },
    ] as const;
    const driver = driverOf(acts);
    if (driver === null) throw new Error('the driver does something');
    const world = new WatchedWorld(options, driver.perform, driver.settleMs);
    const cabin = new SyntheticCabin(world.store, watchedPaths(config));
    cabin.set('Vehicle.Speed', 110, 0);
    const restStop = { name: 'Rest Area', latitudeDeg: 48, longitudeDeg: 9, distanceKm: 12 };
    world.take({ kind: 'destinations', t: 0, destinations: { restStop } });
    const said: { readonly t: number; readonly text: string }[] = [];
    const tell = (outputs: readonly AssistantOutput[]): void => {
      for (const output of outputs) {
        if (output.kind !== 'say') continue;
        said.push({ t: output.t, text: output.text });
        world.take({ kind: 'spoken', t: output.t + 2000, id: output.id });
      }
    };
    for (let t = 50; t <= 420_000; t += 50) {
      world.tick(t);
      tell(world.outputs());
    }
    expect(said.map(({ text }) => text)).toEqual([
      'You are getting tired.',
      'You seem tired. Shall I find a rest area?',
    ]);
    expect(said[1].t).toBeGreaterThan(said[0].t);
  }, 120_000);

  it('does without an assistant: nothing is said, and nobody provides its signals', () => {
    const store = new VehicleStore({
      tree,
      onListenerError: (error) => {
        throw error;
      },
    });
    const inputs = new Subject<GraphInput>();
    const outputs: GraphOutput[] = [];
    fuse(inputs, { store, bus: null, driver: { policy: loadPolicy() } }).subscribe((output) =>
      outputs.push(output),
    );
    inputs.next({
      kind: 'assistant',
      t: 10,
      input: { kind: 'typed', t: 10, zone: 'driver', text: 'how fast am i going' },
    });
    inputs.next({ kind: 'tick', t: 50 });
    expect(outputs.filter(({ kind }) => kind === 'assistant')).toEqual([]);
    expect(store.get(assistantPaths.state)).toMatchObject({ quality: 'unavailable', source: '' });
  });

  it('the graph lets go of the assistant when it is over', () => {
    const store = new VehicleStore({
      tree,
      onListenerError: (error) => {
        throw error;
      },
    });
    const inputs = new Subject<GraphInput>();
    const parts = { store, bus: null, driver: { policy: loadPolicy() }, assistant: { config, grammars } };
    const subscription = fuse(inputs, parts).subscribe();
    inputs.next({ kind: 'tick', t: 50 });
    expect(store.get(assistantPaths.state)).toMatchObject({ value: 'IDLE', quality: 'valid' });
    subscription.unsubscribe();
    expect(store.get(assistantPaths.state)).toMatchObject({ quality: 'unavailable' });
  });
});
