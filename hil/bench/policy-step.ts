import { valid } from '../../src/driver/measured.js';
import { initialAlertBook } from '../../src/driver/policy/alert.js';
import { initialTrace } from '../../src/driver/policy/evidence.js';
import type { DriverFacts } from '../../src/driver/policy/facts.js';
import { initialMachine } from '../../src/driver/policy/machine.js';
import { loadPolicies } from '../../src/driver/policy/policy.js';
import { stepPolicies, type PolicyMemory } from '../../src/driver/policy/step.js';
import { leastCpuSeconds } from './cpu-time.js';
import type { BenchRow } from './row.js';

/** From the issue that asked for it. */
const limitMicroseconds = 50;

const stepMs = 20;
const stepsPerRound = 15_000;

/** Five minutes with a look away every 20 s, long enough for a prompt every minute, and closed eyes now and then. */
function factsAt(t: number): DriverFacts {
  const awayMs = t % 20_000 < (t % 60_000 < 20_000 ? 4500 : 1200) ? t % 20_000 : 0;
  const closureMs = awayMs === 0 && t % 50_000 > 48_200 ? (t % 50_000) - 48_200 : 0;
  return {
    now: t,
    startedMs: 0,
    cameraFault: null,
    lastObservationMs: t,
    lastReadableMs: t,
    unreadable: null,
    lastFaceMs: t,
    lastMeasuredMs: t,
    unmeasured: null,
    calibration: 1,
    closureMs,
    closedSinceMs: t - closureMs,
    glance: {
      zone: awayMs > 0 ? 'infotainment' : 'roadAhead',
      movement: awayMs > 0 ? 'owl' : null,
      awayMs,
      awaySinceMs: awayMs > 0 ? t - awayMs : null,
      drivingTask: false,
      area3Ms: awayMs,
      cumulativeAwayMs: awayMs,
      attentionBufferMs: Math.max(0, 2000 - awayMs),
    },
    look: { zone: null, yawDeg: awayMs > 0 ? 40 : 0, pitchDeg: 0 },
    forwardSinceMs: awayMs > 0 || closureMs > 0 ? null : t - (t % 20_000),
    perclosShort: valid(0.03),
    perclosLong: valid(0.03),
    kssEstimate: 4,
    phoneSinceMs: null,
    nonNominal: false,
    speedKmh: 80 + 20 * Math.sin(t / 30_000),
    cabin: {
      leftIndicator: t % 40_000 < 5000,
      rightIndicator: false,
      steeringAngleDeg: 4,
      gear: 5,
      driverSeat: 'OCCUPIED',
      driverDoorOpen: false,
      driverBelted: true,
    },
  };
}

const context = {
  enabled: true,
  measured: () => ({}),
  inputs: () =>
    ({ driver: null, speed: 'valid', frameRateHz: 30, calibration: 1, nonNominal: false }) as const,
  trace: initialTrace,
  models: {},
};

async function microseconds(ids: string, facts: readonly DriverFacts[]): Promise<number> {
  const policies = loadPolicies(ids);
  const seconds = await leastCpuSeconds(() => {
    let memory: PolicyMemory = { machine: initialMachine(policies), state: null, alerts: initialAlertBook };
    for (const one of facts) memory = stepPolicies(memory, one, context);
  });
  return (seconds / facts.length) * 1e6;
}

/** States and alerts from facts: what every observation, tick and reading of the vehicle costs. */
export async function run(): Promise<BenchRow[]> {
  const facts = Array.from({ length: stepsPerRound }, (_, i) => factsAt(i * stepMs));
  const rows: BenchRow[] = [];
  for (const ids of [
    'euroncap-2026',
    'eu-addw-2023-2590+eu-ddaw-2021-1341',
    'euroncap-2026+eu-addw-2023-2590+eu-ddaw-2021-1341',
    'openpilot-like',
  ]) {
    rows.push({
      name: `policy step, ${ids.replaceAll('+', ' + ')}`,
      value: await microseconds(ids, facts),
      unit: 'us of CPU',
      limit: limitMicroseconds,
    });
  }
  return rows;
}
