import type { PhoneObservation } from '../../src/camera/phone-observation.js';
import {
  defaultPhoneUse,
  initialPhoneUse,
  phoneUseAt,
  stepPhoneUse,
  type PhoneUse,
} from '../../src/driver/phone-use.js';
import type { LabelledPicture } from './phone-labels.js';
import { wilson, type Interval } from './wilson.js';

/** What a film without a phone in hand made the detector say. */
export interface FilmScore {
  /** Pictures looked at. */
  readonly looks: number;
  /** Pictures at or above each score. */
  readonly above: readonly { readonly score: number; readonly pictures: number }[];
  /** Times at which phone use began. */
  readonly uses: number;
  readonly highest: number;
}

/** Scores at which false detections are counted: CenterNet's usual one, what begins phone use here, and a half. */
export const thresholds = [0.3, defaultPhoneUse.enterScore, 0.5] as const;

/** @param observations of one film, in order */
export function scoreFilm(observations: readonly PhoneObservation[]): FilmScore {
  const scores = observations.map(scoreOf).filter((score) => score !== undefined);
  let track = initialPhoneUse;
  let uses = 0;
  let before: PhoneUse['kind'] = 'none';
  for (const observation of observations) {
    track = stepPhoneUse(track, observation);
    const { kind } = phoneUseAt(track, observation.t);
    if (kind === 'inUse' && before !== 'inUse') uses += 1;
    before = kind;
  }
  return {
    looks: observations.length,
    above: thresholds.map((score) => ({ score, pictures: scores.filter((value) => value >= score).length })),
    uses,
    highest: scores.reduce((most, score) => Math.max(most, score), 0),
  };
}

export interface PictureScore {
  readonly score: number;
  readonly phones: number;
  readonly hits: number;
  readonly hitRate: number;
  readonly hitRate95: Interval;
  /** Of the hits, those at the labelled place. */
  readonly placed: number;
  readonly without: number;
  readonly falseHits: number;
  readonly subjects: number;
}

/** Hits at each threshold; a picture is a trial, though those of one person hang together. */
export function scorePictures(
  pictures: readonly { readonly picture: LabelledPicture; readonly observation: PhoneObservation }[],
): PictureScore[] {
  const withPhone = pictures.filter(({ picture }) => picture.label !== 'none');
  const without = pictures.filter(({ picture }) => picture.label === 'none');
  const subjects = new Set(pictures.map(({ picture }) => picture.subject)).size;
  return thresholds.map((score) => {
    const hits = withPhone.filter(({ observation }) => (scoreOf(observation) ?? 0) >= score);
    const placed = hits.filter(
      ({ picture, observation }) => observation.kind === 'phone' && observation.place === picture.label,
    );
    return {
      score,
      phones: withPhone.length,
      hits: hits.length,
      hitRate: hits.length / withPhone.length,
      hitRate95: wilson(hits.length, withPhone.length),
      placed: placed.length,
      without: without.length,
      falseHits: without.filter(({ observation }) => (scoreOf(observation) ?? 0) >= score).length,
      subjects,
    };
  });
}

function scoreOf(observation: PhoneObservation): number | undefined {
  return observation.kind === 'unavailable' ? undefined : observation.score;
}
