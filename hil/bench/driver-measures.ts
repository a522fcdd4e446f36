import type { FaceObservation } from '../../src/camera/observation.js';
import { stepDriver } from '../../src/driver/driver.js';
import { initialDriver, type Driver } from '../../src/driver/memory.js';
import type { DriverInput } from '../../src/driver/outputs.js';
import { loadPolicy } from '../../src/driver/policy/policy.js';
import { cpuSeconds } from './cpu-time.js';
import type { BenchRow } from './row.js';

/** From the issue that asked for it: whatever a frame brings, the graph is through in this. */
const limitMs = 0.2;

const frameMs = 1000 / 30;
const steeringMs = 12.5;
const tickMs = 50;

/** A made-up drive: a blink every four seconds, a slow closure every fifteen, a wheel and a head that move. */
function face(t: number, frame: number): FaceObservation {
  const blink = t % 4000 < 200 || t % 15_000 < 700;
  const openness = (blink ? 0.05 : 0.28) + 0.005 * Math.sin(t / 90);
  const eye = { openness, weight: 1 };
  const yawDeg = 3 * Math.sin(t / 5000) + (t % 20_000 < 800 ? 35 : 0);
  return {
    kind: 'face',
    t,
    frame,
    presence: 1,
    box: { x: 200, y: 120, width: 200, height: 240 },
    eyes: { left: eye, right: eye },
    mouthOpening: 0.02,
    head: { yawDeg, pitchDeg: 2 * Math.sin(t / 3000), rollDeg: 0 },
    gaze: { azimuthDeg: yawDeg, elevationDeg: 0, confidence: 0.8 },
    image: { brightness: 0.4, contrast: 0.2, sharpness: 200, saturatedShare: 0.01 },
  };
}

/** Inputs of `[fromMs, toMs)` in order of time: a camera, the steering angle of a bus, its speed, and ticks. */
function* drive(fromMs: number, toMs: number): Generator<DriverInput> {
  let next = { frame: Math.ceil(fromMs / frameMs), steering: fromMs, tick: fromMs };
  for (;;) {
    const t = Math.min(next.frame * frameMs, next.steering, next.tick);
    if (t >= toMs) return;
    if (t === next.tick) {
      next = { ...next, tick: t + tickMs };
      yield { kind: 'speed', t, speedKmh: 110, quality: 'valid' };
      yield { kind: 'tick', t };
    } else if (t === next.steering) {
      next = { ...next, steering: t + steeringMs };
      const value = 4 * Math.sin(t / 1900) + Math.sin(t / 430);
      yield { kind: 'vehicle', t, reading: { name: 'steeringAngleDeg', t, value, quality: 'valid' } };
    } else {
      yield { kind: 'observation', observation: face(t, next.frame) };
      next = { ...next, frame: next.frame + 1 };
    }
  }
}

interface Cost {
  readonly driver: Driver;
  /** CPU ms of each camera frame, ascending. */
  readonly frameMs: readonly number[];
  /** CPU seconds of all inputs. */
  readonly seconds: number;
}

function pass(from: Driver, fromMs: number, toMs: number): Cost {
  const inputs = [...drive(fromMs, toMs)];
  const costs: number[] = [];
  let driver = from;
  const start = cpuSeconds();
  for (const input of inputs) {
    const before = input.kind === 'observation' ? cpuSeconds() : 0;
    driver = stepDriver(driver, input).driver;
    if (input.kind === 'observation') costs.push((cpuSeconds() - before) * 1000);
  }
  return { driver, frameMs: costs.sort((a, b) => a - b), seconds: cpuSeconds() - start };
}

function percentile(ascending: readonly number[], share: number): number {
  return ascending[Math.min(ascending.length - 1, Math.floor(share * ascending.length))];
}

function kibibytes(driver: Driver): number {
  const json = JSON.stringify(driver, (_, value: unknown) =>
    ArrayBuffer.isView(value) ? Array.from(value as Uint32Array) : value,
  );
  return json.length / 1024;
}

const measuredMs = 600_000;

/** The driver graph without the camera: CPU time of the whole process, garbage collection included. */
export function run(): Promise<BenchRow[]> {
  const warm = pass(initialDriver({ policy: loadPolicy() }), 0, measuredMs);
  const { frameMs: costs, seconds, driver } = pass(warm.driver, measuredMs, 2 * measuredMs);
  const share = (100 * seconds * 1000) / measuredMs;
  const note = `${costs.length} frames at 30/s, steering at 80/s, ticks at 20/s`;
  return Promise.resolve([
    { name: 'driver graph, a camera frame, p50', value: percentile(costs, 0.5), unit: 'ms of CPU', note },
    {
      name: 'driver graph, a camera frame, p99',
      value: percentile(costs, 0.99),
      unit: 'ms of CPU',
      limit: limitMs,
    },
    { name: 'driver graph, all inputs', value: share, unit: '% of one core' },
    {
      name: 'what it remembers after 20 min, as JSON',
      value: kibibytes(driver),
      unit: 'KiB',
      peer: { name: 'after 10 min', value: kibibytes(warm.driver) },
    },
  ]);
}
