import { Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { cruiseFrames } from '../hil/synthetic/cruise.js';
import type { FaceObservation } from '../src/camera/observation.js';
import { loadDbc } from '../src/can/dbc-parser.js';
import { loadPolicy } from '../src/driver/policy/policy.js';
import { fuse, tickMs, type GraphInput, type GraphOutput } from '../src/fusion.js';
import { VehicleBus } from '../src/vehicle/bus.js';
import { dbcFileOf, loadMapping, readMapping, standardMappingFile } from '../src/vehicle/mapping.js';
import { VehicleStore } from '../src/vehicle/store.js';
import { loadTree } from '../src/vehicle/tree.js';

const state = 'Vehicle.Driver.Vigil.State';

function face(t: number, frame: number, openness = 0.28): FaceObservation {
  const eye = { openness, weight: 1 };
  return {
    kind: 'face',
    t,
    frame,
    presence: 1,
    box: { x: 200, y: 100, width: 200, height: 240 },
    eyes: { left: eye, right: eye },
    mouthOpening: 0,
    head: { yawDeg: 0, pitchDeg: 0, rollDeg: 0 },
    gaze: { azimuthDeg: 0, elevationDeg: 0, confidence: 1 },
    image: { brightness: 0.5, contrast: 0.15, sharpness: 100, saturatedShare: 0 },
  };
}

function graph(): {
  store: VehicleStore;
  inputs: Subject<GraphInput>;
  outputs: GraphOutput[];
  speedKmh: (kmh: number, fromMs: number, toMs: number) => GraphInput;
} {
  const tree = loadTree();
  const store = new VehicleStore({
    tree,
    onListenerError: (error) => {
      throw error;
    },
  });
  const file = standardMappingFile('vigil-demo');
  const { database } = loadDbc(dbcFileOf(readMapping(file)));
  const bus = new VehicleBus(store, database, loadMapping(file, tree, database));
  const inputs = new Subject<GraphInput>();
  const outputs: GraphOutput[] = [];
  fuse(inputs, { store, bus, driver: { policy: loadPolicy() } }).subscribe((output) => outputs.push(output));
  const speedKmh = (kmh: number, fromMs: number, toMs: number): GraphInput => {
    return { kind: 'can', t: toMs, frames: cruiseFrames(database, kmh, toMs - fromMs, fromMs) };
  };
  return { store, inputs, outputs, speedKmh };
}

/** Frames at 25 a second, ticks, and CAN in batches of 50 ms over [fromMs, toMs); openness by time. */
function drive(
  inputs: Subject<GraphInput>,
  fromMs: number,
  toMs: number,
  openness: (t: number) => number,
  can?: (fromMs: number, toMs: number) => GraphInput,
): void {
  for (let t = fromMs; t < toMs; t += 10) {
    if (can && t % 50 === 0) inputs.next(can(t - 50, t));
    if (t % tickMs === 0) inputs.next({ kind: 'tick', t });
    if (t % 40 === 0) inputs.next({ kind: 'observation', observation: face(t, t / 40, openness(t)) });
  }
}

const open = (): number => 0.28;
const nodsOff = (t: number): number => (t < 4000 ? 0.28 : 0.02);

describe('fusion', () => {
  it('takes the speed from the bus to the alert', () => {
    const { inputs, outputs, speedKmh } = graph();
    drive(inputs, 0, 5600, nodsOff, (from, to) => speedKmh(80, from, to));
    const alert = outputs.find((output) => output.kind === 'alertStarted');
    expect(alert?.alert.rule).toBe('microsleep');
    expect(alert?.alert.measured['speedKmh']).toBeCloseTo(80, 0);
  });

  it('raises no alert for closed eyes at standstill, and still says what the driver does', () => {
    const { inputs, outputs, speedKmh } = graph();
    drive(inputs, 0, 5600, nodsOff, (from, to) => speedKmh(0, from, to));
    expect(outputs.filter((output) => output.kind === 'alertStarted')).toEqual([]);
    const states = outputs
      .filter((output) => output.kind === 'stateChanged')
      .map((output) => output.state.kind);
    expect(states).toEqual(['calibrating', 'attentive', 'microsleep']);
  });

  it('publishes state, measures and head into the store with quality', () => {
    const { store, inputs } = graph();
    expect(store.get(state).quality).toBe('unavailable');
    drive(inputs, 0, 3000, open);
    expect(store.get(state)).toMatchObject({ value: 'ATTENTIVE', quality: 'valid', source: 'driver' });
    expect(store.get('Vehicle.Occupant.Row1.DriverSide.HeadPosition.Yaw')).toMatchObject({
      value: 0,
      quality: 'valid',
    });
    expect(store.get('Vehicle.Driver.IsEyesOnRoad')).toMatchObject({ value: true, quality: 'valid' });
    // PERCLOS needs half a minute of measured time: until then there is a reason instead of a number.
    expect(store.get('Vehicle.Driver.Vigil.Eyes.Perclos')).toMatchObject({
      value: undefined,
      quality: 'unavailable',
      reason: 'tooLittleMeasured',
    });
    // Without a bus the speed is unknown, and the monitor says that this limits it.
    expect(store.get('Vehicle.ADAS.DMS.Vigil.Availability').value).toBe('DEGRADED');
    expect(store.get('Vehicle.ADAS.DMS.Vigil.Reason').value).toBe('speedUnknown');
  });

  it('with a camera gone silent: head pose and state become unavailable, never attentive', () => {
    const { store, inputs } = graph();
    drive(inputs, 0, 3000, open);
    for (let t = 3000; t <= 6000; t += tickMs) inputs.next({ kind: 'tick', t });
    expect(store.get(state)).toMatchObject({ value: 'UNAVAILABLE', quality: 'valid' });
    expect(store.get('Vehicle.ADAS.DMS.Vigil.Reason').value).toBe('cameraSilent');
    expect(store.get('Vehicle.ADAS.DMS.IsError').value).toBe(true);
    const yaw = store.get('Vehicle.Occupant.Row1.DriverSide.HeadPosition.Yaw');
    expect(yaw).toMatchObject({ quality: 'unavailable', reason: 'cameraSilent' });
  });

  it('with the graph stopped: whoever expires the store sees the state go stale within 0.6 s', () => {
    const { store, inputs } = graph();
    drive(inputs, 0, 3000, open);
    store.expire(3600);
    expect(store.get(state).quality).toBe('stale');
  });

  it('with the bus gone silent: the speed goes stale and the next measures say so', () => {
    const { store, inputs, outputs, speedKmh } = graph();
    drive(inputs, 0, 1000, open, (from, to) => speedKmh(80, from, to));
    drive(inputs, 1000, 4000, open);
    expect(store.get('Vehicle.Speed').quality).toBe('stale');
    const last = outputs.filter((output) => output.kind === 'measures').at(-1);
    expect(last?.measures.degradedBy).toContain('speedUnknown');
  });

  it('puts out what changed in the store at most every 100 ms, and nothing twice', () => {
    const { inputs, outputs, speedKmh } = graph();
    drive(inputs, 0, 2000, open, (from, to) => speedKmh(80, from, to));
    const vehicle = outputs.filter((output) => output.kind === 'vehicle');
    expect(vehicle.every(({ t }) => t % 100 === 0)).toBe(true);
    const paths = vehicle.slice(2, 6).flatMap(({ samples }) => samples.map(({ path }) => path));
    // Doors do not move while driving: they are put out once they are known, and not again.
    expect(paths.filter((path) => path.includes('Door'))).toEqual([]);
    const first = vehicle.slice(0, 2).flatMap(({ samples }) => samples);
    expect(first.some(({ path, quality }) => path.includes('Door') && quality === 'valid')).toBe(true);
  });

  it('completes with its inputs', () => {
    const { inputs } = graph();
    const other = graph();
    let completed = false;
    const source = new Subject<GraphInput>();
    fuse(source, {
      store: new VehicleStore({ tree: other.store.tree, onListenerError: () => undefined }),
      bus: null,
      driver: { policy: loadPolicy() },
    }).subscribe({
      complete: () => (completed = true),
    });
    source.complete();
    expect(completed).toBe(true);
    inputs.complete();
  });
});
