import { join } from 'node:path';
import { FaceTracker } from '../../src/camera/face-tracker.js';
import type { FaceObservation, FaceSeen } from '../../src/camera/observation.js';
import { VigilError } from '../../src/runtime/errors.js';
import { modelsDir } from '../../src/runtime/paths.js';
import { readCanonicalMesh } from '../synthetic/canonical-mesh.js';
import { neutralPose, type FacePose } from '../synthetic/face-pose.js';
import { FaceRenderer } from '../synthetic/renderer.js';

/** The renderer's camera. */
const horizontalFovDeg = 50;
/** Frames of each pose: as many as the region of interest needs to settle. */
const settleFrames = 3;

/**
 * Shows rendered faces to the vision chain, one pose after the other.
 * @returns the observation of each pose's last frame; null where no face was found
 */
export async function observePoses(
  poses: readonly Partial<FacePose>[],
  progress: (done: number) => void = () => undefined,
): Promise<(FaceSeen | null)[]> {
  const mesh = readCanonicalMesh(join(modelsDir, 'canonical_face_mesh.json'));
  const renderer = new FaceRenderer(mesh, { width: 640, height: 480 });
  const tracker = new FaceTracker({ dropPolicy: 'block', horizontalFovDeg });
  const seen: FaceObservation[] = [];
  const subscription = tracker.frames.subscribe(({ observation }) => seen.push(observation));
  try {
    let number = 0;
    for (const [i, pose] of poses.entries()) {
      progress(i);
      for (let repeat = 0; repeat < settleFrames; repeat++) {
        const image = renderer.render({ ...neutralPose, noise: 1.5, noiseSeed: number, ...pose });
        await tracker.pushWhenFree({ t: number * 40, number, format: 'rgb', ...image });
        number++;
      }
    }
    await tracker.idle();
  } finally {
    subscription.unsubscribe();
    tracker.close();
  }
  if (seen.length !== poses.length * settleFrames)
    throw new VigilError(
      'FRAMES_MISSING',
      `Expected an observation of each of ${poses.length * settleFrames} frames but got ${seen.length}.`,
    );
  return seen
    .filter((_, i) => i % settleFrames === settleFrames - 1)
    .map((observation) => (observation.kind === 'face' ? observation : null));
}

export interface Line {
  readonly n: number;
  readonly slope: number;
  /** Read at a true 0. */
  readonly offsetDeg: number;
  /** Mean distance from the truth, once the offset is taken out. */
  readonly errorDeg: number;
}

/** How readings follow the truth. */
export function lineThrough(pairs: readonly (readonly [truthDeg: number, readDeg: number])[]): Line {
  const n = pairs.length;
  const meanTruth = pairs.reduce((sum, [truth]) => sum + truth, 0) / n;
  const meanRead = pairs.reduce((sum, [, read]) => sum + read, 0) / n;
  let covariance = 0;
  let variance = 0;
  for (const [truth, read] of pairs) {
    covariance += (truth - meanTruth) * (read - meanRead);
    variance += (truth - meanTruth) ** 2;
  }
  const slope = covariance / variance;
  const offsetDeg = meanRead - slope * meanTruth;
  const errorDeg = pairs.reduce((sum, [truth, read]) => sum + Math.abs(read - offsetDeg - truth), 0) / n;
  return { n, slope, offsetDeg, errorDeg };
}
