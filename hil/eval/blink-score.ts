import type { BlinkLabel } from './blink-labels.js';
import { wilson, type Interval } from './wilson.js';

/** A detected closure in frames; `end` is exclusive. */
export interface DetectedBlink {
  readonly start: number;
  readonly end: number;
}

export interface BlinkScore {
  /** Labelled closures (uncertain ones left out). */
  readonly n: number;
  readonly found: number;
  readonly falsePositives: number;
  /** Detections that touch only an uncertain label. */
  readonly undecided: number;
  readonly missed: readonly BlinkLabel[];
  readonly wrong: readonly DetectedBlink[];
  /** Detected minus labelled start, frames, one per detection that matched. */
  readonly startErrors: readonly number[];
}

/**
 * Matches detections to labels by overlap in time, one frame of tolerance either side (two for uncertain
 * labels). A detection that spans several labels finds them all; several detections inside one label find it
 * once and are not wrong.
 */
export function scoreBlinks(detected: readonly DetectedBlink[], labels: readonly BlinkLabel[]): BlinkScore {
  const certain = labels.filter((label) => !label.uncertain);
  const uncertain = labels.filter((label) => label.uncertain);
  const found = new Set<BlinkLabel>();
  const wrong: DetectedBlink[] = [];
  const startErrors: number[] = [];
  let undecided = 0;
  for (const blink of detected) {
    const matches = certain.filter((label) => overlaps(blink, label, 1));
    if (matches.length > 0) {
      const fresh = matches.find((label) => !found.has(label));
      if (fresh !== undefined) startErrors.push(blink.start - fresh.start);
      for (const label of matches) found.add(label);
    } else if (uncertain.some((label) => overlaps(blink, label, 2))) {
      undecided++;
    } else {
      wrong.push(blink);
    }
  }
  return {
    n: certain.length,
    found: found.size,
    falsePositives: wrong.length,
    undecided,
    missed: certain.filter((label) => !found.has(label)),
    wrong,
    startErrors,
  };
}

function overlaps(blink: DetectedBlink, label: BlinkLabel, tolerance: number): boolean {
  return blink.start < label.end + tolerance && blink.end > label.start - tolerance;
}

export interface BlinkFigures {
  readonly n: number;
  readonly found: number;
  readonly falsePositives: number;
  readonly undecided: number;
  readonly precision: number;
  readonly precision95: Interval;
  readonly recall: number;
  readonly recall95: Interval;
  readonly f1: number;
  /** Largest absolute start error, frames; 0 when nothing matched. */
  readonly startErrorFramesMax: number;
  readonly startErrorFramesMedian: number;
}

/** Pools scores: the total over clips is one over all of their events. */
export function figures(scores: readonly BlinkScore[]): BlinkFigures {
  const sum = (of: (score: BlinkScore) => number): number =>
    scores.reduce((total, score) => total + of(score), 0);
  const n = sum((score) => score.n);
  const found = sum((score) => score.found);
  const falsePositives = sum((score) => score.falsePositives);
  const errors = scores.flatMap((score) => score.startErrors).sort((a, b) => a - b);
  const precision = found + falsePositives === 0 ? 0 : found / (found + falsePositives);
  const recall = n === 0 ? 0 : found / n;
  return {
    n,
    found,
    falsePositives,
    undecided: sum((score) => score.undecided),
    precision,
    precision95: wilson(found, found + falsePositives),
    recall,
    recall95: wilson(found, n),
    f1: precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall),
    startErrorFramesMax: errors.reduce((largest, error) => Math.max(largest, Math.abs(error)), 0),
    startErrorFramesMedian: errors.length === 0 ? 0 : errors[errors.length >> 1],
  };
}
