import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Subject } from 'rxjs';
import { FaceTracker, type FaceTrackerOptions } from '../../src/camera/face-tracker.js';
import type { DbcDatabase } from '../../src/can/dbc.js';
import { parseDbc, decodeDbcBytes } from '../../src/can/dbc-parser.js';
import { loadPolicy } from '../../src/driver/policy/policy.js';
import { fuse, tickMs, type GraphInput } from '../../src/fusion.js';
import { budgets } from '../../src/runtime/budgets.js';
import { monotonicClock } from '../../src/runtime/clock.js';
import { VehicleBus } from '../../src/vehicle/bus.js';
import { dbcFileOf, loadMapping, readMapping, standardMappingFile } from '../../src/vehicle/mapping.js';
import { VehicleStore } from '../../src/vehicle/store.js';
import { loadTree } from '../../src/vehicle/tree.js';
import { cruiseFrames } from '../synthetic/cruise.js';
import { benchFrames } from './frames.js';
import { madeUpFace } from './made-up-face.js';
import type { BenchRow } from './row.js';

/** Issue's limits: frame arrival to published state, and one core's share of the whole path. */
const latencyLimitMs = 50;
const defaultCpuLimit = 45;
const fullCpuLimit = 55;
const stepLimitMs = 0.05;

const measuredSeconds = 20;
const warmUpSeconds = 2;
/** Ten minutes of frames. */
const warmUpFrames = 18_000;
const statePath = 'Vehicle.Driver.Vigil.State';
const cruiseKmh = 80;

/** A choice of levers: what costs, and what can be turned down. */
interface Setting {
  readonly name: string;
  readonly fps: number;
  readonly tracker: FaceTrackerOptions;
  readonly cpuLimit?: number;
}

const settings: readonly Setting[] = [
  { name: 'default, 30 fps', fps: 30, tracker: {}, cpuLimit: defaultCpuLimit },
  {
    name: 'eye network at every eye, 30 fps',
    fps: 30,
    tracker: { eyeNetwork: 'always' },
    cpuLimit: fullCpuLimit,
  },
  { name: 'eye network off, 30 fps', fps: 30, tracker: { eyeNetwork: 'off' } },
  { name: 'detector at every frame, 30 fps', fps: 30, tracker: { detectEveryFrame: true } },
  { name: 'default, 20 fps', fps: 20, tracker: {} },
  { name: 'default, 15 fps', fps: 15, tracker: {} },
  { name: 'default, 10 fps', fps: 10, tracker: {} },
];

interface Measured {
  /** Frame arrival to the driver state written for it, ms, ascending. */
  readonly latencies: readonly number[];
  /** ms of one observation through the driver graph, ascending. */
  readonly steps: readonly number[];
  readonly cpuPercent: number;
  readonly dropped: number;
  readonly misses: number;
}

/** Frames at absolute deadlines through vision, the graph and the store, beside a bus of the demo vehicle. */
async function measure(jpegs: readonly Uint8Array[], { fps, tracker: options }: Setting): Promise<Measured> {
  const tree = loadTree();
  const store = new VehicleStore({
    tree,
    onListenerError: (error) => {
      throw error;
    },
  });
  const mapping = standardMappingFile('vigil-demo');
  const { database } = parseDbc(
    decodeDbcBytes(readFileSync(dbcFileOf(readMapping(mapping)))),
    'vigil-demo.dbc',
  );
  const bus = new VehicleBus(store, database, loadMapping(mapping, tree, database));
  const can = cruise(database, (warmUpSeconds + measuredSeconds) * 1000);
  const inputs = new Subject<GraphInput>();
  fuse(inputs, { store, bus, driver: { policy: loadPolicy() } }).subscribe();
  const tracker = new FaceTracker(options);
  const clock = monotonicClock;
  const arrived = new Map<number, number>();
  const latencies: number[] = [];
  const steps: number[] = [];
  let measuring = false;
  tracker.frames.subscribe(({ observation }) => {
    const before = clock.now();
    inputs.next({ kind: 'observation', observation });
    // The tick publishes; a live service ticks on the observation's heels.
    inputs.next({ kind: 'tick', t: observation.t });
    const after = clock.now();
    const since = arrived.get(observation.frame);
    arrived.delete(observation.frame);
    if (!measuring || since === undefined || store.get(statePath).quality !== 'valid') return;
    latencies.push(after - since);
    steps.push(after - before);
  });
  try {
    const start = clock.now();
    const frames = Math.round((warmUpSeconds + measuredSeconds) * fps);
    const firstMeasured = Math.round(warmUpSeconds * fps);
    let cpu = process.cpuUsage();
    let began = start;
    let nextBatch = 0;
    for (let number = 0; number < frames; number++) {
      const t = (number * 1000) / fps;
      const wait = start + t - clock.now();
      if (wait > 0) await sleep(wait);
      if (number === firstMeasured) {
        measuring = true;
        cpu = process.cpuUsage();
        began = clock.now();
      }
      for (; nextBatch < can.length && can[nextBatch].t <= t; nextBatch++) inputs.next(can[nextBatch]);
      arrived.set(number, clock.now());
      tracker.push({ t, number, format: 'jpeg', data: jpegs[number % jpegs.length] });
    }
    await tracker.idle();
    const used = process.cpuUsage(cpu);
    const cpuPercent = (used.user + used.system) / 10 / (clock.now() - began);
    const misses = latencies.filter((ms) => ms > budgets['vision.frame'].maxMs).length;
    const { dropped } = tracker.counters();
    return {
      latencies: latencies.sort(ascending),
      steps: steps.sort(ascending),
      cpuPercent,
      dropped,
      misses,
    };
  } finally {
    tracker.close();
    inputs.complete();
  }
}

