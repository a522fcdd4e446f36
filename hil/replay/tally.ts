import type { Alert } from '../../src/driver/policy/alert.js';
import type { DriverMeasures, DriverOutput } from '../../src/driver/outputs.js';
import type { DriverState, DriverStateKind } from '../../src/driver/policy/state.js';
import type { GraphOutput } from '../../src/fusion.js';
import type { Sample } from '../../src/vehicle/sample.js';

/** What a replay's outputs add up to. A pure function of them. */
export interface Tally {
  readonly frames: number;
  readonly framesWithFace: number;
  readonly blinks: number;
  /** Closures of 500 ms and more, with their lengths in ms. */
  readonly longClosures: readonly { readonly startMs: number; readonly durationMs: number }[];
  readonly alerts: readonly Alert[];
  /** Time spent in each state, ms. */
  readonly stateMs: Readonly<Partial<Record<DriverStateKind, number>>>;
  readonly maxPerclos: number | null;
  readonly maxClosedShare: number | null;
  /** Newest of each. */
  readonly state: DriverState | null;
  readonly measures: DriverMeasures | null;
  readonly speed: Sample | null;
  readonly lastMs: number;
}

export const emptyTally: Tally = {
  frames: 0,
  framesWithFace: 0,
  blinks: 0,
  longClosures: [],
  alerts: [],
  stateMs: {},
  maxPerclos: null,
  maxClosedShare: null,
  state: null,
  measures: null,
  speed: null,
  lastMs: 0,
};

export function addToTally(tally: Tally, output: GraphOutput): Tally {
  const timed = { ...tally, lastMs: Math.max(tally.lastMs, output.t) };
  if (output.kind === 'observation') {
    const face = output.observation.kind === 'face' ? 1 : 0;
    return { ...timed, frames: tally.frames + 1, framesWithFace: tally.framesWithFace + face };
  }
  if (output.kind === 'vehicle') {
    return { ...timed, speed: output.samples.find(({ path }) => path === 'Vehicle.Speed') ?? tally.speed };
  }
  return addDriver(timed, output);
}

function addDriver(tally: Tally, output: DriverOutput): Tally {
  switch (output.kind) {
    case 'measures': {
      const { perclos, closedShare } = output.measures;
      return {
        ...tally,
        measures: output.measures,
        maxPerclos:
          perclos.quality === 'valid' ? Math.max(tally.maxPerclos ?? 0, perclos.value) : tally.maxPerclos,
        maxClosedShare:
          closedShare.quality === 'valid'
            ? Math.max(tally.maxClosedShare ?? 0, closedShare.value)
            : tally.maxClosedShare,
      };
    }
    case 'blink':
      return { ...tally, blinks: tally.blinks + 1 };
    case 'closure': {
      const { startMs, durationMs } = output.closure;
      return { ...tally, longClosures: [...tally.longClosures, { startMs, durationMs }] };
    }
    case 'stateChanged':
      return { ...tally, state: output.state, stateMs: endState(tally, output.t) };
    case 'alertStarted':
      return { ...tally, alerts: [...tally.alerts, output.alert] };
    case 'alertChanged':
    case 'alertEnded':
      return {
        ...tally,
        alerts: tally.alerts.map((alert) => (alert.id === output.alert.id ? output.alert : alert)),
      };
    case 'suggestion':
    case 'enabledChanged':
    case 'policyChanged':
    case 'policyRefused':
    case 'clockRestarted':
    case 'inputRejected':
      return tally;
  }
}

/** Time in states up to `t`: the state that is going on counts up to there. */
export function endState(tally: Tally, t: number): Tally['stateMs'] {
  const { state, stateMs } = tally;
  if (state === null) return stateMs;
  return { ...stateMs, [state.kind]: (stateMs[state.kind] ?? 0) + Math.max(0, t - state.sinceMs) };
}
