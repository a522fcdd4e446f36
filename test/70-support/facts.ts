import type { GlanceFacts } from '../../src/driver/gaze/glance-facts.js';
import { valid } from '../../src/driver/measured.js';
import type { DriverFacts } from '../../src/driver/policy/facts.js';
import { foundStates, initialMachine, stepMachine } from '../../src/driver/policy/machine.js';
import type { Policy } from '../../src/driver/policy/policy.js';
import { driverState, type DriverState } from '../../src/driver/policy/state.js';
import { policy } from './watch.js';

export const lookingAhead: GlanceFacts = {
  zone: 'roadAhead',
  movement: null,
  awayMs: 0,
  awaySinceMs: null,
  drivingTask: false,
  area3Ms: 0,
  cumulativeAwayMs: 0,
  attentionBufferMs: 2000,
};

/** Facts of a driver about whom all is known and well. */
export const well: DriverFacts = {
  now: 100_000,
  startedMs: 0,
  cameraFault: null,
  lastObservationMs: 99_980,
  lastReadableMs: 99_980,
  unreadable: null,
  lastFaceMs: 99_980,
  lastMeasuredMs: 99_980,
  unmeasured: null,
  calibration: 1,
  closureMs: 0,
  closedSinceMs: 100_000,
  glance: lookingAhead,
  look: { zone: 'roadAhead', yawDeg: 0, pitchDeg: 0 },
  forwardSinceMs: 0,
  perclosShort: valid(0.01),
  perclosLong: valid(0.01),
  kssEstimate: null,
  phoneSinceMs: null,
  nonNominal: false,
  speedKmh: 100,
  cabin: {
    leftIndicator: null,
    rightIndicator: null,
    steeringAngleDeg: null,
    gear: null,
    driverSeat: null,
    driverDoorOpen: null,
    driverBelted: null,
  },
};

/** A driver who has been looking away for this long. */
export function lookingAway(awayMs: number, more: Partial<GlanceFacts> = {}): GlanceFacts {
  const awaySinceMs = well.now - awayMs;
  return { ...lookingAhead, zone: 'infotainment', movement: 'owl', awayMs, awaySinceMs, ...more };
}

/** The state that these facts alone lead to. */
export function stateFrom(facts: DriverFacts, policies: readonly Policy[] = [policy]): DriverState {
  const { findings } = stepMachine(initialMachine(policies), facts);
  return driverState(null, foundStates(findings), facts, policies[0]);
}
