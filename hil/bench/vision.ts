import {
  FaceTracker,
  type FaceTrackerOptions,
  type FrameTimings,
  type TrackedFrame,
} from '../../src/camera/face-tracker.js';
import { budgets } from '../../src/runtime/budgets.js';
import { VigilError } from '../../src/runtime/errors.js';
import { benchFrames } from './frames.js';
import { meshPeer, type MeshPeer } from './mesh-peer.js';
import type { BenchRow } from './row.js';

const frameCount = 600;
/** Shown first and not measured: code and caches warm up. */
const warmUpFrames = 30;

interface Measured {
  /** CPU ms a frame of the whole process: native thread, JavaScript, garbage collection. */
  readonly cpuMs: number;
  readonly frames: readonly TrackedFrame[];
}

async function showAll(
  tracker: FaceTracker,
  jpegs: readonly Uint8Array[],
  firstNumber: number,
): Promise<void> {
  for (const [i, data] of jpegs.entries()) {
    const number = firstNumber + i;
    await tracker.pushWhenFree({ t: number * 33, number, format: 'jpeg', data });
  }
  await tracker.idle();
}

async function measure(jpegs: readonly Uint8Array[], options: FaceTrackerOptions): Promise<Measured> {
  const tracker = new FaceTracker({ dropPolicy: 'block', ...options });
  const frames: TrackedFrame[] = [];
  try {
    await showAll(tracker, jpegs.slice(0, warmUpFrames), 0);
    tracker.frames.subscribe((frame) => frames.push(frame));
    const before = process.cpuUsage();
    await showAll(tracker, jpegs, warmUpFrames);
    const { user, system } = process.cpuUsage(before);
    requireFaces(frames, jpegs.length);
    return { cpuMs: (user + system) / 1000 / jpegs.length, frames };
  } finally {
    tracker.close();
  }
}

/** Figures of frames without a face would be of another, cheaper path. */
function requireFaces(frames: readonly TrackedFrame[], shown: number): void {
  const faces = frames.filter(({ observation }) => observation.kind === 'face').length;
  if (faces >= 0.99 * shown) return;
  throw new VigilError('BENCH_INVALID', `Expected a face in ${shown} frames but only ${faces} showed one.`);
}

interface Summary {
  readonly mean: number;
  readonly p50: number;
  readonly p99: number;
}

function summarise(values: readonly number[]): Summary {
  const ascending = [...values].sort((a, b) => a - b);
  const at = (share: number) =>
    ascending[Math.min(ascending.length - 1, Math.floor(share * ascending.length))];
  return { mean: values.reduce((a, b) => a + b, 0) / values.length, p50: at(0.5), p99: at(0.99) };
}

function stage(frames: readonly TrackedFrame[], of: (timings: FrameTimings) => number): Summary {
  return summarise(frames.map(({ timings }) => of(timings)));
}

function spread({ p50, p99 }: Summary): string {
  return `wall; p50 ${p50.toFixed(2)}, p99 ${p99.toFixed(2)}`;
}

interface Agreement {
  readonly px: number;
  readonly perMille: number;
}

/** Median distance of our landmarks to the peer's, in pixels and in thousandths of the face's width. */
function agreement(frames: readonly TrackedFrame[], peer: MeshPeer): Agreement {
  const px: number[] = [];
  const perMille: number[] = [];
  for (const { observation } of frames) {
    const points = peer.landmarks.get(observation.frame - warmUpFrames);
    if (points === undefined || observation.kind !== 'face' || observation.landmarks === undefined) continue;
    for (const [i, [x, y]] of points.entries()) {
      const distance = Math.hypot(observation.landmarks[3 * i] - x, observation.landmarks[3 * i + 1] - y);
      px.push(distance);
      perMille.push((1000 * distance) / observation.box.width);
    }
  }
  return { px: summarise(px).p50, perMille: summarise(perMille).p50 };
}

/**
 * 640 x 480 JPEG frames through the vision chain: CPU a frame, wall time of every stage, and MediaPipe's face mesh on
 * the same frames. Ours is measured before and after the peer, so that a change in the machine's load shows in both.
 */
export async function run(): Promise<BenchRow[]> {
  const { source, jpegs } = await benchFrames(frameCount);
  const first = await measure(jpegs, {});
  const peer = meshPeer(jpegs);
  const second = await measure(jpegs, {});
  const detecting = await measure(jpegs, { detectEveryFrame: true });
  const tracking = [...first.frames, ...second.frames];

  const decode = stage(tracking, (t) => t.decodeMs);
  const crop = stage(tracking, (t) => t.cropMs);
  const mesh = stage(tracking, (t) => t.meshMs);
  const face = stage(tracking, (t) => t.cropMs + t.meshMs + t.measureMs);
  const measures = stage(tracking, (t) => t.measureMs);
  const frame = stage(tracking, (t) => t.totalMs);
  const detector = stage(detecting.frames, (t) => t.detectMs);
  const detectingFrame = stage(detecting.frames, (t) => t.totalMs);
  const beside = (value: ((peer: MeshPeer) => number) | undefined) =>
    peer === undefined || value === undefined
      ? {}
      : { peer: { name: `MediaPipe ${peer.version}`, value: value(peer) } };
  const ms = (
    name: string,
    value: number,
    peerValue: ((peer: MeshPeer) => number) | undefined,
    note: string,
  ) => ({
    name,
    value,
    unit: 'ms',
    note,
    ...beside(peerValue),
  });
  const limits = budgets['vision.frame'];

  const rows: BenchRow[] = [
    {
      ...ms(
        'frame, tracking: CPU',
        (first.cpuMs + second.cpuMs) / 2,
        (p) => p.decodeMs + p.meshMs,
        `CPU of the whole process a frame; 2 x ${frameCount} frames, ${source}`,
      ),
      limit: limits.p50Ms,
    },
    ms('JPEG decoding', decode.mean, (p) => p.decodeMs, spread(decode)),
    ms('crop, mesh and measures', face.mean, (p) => p.meshMs, spread(face)),
    ms('crop and image quality', crop.mean, undefined, spread(crop)),
    ms('mesh network', mesh.mean, undefined, spread(mesh)),
    ms('pose, eyes, gaze, mouth', measures.mean, undefined, spread(measures)),
    { ...ms('frame, tracking: mean', frame.mean, undefined, spread(frame)), limit: limits.p50Ms },
    { ...ms('frame, tracking: p99', frame.p99, undefined, 'wall'), limit: limits.p99Ms },
    ms('detector', detector.mean, undefined, spread(detector)),
    {
      ...ms(
        'frame, detector every time: CPU',
        detecting.cpuMs,
        undefined,
        'CPU of the whole process a frame',
      ),
      limit: budgets['vision.detect'].p50Ms,
    },
    {
      ...ms('frame, detector every time: p99', detectingFrame.p99, undefined, 'wall'),
      limit: budgets['vision.detect'].p99Ms,
    },
  ];
  if (peer === undefined) return rows;

  const { frames } = await measure(jpegs, { landmarks: true });
  const { px, perMille } = agreement(frames, peer);
  const note = `median of 478 landmarks in ${peer.landmarks.size} frames, to MediaPipe's`;
  return [
    ...rows,
    { name: 'landmark distance', value: px, unit: 'px', note },
    { name: 'landmark distance by face width', value: perMille, unit: '‰', note },
  ];
}
