import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  FrameGate,
  governorParameters,
  initialGovernor,
  loadSteps,
  stepGovernor,
  type Governor,
} from '../src/camera/load-governor.js';

/** Frames at 30 Hz from `fromMs`; `missed` says which of them took too long. */
function run(
  governor: Governor,
  fromMs: number,
  seconds: number,
  missed: (t: number, step: number) => boolean,
): Governor {
  for (let i = 0; i < seconds * 30; i++) {
    const t = fromMs + (i * 1000) / 30;
    governor = stepGovernor(governor, t, missed(t, governor.step));
  }
  return governor;
}

describe('load governor', () => {
  it('leaves everything on while frames are in time, or miss now and then', () => {
    expect(run(initialGovernor, 0, 60, () => false).step).toBe(0);
    let i = 0;
    expect(run(initialGovernor, 0, 60, () => i++ % 40 === 0).step).toBe(0);
  });

  it('goes down step by step under lasting load, and no further than the last', () => {
    const steps = new Set<number>();
    const end = run(initialGovernor, 0, 60, (_, step) => {
      steps.add(step);
      return true;
    });
    expect([...steps]).toEqual(loadSteps.map((_, index) => index));
    expect(end.step).toBe(loadSteps.length - 1);
  });

  it('acts within the window and a few frames', () => {
    const overloaded = run(initialGovernor, 0, 0.5, () => true);
    expect(overloaded.step).toBe(1);
  });

  it('stops where the load is bearable, and comes back when it is gone', () => {
    const bearable = run(initialGovernor, 0, 60, (_, step) => step < 2);
    expect(bearable.step).toBeGreaterThanOrEqual(1);
    expect(run(bearable, 60_000, 400, () => false).step).toBe(0);
  });

  it('tries the way back ever less often while it keeps failing', () => {
    let changes = 0;
    let last = 0;
    run(initialGovernor, 0, 600, (_, step) => {
      if (step !== last) changes++;
      last = step;
      return step < 2;
    });
    // Without the doubling there would be a try every ten seconds: over a hundred changes.
    expect(changes).toBeLessThan(25);
  });

  it('never leaves the table, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(3000), fc.boolean()), { maxLength: 300 }), (frames) => {
        let governor = initialGovernor;
        let t = 0;
        for (const [elapsed, missed] of frames) {
          t += elapsed;
          const before = governor.step;
          governor = stepGovernor(governor, t, missed);
          expect(Math.abs(governor.step - before)).toBeLessThanOrEqual(1);
          expect(loadSteps[governor.step]).toBeDefined();
          expect(governor.recoverMs).toBeLessThanOrEqual(governorParameters.longestRecoverMs);
        }
      }),
    );
  });
});

describe('frame gate', () => {
  it('keeps to the rate with even gaps, whatever the camera does', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(10, 15, 20),
        fc.constantFrom(24, 25, 30, 60),
        fc.nat(1000),
        (maxFps, cameraFps, seed) => {
          const gate = new FrameGate();
          const kept: number[] = [];
          for (let i = 0; i < cameraFps * 20; i++) {
            const jitter = (((i * 7919 + seed) % 11) - 5) * 0.4;
            const t = (i * 1000) / cameraFps + jitter;
            if (gate.admits(t, maxFps)) kept.push(t);
          }
          const hz = ((kept.length - 1) * 1000) / (kept[kept.length - 1] - kept[0]);
          expect(hz).toBeLessThanOrEqual(maxFps * 1.03);
          expect(hz).toBeGreaterThan(Math.min(maxFps, cameraFps) * 0.8);
          const gaps = kept.slice(1).map((t, i) => t - kept[i]);
          expect(Math.max(...gaps)).toBeLessThan(2000 / cameraFps + 1000 / maxFps);
        },
      ),
    );
  });

  it('lets everything through without a limit', () => {
    const gate = new FrameGate();
    expect([0, 1, 2, 3].every((t) => gate.admits(t, null))).toBe(true);
  });
});
