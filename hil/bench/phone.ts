import { setTimeout as sleep } from 'node:timers/promises';
import { FaceTracker, type PhoneCounters, type PhoneOptions } from '../../src/camera/face-tracker.js';
import { budgets } from '../../src/runtime/budgets.js';
import { benchFrames } from './frames.js';
import type { BenchRow } from './row.js';

const framesPerSecond = 30;
const secondsPerBlock = 15;
/** Conditions take turns, as a shared machine drifts. */
const blocks = 2;
/** Frames at the beginning that are not measured: code and caches warm up. */
const warmUpFrames = 30;
const looksInLockStep = 20;

type Watch = 'off' | 'once a second' | 'without pause';
const conditions: Readonly<Record<Watch, PhoneOptions | undefined>> = {
  off: undefined,
  'once a second': {},
  'without pause': { intervalMs: 0 },
};

interface Block {
  /** Wall time of the vision thread for each frame, ms. */
  readonly frameMs: readonly number[];
  readonly dropped: number;
  readonly counters: PhoneCounters | undefined;
}

/** Shows the pictures at a camera's pace. */
async function block(jpegs: readonly Uint8Array[], phone: PhoneOptions | undefined): Promise<Block> {
  const tracker = new FaceTracker(phone === undefined ? {} : { phone });
  const frameMs: number[] = [];
  tracker.frames.subscribe(({ observation, timings }) => {
    if (observation.frame >= warmUpFrames) frameMs.push(timings.totalMs);
  });
  try {
    const start = performance.now();
    for (const [number, data] of jpegs.entries()) {
      const t = (number * 1000) / framesPerSecond;
      await sleep(Math.max(0, start + t - performance.now()));
      tracker.push({ t, number, format: 'jpeg', data });
    }
    await tracker.idle();
    return { frameMs, dropped: tracker.counters().dropped, counters: tracker.phoneCounters() };
  } finally {
    tracker.close();
  }
}

/** CPU of a look, on the vision thread, where it gets its turn on a busy machine too. */
async function looks(jpegs: readonly Uint8Array[]): Promise<PhoneCounters | undefined> {
  const tracker = new FaceTracker({ dropPolicy: 'block', phone: { intervalMs: 0 } });
  try {
    for (const [number, data] of jpegs.slice(0, looksInLockStep).entries())
      await tracker.pushWhenFree({ t: number * 1000, number, format: 'jpeg', data });
    await tracker.idle();
    return tracker.phoneCounters();
  } finally {
    tracker.close();
  }
}

function quantile(values: readonly number[], share: number): number {
  const ascending = [...values].sort((a, b) => a - b);
  return ascending[Math.min(ascending.length - 1, Math.floor(share * ascending.length))];
}

/**
 * 640 x 480 JPEG frames at 30 frames a second with the phone watch off, looking once a second, and looking without
 * pause: what it does to the face pipeline's frames. `taskset -c 0 npm run bench -- phone` puts all on one processor.
 */
export async function run(): Promise<BenchRow[]> {
  const { source, jpegs } = await benchFrames(framesPerSecond * secondsPerBlock);
  const look = await looks(jpegs);
  const measured = new Map<Watch, Block[]>();
  for (let i = 0; i < blocks; i++) {
    for (const watch of Object.keys(conditions) as Watch[])
      measured.set(watch, [...(measured.get(watch) ?? []), await block(jpegs, conditions[watch])]);
  }
  const times = (watch: Watch): number[] => (measured.get(watch) ?? []).flatMap(({ frameMs }) => frameMs);
  const sum = (watch: Watch, of: (one: Block) => number): number =>
    (measured.get(watch) ?? []).reduce((total, one) => total + of(one), 0);
  const limits = budgets['vision.frame'];
  const rows: BenchRow[] = [
    {
      name: 'vision.phone: CPU of one look, p50',
      value: look?.cpu.p50Ms ?? Number.NaN,
      unit: 'ms',
      limit: budgets['vision.phone'].p50Ms,
      note: `${look?.cpu.count ?? 0} looks, p99 ${look?.cpu.p99Ms.toFixed(1)} ms; ${source}`,
    },
  ];
  for (const watch of Object.keys(conditions) as Watch[]) {
    const values = times(watch);
    const looked = sum(watch, ({ counters }) => counters?.looked ?? 0);
    const yielded = sum(watch, ({ counters }) => counters?.yielded ?? 0);
    const dropped = sum(watch, (one) => one.dropped);
    rows.push({
      name: `frame, phone watch ${watch}: p99`,
      value: quantile(values, 0.99),
      unit: 'ms',
      limit: limits.p99Ms,
      ...(watch === 'off' ? {} : { peer: { name: 'phone watch off', value: quantile(times('off'), 0.99) } }),
      note:
        `wall; p50 ${quantile(values, 0.5).toFixed(2)}; ${values.length} frames, ${dropped} dropped, ` +
        `${looked} looks, none at ${yielded} frames for want of a processor`,
    });
  }
  return rows;
}
