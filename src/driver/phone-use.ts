import type { NoPhoneReason, PhoneObservation, PhonePlace } from '../camera/phone-observation.js';

export interface PhoneUseOptions {
  /** Score from which on a phone counts towards the beginning of use. */
  readonly enterScore: number;
  /** Score from which on it counts as still there; at most `enterScore`. */
  readonly holdScore: number;
  /** Pictures in a row with `enterScore` before it is use; single pictures deceive. */
  readonly confirmations: number;
  /** Milliseconds for which use outlasts the last picture with a phone: hands cover phones, pictures come once a second. */
  readonly holdOverMs: number;
  /** Milliseconds without any word from the detector after which nothing is known. More than its interval. */
  readonly staleMs: number;
}

/** For one picture a second: two in a row, forgiven for two missed ones, silent after four. */
export const defaultPhoneUse: PhoneUseOptions = {
  enterScore: 0.4,
  holdScore: 0.3,
  confirmations: 2,
  holdOverMs: 2500,
  staleMs: 4000,
};

/** Evidence, not a state: alerts, speed gates and what counts as distraction are the policy's. */
export type PhoneUse =
  | { readonly kind: 'unavailable'; readonly reason: NoPhoneReason | 'noPhoneObservation' }
  | { readonly kind: 'none' }
  | {
      readonly kind: 'inUse';
      /** Drive time of the first of the pictures that made it use. */
      readonly sinceMs: number;
      /** Drive time of the last picture with a phone. */
      readonly lastMs: number;
      readonly place: PhonePlace;
      /** Highest score since it began. */
      readonly score: number;
    };

interface Sighted {
  readonly sinceMs: number;
  readonly lastMs: number;
  readonly count: number;
  readonly score: number;
  readonly place: PhonePlace;
  /** Once true it stays until the run of sightings ends. */
  readonly confirmed: boolean;
}

/** What is remembered between observations. */
export interface PhoneUseTrack {
  /** Drive time of the detector's last word; undefined before the first. */
  readonly heardMs?: number;
  /** Set while that word is that it is unavailable. */
  readonly reason?: NoPhoneReason;
  readonly sighted?: Sighted;
}

export const initialPhoneUse: PhoneUseTrack = {};

/**
 * Takes the next observation. Its `t` counts, not the time at which it arrived. An observation from before the last one
 * (a seek, another drive) starts anew.
 */
export function stepPhoneUse(
  track: PhoneUseTrack,
  observation: PhoneObservation,
  options: PhoneUseOptions = defaultPhoneUse,
): PhoneUseTrack {
  const { t } = observation;
  const before = track.heardMs !== undefined && t < track.heardMs ? initialPhoneUse : track;
  if (observation.kind === 'unavailable') return { heardMs: t, reason: observation.reason };
  const held = stillHeld(before, t, options);
  if (observation.kind === 'noPhone' || observation.score < options.holdScore) {
    // A picture without a phone ends what was not confirmed yet: confirmations are in a row.
    return held?.confirmed === true ? { heardMs: t, sighted: held } : { heardMs: t };
  }
  const { score, place } = observation;
  if (held === undefined || (!held.confirmed && score < options.enterScore)) {
    if (score < options.enterScore) return { heardMs: t };
    const first = { sinceMs: t, lastMs: t, count: 1, score, place, confirmed: options.confirmations <= 1 };
    return { heardMs: t, sighted: first };
  }
  const count = held.count + 1;
  return {
    heardMs: t,
    sighted: {
      sinceMs: held.sinceMs,
      lastMs: t,
      count,
      score: Math.max(held.score, score),
      place: place === 'unplaced' ? held.place : place,
      confirmed: held.confirmed || count >= options.confirmations,
    },
  };
}

/** What the observations so far say at drive time `t`, at or after the last of them. */
export function phoneUseAt(
  track: PhoneUseTrack,
  t: number,
  options: PhoneUseOptions = defaultPhoneUse,
): PhoneUse {
  if (track.heardMs === undefined || t - track.heardMs > options.staleMs)
    return { kind: 'unavailable', reason: 'noPhoneObservation' };
  if (track.reason !== undefined) return { kind: 'unavailable', reason: track.reason };
  const held = stillHeld(track, t, options);
  if (held?.confirmed !== true) return { kind: 'none' };
  const { sinceMs, lastMs, place, score } = held;
  return { kind: 'inUse', sinceMs, lastMs, place, score };
}

function stillHeld(
  { sighted }: PhoneUseTrack,
  t: number,
  { holdOverMs }: PhoneUseOptions,
): Sighted | undefined {
  return sighted !== undefined && t - sighted.lastMs <= holdOverMs ? sighted : undefined;
}
