import { cameraReason, noFrameYet, withoutCamera } from './camera-silent.js';
import { corroborationMeasures } from './corroboration/corroboration.js';
import type { Driver } from './memory.js';
import { blinkWindowCalibration } from './drowsiness/blink-window.js';
import { blinkMeasuresOf } from './eyes/blink-measures.js';
import { seenClosureMs } from './eyes/eye-closure.js';
import { fastEnoughForBlinks, rateHz } from './frame-rate.js';
import { gazeMeasures } from './gaze/gaze-measures.js';
import { phoneUseAt } from './phone-use.js';
import { unavailable, valid, type Measured, type UnknownReason } from './measured.js';
import type { DriverMeasures } from './outputs.js';
import type { Policy } from './policy/policy.js';
import { knownSpeedKmh } from './context/speed.js';
import { steeringMeasures } from './steering/steering-measures.js';
import { timeOfDayHours } from './trip/time-of-day.js';
import { viewCalibration, type View } from './view.js';

/** Where no policy in force has the rule: Euro NCAP's limits. */
const usualLimits = { glanceMs: 3000, shortPerclos: 0.15 } as const;

/** What is measured at `t`, the time of the observation or tick just taken. */
export function measuresOf(driver: Driver, t: number): DriverMeasures {
  const reason = cameraReason(driver);
  const measures = measuresAt(driver, t, reason);
  return reason === null ? measures : withoutCamera(measures, reason);
}

function measuresAt(driver: Driver, t: number, reason: UnknownReason | null): DriverMeasures {
  const { view, options } = driver;
  const { policy } = options;
  const frame = view.frame ?? noFrameYet;
  const { short, long } = view.perclos;
  const hz = rateHz(view.frameRate);
  const countable = fastEnoughForBlinks(view.frameRate);
  const calibrated = view.eyes.baseline.open !== null;
  const eyes = <T>(value: T | null): Measured<T> =>
    value === null ? unavailable(frame.eyesReason) : valid(value);
  const head = <T>(value: T | null): Measured<T> =>
    value === null ? unavailable(frame.headReason) : valid(value);
  const speedKmh = knownSpeedKmh(driver.speed, driver.now!, policy.values['health.speedStaleMs']);
  const clock = timeOfDayHours(driver.vehicle, driver.now!, options.wallClock);
  const awayMs = head(frame.looking === 'unknown' ? null : view.direction.glance.offMs);
  const limits = levelLimits(driver.machine.policies);
  return {
    t,
    frame: view.frame?.number ?? null,
    frameMs: view.frame?.t ?? null,
    cameraReason: reason,
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
    awayMs,
    distractionLevel: levelOf(awayMs, limits.glanceMs),
    fatigueLevel: levelOf(short.perclos, limits.shortPerclos),
    gaze: gazeMeasures(view.direction, frame.headReason),
    phoneInUse: phoneMeasure(driver),
    blinks: blinkMeasuresOf(view, t),
    microsleeps: {
      count: calibrated ? valid(view.eyes.microsleeps.count) : unavailable('calibrating'),
      beganMs: view.eyes.microsleeps.beganMs,
    },
    steering: steeringMeasures(driver.trip.steering, driver.now!, speedKmh),
    timeOnTaskMs: driver.trip.task.drivingMs,
    timeOfDayHours: clock === null ? unavailable('timeOfDayUnknown') : valid(clock),
    kss: driver.sleepiness.kss,
    blinksLearnt: blinkWindowCalibration(driver.sleepiness.track.window),
    frameRateHz: hz === null ? unavailable('tooLittleMeasured') : valid(hz),
    calibration: viewCalibration(view),
    degradedBy: [
      ...(speedKmh === null ? (['speedUnknown'] as const) : []),
      ...(hz !== null && !countable ? (['frameRateTooLow'] as const) : []),
      ...(driver.overloaded ? (['overloaded'] as const) : []),
      ...view.visibility.faults.map(({ reason }) => reason),
    ],
    faults: view.visibility.faults,
    corroboration: corroborationMeasures(view.corroboration, {
      mouth: mouthReason(view, frame.head === null ? frame.headReason : null),
      head: frame.head === null ? frame.headReason : null,
    }),
  };
}

function mouthReason({ visibility }: View, unseen: UnknownReason | null): UnknownReason | null {
  return visibility.faults.some(({ reason }) => reason === 'lowerFaceCovered') ? 'lowerFaceCovered' : unseen;
}

/** Where a rule of a policy in force fires. */
function levelLimits(policies: readonly Policy[]): {
  readonly glanceMs: number;
  readonly shortPerclos: number;
} {
  let glanceMs: number | null = null;
  let shortPerclos: number | null = null;
  for (const { rules } of policies) {
    glanceMs ??= rules.longDistraction?.values.glanceMs ?? null;
    shortPerclos ??= rules.drowsy?.values.shortPerclos ?? null;
  }
  return {
    glanceMs: glanceMs ?? usualLimits.glanceMs,
    shortPerclos: shortPerclos ?? usualLimits.shortPerclos,
  };
}

function levelOf(measured: Measured<number>, limit: number): Measured<number> {
  return measured.quality === 'valid' ? valid(Math.min(1, measured.value / limit)) : measured;
}

function phoneMeasure({ phone, now }: Driver): Measured<boolean> {
  const use = phoneUseAt(phone, now!);
  return use.kind === 'unavailable' ? unavailable(use.reason) : valid(use.kind === 'inUse');
}
