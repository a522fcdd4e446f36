import { knownReading, takeReading } from './context/vehicle-context.js';
import { factsOf, inputQuality, measuredNow, speedOf, tracedValues } from './driver-facts.js';
import { fastEnoughForBlinks } from './frame-rate.js';
import { measuresOf } from './measures.js';
import { renewMs } from './camera-silent.js';
import { initialDriver, type Driver } from './memory.js';
import type { DriverInput, DriverOutput, InputSource, RejectionReason } from './outputs.js';
import { stepPhoneUse } from './phone-use.js';
import { acknowledgeAlerts } from './policy/alert-step.js';
import { addToTrace } from './policy/evidence.js';
import { takePolicies } from './policy/exchange.js';
import { stepPolicies } from './policy/step.js';
import { judgeSleepiness, watchSleepiness } from './sleepiness.js';
import { beginJourney } from './trip/journey.js';
import { stepTrip } from './trip/trip.js';
import { stepView, stepViewTime } from './view.js';

/** The driver after an input, and what is to be said about it. */
export interface DriverStep {
  readonly driver: Driver;
  readonly outputs: readonly DriverOutput[];
}

/** Time going back by less is an input out of order; by more, the source's clock began anew. */
const clockRestartMs = 5000;

/**
 * One input. Sources may lag behind each other (a frame is older than the newest speed when its observation
 * arrives), so "now" is the newest time seen; only within one source must time increase.
 */
export function stepDriver(driver: Driver, input: DriverInput): DriverStep {
  const t = input.kind === 'observation' ? input.observation.t : input.t;
  const source = sourceOf(input);
  const last = driver.lastT[source];
  if (last !== undefined && t < last - clockRestartMs) return restart(driver, input, t);
  const rejected = rejection(driver, source, t);
  if (rejected !== null) {
    const lastT = driver.lastT[source] ?? null;
    return { driver, outputs: [{ kind: 'inputRejected', t, input: source, reason: rejected, lastT }] };
  }
  const timed: Driver = {
    ...driver,
    now: driver.now === null ? t : Math.max(driver.now, t),
    startedMs: driver.startedMs ?? t,
    lastT: { ...driver.lastT, [source]: t },
  };
  const outputs: DriverOutput[] = [];
  const { trip, newDriver } = stepTrip(timed.trip, input, {
    now: timed.now!,
    speedKmh: speedOf(timed),
    vehicle: timed.vehicle,
    drowsy: timed.drowsy,
    lastFaceMs: timed.view.visibility.lastFaceMs,
  });
  const taken = take({ ...timed, trip }, input, newDriver !== null, outputs);
  const judged = judge(withSleepiness(taken), input.kind === 'observation', outputs);
  if (!measuresDue(judged, input)) return { driver: judged, outputs };
  const measured: Driver = { ...judged, measuredMs: t };
  outputs.unshift({ kind: 'measures', t, measures: measuresOf(measured, t) });
  return { driver: measured, outputs };
}

/** With every frame; without frames ticks carry on what does not need the camera, and say that it is silent. */
function measuresDue({ measuredMs, startedMs }: Driver, input: DriverInput): boolean {
  if (input.kind === 'observation') return true;
  return input.kind === 'tick' && input.t - (measuredMs ?? startedMs!) >= renewMs;
}

/** Nothing learnt or measured on the old clock can be placed on the new one, so the driver is a new one. */
function restart(driver: Driver, input: DriverInput, t: number): DriverStep {
  const ended = driver.alerts.active.map((alert) => ({
    kind: 'alertEnded' as const,
    t,
    alert: { ...alert, endedMs: driver.now },
    reason: 'lostSight' as const,
  }));
  const fresh = stepDriver(initialDriver(driver.options), input);
  const restarted: DriverOutput = { kind: 'clockRestarted', t, lastT: driver.now! };
  return { driver: fresh.driver, outputs: [restarted, ...ended, ...fresh.outputs] };
}

function sourceOf(input: DriverInput): InputSource {
  return input.kind === 'vehicle' ? input.reading.name : input.kind;
}

