import type { Policy } from '../policy/policy.js';
import { addClosure, initialBlinkStatistics, type BlinkStatistics } from './blink-statistics.js';
import { initialBlinkState, stepBlink, type BlinkEvent, type BlinkState } from './blink.js';
import { closureRatio } from './closure.js';
import { seenClosureMs, stepEyeClosure, stepUnseenClosure, type EyeClosure } from './eye-closure.js';
import { initialLidSpeed, stepLidSpeed, type LidSpeed } from './lid-speed.js';
import { initialMicrosleeps, stepMicrosleeps, type Microsleeps } from './microsleeps.js';
import { initialBaseline, stepBaseline, type OpennessBaseline } from './openness-baseline.js';
import {
  initialPerclos,
  nothingMeasured,
  perclosOver,
  stepPerclos,
  type PerclosSample,
  type PerclosState,
  type PerclosWindow,
} from './perclos.js';

/** What is remembered of the driver's lids. */
export interface EyesTrack {
  readonly baseline: OpennessBaseline;
  readonly blink: BlinkState;
  readonly closure: EyeClosure | null;
  readonly closureCount: number;
  readonly lidSpeed: LidSpeed;
  readonly blinks: BlinkStatistics;
  readonly microsleeps: Microsleeps;
  readonly perclos: PerclosState;
  /** PERCLOS over the policy's short and long windows, as of the newest observation. */
  readonly shortWindow: PerclosWindow;
  readonly longWindow: PerclosWindow;
}

export const initialEyesTrack: EyesTrack = {
  baseline: initialBaseline,
  blink: initialBlinkState,
  closure: null,
  closureCount: 0,
  lidSpeed: initialLidSpeed,
  blinks: initialBlinkStatistics,
  microsleeps: initialMicrosleeps,
  perclos: initialPerclos,
  shortWindow: nothingMeasured,
  longWindow: nothingMeasured,
};

export interface EyesStep {
  readonly eyes: EyesTrack;
  /** 0 open to 1 closed against this driver's own eyes; null where there is nothing to tell by. */
  readonly closure: number | null;
  readonly eyesClosed: boolean | null;
  /** A closure that ended with this frame. */
  readonly blink: BlinkEvent | null;
}

export interface EyesContext {
  readonly policy: Policy;
  /** Enough frames a second for blinks. */
  readonly fast: boolean;
  /** The driver is drowsy: what is usual for this driver is not to be learnt now. */
  readonly drowsy: boolean;
}

/**
 * One frame with a face.
 * @param openness mean openness of the frame; null when the eyes could not be measured
 */
export function stepEyes(
  eyes: EyesTrack,
  t: number,
  openness: number | null,
  { policy, fast, drowsy }: EyesContext,
): EyesStep {
  const { open } = eyes.baseline;
  if (openness === null || open === null) {
    const baseline = openness === null ? eyes.baseline : stepBaseline(eyes.baseline, t, openness, 'unknown');
    const unseen = stepUnseenEyes(eyes, t, policy);
    return { eyes: { ...unseen, baseline }, closure: null, eyesClosed: null, blink: null };
  }
  const step = stepBlink(eyes.blink, t, openness / open, fast);
  const { lids, floor } = step.state;
  const closureCount = eyes.closureCount + 1;
  const closure = stepEyeClosure(
    eyes.closure,
    t,
    lids.kind === 'closed'
      ? { kind: 'closed', sinceMs: lids.sinceMs, deep: lids.shallowSinceMs === null }
      : { kind: 'open' },
    closureCount,
  );
  const ratio = closureRatio(openness, open, floor);
  const lidsClosed = lids.kind === 'closed';
  const resting = lids.kind === 'open' && step.state.fallingSinceMs === null && step.event === undefined;
  const lidSpeed = stepLidSpeed(eyes.lidSpeed, t, openness / open, resting);
  const { event } = step;
  const next: EyesTrack = {
    ...eyes,
    baseline: stepBaseline(eyes.baseline, t, openness, lids.kind, drowsy),
    blink: step.state,
    closure,
    closureCount: closure?.id === closureCount ? closureCount : eyes.closureCount,
    lidSpeed,
    blinks: event === undefined ? eyes.blinks : addClosure(eyes.blinks, event, lidSpeed),
    microsleeps: stepMicrosleeps(eyes.microsleeps, closure, seenClosureMs(closure)),
    ...measured(eyes.perclos, t, { closure: ratio, lidsClosed }, policy),
  };
  return { eyes: next, closure: ratio, eyesClosed: lidsClosed, blink: event ?? null };
}

/** One frame in which the eyes could not be measured. */
export function stepUnseenEyes(eyes: EyesTrack, t: number, policy: Policy): EyesTrack {
  const closure = holdClosure(eyes.closure, t, policy);
  return { ...eyes, closure, ...measured(eyes.perclos, t, null, policy) };
}

/** Time passed without a frame. */
export function stepEyesTime(eyes: EyesTrack, now: number, policy: Policy): EyesTrack {
  const closure = holdClosure(eyes.closure, now, policy);
  return closure === eyes.closure ? eyes : { ...eyes, closure };
}

/** Another driver may have sat down: nothing learnt about lids holds. */
export function forgetEyes(eyes: EyesTrack): EyesTrack {
  return {
    ...eyes,
    baseline: initialBaseline,
    blink: initialBlinkState,
    lidSpeed: initialLidSpeed,
  };
}

function measured(
  perclos: PerclosState,
  t: number,
  sample: PerclosSample | null,
  policy: Policy,
): Pick<EyesTrack, 'perclos' | 'shortWindow' | 'longWindow'> {
  const p = policy.values;
  const shortMs = p['drowsy.shortWindowMs'];
  const longMs = p['drowsy.longWindowMs'];
  const next = stepPerclos(perclos, t, sample, {
    closedAt: p['perclos.closedAt'],
    blinkMs: p['perclos.blinkMs'],
    windowsMs: [shortMs, longMs],
  });
  return { perclos: next, shortWindow: perclosOver(next, shortMs), longWindow: perclosOver(next, longMs) };
}

function holdClosure(closure: EyeClosure | null, now: number, policy: Policy): EyeClosure | null {
  return stepUnseenClosure(
    closure,
    now,
    policy.values['closure.holdFromMs'],
    policy.values['closure.unseenHoldMs'],
  );
}
