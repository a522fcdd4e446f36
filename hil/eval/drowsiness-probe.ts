import { groupBy } from './eye-score.js';
import { blinkFeatures, type BlinkRow, type DrowsinessVideo } from './drowsiness-data.js';

/**
 * The data are standardised on the end of the subject's own alert video, so that the alert video resembles its reference
 * by construction, and the other two differ from it also by camera, light and day. Standardised anew, a judgement has to
 * do without that.
 */
export interface Probe {
  readonly name: 'sameVideo' | 'otherVideo';
  readonly about: string;
  /** Whose blinks become the reference. */
  readonly label: 0 | 1;
  /** Which of its blinks; the rest are judged. */
  readonly share: number;
}

export const probes: readonly Probe[] = [
  {
    name: 'sameVideo',
    about: 'reference: first half of the alert blinks; the second half is judged',
    label: 0,
    share: 1 / 2,
  },
  {
    name: 'otherVideo',
    about:
      'reference: first third of the low-vigilant video, so that alert and drowsy both come from another recording',
    label: 1,
    share: 1 / 3,
  },
];

/** Fewer blinks than this make no reference. */
const minReference = 10;
/** Fewer than this are not judged. */
const minJudged = 10;
/** In the given standard deviations: a reference that hardly varies must not blow everything up. */
const minDeviation = 0.15;
const outlier = 30;

/** The videos of every subject with enough blinks for a reference, standardised on it. */
export function standardisedAnew(
  videos: readonly DrowsinessVideo[],
  { label, share }: Probe,
): DrowsinessVideo[] {
  return [...groupBy(videos, ({ subject }) => subject).values()].flatMap((ofSubject) => {
    const source = ofSubject.find((video) => video.label === label);
    const cut = Math.floor((source?.blinks.length ?? 0) * share);
    if (source === undefined || cut < minReference || source.blinks.length - cut < minJudged) return [];
    const standardise = standardiser(source.blinks.slice(0, cut));
    return ofSubject.map((video) => ({
      ...video,
      blinks: (video === source ? video.blinks.slice(cut) : video.blinks).map(standardise),
    }));
  });
}

function standardiser(reference: readonly BlinkRow[]): (row: BlinkRow) => BlinkRow {
  const moments = Array.from({ length: blinkFeatures }, (_, feature) => {
    const values = reference.map((row) => Math.min(outlier, Math.max(-outlier, row[feature])));
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    return { mean, deviation: Math.max(minDeviation, Math.sqrt(variance)) };
  });
  return (row) => row.map((value, feature) => (value - moments[feature].mean) / moments[feature].deviation);
}
