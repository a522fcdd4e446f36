import { Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { CameraFrame, FaceTracker, PushResult, TrackedFrame } from '../src/camera/face-tracker.js';
import { GovernedTracker } from '../src/camera/governed-tracker.js';
import { loadSteps } from '../src/camera/load-governor.js';
import { stepDriver } from '../src/driver/driver.js';
import { initialDriver } from '../src/driver/memory.js';
import { faceAt } from './70-support/person.js';
import { policy } from './70-support/watch.js';

/** A tracker that answers each frame `latencyMs` after it came, on a clock of its own. */
class SlowTracker {
  readonly frames = new Subject<TrackedFrame>();
  readonly pushed: number[] = [];
  paused = false;

  push({ number }: CameraFrame): PushResult {
    this.pushed.push(number);
    return 'accepted';
  }

  pauseEyeNetwork(paused: boolean): void {
    this.paused = paused;
  }

  answer(number: number): void {
    const timings = {} as TrackedFrame['timings'];
    this.frames.next({ observation: faceAt(number * 33, number, 0.28), timings });
  }
}

function run(latencyMs: (step: number) => number, seconds: number): { steps: string[]; slow: SlowTracker } {
  const slow = new SlowTracker();
  let now = 0;
  const governed = new GovernedTracker(slow as unknown as FaceTracker, { now: () => now });
  const steps: string[] = [];
  governed.changes.subscribe(({ step }) => steps.push(step.name));
  for (let number = 0; number < seconds * 30; number++) {
    now = (number * 1000) / 30;
    const pushed = governed.push({ t: now, number, format: 'jpeg', data: new Uint8Array() });
    if (pushed !== 'accepted') continue;
    now += latencyMs(loadSteps.indexOf(governed.step));
    slow.answer(number);
  }
  return { steps, slow };
}

describe('governed tracker', () => {
  it('leaves a tracker that keeps up alone', () => {
    const { steps, slow } = run(() => 12, 20);
    expect(steps).toEqual([]);
    expect(slow.pushed).toHaveLength(600);
  });

  it('turns the network off first, then the frame rate down, until frames are in time', () => {
    const { steps, slow } = run((step) => (step < 2 ? 90 : 20), 8);
    expect(steps.slice(0, 2)).toEqual(['without eye network', '20 fps']);
    expect(slow.paused).toBe(true);
    expect(slow.pushed.length).toBeLessThan(8 * 30);
  });

  it('turns everything up again when the load is gone', () => {
    let answered = 0;
    const { steps, slow } = run(() => (answered++ < 60 ? 90 : 10), 40);
    expect(steps.at(-1)).toBe('full');
    expect(slow.paused).toBe(false);
  });
});

describe('a driver graph that is told of load', () => {
  it('says so beside its measures', () => {
    const told = stepDriver(initialDriver({ policy }), { kind: 'load', t: 0, turnedDown: true }).driver;
    const seen = stepDriver(told, { kind: 'observation', observation: faceAt(10, 0, 0.28) });
    const measures = seen.outputs.find((output) => output.kind === 'measures');
    expect(measures?.measures.degradedBy).toContain('overloaded');
    const better = stepDriver(seen.driver, { kind: 'load', t: 20, turnedDown: false }).driver;
    const { outputs } = stepDriver(better, { kind: 'observation', observation: faceAt(43, 1, 0.28) });
    const after = outputs.find((output) => output.kind === 'measures');
    expect(after?.measures.degradedBy).not.toContain('overloaded');
  });
});
