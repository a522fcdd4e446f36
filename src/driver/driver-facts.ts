import { knownSpeedKmh } from './context/speed.js';
import { knownReading, type VehicleReadingName, type VehicleReadings } from './context/vehicle-context.js';
import { microsleepWindowMs } from './drowsiness/kss-levels.js';
import { recentMicrosleeps } from './eyes/microsleeps.js';
import { eyeClosureParameters, seenClosureMs } from './eyes/eye-closure.js';
import { rateHz } from './frame-rate.js';
import type { Driver } from './memory.js';
import { handsOnWheel } from './steering/hands-on.js';
import { phoneUseAt } from './phone-use.js';
import type { InputQuality } from './policy/alert.js';
import type { TracedValues } from './policy/evidence.js';
import type { CabinFacts, DriverFacts } from './policy/facts.js';
import type { Policy } from './policy/policy.js';
import { unknownReason, unknownState } from './policy/state.js';
import { viewCalibration, type View } from './view.js';

/** Everything that states and alerts follow from, at `driver.now`. */
export function factsOf(driver: Driver): DriverFacts {
  const { view, cameraFault } = driver;
  const { policy } = driver.options;
  const now = driver.now!;
  const { short, long } = view.perclos;
  const { facts: glance, sight } = view.direction;
  const phone = phoneUseAt(driver.phone, now);
  return {
    now,
    startedMs: driver.startedMs!,
    cameraFault,
    lastObservationMs: view.visibility.lastObservationMs,
    lastReadableMs: view.visibility.lastReadableMs,
    unreadable: view.visibility.unreadable,
    lastFaceMs: view.visibility.lastFaceMs,
    lastMeasuredMs: view.visibility.lastMeasuredMs,
    unmeasured: view.visibility.unmeasured,
    calibration: viewCalibration(view),
    closureMs: closureNow(view, now, policy),
    closedSinceMs: view.eyes.closure?.sinceMs ?? now,
    glance,
    look: {
      zone: glance.zone,
      yawDeg: sight?.direction.yawDeg ?? null,
      pitchDeg: sight?.direction.pitchDeg ?? null,
    },
    forwardSinceMs: view.forwardSinceMs,
    perclosShort: short.perclos,
    perclosLong: long.perclos,
    recentMicrosleeps: recentMicrosleeps(view.eyes.microsleeps, now, microsleepWindowMs),
    kssEstimate: driver.sleepiness.kss.quality === 'valid' ? driver.sleepiness.kss.value.estimate : null,
    phoneSinceMs: phone.kind === 'inUse' ? phone.sinceMs : null,
    nonNominal: view.visibility.nonNominal,
    handsOnWheel: handsFelt(driver),
    speedKmh: speedOf(driver),
    cabin: cabinOf(driver),
  };
}

function handsFelt({ trip, now }: Driver): boolean | null {
  const hands = handsOnWheel(trip.steering.hands, now!);
  return typeof hands === 'boolean' ? hands : null;
}

/** The vehicle's speed, or null when it is not known. */
export function speedOf(driver: Driver): number | null {
  return knownSpeedKmh(driver.speed, driver.now!, driver.options.policy.values['health.speedStaleMs']);
}

/** A closure that already counts goes on while the eyes are out of sight. */
function closureNow(view: View, now: number, policy: Policy): number {
  const { closure } = view.eyes;
  const seenMs = seenClosureMs(closure);
  if (closure === null || !closure.closedNow || seenMs <= policy.values['closure.holdFromMs']) return seenMs;
  const unseenMs = now - closure.lastClosedMs;
  return unseenMs > eyeClosureParameters.maxSampleMs ? now - closure.sinceMs : seenMs;
}

function cabinOf({ vehicle, now, options }: Driver): CabinFacts {
  const staleMs = options.policy.values['health.vehicleStaleMs'];
  const known = <Name extends VehicleReadingName>(name: Name): VehicleReadings[Name] | null =>
    knownReading(vehicle, name, now!, staleMs);
  return {
    leftIndicator: known('leftIndicator'),
    rightIndicator: known('rightIndicator'),
    steeringAngleDeg: known('steeringAngleDeg'),
    gear: known('gear'),
    driverSeat: known('driverSeat'),
    driverDoorOpen: known('driverDoorOpen'),
    driverBelted: known('driverBelted'),
  };
}

/** What is kept of this frame for the record of alerts. */
export function tracedValues(driver: Driver, facts: DriverFacts): TracedValues {
  const frame = driver.view.frame;
  return {
    closure: frame?.closure ?? null,
    closureMs: frame?.eyesClosed === null ? null : facts.closureMs,
    awayMs: frame?.looking === 'unknown' ? null : facts.glance.awayMs,
    cumulativeAwayMs: facts.glance.cumulativeAwayMs,
    headYawDeg: frame?.head?.yawDeg ?? null,
    headPitchDeg: frame?.head?.pitchDeg ?? null,
    perclos: facts.perclosShort.quality === 'valid' ? facts.perclosShort.value : null,
    perclosLong: facts.perclosLong.quality === 'valid' ? facts.perclosLong.value : null,
    kssEstimate: facts.kssEstimate,
    speedKmh: facts.speedKmh,
  };
}

/** Measured values by name, for the record of an alert; null where unknown. */
export function measuredNow(driver: Driver, facts: DriverFacts): Readonly<Record<string, number | null>> {
  return {
    ...tracedValues(driver, facts),
    closureMs: facts.closureMs,
    awayMs: facts.glance.awayMs,
    area3Ms: facts.glance.area3Ms,
    phoneMs: facts.phoneSinceMs === null ? null : facts.now - facts.phoneSinceMs,
    unmeasuredMs: facts.now - (facts.lastMeasuredMs ?? facts.startedMs),
  };
}

/** How good the inputs are that the facts rest on. */
export function inputQuality(driver: Driver, facts: DriverFacts): InputQuality {
  const unknown = unknownState(facts, driver.options.policy);
  return {
    driver: unknown === null ? null : unknownReason(unknown),
    speed: facts.speedKmh === null ? 'unknown' : 'valid',
    frameRateHz: rateHz(driver.view.frameRate),
    calibration: facts.calibration,
    nonNominal: facts.nonNominal,
  };
}
