import type { VehicleReading } from '../context/vehicle-context.js';
import { addError, initialEntropyBaseline, type EntropyBaseline } from './entropy-baseline.js';
import { initialHandsOn, stepHandsOn, type HandsOn } from './hands-on.js';
import {
  entropyClasses,
  errorClass,
  initialPredictionError,
  stepPredictionError,
  type PredictionError,
} from './prediction-error.js';
import { gridMs, initialResampler, stepResampler, type Resampler } from './resampler.js';
import { initialReversals, stepReversals, type Reversals } from './reversals.js';

/** What is remembered of how the driver steers. Windows are of time at speed, not of time that passed. */
export interface SteeringTrack {
  readonly resampler: Resampler;
  readonly reversals: Reversals;
  readonly error: PredictionError;
  readonly baseline: EntropyBaseline;
  /** The driver's own reversals over the time the baseline was learnt. */
  readonly usual: { readonly ms: number; readonly reversals: number };
  /** Full slots, oldest first, and the one being filled. */
  readonly slots: readonly SteeringSlot[];
  readonly current: SteeringSlot;
  readonly hands: HandsOn;
  /** Times of the newest readings; null where none came. */
  readonly angleT: number | null;
  readonly countsT: number | null;
}

/** What happened in some seconds at speed. */
export interface SteeringSlot {
  readonly ms: number;
  readonly reversals: number;
  /** Prediction errors per class, once the driver's usual ones are known. */
  readonly classes: readonly number[];
}

/** Ten seconds make a slot, 18 the three minutes of entropy, six the minute of the reversal rate. */
export const steeringSlotMs = 10_000;
export const reversalSlots = 6;
export const entropySlots = 18;

/** Below this a driver turns, parks and manoeuvres: Euro NCAP has impairment measured and learnt from 50 km/h on. */
export const steeringMinSpeedKmh = 50;

const emptySlot: SteeringSlot = { ms: 0, reversals: 0, classes: Array<number>(entropyClasses).fill(0) };

export const initialSteering: SteeringTrack = {
  resampler: initialResampler,
  reversals: initialReversals,
  error: initialPredictionError,
  baseline: initialEntropyBaseline,
  usual: { ms: 0, reversals: 0 },
  slots: [],
  current: emptySlot,
  hands: initialHandsOn,
  angleT: null,
  countsT: null,
};

export interface SteeringContext {
  /** Null when not known: then nothing is learnt or counted. */
  readonly speedKmh: number | null;
  /** The driver is drowsy: what is usual for this driver is not to be learnt now. */
  readonly drowsy: boolean;
}

/** One reading of the vehicle; those that are not about steering change nothing. */
export function stepSteering(
  track: SteeringTrack,
  reading: VehicleReading,
  context: SteeringContext,
): SteeringTrack {
  if (reading.quality !== 'valid' || reading.value === null) return track;
  const { t } = reading;
  if (reading.name === 'steeringAngleDeg' && Number.isFinite(reading.value))
    return stepAngle(track, t, reading.value, context);
  if (reading.name === 'driverTorqueNm' && Number.isFinite(reading.value))
    return { ...track, hands: stepHandsOn(track.hands, t, reading.value) };
  return reading.name === 'driverTorqueCounts' ? { ...track, countsT: t } : track;
}

/** Another driver may have sat down: what is usual has to be learnt anew, and what was counted is not this one's. */
export function forgetSteering(track: SteeringTrack): SteeringTrack {
  return {
    ...initialSteering,
    resampler: track.resampler,
    reversals: track.reversals,
    angleT: track.angleT,
    countsT: track.countsT,
    hands: { ...track.hands, lastFeltMs: null },
  };
}

function stepAngle(
  track: SteeringTrack,
  t: number,
  angleDeg: number,
  { speedKmh, drowsy }: SteeringContext,
): SteeringTrack {
  const { resampler, samples, broken } = stepResampler(track.resampler, t, angleDeg);
  let next: SteeringTrack = { ...track, resampler, angleT: t };
  if (broken) next = { ...next, reversals: initialReversals, error: initialPredictionError };
  const counts = speedKmh !== null && speedKmh >= steeringMinSpeedKmh;
  for (const sample of samples) next = stepSample(next, sample, counts, drowsy);
  return next;
}

function stepSample(track: SteeringTrack, angleDeg: number, counts: boolean, drowsy: boolean): SteeringTrack {
  const { reversals, reversed } = stepReversals(track.reversals, angleDeg);
  const { error, errorDeg } = stepPredictionError(track.error, angleDeg);
  if (!counts) return { ...track, reversals, error };
  const learns = errorDeg !== null && !drowsy;
  const baseline = learns ? addError(track.baseline, errorDeg) : track.baseline;
  const { learnt } = track.baseline;
  const { current, usual } = track;
  const learning = !drowsy && learnt === null;
  const next: SteeringTrack = {
    ...track,
    reversals,
    error,
    baseline,
    usual: learning ? { ms: usual.ms + gridMs, reversals: usual.reversals + Number(reversed) } : usual,
  };
  const filled: SteeringSlot = {
    ms: current.ms + gridMs,
    reversals: current.reversals + Number(reversed),
    classes:
      errorDeg === null || learnt === null
        ? current.classes
        : withOne(current.classes, errorClass(errorDeg, learnt.alphaDeg)),
  };
  if (filled.ms < steeringSlotMs) return { ...next, current: filled };
  const slots = [...track.slots, filled].slice(-entropySlots);
  return { ...next, slots, current: emptySlot };
}

function withOne(counts: readonly number[], at: number): readonly number[] {
  return counts.with(at, counts[at] + 1);
}
