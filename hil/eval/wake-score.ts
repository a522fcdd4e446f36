import { poissonRate } from './poisson.js';
import { wilson } from './wilson.js';

export type WakeSnr = number | 'clean';

/** One recording in one condition, as one head heard it. */
export interface WakeTrial {
  /** Of the head. */
  readonly word: string;
  /** What is said; null for none of the words. */
  readonly said: string | null;
  readonly snr: WakeSnr;
  readonly detections: number;
  readonly seconds: number;
}

export interface Recall {
  readonly heard: number;
  readonly n: number;
  readonly recall: number;
  readonly low: number;
  readonly high: number;
}

export interface FalseAccepts {
  readonly events: number;
  readonly hours: number;
  readonly perHour: number;
  /** Exact 95 % interval. */
  readonly low: number;
  readonly high: number;
}

/** Of the recordings of the head's own word; one with a detection was heard. */
export function recallOf(trials: readonly WakeTrial[]): Recall {
  const own = trials.filter(({ word, said }) => word === said);
  const heard = own.filter(({ detections }) => detections > 0).length;
  return { heard, n: own.length, recall: heard / own.length, ...wilson(heard, own.length) };
}

/** In everything else. */
export function falseAcceptsOf(trials: readonly WakeTrial[]): FalseAccepts {
  const other = trials.filter(({ word, said }) => word !== said);
  const events = other.reduce((sum, { detections }) => sum + detections, 0);
  const hours = other.reduce((sum, { seconds }) => sum + seconds, 0) / 3600;
  return { events, hours, perHour: hours > 0 ? events / hours : Number.NaN, ...poissonRate(events, hours) };
}
