import { initialResting, isResting, stepHeadRest, type HeadAngles, type Resting } from './head-rest.js';
import { initialNodding, stepNod, type Nod, type Nodding } from './nod.js';
import { isSpeaking, stepSpeaking, type Speaking } from './speaking.js';
import { initialYawning, stepYawn, type Yawn, type Yawning } from './yawn.js';

/**
 * What supports an estimate of drowsiness and is never a state by itself: half of all yawns are covered by a
 * hand, and nods come late.
 */
export interface Corroboration {
  readonly yawning: Yawning;
  readonly nodding: Nodding;
  readonly lips: Speaking;
  readonly resting: Resting;
  /** Of the last ten minutes, oldest first. */
  readonly events: readonly (Yawn | Nod)[];
}

export const initialCorroboration: Corroboration = {
  yawning: initialYawning,
  nodding: initialNodding,
  lips: [],
  resting: initialResting,
  events: [],
};

export const corroborationWindowMs = 600_000;

/** What one frame shows; null where it could not be measured. */
export interface CorroborationFrame {
  readonly mouthOpening: number | null;
  readonly head: HeadAngles | null;
}

/** One frame, also one without a face. */
export function stepCorroboration(
  state: Corroboration,
  t: number,
  { mouthOpening, head }: CorroborationFrame,
): Corroboration {
  const { state: yawning, yawn } = stepYawn(state.yawning, t, mouthOpening);
  const { state: nodding, nod } = stepNod(state.nodding, t, head?.pitchDeg ?? null);
  const found = [yawn, nod].filter((event) => event !== null);
  const old = state.events.length > 0 && state.events[0].endMs <= t - corroborationWindowMs;
  const events =
    found.length === 0 && !old
      ? state.events
      : [...state.events, ...found].filter(({ endMs }) => endMs > t - corroborationWindowMs);
  return {
    yawning,
    nodding,
    lips: stepSpeaking(state.lips, t, mouthOpening),
    resting: stepHeadRest(state.resting, t, head),
    events,
  };
}

export interface CorroborationMeasures {
  /** In the last ten minutes. */
  readonly yawns: number;
  readonly nods: number;
  /** null: too little was seen to tell. */
  readonly speaking: boolean | null;
  readonly headResting: boolean;
}

export function corroborationMeasures({ events, lips, resting }: Corroboration): CorroborationMeasures {
  const nods = events.filter(({ kind }) => kind === 'nod').length;
  return { yawns: events.length - nods, nods, speaking: isSpeaking(lips), headResting: isResting(resting) };
}
