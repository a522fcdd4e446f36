import { unavailable, valid, type Measured, type UnknownReason } from '../measured.js';
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
  const oldest = t - corroborationWindowMs;
  const old = state.events.length > 0 && state.events[0].endMs <= oldest;
  const unchanged = yawn === null && nod === null && !old;
  const events = unchanged ? state.events : eventsSince(oldest, state.events, yawn, nod);
  return {
    yawning,
    nodding,
    lips: stepSpeaking(state.lips, t, mouthOpening),
    resting: stepHeadRest(state.resting, t, head),
    events,
  };
}

function eventsSince(
  oldest: number,
  before: Corroboration['events'],
  ...found: readonly (Yawn | Nod | null)[]
): Corroboration['events'] {
  const events = before.filter(({ endMs }) => endMs > oldest);
  for (const event of found) if (event !== null && event.endMs > oldest) events.push(event);
  return events;
}

export interface CorroborationMeasures {
  /** In the last ten minutes. */
  readonly yawns: Measured<number>;
  readonly nods: Measured<number>;
  readonly speaking: Measured<boolean>;
  readonly headResting: Measured<boolean>;
}

/** Why mouth and head are not seen at present; null where they are. */
export interface CorroborationReasons {
  readonly mouth: UnknownReason | null;
  readonly head: UnknownReason | null;
}

/** Counts hold while a frame shows no face; a covered mouth yawns unseen. */
export function corroborationMeasures(
  { events, lips, resting }: Corroboration,
  reasons: CorroborationReasons,
): CorroborationMeasures {
  let nods = 0;
  for (const { kind } of events) if (kind === 'nod') nods++;
  const speaking = isSpeaking(lips);
  return {
    yawns: reasons.mouth === 'lowerFaceCovered' ? unavailable(reasons.mouth) : valid(events.length - nods),
    nods: valid(nods),
    speaking: speaking === null ? unavailable(reasons.mouth ?? 'tooLittleMeasured') : valid(speaking),
    headResting: reasons.head === null ? valid(isResting(resting)) : unavailable(reasons.head),
  };
}
