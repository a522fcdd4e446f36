import { describe, expect, it } from 'vitest';
import { FaceTracker, type CameraFrame, type TrackedFrame } from '../src/camera/face-tracker.js';
import { VigilError } from '../src/runtime/errors.js';
import { vigilErrorOf } from './10-support.js';
import { astronaut, plain, track } from './30-support.js';

function frame(number: number): CameraFrame {
  return { t: number * 33, number, ...astronaut() };
}

function watch(tracker: FaceTracker): number[] {
  const numbers: number[] = [];
  tracker.frames.subscribe(({ observation }: TrackedFrame) => numbers.push(observation.frame));
  return numbers;
}

const ascending = (numbers: readonly number[]) => numbers.every((n, i) => i === 0 || n > numbers[i - 1]);

describe('overload', () => {
  it('oldest: the newest frames win, everything is accounted for', async () => {
    const tracker = new FaceTracker({ dropPolicy: 'oldest', queueLength: 2 });
    const numbers = watch(tracker);
    const results = Array.from({ length: 40 }, (_, number) => tracker.push(frame(number)));
    await tracker.idle();
    const counters = tracker.counters();
    tracker.close();
    expect(new Set(results)).toEqual(new Set(['accepted']));
    expect(counters.accepted).toBe(40);
    expect(counters.dropped).toBeGreaterThan(30);
    expect(counters.completed).toBe(counters.accepted - counters.dropped);
    expect(numbers).toHaveLength(counters.completed);
    expect(ascending(numbers)).toBe(true);
    expect(numbers.slice(-2)).toEqual([38, 39]);
  });

  it('newest: what is there stays, what comes is refused', async () => {
    const tracker = new FaceTracker({ dropPolicy: 'newest', queueLength: 2 });
    const numbers = watch(tracker);
    const results = Array.from({ length: 40 }, (_, number) => tracker.push(frame(number)));
    await tracker.idle();
    const counters = tracker.counters();
    tracker.close();
    const accepted = results.flatMap((result, number) => (result === 'accepted' ? [number] : []));
    expect(numbers).toEqual(accepted);
    expect(numbers.slice(0, 2)).toEqual([0, 1]);
    expect(counters.accepted).toBe(accepted.length);
    expect(counters.dropped).toBe(results.filter((result) => result === 'full').length);
    expect(counters.accepted + counters.dropped).toBe(40);
  });

  it('block: full is said and nothing is lost', async () => {
    const tracker = new FaceTracker({ dropPolicy: 'block', queueLength: 3 });
    const numbers = watch(tracker);
    let full = 0;
    for (let number = 0; number < 25; number++) {
      if (tracker.push(frame(number)) === 'accepted') continue;
      full += 1;
      await tracker.pushWhenFree(frame(number));
    }
    await tracker.idle();
    const counters = tracker.counters();
    tracker.close();
    expect(full).toBeGreaterThan(0);
    expect(numbers).toEqual(Array.from({ length: 25 }, (_, i) => i));
    expect(counters).toMatchObject({ accepted: 25, dropped: 0, completed: 25 });
  });

  it('holds results back instead of losing them while JavaScript is busy', async () => {
    const tracker = new FaceTracker({ dropPolicy: 'block', queueLength: 100 });
    const numbers = watch(tracker);
    const black = plain(0, 16, 16);
    // More than the 64 results that may wait: the thread must wait for this loop.
    for (let number = 0; number < 100; number++)
      expect(tracker.push({ t: number, number, ...black })).toBe('accepted');
    const until = performance.now() + 600;
    while (performance.now() < until);
    await tracker.idle();
    tracker.close();
    expect(numbers).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });

  it('counts what finished after its deadline as late, and says how old its newest input is', async () => {
    const tracker = new FaceTracker({ dropPolicy: 'block', queueLength: 200 });
    expect(tracker.counters().lastInputAgeMs).toBe(-1);
    for (let number = 0; number < 60; number++) tracker.push(frame(number));
    const { lastInputAgeMs } = tracker.counters();
    expect(lastInputAgeMs).toBeGreaterThanOrEqual(0);
    expect(lastInputAgeMs).toBeLessThan(1000);
    await tracker.idle();
    // The last of 60 waits longer than the 66 ms of the budgets table: no machine does a frame in a millisecond.
    expect(tracker.counters().late).toBeGreaterThan(0);
    expect(tracker.counters().late).toBeLessThan(60);
    expect(tracker.counters().lastInputAgeMs).toBeGreaterThan(lastInputAgeMs);
    tracker.close();
  });

  it('has a latency histogram for every stage', async () => {
    const tracker = new FaceTracker({ dropPolicy: 'block' });
    for (let number = 0; number < 10; number++) await tracker.pushWhenFree(frame(number));
    await tracker.pushWhenFree({ t: 400, number: 10, ...plain(0) });
    await tracker.idle();
    const latencies = tracker.latencies();
    tracker.close();
    const counts = Object.fromEntries(Object.entries(latencies).map(([stage, { count }]) => [stage, count]));
    expect(counts).toEqual({ decode: 11, detect: 1, crop: 10, mesh: 10, measure: 10, eyes: 0, frame: 11 });
    for (const { p50Ms, p99Ms, maxMs, meanMs } of Object.values(latencies)) {
      expect(p50Ms).toBeLessThanOrEqual(p99Ms);
      expect(p99Ms).toBeLessThanOrEqual(maxMs);
      expect(meanMs).toBeLessThanOrEqual(maxMs);
    }
    expect(latencies.mesh.p50Ms).toBeGreaterThan(0);
  });
});

