import { createHash } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { FaceTracker, type FaceTrackerOptions, type TrackedFrame } from '../src/camera/face-tracker.js';
import { astronaut, fixtureJpegs, plain, track, type Picture } from './30-support.js';

/** Everything observed, to the last bit: JSON keeps doubles apart, landmarks go in as their bytes. */
function digest(tracked: readonly TrackedFrame[]): string {
  const hash = createHash('sha256');
  for (const { observation } of tracked) {
    hash.update(JSON.stringify(observation));
    if (observation.kind === 'face' && observation.landmarks !== undefined)
      hash.update(new Uint8Array(observation.landmarks.buffer));
  }
  return hash.digest('hex');
}

/** A face, a gap, damage, another size: every branch of the chain. */
async function scene(): Promise<Picture[]> {
  const jpegs = await fixtureJpegs();
  const jpeg = (i: number): Picture => ({ format: 'jpeg', data: jpegs[i] });
  const frames = Array.from({ length: 24 }, (_, i) => jpeg(i));
  const cut: Picture = { format: 'jpeg', data: jpegs[3].slice(0, 2000) };
  return [...frames.slice(0, 12), plain(0), cut, ...frames.slice(12), astronaut(), astronaut(), jpeg(30)];
}

describe('same frames, same observations to the last bit', () => {
  it('from run to run and for every length of the queue', async () => {
    const pictures = await scene();
    const runs: string[] = [];
    for (const queueLength of [1, 1, 2, 7, 64])
      runs.push(digest(await track(pictures, { landmarks: true, queueLength })));
    expect(new Set(runs).size).toBe(1);
  });

  it('whatever the drop policy, as long as nothing is dropped', async () => {
    const pictures = await scene();
    const reference = digest(await track(pictures));
    for (const dropPolicy of ['oldest', 'newest'] as const) {
      const options: FaceTrackerOptions = { dropPolicy, queueLength: pictures.length };
      const tracker = new FaceTracker(options);
      const tracked: TrackedFrame[] = [];
      tracker.frames.subscribe((frame) => tracked.push(frame));
      pictures.forEach((picture, number) => tracker.push({ t: number * 40, number, ...picture }));
      await tracker.idle();
      expect(tracker.counters().dropped).toBe(0);
      tracker.close();
      expect(digest(tracked)).toBe(reference);
    }
  });

  it('with two trackers at work at once', async () => {
    const pictures = (await scene()).slice(0, 16);
    const [one, two] = await Promise.all([track(pictures), track(pictures)]);
    expect(digest(one)).toBe(digest(two));
  });

  it('while the processor is busy with something else', async () => {
    const pictures = (await scene()).slice(0, 16);
    const quiet = digest(await track(pictures));
    const spinners = [0, 1, 2].map(() => new Worker('for (;;);', { eval: true }));
    try {
      expect(digest(await track(pictures))).toBe(quiet);
    } finally {
      await Promise.all(spinners.map((spinner) => spinner.terminate()));
    }
  });
});

describe('timings', () => {
  it('account for the frame and never appear in an observation', async () => {
    const tracked = await track((await scene()).slice(0, 12));
    for (const { observation, timings } of tracked) {
      const { decodeMs, detectMs, cropMs, meshMs, measureMs, totalMs } = timings;
      for (const ms of [decodeMs, detectMs, cropMs, meshMs, measureMs]) expect(ms).toBeGreaterThanOrEqual(0);
      expect(decodeMs + detectMs + cropMs + meshMs + measureMs).toBeLessThanOrEqual(totalMs * 1.001 + 0.01);
      expect(timings.reduction).toBe(1);
      const said = JSON.stringify(observation);
      const stages = Object.keys(timings).filter((name) => name.endsWith('Ms'));
      expect(stages.length).toBeGreaterThan(5);
      for (const name of stages) expect(said).not.toContain(name);
    }
  });
});
