import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadDbc } from '../../src/can/dbc-parser.js';
import { openLog } from '../../src/can/logs/registry.js';
import { vehicleSignals } from '../../src/driver/context/vehicle-signals.js';
import type { Measured } from '../../src/driver/measured.js';
import { steeringMeasures, type SteeringMeasures } from '../../src/driver/steering/steering-measures.js';
import { initialSteering, stepSteering } from '../../src/driver/steering/steering-track.js';
import { VigilError } from '../../src/runtime/errors.js';
import { VehicleBus } from '../../src/vehicle/bus.js';
import { loadMapping, standardMappingFile } from '../../src/vehicle/mapping.js';
import { VehicleStore } from '../../src/vehicle/store.js';
import { loadTree } from '../../src/vehicle/tree.js';
import type { Evaluation } from './evaluation.js';

interface Log {
  readonly mapping: string;
  readonly log: readonly string[];
  readonly dbc: readonly string[];
}

const logs: readonly Log[] = [
  {
    mapping: 'toyota-drive',
    log: ['toyota-drive', 'drive-30s.candump.log'],
    dbc: ['opendbc', 'generator', 'toyota', '_toyota_2017.dbc'],
  },
  {
    mapping: 'motec-sample',
    log: ['motec-sample', 'can_sample.log'],
    dbc: ['motec-sample', 'sample_can_spec.dbc'],
  },
];

interface Row {
  readonly drive: string;
  readonly readings: number;
  readonly seconds: number;
  readonly minDeg: number;
  readonly maxDeg: number;
  readonly countedSeconds: number;
  readonly reversals: number;
  readonly measures: SteeringMeasures;
}

/** Steering of one log, from its frames through decoder, mapping and store to the measures at its end. */
async function steer(dataDir: string, { mapping, log, dbc }: Log): Promise<Row> {
  const tree = loadTree();
  const store = new VehicleStore({
    tree,
    onListenerError: (error) => {
      throw error;
    },
  });
  const { database } = loadDbc(join(dataDir, 'can', ...dbc));
  const bus = new VehicleBus(store, database, loadMapping(standardMappingFile(mapping), tree, database));
  let track = initialSteering;
  let speedKmh: number | null = null;
  const angles: number[] = [];
  let first = Number.NaN;
  let now = Number.NaN;
  store.subscribe('Vehicle.Speed', ({ value, quality }) => {
    speedKmh = quality === 'valid' && typeof value === 'number' ? value : null;
  });
  for (const [path, readingOf] of Object.entries(vehicleSignals)) {
    store.subscribe(path, (sample) => {
      const reading = readingOf(sample);
      if (reading === null) return;
      track = stepSteering(track, reading, { speedKmh, drowsy: false });
      if (reading.name !== 'steeringAngleDeg' || reading.value === null) return;
      angles.push(reading.value);
      if (Number.isNaN(first)) first = reading.t;
      now = reading.t;
    });
  }
  for await (const frames of await openLog(join(dataDir, 'can', ...log))) bus.receive(frames);
  const slots = [...track.slots, track.current];
  return {
    drive: mapping,
    readings: angles.length,
    seconds: (now - first) / 1000,
    minDeg: Math.min(...angles),
    maxDeg: Math.max(...angles),
    countedSeconds: slots.reduce((ms, slot) => ms + slot.ms, 0) / 1000,
    reversals: slots.reduce((n, slot) => n + slot.reversals, 0),
    measures: steeringMeasures(track, now, speedKmh),
  };
}

function word(measured: Measured<number | boolean>): string {
  if (measured.quality !== 'valid') return measured.reason;
  return typeof measured.value === 'number' ? measured.value.toFixed(2) : String(measured.value);
}

function text(rows: readonly Row[]): string {
  const blocks = rows.map(
    ({ drive, readings, seconds, minDeg, maxDeg, countedSeconds, reversals, measures }) =>
      [
        `${drive}: ${readings} angles in ${seconds.toFixed(1)} s, ${minDeg.toFixed(1)} to ${maxDeg.toFixed(1)} degrees`,
        `  at 50 km/h or faster ${countedSeconds.toFixed(1)} s, ${reversals} reversals`,
        `  reversals a minute ${word(measures.reversalsPerMin)}, entropy ${word(measures.entropy)} ` +
          `(${Math.round(100 * measures.learnt)} % learnt), hands on wheel ${word(measures.handsOnWheel)}`,
      ].join('\n'),
  );
  return [
    ...blocks,
    'Short drives: this shows that the path from log to measure works, not what the measures are worth.',
  ].join('\n');
}

/** Steering measures of real logs: there is no truth for them, only what the readings allow to be said. */
export const steering: Evaluation = {
  name: 'steering',
  about: 'steering measures of the recorded drives, from log to measure',
  run: async ({ dataDir, progress }) => {
    const present = logs.filter(({ log }) => existsSync(join(dataDir, 'can', ...log)));
    if (present.length === 0) {
      throw new VigilError(
        'NO_EVALUATION_DATA',
        `Expected a drive in ${join(dataDir, 'can')}.`,
        'Set VIGIL_DATA to a folder that holds can/toyota-drive or can/motec-sample.',
        { dataDir },
      );
    }
    const rows: Row[] = [];
    for (const log of present) {
      progress(log.mapping);
      rows.push(await steer(dataDir, log));
    }
    return { text: text(rows), json: { rows } };
  },
};
