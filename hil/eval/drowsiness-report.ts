import {
  calibrationCurve,
  calibrationError,
  classNames,
  confusion,
  drowsinessFigures,
  subjectBootstrap,
  type CalibrationBin,
  type DrowsinessFigures,
  type ScoredVideo,
} from './drowsiness-figures.js';
import type { Probe } from './drowsiness-probe.js';
import { wilson, type Interval } from './wilson.js';

export interface JudgedProbe extends Probe {
  readonly videos: readonly ScoredVideo[];
  readonly figures: DrowsinessFigures;
}

/** Videos judged by the model and by the baseline, in the same order. */
export interface Judgement {
  /** `unseenFolds`: the shipped model on folds it was not trained on. `leaveOneFoldOut`: every fold by a model without it. */
  readonly basis: 'unseenFolds' | 'leaveOneFoldOut';
  readonly folds: readonly string[];
  readonly model: readonly ScoredVideo[];
  readonly baseline: readonly ScoredVideo[];
  readonly probes: readonly JudgedProbe[];
}

interface Intervals {
  readonly videoAccuracy95: Interval;
  readonly aucAlertDrowsy95: Interval;
}

export interface DrowsinessReport extends DrowsinessFigures, Intervals {
  readonly unit: 'video';
  readonly basis: Judgement['basis'];
  readonly folds: readonly string[];
  readonly sensitivity95: Interval;
  readonly specificity95: Interval;
  /** Rows: true class; columns: called class; order as in `classes`. */
  readonly classes: readonly string[];
  readonly confusion: readonly (readonly number[])[];
  readonly calibration: readonly CalibrationBin[];
  readonly calibrationError: number;
  readonly baseline: DrowsinessFigures & Intervals;
  /** Model less baseline on the same videos. */
  readonly difference: Intervals & { readonly videoAccuracy: number; readonly aucAlertDrowsy: number };
  readonly probes: Readonly<Record<string, DrowsinessFigures & { aucAlertDrowsy95: Interval }>>;
}

type Figure = 'videoAccuracy' | 'aucAlertDrowsy';

function intervalOf(videos: readonly ScoredVideo[], figure: Figure): Interval {
  return subjectBootstrap([videos], ([resampled]) => drowsinessFigures(resampled)[figure]);
}

function intervalsOf(videos: readonly ScoredVideo[]): Intervals {
  return {
    videoAccuracy95: intervalOf(videos, 'videoAccuracy'),
    aucAlertDrowsy95: intervalOf(videos, 'aucAlertDrowsy'),
  };
}

export function drowsinessReport({ basis, folds, model, baseline, probes }: Judgement): DrowsinessReport {
  const figures = drowsinessFigures(model);
  const other = drowsinessFigures(baseline);
  const difference = (figure: Figure) =>
    subjectBootstrap(
      [model, baseline],
      ([ours, theirs]) => drowsinessFigures(ours)[figure] - drowsinessFigures(theirs)[figure],
    );
  const count = (label: number) => model.filter((video) => video.label === label).length;
  const curve = calibrationCurve(model);
  return {
    ...figures,
    ...intervalsOf(model),
    unit: 'video',
    basis,
    folds,
    sensitivity95: wilson(Math.round(figures.sensitivity * count(2)), count(2)),
    specificity95: wilson(Math.round(figures.specificity * count(0)), count(0)),
    classes: classNames,
    confusion: confusion(model),
    calibration: curve,
    calibrationError: calibrationError(curve),
    baseline: { ...other, ...intervalsOf(baseline) },
    difference: {
      videoAccuracy: figures.videoAccuracy - other.videoAccuracy,
      videoAccuracy95: difference('videoAccuracy'),
      aucAlertDrowsy: figures.aucAlertDrowsy - other.aucAlertDrowsy,
      aucAlertDrowsy95: difference('aucAlertDrowsy'),
    },
    probes: Object.fromEntries(
      probes.map((probe) => [
        probe.name,
        { ...probe.figures, aucAlertDrowsy95: intervalOf(probe.videos, 'aucAlertDrowsy') },
      ]),
    ),
  };
}

