import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadDbc } from '../../src/can/dbc-parser.js';
import { openLog } from '../../src/can/logs/registry.js';
import { VigilError } from '../../src/runtime/errors.js';
import { VehicleBus } from '../../src/vehicle/bus.js';
import { loadMapping, standardMappingFile } from '../../src/vehicle/mapping.js';
import { VehicleStore } from '../../src/vehicle/store.js';
import { loadTree } from '../../src/vehicle/tree.js';
import { readCsvColumns } from './csv-columns.js';
import type { Evaluation } from './evaluation.js';
import { interpolationError, unequalSamples, type Series, type SeriesError } from './series.js';

/** To what the truth's files are rounded: microseconds, and millionths of the unit. */
const truthStep = 1e-6;

interface Compared {
  readonly path: string;
  /** Column of the truth, `file:column`. */
  readonly truth: readonly [file: string, column: string];
  readonly unit: string;
  /** VSS unit * scale = the truth's unit. */
  readonly scale: number;
}

const wheels = ['Row1.Wheel.Left', 'Row1.Wheel.Right', 'Row2.Wheel.Left', 'Row2.Wheel.Right'];

const compared: readonly Compared[] = [
  {
    path: 'Vehicle.Chassis.SteeringWheel.Vigil.Angle',
    truth: ['steering_angle.csv', 'value'],
    unit: 'deg',
    scale: 1,
  },
  ...wheels.map((wheel, i) => ({
    path: `Vehicle.Chassis.Axle.${wheel}.Speed`,
    truth: ['wheel_speed.csv', `v${i}`] as const,
    unit: 'm/s',
    scale: 1 / 3.6,
  })),
  { path: 'Vehicle.Speed', truth: ['speed.csv', 'value'], unit: 'm/s', scale: 1 / 3.6 },
];

interface Row extends SeriesError {
  readonly path: string;
  readonly truth: string;
  readonly unit: string;
  readonly samples: number;
  readonly unequal: number;
}

interface Drive {
  readonly series: ReadonlyMap<string, Series>;
  readonly frames: number;
  /** Samples of any path stored with quality `invalid`. */
  readonly invalid: number;
}

/** Every valid number the store receives for a path, in seconds from the log's first frame. */
async function drive(folder: string): Promise<Drive> {
  const dbcFile = join(folder, '..', 'opendbc', 'generator', 'toyota', '_toyota_2017.dbc');
  const { database } = loadDbc(dbcFile);
  const tree = loadTree();
  const store = new VehicleStore({
    tree,
    historyLength: 1,
    onListenerError: (error) => {
      throw error;
    },
  });
  const mapping = loadMapping(standardMappingFile('toyota-drive'), tree, database);
  const bus = new VehicleBus(store, database, mapping);
  const received = new Map(compared.map(({ path }) => [path, { t: [] as number[], value: [] as number[] }]));
  for (const [path, { t, value }] of received) {
    store.subscribe(path, (sample) => {
      if (sample.quality !== 'valid' || typeof sample.value !== 'number') return;
      t.push(sample.t);
      value.push(sample.value);
    });
  }
  let first = Number.NaN;
  let frames = 0;
  for await (const batch of await openLog(join(folder, 'drive-30s.candump.log'))) {
    if (frames === 0) first = batch.t[0];
    frames += batch.count;
    bus.receive(batch);
  }
  const series = new Map(
    [...received].map(([path, { t, value }]) => [
      path,
      { t: Float64Array.from(t, (stamp) => (stamp - first) / 1000), value: Float64Array.from(value) },
    ]),
  );
  return { series, frames, invalid: store.counters.invalid };
}

/** The CAN path from end to end, log to store, against the values that the drive's publishers decoded themselves. */
export const toyota: Evaluation = {
  name: 'toyota',
  about: 'speed, wheel speeds and steering of a recorded Toyota drive against published values',
  run: async ({ dataDir, progress }) => {
    const folder = join(dataDir, 'can', 'toyota-drive');
    if (!existsSync(folder)) {
      throw new VigilError(
        'NO_EVALUATION_DATA',
        `Expected the Toyota drive in ${folder}.`,
        'Set VIGIL_DATA to a folder that holds can/toyota-drive.',
        { folder },
      );
    }
    progress('drive-30s.candump.log');
    const { series, frames, invalid } = await drive(folder);
    const rows = compared.map(({ path, truth: [file, column], unit, scale }): Row => {
      const columns = readCsvColumns(join(folder, file));
      const truth = { t: columns.get('t_s')!, value: columns.get(column)! };
      const { t, value } = series.get(path)!;
      const scaled = { t, value: value.map((v) => v * scale) };
      return {
        path,
        truth: `${file}:${column}`,
        unit,
        samples: t.length,
        unequal: unequalSamples(scaled, truth, truthStep),
        ...interpolationError(scaled, truth, truthStep),
      };
    });
    return { text: table(rows, frames, invalid), json: { frames, invalid, rows } };
  },
};

function table(rows: readonly Row[], frames: number, invalid: number): string {
  const cells = [
    ['path', 'truth', 'samples', 'unequal', 'n', 'mean', 'rms', 'largest', 'unit', 'unexplained'],
    ...rows.map((row) => [
      row.path,
      row.truth,
      String(row.samples),
      String(row.unequal),
      String(row.n),
      ...[row.mean, row.rms, row.largest].map((value) => value.toExponential(1)),
      row.unit,
      String(row.unexplained),
    ]),
  ];
  const widths = cells[0].map((_, c) => Math.max(...cells.map((line) => line[c].length)));
  const lines = cells.map((line) =>
    line
      .map((cell, c) => cell.padEnd(widths[c]))
      .join('  ')
      .trimEnd(),
  );
  return [
    ...lines,
    `${frames} frames, ${invalid} values refused by checksums or ranges.`,
    "unequal: k-th sample against k-th truth, more than half of the truth's last digit apart.",
    "n to largest: after interpolation at the truth's times. unexplained: errors above what rounding causes,",
    'a microsecond in time (two frames of one message may come close together) and half a millionth in value.',
    'speed.csv holds the mean of the four wheel speeds; so does Vehicle.Speed, by the mapping.',
  ].join('\n');
}
