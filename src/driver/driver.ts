import { stepAlerts } from './policy/alert.js';
import { seenClosureMs, eyeClosureParameters } from './eyes/eye-closure.js';
import { measuresOf, perclosMeasures } from './measures.js';
import { initialDriver, type Driver } from './memory.js';
import type { DriverInput, DriverOutput, InputSource, RejectionReason } from './outputs.js';
import type { Policy } from './policy/policy.js';
import { knownSpeedKmh } from './context/speed.js';
import { takeReading } from './context/vehicle-context.js';
import { driverState, drowsiness, sameState, type DriverFacts } from './policy/state.js';
import { stepView, stepViewTime, viewCalibration, type View } from './view.js';

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
  const judged = judge(take(timed, input, outputs), outputs);
  if (input.kind === 'observation') outputs.unshift({ kind: 'measures', t, measures: measuresOf(judged, t) });
  return { driver: judged, outputs };
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

function take(driver: Driver, input: DriverInput, outputs: DriverOutput[]): Driver {
  const now = driver.now!;
  switch (input.kind) {
    case 'speed':
      return { ...driver, speed: { t: input.t, speedKmh: input.speedKmh, quality: input.quality } };
    case 'camera':
      return { ...driver, cameraFault: input.fault };
    case 'vehicle':
      return { ...driver, vehicle: takeReading(driver.vehicle, input.reading) };
    case 'acknowledge':
      return { ...driver, acknowledgedMs: input.t };
    case 'tick':
      return { ...driver, view: stepViewTime(driver.view, now, driver.options.policy) };
    case 'observation':
      return takeObservation(driver, input.observation, outputs);
  }
}

function takeObservation(
  driver: Driver,
  observation: Extract<DriverInput, { kind: 'observation' }>['observation'],
  outputs: DriverOutput[],
): Driver {
  const { policy, mount } = driver.options;
  const speedKmh = speedOf(driver);
  const driving = speedKmh === null || speedKmh >= policy.values['neutral.minSpeedKmh'];
  const { view, blink } = stepView(driver.view, observation, {
    policy,
    driving,
    mount,
    drowsy: driver.drowsy,
  });
  const { short, long } = perclosMeasures(view, policy);
  const seen: Driver = {
    ...driver,
    view,
    drowsy: drowsiness(driver.drowsy, short.perclos, long.perclos, policy),
  };
  if (blink === null) return seen;
  const { t } = observation;
  outputs.push(blink.kind === 'long' ? { kind: 'closure', t, closure: blink } : { kind: 'blink', t, blink });
  return seen;
}

function speedOf(driver: Driver): number | null {
  return knownSpeedKmh(driver.speed, driver.now!, driver.options.policy.values['health.speedStaleMs']);
}

function judge(driver: Driver, outputs: DriverOutput[]): Driver {
  const { policy } = driver.options;
  const facts = factsOf(driver);
  const state = driverState(driver.state, facts, policy);
  const changed = driver.state === null || !sameState(driver.state, state);
  if (changed) outputs.push({ kind: 'stateChanged', t: facts.now, state, previous: driver.state });
  const { view } = driver;
  const { short, long } = perclosMeasures(view, policy);
  const alertStep = stepAlerts(
    driver.alerts,
    state,
    {
      now: facts.now,
      speedKmh: speedOf(driver),
      forwardSinceMs: view.forwardSinceMs,
      lastMeasuredMs: view.visibility.lastMeasuredMs ?? facts.startedMs,
      measured: {
        speedKmh: speedOf(driver),
        closureMs: facts.closureMs,
        closure: view.frame?.closure ?? null,
        awayMs: facts.awayMs,
        headYawDeg: view.frame?.head?.yawDeg ?? null,
        headPitchDeg: view.frame?.head?.pitchDeg ?? null,
        perclos: short.perclos.quality === 'valid' ? short.perclos.value : null,
        perclosLong: long.perclos.quality === 'valid' ? long.perclos.value : null,
        unmeasuredMs: facts.now - (view.visibility.lastMeasuredMs ?? facts.startedMs),
      },
    },
    policy,
  );
  outputs.push(...alertStep.outputs);
  return { ...driver, state, alerts: alertStep.book };
}

function factsOf(driver: Driver): DriverFacts {
  const { view, drowsy, cameraFault } = driver;
  const now = driver.now!;
  const closure = closureNow(view, now, driver.options.policy);
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
    closureMs: closure,
    closedSinceMs: view.eyes.closure?.sinceMs ?? now,
    awayMs: view.direction.glance.offMs,
    awaySinceMs: view.direction.glance.offSinceMs ?? now,
    drowsy,
  };
}

/** A closure that already counts goes on while the eyes are out of sight. */
function closureNow(view: View, now: number, policy: Policy): number {
  const { closure } = view.eyes;
  const seenMs = seenClosureMs(closure);
  if (closure === null || !closure.closedNow || seenMs <= policy.values['microsleep.closureMs'])
    return seenMs;
  const unseenMs = now - closure.lastClosedMs;
  return unseenMs > eyeClosureParameters.maxSampleMs ? now - closure.sinceMs : seenMs;
}