const points = (value: number) => `${(100 * value).toFixed(1)} %`;
const plain = (value: number) => value.toFixed(3);
const within = ({ low, high }: Interval, show: (value: number) => string) =>
  Number.isNaN(low) ? '[-]' : `[${show(low)}, ${show(high)}]`;

export function drowsinessText({ basis, folds, probes }: Judgement, report: DrowsinessReport): string {
  const { baseline, difference } = report;
  const row = (name: string, model: string, softmax: string, less: string) =>
    `${name.padEnd(28)}  ${model.padEnd(26)}  ${softmax.padEnd(26)}  ${less}`.trimEnd();
  const told =
    difference.videoAccuracy95.low > 0
      ? 'The model is better than the softmax in accuracy.'
      : difference.videoAccuracy95.high < 0
        ? 'The softmax is better than the model in accuracy.'
        : `Model and softmax cannot be told apart in accuracy on ${report.n} videos.`;
  return [
    basis === 'unseenFolds'
      ? `The shipped model on folds it was not trained on: ${folds.join(', ')}`
      : `The shipped model was trained on every fold found (${folds.join(', ')}): each is judged by a model trained without it.`,
    `${report.n} videos of ${report.subjects} subjects; 95 % intervals by resampling subjects (Wilson for shares of videos).`,
    '',
    row('', 'model', 'softmax over statistics', 'difference, paired'),
    row(
      'three classes right',
      `${points(report.videoAccuracy)} ${within(report.videoAccuracy95, points)}`,
      `${points(baseline.videoAccuracy)} ${within(baseline.videoAccuracy95, points)}`,
      `${points(difference.videoAccuracy)} ${within(difference.videoAccuracy95, points)}`,
    ),
    row(
      'alert against drowsy, AUC',
      `${plain(report.aucAlertDrowsy)} ${within(report.aucAlertDrowsy95, plain)}`,
      `${plain(baseline.aucAlertDrowsy)} ${within(baseline.aucAlertDrowsy95, plain)}`,
      `${plain(difference.aucAlertDrowsy)} ${within(difference.aucAlertDrowsy95, plain)}`,
    ),
    row(
      'alert against low vigilant',
      plain(report.aucAlertLowVigilant),
      plain(baseline.aucAlertLowVigilant),
      '',
    ),
    row(
      'low vigilant against drowsy',
      plain(report.aucLowVigilantDrowsy),
      plain(baseline.aucLowVigilantDrowsy),
      '',
    ),
    row(
      'sensitivity (drowsy)',
      `${points(report.sensitivity)} ${within(report.sensitivity95, points)}`,
      points(baseline.sensitivity),
      '',
    ),
    row(
      'specificity (alert)',
      `${points(report.specificity)} ${within(report.specificity95, points)}`,
      points(baseline.specificity),
      '',
    ),
    row('cross entropy (guess 1.099)', plain(report.crossEntropy), plain(baseline.crossEntropy), ''),
    '',
    told,
    '',
    `true class -> called ${classNames.join(', ')}`,
    ...report.confusion.map((line, label) => `  ${classNames[label].padEnd(12)} ${line.join('  ')}`),
    '',
    'drowsy against alert, stated -> found (videos)',
    ...report.calibration.map(({ stated, found, n }) => `  ${plain(stated)} -> ${plain(found)} (${n})`),
    `  mean distance ${plain(report.calibrationError)}`,
    '',
    'Standardised anew (the data are standardised on the end of the alert video, which favours "alert" there):',
    ...probes.map(({ name, about, figures }) => {
      const { aucAlertDrowsy95 } = report.probes[name];
      return `  ${name}: AUC alert against drowsy ${plain(figures.aucAlertDrowsy)} ${within(aucAlertDrowsy95, plain)}, three classes ${points(figures.videoAccuracy)}, ${figures.subjects} subjects (${about})`;
    }),
    'What a car can expect lies between the two: same camera and light as its reference, but later and sleepier.',
  ].join('\n');
}
