import type { AssistantOutput } from '../../src/assistant/exchange.js';
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
  /** Of the assistant; null where there is none. */
  readonly spoken: {
    readonly utterances: number;
    /** For which a meaning was found, to act on or to ask about. */
    readonly understood: number;
    readonly actuations: number;
    readonly replies: number;
  } | null;
}

const noSpeech = { utterances: 0, understood: 0, actuations: 0, replies: 0 };

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
  spoken: null,
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
  if (output.kind === 'assistant') return { ...timed, spoken: addSpoken(tally.spoken, output.output) };
  return addDriver(timed, output);
}

function addSpoken(spoken: Tally['spoken'], output: AssistantOutput): Tally['spoken'] {
  const { utterances, understood, actuations, replies } = spoken ?? noSpeech;
  switch (output.kind) {
    case 'understood': {
      const isUnderstood = output.meaning !== null;
      return {
        utterances: utterances + 1,
        understood: understood + (isUnderstood ? 1 : 0),
        actuations,
        replies,
      };
    }
    case 'actuate':
      return { utterances, understood, actuations: actuations + output.requests.length, replies };
    case 'say':
      return { utterances, understood, actuations, replies: replies + 1 };
    case 'hush':
    case 'earcon':
    case 'duck':
    case 'listen':
    case 'closeMicrophone':
    case 'ignored':
    case 'phase':
      return { utterances, understood, actuations, replies };
  }
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
