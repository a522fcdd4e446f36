import { unavailable, valid, type Measured, type UnknownReason } from '../measured.js';
import { entropyBaselineShare } from './entropy-baseline.js';
import { handsOnWheel } from './hands-on.js';
import { entropyClasses, entropyOf } from './prediction-error.js';
import {
  entropySlots,
  reversalSlots,
  steeringMinSpeedKmh,
  steeringSlotMs,
  type SteeringSlot,
  type SteeringTrack,
} from './steering-track.js';

export interface SteeringMeasures {
  /** Reversals of 2 degrees and more per minute, over the last minute at speed. */
  readonly reversalsPerMin: Measured<number>;
  /** Steering entropy, 0 to 1, over the last three minutes at speed; against this driver's own usual errors. */
  readonly entropy: Measured<number>;
  /** Both over this driver's own usual values: 1 is as usual. */
  readonly reversalsOverUsual: Measured<number>;
  readonly entropyOverUsual: Measured<number>;
  readonly handsOnWheel: Measured<boolean>;
  /** Share of this driver's usual steering learnt, 0 to 1. */
  readonly learnt: number;
}

const silentAfterMs = 1000;
/** A minute at speed of the three; the whole minute for the reversal rate, which jumps by one over the time. */
const entropyMinMs = 60_000;
const reversalMinMs = 60_000;
/** A straight road asks for hardly any steering; a few reversals more must not be many times the usual. */
const minUsualPerMin = 4;
const minUsualEntropy = 0.3;

/** The measures at `now`. @param speedKmh null when not known */
export function steeringMeasures(
  track: SteeringTrack,
  now: number,
  speedKmh: number | null,
): SteeringMeasures {
  const reason = notMeasured(track, now, speedKmh);
  const { learnt } = track.baseline;
  const minute = [...track.slots.slice(1 - reversalSlots), track.current];
  const minuteMs = timeOf(minute);
  const entropy = entropyNow(track);
  const entropyReason =
    reason ?? (learnt === null ? 'calibrating' : entropy === null ? 'tooLittleMeasured' : null);
  const tooShort = minuteMs < reversalMinMs - steeringSlotMs ? 'tooLittleMeasured' : null;
  const rateReason = reason ?? tooShort;
  const reversals = minute.reduce((n, slot) => n + slot.reversals, 0);
  const reversalsPerMin: Measured<number> =
    rateReason !== null ? unavailable(rateReason) : valid((reversals * 60_000) / minuteMs);
  return {
    reversalsPerMin,
    entropy: entropyReason !== null ? unavailable(entropyReason) : valid(entropy!),
    reversalsOverUsual:
      reversalsPerMin.quality !== 'valid'
        ? reversalsPerMin
        : learnt === null
          ? unavailable('calibrating')
          : valid(
              reversalsPerMin.value /
                Math.max(minUsualPerMin, (track.usual.reversals * 60_000) / track.usual.ms),
            ),
    entropyOverUsual:
      entropyReason !== null
        ? unavailable(entropyReason)
        : valid(entropy! / Math.max(minUsualEntropy, learnt!.entropy)),
    handsOnWheel: hands(track, now),
    learnt: entropyBaselineShare(track.baseline),
  };
}

function notMeasured(track: SteeringTrack, now: number, speedKmh: number | null): UnknownReason | null {
  if (track.angleT === null || now - track.angleT > silentAfterMs) return 'steeringSilent';
  if (speedKmh === null) return 'speedUnknown';
  return speedKmh < steeringMinSpeedKmh ? 'speedTooLow' : null;
}

function entropyNow(track: SteeringTrack): number | null {
  const slots = [...track.slots.slice(1 - entropySlots), track.current];
  const classes = Array<number>(entropyClasses).fill(0);
  let errors = 0;
  for (const slot of slots) {
    for (let i = 0; i < entropyClasses; i++) {
      classes[i] += slot.classes[i];
      errors += slot.classes[i];
    }
  }
  return errors * 150 < entropyMinMs ? null : entropyOf(classes);
}

function timeOf(slots: readonly SteeringSlot[]): number {
  return slots.reduce((ms, slot) => ms + slot.ms, 0);
}

function hands(track: SteeringTrack, now: number): Measured<boolean> {
  const on = handsOnWheel(track.hands, now);
  if (typeof on === 'boolean') return valid(on);
  if (on === 'unsure') return unavailable('handsNotFelt');
  const counts = track.countsT !== null && now - track.countsT <= silentAfterMs;
  return unavailable(counts ? 'torqueScaleUnknown' : 'steeringSilent');
}
