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
  readonly seconds: number;
  /** Detections by the head alone, from its threshold on. */
  readonly alone: number;
  /** With the second opinion: how often it was asked, and agreed; null: there is none. */
  readonly verified: { readonly asked: number; readonly detections: number; readonly cpuMs: number } | null;
}

/** How a trial is counted: by the head alone, or with the second opinion. */
export type WakeMode = 'alone' | 'verified';

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

function detections({ alone, verified }: WakeTrial, mode: WakeMode): number {
  return mode === 'alone' ? alone : (verified?.detections ?? 0);
}

/** Of the recordings of the head's own word; one with a detection was heard. */
export function recallOf(trials: readonly WakeTrial[], mode: WakeMode): Recall {
  const own = trials.filter(({ word, said }) => word === said);
  const heard = own.filter((trial) => detections(trial, mode) > 0).length;
  return { heard, n: own.length, recall: heard / own.length, ...wilson(heard, own.length) };
}

/** In everything else. */
export function falseAcceptsOf(trials: readonly WakeTrial[], mode: WakeMode): FalseAccepts {
  const other = trials.filter(({ word, said }) => word !== said);
  const events = other.reduce((sum, trial) => sum + detections(trial, mode), 0);
  const hours = hoursOf(other);
  return { events, hours, perHour: hours > 0 ? events / hours : Number.NaN, ...poissonRate(events, hours) };
}

/** What the second opinion is asked in an hour of speech without the phrase, and what share of a core that takes. */
export function askedOf(trials: readonly WakeTrial[]): {
  readonly perHour: number;
  readonly coreShare: number;
} {
  const other = trials.filter(({ word, said }) => word !== said);
  const sum = (value: (verified: NonNullable<WakeTrial['verified']>) => number): number =>
    other.reduce((total, { verified }) => total + (verified === null ? 0 : value(verified)), 0);
  const hours = hoursOf(other);
  return {
    perHour: sum(({ asked }) => asked) / hours,
    coreShare: sum(({ cpuMs }) => cpuMs) / 3.6e6 / hours,
  };
}

function hoursOf(trials: readonly WakeTrial[]): number {
  return trials.reduce((sum, { seconds }) => sum + seconds, 0) / 3600;
}