describe('close', () => {
  it('completes the stream, refuses frames, and may be called again', async () => {
    const tracker = new FaceTracker({ dropPolicy: 'block', queueLength: 50 });
    const numbers = watch(tracker);
    let completed = false;
    tracker.frames.subscribe({ complete: () => (completed = true) });
    for (let number = 0; number < 30; number++) tracker.push(frame(number));
    tracker.close();
    expect(completed).toBe(true);
    expect(tracker.push(frame(30))).toBe('closed');
    await tracker.idle();
    const before = numbers.length;
    tracker.close();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(numbers).toHaveLength(before);
    expect(tracker.counters().accepted).toBe(30);
    expect(tracker.latencies().frame.count).toBe(tracker.counters().completed);
  });

  it('wakes who waits for room, and who waits for the end', async () => {
    const tracker = new FaceTracker({ dropPolicy: 'block', queueLength: 1 });
    for (let number = 0; tracker.push(frame(number)) === 'accepted'; number++);
    const waiting = tracker.pushWhenFree(frame(9)).then(
      () => 'accepted',
      (error: unknown) => (error instanceof VigilError ? error.code : error),
    );
    const idle = tracker.idle();
    tracker.close();
    expect(await waiting).toBe('TRACKER_CLOSED');
    await expect(idle).resolves.toBeUndefined();
  });

  it('in the middle of an observation is possible too', async () => {
    const tracker = new FaceTracker({ dropPolicy: 'block', queueLength: 10 });
    const seen: number[] = [];
    tracker.frames.subscribe(({ observation }) => {
      seen.push(observation.frame);
      tracker.close();
    });
    for (let number = 0; number < 5; number++) tracker.push(frame(number));
    await tracker.idle();
    expect(seen[0]).toBe(0);
    expect(tracker.push(frame(9))).toBe('closed');
  });
});

describe('wrong arguments', () => {
  it.each([
    ['queueLength', { queueLength: 0 }],
    ['queueLength', { queueLength: 257 }],
    ['queueLength', { queueLength: 1.5 }],
    ['dropPolicy', { dropPolicy: 'some' as unknown as 'oldest' }],
    ['mirrored', { mirrored: 1 as unknown as boolean }],
    ['landmarks', { landmarks: 'yes' as unknown as boolean }],
    ['detectEveryFrame', { detectEveryFrame: 0 as unknown as boolean }],
    ['fifoPriority', { fifoPriority: 100 }],
    ['cpu', { cpu: -1 }],
  ])('of the constructor are named: %s', (name, options) => {
    const error = vigilErrorOf(() => new FaceTracker(options));
    expect(error.code).toBe('INVALID_ARGUMENT');
    expect(error.message).toContain(name);
  });

  it('of push are named, and change nothing', async () => {
    const tracker = new FaceTracker({ dropPolicy: 'block' });
    const good = frame(0);
    const wrong: [string, Partial<Record<keyof CameraFrame, unknown>>][] = [
      ['t', { t: '0' }],
      ['number', { number: -1 }],
      ['number', { number: 2 ** 32 }],
      ['number', { number: 0.5 }],
      ['format', { format: 'bmp' }],
      ['width', { width: -1 }],
      ['height', { height: 1e9 }],
      ['bytes', { data: [1, 2, 3] }],
      ['bytes', { data: new Float32Array(4) }],
      ['bytes', { data: 'text' }],
    ];
    for (const [name, change] of wrong) {
      const error = vigilErrorOf(() => tracker.push({ ...good, ...change } as CameraFrame));
      expect(error.code).toBe('INVALID_ARGUMENT');
      expect(error.message).toContain(name);
    }
    expect(tracker.counters().accepted).toBe(0);
    expect(tracker.push(good)).toBe('accepted');
    await tracker.idle();
    tracker.close();
  });

  it('are refused by every method on a foreign object', async () => {
    await track([plain(0)]);
    const { visionAddon } = await import('../src/camera/vision-addon.js');
    const prototype = visionAddon().FaceTracker.prototype as object;
    for (const method of ['push', 'counters', 'latencies', 'outstanding', 'close'] as const) {
      const call = Reflect.get(prototype, method) as () => unknown;
      expect(() => Reflect.apply(call, {}, [])).toThrow();
    }
  });
});
