import { unavailable, valid, type Measured, type UnknownReason } from '../measured.js';
import { aboutDriver, kssConfidence, kssEvidence, kssFloors, type KssSource } from './kss-levels.js';
import type { DrowsinessProbabilities } from './score.js';

/** What the estimate rests on. Whatever is not valid is left out, and lowers the confidence only. */
export interface KssInputs {
  readonly model: Measured<DrowsinessProbabilities>;
  /** P80 over 60 s and over 180 s, 0 to 1. */
  readonly perclos: Measured<number>;
  readonly perclosLong: Measured<number>;
  /** Share of the last minute's closures of 500 ms and more, 0 to 1. */
  readonly longClosures: Measured<number>;
  /** Microsleeps that began in the last `microsleepWindowMs`. */
  readonly microsleeps: Measured<number>;
  /** Over this driver's own usual value: 1 is as usual. */
  readonly steeringReversals: Measured<number>;
  readonly steeringEntropy: Measured<number>;
  /** Driving since the last break, ms. */
  readonly timeOnTask: Measured<number>;
  /** Local time, hours from 0 to 24. */
  readonly timeOfDay: Measured<number>;
}

/** One contribution, and what it moved. */
export interface KssReason {
  readonly source: KssSource;
  /** What this evidence alone would say, 1 to 9. */
  readonly level: number;
  /** Of the weights of all that is known, 0 to 1. */
  readonly share: number;
  /** How far it moves the estimate from `kssNeutral`. */
  readonly effect: number;
}

/** Evidence that sets a lowest level. */
export interface KssFloor {
  readonly source: 'microsleeps' | 'perclosBoth';
  readonly level: number;
  /** How far it raised the estimate. */
  readonly effect: number;
}

/** A sleepiness on the scale of the KSS. An estimate: it was never validated against ratings of drivers. */
export interface KssEstimate {
  /** 1 to 9, not rounded: `kssNeutral` + the effects of `reasons` and `floor`. */
  readonly estimate: number;
  /** How much of what could speak does, 0 to 1. */
  readonly confidence: number;
  /** Strongest first. */
  readonly reasons: readonly KssReason[];
  readonly floor: KssFloor | null;
  readonly unknown: readonly {
    readonly source: KssSource | 'microsleeps';
    readonly reason: UnknownReason;
  }[];
}

/** Alert: where effects are counted from. */
export const kssNeutral = 3;

const sources = Object.keys(kssEvidence) as readonly KssSource[];

/**
 * Weighted mean of what each known piece of evidence says, raised to the floor that microsleeps or PERCLOS in both windows
 * set. Never falls when an input grows. Unavailable, with the reason of PERCLOS, while nothing about the driver is known:
 * hour and time on task alone are no measurement.
 */
export function estimateKss(inputs: KssInputs): Measured<KssEstimate> {
  const levels = sources.flatMap((source) => {
    const level = levelOf(source, inputs);
    return level === null ? [] : [{ source, level, weight: kssEvidence[source].weight }];
  });
  const floor = floorOf(inputs);
  if (floor === null && !levels.some(({ source }) => aboutDriver.includes(source))) {
    return unavailable(inputs.perclos.quality === 'valid' ? 'tooLittleMeasured' : inputs.perclos.reason);
  }
  const total = levels.reduce((sum, { weight }) => sum + weight, 0);
  const reasons = levels
    .map(({ source, level, weight }) => {
      const share = weight / total;
      return { source, level, share, effect: share * (level - kssNeutral) };
    })
    .sort((a, b) => Math.abs(b.effect) - Math.abs(a.effect));
  const mean = kssNeutral + reasons.reduce((sum, { effect }) => sum + effect, 0);
  const raised = floor !== null && floor.level > mean;
  const estimate = Math.min(9, Math.max(1, raised ? floor.level : mean));
  return valid({
    estimate,
    confidence: confidenceOf(total, inputs),
    reasons,
    floor: raised ? { ...floor, effect: floor.level - mean } : null,
    unknown: unknownOf(inputs),
  });
}

function levelOf(source: KssSource, inputs: KssInputs): number | null {
  if (source === 'model')
    return inputs.model.quality === 'valid' ? kssEvidence.model.level(inputs.model.value) : null;
  const input = inputs[source];
  return input.quality === 'valid' ? kssEvidence[source].level(input.value) : null;
}

function floorOf({ microsleeps, perclos, perclosLong }: KssInputs): Omit<KssFloor, 'effect'> | null {
  const slept = microsleeps.quality === 'valid' ? kssFloors.microsleeps(microsleeps.value) : 1;
  const both = kssFloors.perclosBoth;
  const closed =
    perclos.quality === 'valid' &&
    perclosLong.quality === 'valid' &&
    perclos.value >= both.short &&
    perclosLong.value >= both.long
      ? both.level
      : 1;
  if (slept === 1 && closed === 1) return null;
  return slept >= closed ? { source: 'microsleeps', level: slept } : { source: 'perclosBoth', level: closed };
}

const allWeights = sources.reduce((sum, source) => sum + kssEvidence[source].weight, 0);

function confidenceOf(knownWeight: number, { microsleeps }: KssInputs): number {
  const known = (kssConfidence.most * knownWeight) / allWeights;
  const slept = microsleeps.quality === 'valid' && microsleeps.value >= 1;
  return slept ? Math.max(known, kssConfidence.withMicrosleep) : known;
}

function unknownOf(inputs: KssInputs): KssEstimate['unknown'] {
  return ([...sources, 'microsleeps'] as const).flatMap((source) => {
    const input = inputs[source];
    return input.quality === 'valid' ? [] : [{ source, reason: input.reason }];
  });
}
