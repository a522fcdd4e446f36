import type { FaceObservation } from '../../src/camera/observation.js';
import type { Alert } from '../../src/driver/policy/alert.js';
import { stepDriver } from '../../src/driver/driver.js';
import { initialDriver, type Driver } from '../../src/driver/memory.js';
import type { DriverInput, DriverMeasures, DriverOutput } from '../../src/driver/outputs.js';
import { loadPolicy } from '../../src/driver/policy/policy.js';
import type { DriverState } from '../../src/driver/policy/state.js';

export const policy = loadPolicy();

export interface Watched {
  readonly driver: Driver;
  readonly outputs: readonly DriverOutput[];
  readonly measures: readonly DriverMeasures[];
  readonly states: readonly { readonly t: number; readonly state: DriverState }[];
  readonly started: readonly Alert[];
  readonly ended: readonly { readonly alert: Alert; readonly reason: string }[];
}

/** Feeds inputs in the order given. */
export function feed(inputs: Iterable<DriverInput>, from: Driver = initialDriver({ policy })): Watched {
  let driver = from;
  const outputs: DriverOutput[] = [];
  for (const input of inputs) {
    const step = stepDriver(driver, input);
    driver = step.driver;
    outputs.push(...step.outputs);
  }
  return {
    driver,
    outputs,
    measures: outputs.flatMap((o) => (o.kind === 'measures' ? [o.measures] : [])),
    states: outputs.flatMap((o) => (o.kind === 'stateChanged' ? [{ t: o.t, state: o.state }] : [])),
    started: outputs.flatMap((o) => (o.kind === 'alertStarted' ? [o.alert] : [])),
    ended: outputs.flatMap((o) => (o.kind === 'alertEnded' ? [{ alert: o.alert, reason: o.reason }] : [])),
  };
}

/**
 * The inputs of a drive in order of time: observations, a tick every 50 ms until `untilMs`, and a speed every
 * 100 ms (a function of time; null means the signal is missing).
 */
export function drive(
  observations: readonly FaceObservation[],
  speedKmh: number | ((t: number) => number | null) = 60,
  untilMs = (observations.at(-1)?.t ?? 0) + 1,
): DriverInput[] {
  const inputs: DriverInput[] = observations.map((observation) => ({ kind: 'observation', observation }));
  for (let t = 0; t < untilMs; t += 50) {
    inputs.push({ kind: 'tick', t });
    if (t % 100 !== 0) continue;
    const speed = typeof speedKmh === 'number' ? speedKmh : speedKmh(t);
    if (speed !== null) inputs.push({ kind: 'speed', t, speedKmh: speed, quality: 'valid' });
  }
  return inOrder(inputs);
}

const rank: Readonly<Record<DriverInput['kind'], number>> = {
  speed: 0,
  vehicle: 0,
  journey: 1,
  load: 1,
  policy: 1,
  enable: 1,
  camera: 1,
  phone: 1,
  acknowledge: 1,
  tick: 2,
  observation: 3,
};

/** By time; at one time, what an input rests on comes before it. */
export function inOrder(inputs: readonly DriverInput[]): DriverInput[] {
  return inputs.toSorted((a, b) => timeOf(a) - timeOf(b) || rank[a.kind] - rank[b.kind]);
}

export function timeOf(input: DriverInput): number {
  return input.kind === 'observation' ? input.observation.t : input.t;
}

/** State kinds in order, with the reason of unavailable ones. */
export function storyOf(watched: Watched): string[] {
  return watched.states.map(({ state }) => (state.kind === 'unavailable' ? state.reason : state.kind));
}

/** The state that held at `t`. */
export function stateAt(watched: Watched, t: number): DriverState | undefined {
  return watched.states.filter((change) => change.t <= t).at(-1)?.state;
}
