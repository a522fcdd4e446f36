import { setTimeout as sleep } from 'node:timers/promises';
import { loadDbc } from '../../can/dbc-parser.js';
import { LastingBus } from '../../can/live/lasting-bus.js';
import type { Clock } from '../../runtime/clock.js';
import { VehicleBus } from '../../vehicle/bus.js';
import { dbcFileOf, loadMapping, readMapping } from '../../vehicle/mapping.js';
import { VehicleStore } from '../../vehicle/store.js';
import { loadTree } from '../../vehicle/tree.js';
import type { CanConfig } from '../config/schema.js';
import { mappingFileOf } from '../driver/named-files.js';
import { fail, ok, warn, type Finding } from './finding.js';

/** Names that a line of findings holds. */
const mostNames = 6;

/** Listens to a bus for some seconds: does it come, with errors, and which mapped signals are missing or wrong. */
export async function checkCan(config: CanConfig, clock: Clock, seconds: number): Promise<Finding[]> {
  const part = `can ${config.address}`;
  const store = new VehicleStore({ tree: loadTree(), onListenerError: () => undefined });
  const file = mappingFileOf(config.mapping);
  const { database } = loadDbc(config.dbc ?? dbcFileOf(readMapping(file)));
  const mapping = loadMapping(file, store.tree, database);
  const vehicle = new VehicleBus(store, database, mapping);
  const bus = new LastingBus(config.address, { silentAfterMs: config.silentAfterMs }, clock);
  bus.frames$.subscribe((frames) => vehicle.receive(frames));
  try {
    await sleep(seconds * 1000);
    vehicle.tick(clock.now());
    store.expire(clock.now());
    const counters = bus.counters();
    if (counters === undefined || counters.received === 0) {
      const why = bus.state.kind === 'down' ? ` (${bus.state.reason})` : '';
      return [
        fail(
          part,
          `no frame in ${seconds} s${why}`,
          'Check the address, the bit rate, and that the ignition is on.',
        ),
      ];
    }
    const found = `${(counters.received / seconds).toFixed(0)} frames/s, ${counters.errorFrames} error frames, ${counters.malformed} malformed`;
    const paths = mapping.provided.map(({ path }) => path);
    return [
      counters.errorFrames + counters.malformed === 0
        ? ok(part, found)
        : warn(part, found, 'Check termination, wiring and bit rate.'),
      signals(part, store, paths),
    ];
  } finally {
    await bus.close();
  }
}

function signals(part: string, store: VehicleStore, paths: readonly string[]): Finding {
  const bad = paths.filter((path) => store.get(path).quality !== 'valid');
  const found = `${paths.length - bad.length} of ${paths.length} mapped signals are valid`;
  if (bad.length === 0) return ok(part, found);
  const names = bad.slice(0, mostNames).map((path) => `${path} (${store.get(path).reason})`);
  const more = bad.length > mostNames ? ` and ${bad.length - mostNames} more` : '';
  return warn(
    part,
    `${found}; not ${names.join(', ')}${more}`,
    'Compare the mapping with the car: vigil map check, vigil monitor.',
  );
}
