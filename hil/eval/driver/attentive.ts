import type { FaceObservation } from '../../../src/camera/observation.js';
import { stepDriver } from '../../../src/driver/driver.js';
import { initialDriver } from '../../../src/driver/memory.js';
import type { DriverInput } from '../../../src/driver/outputs.js';
import type { Policy } from '../../../src/driver/policy/policy.js';
import type { BlinkLabel } from '../blink-labels.js';
import type { DetectedBlink } from '../blink-score.js';

/** One clip through the driver graph at a steady speed. */
export interface ClipDrive {
  readonly clip: string;
  readonly frames: number;
  readonly durationMs: number;
  /** Closures as frames, for the blink score. */
  readonly closures: readonly DetectedBlink[];
  /** Time in each state, ms. */
  readonly stateMs: Readonly<Record<string, number>>;
  readonly alerts: readonly ClipAlert[];
}

export interface ClipAlert {
  readonly rule: string;
  readonly level: string;
  readonly startedMs: number;
  /** A labelled closure that long explains it. */
  readonly justified: boolean;
}

/** Fast enough for every rule's speed gate. */
const speedKmh = 80;
const tickMs = 50;

/** Rules that a labelled closure of the eyes explains. */
const closureRules: readonly string[] = ['microsleep', 'sleep', 'unresponsive'];
/** The shortest microsleep of the policies, less a frame or two of labelling. */
const justifyingMs = 900;
/** An alert belongs to a closure that it follows within this time. */
const aftermathMs = 3000;

/**
 * Drives a clip: its observations in order, a known speed and ticks, as the vehicle would give them.
 * @param labels of the clip; alerts about closed eyes are justified by them alone
 */
export async function driveClip(
  clip: string,
  observations: AsyncIterable<FaceObservation>,
  labels: readonly BlinkLabel[],
  policy: Policy,
): Promise<ClipDrive> {
  let driver = initialDriver({ policy });
  const frameTimes: number[] = [];
  const closures: DetectedBlink[] = [];
  const stateMs: Record<string, number> = {};
  const started: Omit<ClipAlert, 'justified'>[] = [];
  let state: { kind: string; sinceMs: number } | null = null;
  let nextTick = 0;
  const take = (input: DriverInput): void => {
    const step = stepDriver(driver, input);
    driver = step.driver;
    for (const output of step.outputs) {
      if (output.kind === 'blink' || output.kind === 'closure') {
        const event = output.kind === 'blink' ? output.blink : output.closure;
        closures.push({ start: frameAt(frameTimes, event.startMs), end: frameAt(frameTimes, event.endMs) });
      } else if (output.kind === 'stateChanged') {
        if (state !== null) stateMs[state.kind] = (stateMs[state.kind] ?? 0) + output.t - state.sinceMs;
        state = { kind: output.state.kind, sinceMs: output.t };
      } else if (output.kind === 'alertStarted') {
        const { rule, level, startedMs } = output.alert;
        started.push({ rule, level, startedMs });
      }
    }
  };
  for await (const observation of observations) {
    for (; nextTick <= observation.t; nextTick += tickMs) {
      take({ kind: 'speed', t: nextTick, speedKmh, quality: 'valid' });
      take({ kind: 'tick', t: nextTick });
    }
    frameTimes.push(observation.t);
    take({ kind: 'observation', observation });
  }
  const durationMs = frameTimes.length < 2 ? 0 : frameTimes[frameTimes.length - 1] - frameTimes[0];
  const last = state as { kind: string; sinceMs: number } | null;
  if (last !== null) stateMs[last.kind] = (stateMs[last.kind] ?? 0) + durationMs - last.sinceMs;
  const alerts = started.map((alert) => ({
    ...alert,
    justified: isJustified(alert, labels, frameTimes),
  }));
  return { clip, frames: frameTimes.length, durationMs, closures, stateMs, alerts };
}

function isJustified(
  { rule, startedMs }: Omit<ClipAlert, 'justified'>,
  labels: readonly BlinkLabel[],
  frameTimes: readonly number[],
): boolean {
  if (!closureRules.includes(rule)) return false;
  return labels.some((label) => {
    const from = frameTimes[Math.min(label.start, frameTimes.length - 1)];
    const to = frameTimes[Math.min(label.end, frameTimes.length - 1)];
    const long = to - from >= justifyingMs;
    return long && startedMs >= from && startedMs <= to + aftermathMs;
  });
}

/** Number of the first frame at or after `t`. */
function frameAt(times: readonly number[], t: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] < t) low = middle + 1;
    else high = middle;
  }
  return low;
}
