import type { DriverInput } from '../src/driver/outputs.js';
import { initialDriver, type DriverOptions } from '../src/driver/memory.js';
import { stepDriver } from '../src/driver/driver.js';
import { DriverPublisher } from '../src/driver/publisher.js';
import type { Sample } from '../src/vehicle/sample.js';
import { VehicleStore } from '../src/vehicle/store.js';
import { loadTree } from '../src/vehicle/tree.js';
import { policy } from './70-support/watch.js';

const tree = loadTree();

/**
 * The store after a drive, as the graph keeps it: over-age values expire before each tick.
 * @param seen is called with everything that is written
 */
export function publish(
  inputs: Iterable<DriverInput>,
  options: Partial<DriverOptions> = {},
  seen: (sample: Sample) => void = () => undefined,
): VehicleStore {
  const store = new VehicleStore({
    tree,
    onListenerError: (error) => {
      throw error;
    },
  });
  const publisher = new DriverPublisher(store);
  store.subscribe('Vehicle', seen);
  let driver = initialDriver({ policy, ...options });
  for (const input of inputs) {
    if (input.kind === 'tick') store.expire(input.t);
    const step = stepDriver(driver, input);
    driver = step.driver;
    if (input.kind === 'observation') publisher.observation(input.observation);
    for (const output of step.outputs) publisher.output(output);
    if (input.kind === 'tick') publisher.tick(input.t);
  }
  return store;
}