function rejection(driver: Driver, source: InputSource, t: number): RejectionReason | null {
  if (!Number.isFinite(t)) return 'timeNotFinite';
  const last = driver.lastT[source];
  if (last === undefined) return null;
  // Two frames at one time would make a rate of infinity; repeated speeds and ticks are harmless.
  return t < last || (source === 'observation' && t === last) ? 'timeWentBack' : null;
}

function take(driver: Driver, input: DriverInput, newDriver: boolean, outputs: DriverOutput[]): Driver {
  const now = driver.now!;
  switch (input.kind) {
    case 'speed':
      return { ...driver, speed: { t: input.t, speedKmh: input.speedKmh, quality: input.quality } };
    case 'camera':
      return { ...driver, cameraFault: input.fault };
    case 'vehicle':
      return { ...driver, vehicle: takeReading(driver.vehicle, input.reading) };
    case 'phone':
      return { ...driver, phone: stepPhoneUse(driver.phone, input.observation) };
    case 'acknowledge': {
      const { book, outputs: changes } = acknowledgeAlerts(driver.alerts, driver.machine.rules, now);
      outputs.push(...changes);
      return { ...driver, alerts: book };
    }
    case 'load':
      return { ...driver, overloaded: input.turnedDown };
    case 'enable':
      if (driver.enabled === input.enabled) return driver;
      outputs.push({ kind: 'enabledChanged', t: now, enabled: input.enabled, because: 'driver' });
      return { ...driver, enabled: input.enabled };
    case 'journey':
      return beginJourney(driver, now, speedOf(driver), outputs);
    case 'policy':
      return takePolicies(driver, input.policies, now, speedOf(driver), outputs);
    case 'tick':
      return { ...driver, view: stepViewTime(driver.view, now, driver.options.policy) };
    case 'observation':
      return takeObservation(driver, input.observation, newDriver, outputs);
  }
}

function takeObservation(
  driver: Driver,
  observation: Extract<DriverInput, { kind: 'observation' }>['observation'],
  newDriver: boolean,
  outputs: DriverOutput[],
): Driver {
  const { policy, mount, seat, cabin, drowsiness } = driver.options;
  const speedKmh = speedOf(driver);
  const driving = speedKmh === null || speedKmh >= policy.values['neutral.minSpeedKmh'];
  const staleMs = policy.values['health.vehicleStaleMs'];
  const steeringAngleDeg = knownReading(driver.vehicle, 'steeringAngleDeg', driver.now!, staleMs);
  const { view, blink } = stepView(driver.view, observation, {
    policy,
    driving,
    course: { speedKmh, steeringAngleDeg },
    cabin,
    mount,
    seat,
    drowsy: driver.drowsy,
    newDriver,
  });
  const { t } = observation;
  const sleepiness = watchSleepiness(
    driver.sleepiness,
    {
      t,
      measured: view.frame?.eyesClosed != null,
      fast: fastEnoughForBlinks(view.frameRate),
      drowsy: driver.drowsy,
      blink,
    },
    newDriver,
    drowsiness,
  );
  const seen: Driver = { ...driver, view, sleepiness };
  if (blink === null) return seen;
  outputs.push(blink.kind === 'long' ? { kind: 'closure', t, closure: blink } : { kind: 'blink', t, blink });
  return seen;
}

function withSleepiness(driver: Driver): Driver {
  const { policy, drowsiness: scorer, wallClock } = driver.options;
  const { now, vehicle, view, trip } = driver;
  const facts = { now: now!, speedKmh: speedOf(driver), vehicle, view, trip, policy, scorer, wallClock };
  const sleepiness = judgeSleepiness(driver.sleepiness, facts);
  return sleepiness === driver.sleepiness ? driver : { ...driver, sleepiness };
}

/** What follows from everything that is known at `driver.now`. */
function judge(driver: Driver, observed: boolean, outputs: DriverOutput[]): Driver {
  const facts = factsOf(driver);
  const trace = observed ? addToTrace(driver.trace, facts.now, tracedValues(driver, facts)) : driver.trace;
  const step = stepPolicies(driver, facts, {
    enabled: driver.enabled,
    measured: () => measuredNow(driver, facts),
    inputs: () => inputQuality(driver, facts),
    trace,
    models: driver.options.models,
  });
  outputs.push(...step.outputs);
  const { machine, drowsy, state, alerts } = step;
  return { ...driver, machine, drowsy, state, alerts, trace };
}
