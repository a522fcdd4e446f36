import { stepDriver } from '../../src/driver/driver.js';
import { initialDriver } from '../../src/driver/memory.js';
import type { DriverOutput } from '../../src/driver/outputs.js';
import { loadPolicy, type Policy } from '../../src/driver/policy/policy.js';
import { scenarios, type Awaited, type Scenario } from './matrix/scenarios.js';
import { inputsOf } from './matrix/stream.js';

/** One scenario of the matrix, timed from the first frame of its stimulus. */
export interface MatrixRow {
  readonly policy: string;
  /** Of the rule, or of the state's rule, where the policy has one. */
  readonly clause: string;
  readonly mark: string;
  readonly scenario: string;
  /** What was awaited, in words. */
  readonly awaited: string;
  /** Null where nothing must come. */
  readonly expectedMs: number | null;
  /** Null where nothing came. */
  readonly measuredMs: number | null;
  readonly toleranceMs: number;
  /** In time, or rightly not at all. */
  readonly ok: boolean;
}

export interface MatrixOptions {
  /** Frames a second; 30 by default. */
  readonly fps?: number;
  /** Policies by name; all of the matrix by default. */
  readonly policies?: readonly string[];
}

/** SD 202 v1.2 takes 0.2 s; a measured look or closure may lag by the frames that make it certain. */
const defaultToleranceMs = 200;
/** Long enough to learn the driver: eyes, neutral pose, one minute for drowsiness. */
const defaultSettleMs = 65_000;
const defaultLengthMs = 12_000;

/**
 * Runs every scenario as a generated stream of observations through the whole driver graph. The streams say where the
 * head and the eyes point: this times the states, it says nothing about how well the pictures are read.
 */
export function driverMatrix({
  fps = 30,
  policies = Object.keys(scenarios),
}: MatrixOptions = {}): MatrixRow[] {
  return policies.flatMap((id) => {
    const policy = loadPolicy(id);
    return scenarios[id].map((scenario) => rowOf(policy, scenario, fps));
  });
}

function rowOf(policy: Policy, scenario: Scenario, fps: number): MatrixRow {
  const { name, awaited, expectedMs, toleranceMs = defaultToleranceMs, earlyMs = 0 } = scenario;
  const measuredMs = timeOf(policy, scenario, fps);
  const { clause, mark } = citationOf(policy, awaited);
  // What counts from the last good frame began up to a frame before the stimulus.
  const frameMs = 1000 / fps;
  const latestMs = toleranceMs + frameMs;
  const ok =
    expectedMs === null || measuredMs === null
      ? expectedMs === measuredMs
      : measuredMs >= expectedMs - earlyMs - frameMs - 1 && measuredMs <= expectedMs + latestMs;
  return {
    policy: policy.id,
    clause,
    mark,
    scenario: name,
    awaited: inWords(awaited),
    expectedMs,
    measuredMs,
    toleranceMs: latestMs,
    ok,
  };
}

function timeOf(policy: Policy, scenario: Scenario, fps: number): number | null {
  const { perform, awaited, speedKmh = () => 60, readings } = scenario;
  const { settleMs = defaultSettleMs, lengthMs = defaultLengthMs } = scenario;
  let driver = initialDriver({ policy });
  const stream = {
    perform,
    fps,
    settleMs,
    lengthMs,
    speedKmh,
    ...(readings === undefined ? {} : { readings }),
  };
  for (const input of inputsOf(stream)) {
    const step = stepDriver(driver, input);
    driver = step.driver;
    const found = step.outputs.find((output) => output.t >= settleMs && isAwaited(output, awaited));
    if (found !== undefined) return found.t - settleMs;
  }
  return null;
}

function isAwaited(output: DriverOutput, awaited: Awaited): boolean {
  switch (awaited.what) {
    case 'state':
      return output.kind === 'stateChanged' && output.state.kind === awaited.kind;
    case 'alert':
      return output.kind === 'alertStarted' && output.alert.rule === awaited.rule;
    case 'step':
      return (
        output.kind === 'alertChanged' &&
        output.alert.rule === awaited.rule &&
        output.alert.step === awaited.step
      );
    case 'end':
      return output.kind === 'alertEnded' && output.alert.rule === awaited.rule;
  }
}

function citationOf({ rules }: Policy, awaited: Awaited): { clause: string; mark: string } {
  const name = awaited.what === 'state' ? awaited.kind : awaited.rule;
  const rule = Object.values(rules).find((one) => one.name === name);
  return rule ?? { clause: 'how states are told apart, docs/policies.md', mark: 'E' };
}

function inWords(awaited: Awaited): string {
  switch (awaited.what) {
    case 'state':
      return `state ${awaited.kind}`;
    case 'alert':
      return `prompt ${awaited.rule}`;
    case 'step':
      return `prompt ${awaited.rule}, step ${awaited.step}`;
    case 'end':
      return `end of ${awaited.rule}`;
  }
}
