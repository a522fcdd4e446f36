import type { Driver } from './memory.js';
import { blinkBaselineShare } from './eyes/blink-baseline.js';
import { blinkMeasures } from './eyes/blink-statistics.js';
import { seenClosureMs } from './eyes/eye-closure.js';
import { fastEnoughForBlinks, rateHz } from './frame-rate.js';
import { unavailable, valid, type Measured, type UnknownReason } from './measured.js';
import type { DriverMeasures } from './outputs.js';
import { perclosMinHz, type PerclosWindow } from './eyes/perclos.js';
import type { Policy } from './policy/policy.js';
import { knownSpeedKmh } from './context/speed.js';
import { steeringMeasures } from './steering/steering-measures.js';
import { timeOfDayHours } from './trip/time-of-day.js';
import { viewCalibration, type View } from './view.js';

interface PerclosMeasures {
  readonly perclos: Measured<number>;
  readonly p70: Measured<number>;
  readonly meanSquare: Measured<number>;
  readonly closedShare: Measured<number>;
  readonly measuredMs: number;
}

/** PERCLOS over the policy's two windows, valid once enough of the window was measured. */
export function perclosMeasures(
  view: View,
  policy: Policy,
): { short: PerclosMeasures; long: PerclosMeasures } {
  const p = policy.values;
  return {
    short: qualified(view, view.eyes.shortWindow, p['drowsy.shortCoverageMs']),
    long: qualified(view, view.eyes.longWindow, p['drowsy.longCoverageMs']),
  };
}

function qualified(view: View, window: PerclosWindow, coverageMs: number): PerclosMeasures {
  const { measuredMs } = window;
  const hz = rateHz(view.frameRate);
  const reason: UnknownReason | null =
    measuredMs < coverageMs
      ? 'tooLittleMeasured'
      : hz === null || hz < perclosMinHz * 0.97
        ? 'frameRateTooLow'
        : null;
  const of = (value: number): Measured<number> => (reason === null ? valid(value) : unavailable(reason));
  return {
    perclos: of(window.perclos),
    p70: of(window.p70),
    meanSquare: of(window.meanSquare),
    closedShare: of(window.closedShare),
    measuredMs,
  };
}

/** The measures of the observation just taken, at time `t`. */
export function measuresOf(driver: Driver, t: number): DriverMeasures {
  const { view, options } = driver;
  const { policy } = options;
  const frame = view.frame!;
  const { short, long } = perclosMeasures(view, policy);
  const hz = rateHz(view.frameRate);
  const countable = fastEnoughForBlinks(view.frameRate);
  const calibrated = view.eyes.baseline.open !== null;
  const eyes = <T>(value: T | null): Measured<T> =>
    value === null ? unavailable(frame.eyesReason) : valid(value);
  const head = <T>(value: T | null): Measured<T> =>
    value === null ? unavailable(frame.headReason) : valid(value);
  const speedKmh = knownSpeedKmh(driver.speed, driver.now!, policy.values['health.speedStaleMs']);
  const clock = timeOfDayHours(driver.vehicle, driver.now!);
  return {
    t,
    frame: frame.number,
    openness: eyes(frame.openness),
    openBaseline: calibrated ? valid(view.eyes.baseline.open) : unavailable('calibrating'),
    closure: eyes(frame.closure),
    eyesClosed: eyes(frame.eyesClosed),
    closureMs: eyes(
      frame.eyesClosed === null ? null : frame.eyesClosed ? seenClosureMs(view.eyes.closure) : 0,
    ),
    perclos: short.perclos,
    perclosLong: long.perclos,
    perclos70: short.p70,
    perclos70Long: long.p70,
    closureSquare: short.meanSquare,
    closureSquareLong: long.meanSquare,
    closedShare: short.closedShare,
    measuredMs: short.measuredMs,
    measuredLongMs: long.measuredMs,
    headYawDeg: head(frame.head?.yawDeg ?? null),
    headPitchDeg: head(frame.head?.pitchDeg ?? null),
    eyesOnRoad: head(frame.looking === 'unknown' ? null : frame.looking === 'ahead'),
    awayMs: head(frame.looking === 'unknown' ? null : view.direction.glance.offMs),
    blinks: blinkMeasures(view.eyes.blinks, {
      t,
      hz,
      reason: calibrated ? null : 'calibrating',
      windowReason: short.perclos.quality === 'valid' ? null : short.perclos.reason,
      measuredMs: short.measuredMs,
    }),
    microsleeps: {
      count: calibrated ? valid(view.eyes.microsleeps.count) : unavailable('calibrating'),
      beganMs: view.eyes.microsleeps.beganMs,
    },
    steering: steeringMeasures(driver.trip.steering, driver.now!, speedKmh),
    timeOnTaskMs: driver.trip.task.drivingMs,
    timeOfDayHours: clock === null ? unavailable('timeOfDayUnknown') : valid(clock),
    blinksLearnt: blinkBaselineShare(view.eyes.blinkBaseline),
    frameRateHz: hz === null ? unavailable('tooLittleMeasured') : valid(hz),
    calibration: viewCalibration(view),
    degradedBy: [
      ...(speedKmh === null ? (['speedUnknown'] as const) : []),
      ...(hz !== null && !countable ? (['frameRateTooLow'] as const) : []),
      ...view.visibility.faults.map(({ reason }) => reason),
    ],
    faults: view.visibility.faults,
  };
}
