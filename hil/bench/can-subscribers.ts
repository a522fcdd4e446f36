import { subscribedPlan } from '../../src/can/decode-plan.js';
import { LatestValues } from '../../src/can/latest-values.js';
import { ValidityChecker } from '../../src/can/validity/checker.js';
import { compileValidity } from '../../src/can/validity/compile.js';
import { VehicleStore } from '../../src/vehicle/store.js';
import { loadTree } from '../../src/vehicle/tree.js';
import { protectedTraffic, trafficDatabase, trafficRules } from './can-traffic.js';
import { leastCpuSeconds } from './cpu-time.js';
import type { BenchRow } from './row.js';

const writes = 50_000;
const subscribers = 1000;
const totalFrames = 200_000;
/** Factor by which measurements of the same work differ here. */
const noise = 1.5;

const written = 'Vehicle.Powertrain.CombustionEngine.Speed';
const subscribed = 'Vehicle.Speed';

/** Seconds of one write to a signal that `count` subscribers of another signal did not ask for, and how many it visited. */
async function foreignWrite(count: number): Promise<{ seconds: number; visited: number }> {
  const store = new VehicleStore({
    tree: loadTree(),
    onListenerError: (error) => {
      throw error;
    },
  });
  const source = store.provide('bench', [{ path: written, maxAgeMs: 1000 }]);
  for (let i = 0; i < count; i++) store.subscribe(subscribed, () => undefined);
  const { visited: before } = store.counters;
  let t = 0;
  const seconds = await leastCpuSeconds(() => {
    for (let i = 0; i < writes; i++) source.write(written, (t += 1), 1000 + (i % 1000));
  });
  return { seconds: seconds / writes, visited: store.counters.visited - before };
}

/** Seconds of a frame whose message nobody subscribed to, in a batch with nothing else. */
async function foreignFrame(): Promise<number> {
  const database = trafficDatabase();
  const [first, ...others] = database.messages;
  const latest = new LatestValues(subscribedPlan(database, (message) => message === first));
  const checker = new ValidityChecker(compileValidity(trafficRules(), others));
  const batches = protectedTraffic(checker, totalFrames);
  const seconds = await leastCpuSeconds(() => {
    for (const frames of batches) latest.update(frames);
  });
  return seconds / totalFrames;
}

/** What traffic costs that nobody asked for: each layer looks at it once, however many subscribe to something else. */
export async function run(): Promise<BenchRow[]> {
  const alone = await foreignWrite(0);
  const beside = await foreignWrite(subscribers);
  const frame = await foreignFrame();
  return [
    {
      name: `write to the store beside ${subscribers} subscribers of another signal`,
      value: beside.seconds * 1e9,
      unit: 'ns CPU',
      peer: { name: 'no subscriber at all', value: alone.seconds * 1e9 },
      limit: noise * alone.seconds * 1e9,
      note: 'the limit is the same work and half as much again, for noise',
    },
    {
      name: 'subscribers visited by such writes',
      value: beside.visited,
      unit: 'visits',
      limit: 0,
    },
    {
      name: 'frame of an identifier that no subscribed signal has',
      value: frame * 1e9,
      unit: 'ns CPU',
      limit: 40,
      note: '32,000 of them a second at the limit: 0.13 % of a core; with a filter none gets that far',
    },
  ];
}
