import { EyeStateClassifier, type EyeNetworkUse } from '../../src/camera/eye-network.js';
import { FaceTracker, type TrackedFrame } from '../../src/camera/face-tracker.js';
import { benchFrames } from './frames.js';
import type { BenchRow } from './row.js';

const calls = 2000;
const frameCount = 600;
/** What one eye may cost, ms. */
const limitMs = 1;

interface Cost {
  /** CPU ms a frame of the whole process. */
  readonly cpuMs: number;
  /** Wall ms of the network's stage in frames that asked it, both eyes; 0 where none did. */
  readonly stageMs: number;
  readonly askedShare: number;
}

async function pipelineCost(jpegs: readonly Uint8Array[], eyeNetwork: EyeNetworkUse): Promise<Cost> {
  const tracker = new FaceTracker({ dropPolicy: 'block', eyeNetwork });
  const frames: TrackedFrame[] = [];
  tracker.frames.subscribe((frame) => frames.push(frame));
  try {
    const before = process.cpuUsage();
    for (const [number, data] of jpegs.entries())
      await tracker.pushWhenFree({ t: number * 33, number, format: 'jpeg', data });
    await tracker.idle();
    const { user, system } = process.cpuUsage(before);
    const asked = frames.filter(({ timings }) => timings.eyesMs > 0);
    const stageMs = asked.reduce((sum, { timings }) => sum + timings.eyesMs, 0) / Math.max(1, asked.length);
    return {
      cpuMs: (user + system) / 1000 / frames.length,
      stageMs,
      askedShare: asked.length / frames.length,
    };
  } finally {
    tracker.close();
  }
}

/** CPU ms of one call on a crop of a usual size whose content changes from call to call. */
function classifierCost(): number {
  const side = 90;
  const network = new EyeStateClassifier();
  const crops = Array.from({ length: 8 }, (_, k) =>
    Uint8Array.from({ length: side * side }, (_pixel, i) => (i * (7 + k) + (i >> 5)) & 255),
  );
  for (const luma of crops) network.closedProbability({ luma, width: side, height: side });
  const before = process.cpuUsage();
  for (let i = 0; i < calls; i++)
    network.closedProbability({ luma: crops[i % crops.length], width: side, height: side });
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / calls;
}

/** The eye-state network: alone, and in the vision chain that never, sometimes or always asks it. */
export async function run(): Promise<BenchRow[]> {
  const { source, jpegs } = await benchFrames(frameCount);
  const alone = classifierCost();
  const off = await pipelineCost(jpegs, 'off');
  const unsure = await pipelineCost(jpegs, 'unsure');
  const always = await pipelineCost(jpegs, 'always');
  const note = `CPU of the whole process a frame; ${frameCount} frames, ${source}`;
  return [
    {
      name: 'one eye: CPU',
      value: alone,
      unit: 'ms',
      limit: limitMs,
      note: `crop, normalisation and network; ${calls} calls`,
    },
    {
      name: 'one eye in the vision chain: CPU',
      value: (always.cpuMs - off.cpuMs) / 2,
      unit: 'ms',
      limit: limitMs,
      note: 'half of what always costs more than off',
    },
    { name: 'both eyes in the vision chain', value: always.stageMs, unit: 'ms', note: 'wall, mean' },
    { name: 'frame, network off: CPU', value: off.cpuMs, unit: 'ms', note },
    { name: 'frame, where geometry is unsure: CPU', value: unsure.cpuMs, unit: 'ms', note },
    { name: 'frame, always: CPU', value: always.cpuMs, unit: 'ms', note },
    {
      name: 'frames in which geometry was unsure',
      value: 100 * unsure.askedShare,
      unit: '%',
      note: 'of at least one eye',
    },
  ];
}
