import {
  forgetDrowsiness,
  initialDrowsinessTrack,
  modelOpinion,
  stepDrowsinessTrack,
  type DrowsinessTrack,
} from './drowsiness/drowsiness-track.js';
import { estimateKss, type KssEstimate, type KssInputs } from './drowsiness/kss.js';
import { microsleepWindowMs } from './drowsiness/kss-levels.js';
import type { BlinkWindowFrame } from './drowsiness/blink-window.js';
import type { DrowsinessScorer } from './drowsiness/score.js';
import { blinkMeasuresOf } from './eyes/blink-measures.js';
import { recentMicrosleeps } from './eyes/microsleeps.js';
import { unavailable, valid, type Measured } from './measured.js';
import type { Policy } from './policy/policy.js';
import { steeringMeasures } from './steering/steering-measures.js';
import { timeOfDayHours, type WallClock } from './trip/time-of-day.js';
import type { Trip } from './trip/trip.js';
import type { VehicleContext } from './context/vehicle-context.js';
import type { View } from './view.js';

/** How sleepy the driver seems to be, from everything that speaks of it. */
export interface Sleepiness {
  readonly track: DrowsinessTrack;
  /** As of `estimatedMs`; never older than a second while time goes on. */
  readonly kss: Measured<KssEstimate>;
  readonly estimatedMs: number | null;
}

export const initialSleepiness: Sleepiness = {
  track: initialDrowsinessTrack,
  kss: unavailable('calibrating'),
  estimatedMs: null,
};

const estimateEveryMs = 1000;

/** One frame of the camera. @param newDriver nothing learnt before it holds */
export function watchSleepiness(
  sleepiness: Sleepiness,
  frame: BlinkWindowFrame,
  newDriver: boolean,
  scorer: DrowsinessScorer | null,
): Sleepiness {
  const before = newDriver ? forgetDrowsiness(sleepiness.track) : sleepiness.track;
  const track = stepDrowsinessTrack(before, frame, scorer);
  return newDriver ? { track, kss: unavailable('calibrating'), estimatedMs: null } : { ...sleepiness, track };
}

export interface SleepinessFacts {
  readonly now: number;
  readonly speedKmh: number | null;
  readonly vehicle: VehicleContext;
  readonly view: View;
  readonly trip: Trip;
  readonly policy: Policy;
  readonly scorer: DrowsinessScorer | null;
  readonly wallClock: WallClock | null;
}

/** Time has come to `facts.now`: makes the estimate anew once a second of the drive's clock. */
export function judgeSleepiness(sleepiness: Sleepiness, facts: SleepinessFacts): Sleepiness {
  const { now } = facts;
  const { estimatedMs } = sleepiness;
  const second = Math.floor(now / estimateEveryMs);
  if (estimatedMs !== null && second === Math.floor(estimatedMs / estimateEveryMs)) return sleepiness;
  return { ...sleepiness, kss: estimateKss(kssInputs(sleepiness.track, facts)), estimatedMs: now };
}

function kssInputs(track: DrowsinessTrack, facts: SleepinessFacts): KssInputs {
  const { now, speedKmh, vehicle, view, trip, policy, scorer, wallClock } = facts;
  const { lastObservationMs } = view.visibility;
  const silent =
    lastObservationMs !== null && now - lastObservationMs > policy.values['health.cameraSilentMs'];
  // What a camera said that has gone silent is no longer about now.
  const seen = <T>(measured: () => Measured<T>): Measured<T> =>
    silent ? unavailable('cameraSilent') : measured();
  const { short, long } = view.perclos;
  const opinion = seen(() => modelOpinion(track, now, scorer));
  const steering = steeringMeasures(trip.steering, now, speedKmh);
  const hours = timeOfDayHours(vehicle, now, wallClock);
  return {
    model: opinion.quality === 'valid' ? valid(opinion.value.probabilities) : opinion,
    perclos: seen(() => short.perclos),
    perclosLong: seen(() => long.perclos),
    longClosures: seen(() => blinkMeasuresOf(view, now).longShare),
    microsleeps:
      view.eyes.baseline.open === null
        ? unavailable('calibrating')
        : valid(recentMicrosleeps(view.eyes.microsleeps, now, microsleepWindowMs)),
    steeringReversals: steering.reversalsOverUsual,
    steeringEntropy: steering.entropyOverUsual,
    timeOnTask: valid(trip.task.drivingMs),
    timeOfDay: hours === null ? unavailable('timeOfDayUnknown') : valid(hours),
  };
}