/**
 * Takes frames and ticks as fast as it goes, until the graph's code is compiled as it is in a vehicle after some minutes:
 * the figures are of that, not of the first seconds.
 */
function warmUpGraph(): void {
  const store = new VehicleStore({
    tree: loadTree(),
    onListenerError: (error) => {
      throw error;
    },
  });
  const inputs = new Subject<GraphInput>();
  fuse(inputs, { store, bus: null, driver: { policy: loadPolicy() } }).subscribe();
  for (let frame = 0; frame < warmUpFrames; frame++) {
    const t = (frame * 1000) / 30;
    inputs.next({ kind: 'observation', observation: madeUpFace(t, frame) });
    inputs.next({ kind: 'tick', t });
  }
  inputs.complete();
}

/** The demo vehicle's bus in batches, made beforehand: making frames is no part of what is measured. */
function cruise(database: DbcDatabase, lengthMs: number): Extract<GraphInput, { kind: 'can' }>[] {
  return Array.from({ length: lengthMs / tickMs }, (_, i) => {
    const frames = cruiseFrames(database, cruiseKmh, tickMs, i * tickMs);
    return { kind: 'can', t: (i + 1) * tickMs, frames };
  });
}

function ascending(a: number, b: number): number {
  return a - b;
}

function percentile(values: readonly number[], share: number): number {
  return values.length === 0
    ? Number.NaN
    : values[Math.min(values.length - 1, Math.floor(share * values.length))];
}

/** The driver path in real time: latency from frame arrival to published state, CPU of one core, and the levers. */
export async function run(): Promise<BenchRow[]> {
  const { source, jpegs } = await benchFrames(300);
  warmUpGraph();
  const rows: BenchRow[] = [];
  for (const setting of settings) {
    const { latencies, steps, cpuPercent, dropped, misses } = await measure(jpegs, setting);
    const p50 = percentile(latencies, 0.5).toFixed(2);
    const note = `${latencies.length} frames, ${source}; p50 ${p50} ms, dropped ${dropped}, over ${budgets['vision.frame'].maxMs} ms ${misses}`;
    rows.push(
      {
        name: `${setting.name}: frame to published state, p99`,
        value: percentile(latencies, 0.99),
        unit: 'ms',
        limit: latencyLimitMs,
        note,
      },
      {
        name: `${setting.name}: CPU of one core`,
        value: cpuPercent,
        unit: '%',
        note: "whole process, with CAN at the demo vehicle's rate",
        ...(setting.cpuLimit === undefined ? {} : { limit: setting.cpuLimit }),
      },
    );
    if (setting === settings[0]) {
      rows.push({
        name: 'driver graph: one observation and tick, p50',
        value: percentile(steps, 0.5),
        unit: 'ms',
        limit: budgets['driver.step'].p50Ms,
        note: `p99 ${percentile(steps, 0.99).toFixed(3)} ms; the policy alone has its own bench (limit ${stepLimitMs} ms)`,
      });
    }
  }
  return rows;
}
