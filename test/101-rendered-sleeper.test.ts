import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCanonicalMesh } from '../hil/synthetic/canonical-mesh.js';
import { neutralPose, type FacePose } from '../hil/synthetic/face-pose.js';
import { FaceRenderer, type RgbImage } from '../hil/synthetic/renderer.js';
import { stepDriver } from '../src/driver/driver.js';
import { initialDriver } from '../src/driver/memory.js';
import { modelsDir } from '../src/runtime/paths.js';
import { seededRandom } from './10-support.js';
import { track } from './30-support.js';
import { policy } from './70-support/watch.js';

const awakeFrames = 45;
const fallFrames = 10;
const asleepFrames = 80;
const awake: FacePose = { ...neutralPose, distanceCm: 45, offsetYCm: -1.5 };

/** The sensor's noise, another one in every frame. */
function live(image: RgbImage, seed: number): RgbImage {
  const random = seededRandom(seed);
  const data = image.data.map((value) => Math.min(255, Math.max(0, value + Math.round(3 * random() - 1.5))));
  return { ...image, data };
}

/** Lids that close within 0.2 s while the head goes on to its place of sleep for as long again. */
function fallingAsleep(headPitchDeg: number, headRollDeg: number, share: number): FacePose {
  const closure = Math.min(1, 2 * share);
  return {
    ...awake,
    headPitchDeg: headPitchDeg * share,
    headRollDeg: headRollDeg * share,
    eyelidClosure: { left: closure, right: closure },
  };
}

describe('a rendered driver who falls asleep', () => {
  it.each<[string, number, number]>([
    ['upright', 0, 0],
    ['and sinks forward', -20, 0],
    ['and leans aside', -8, 20],
  ])('%s is asleep, and nothing is in the way', async (_, pitchDeg, rollDeg) => {
    const mesh = readCanonicalMesh(join(modelsDir, 'canonical_face_mesh.json'));
    const renderer = new FaceRenderer(mesh, { width: 320, height: 240 });
    const upright = renderer.render(awake);
    const falling = Array.from({ length: fallFrames }, (_, i) =>
      renderer.render(fallingAsleep(pitchDeg, rollDeg, (i + 1) / fallFrames)),
    );
    const frames = Array.from({ length: awakeFrames + fallFrames + asleepFrames }, (_, i) => {
      const image = i < awakeFrames ? upright : falling[Math.min(fallFrames - 1, i - awakeFrames)];
      return { format: 'rgb' as const, ...live(image, i) };
    });
    let driver = initialDriver({ policy });
    const states: string[] = [];
    for (const { observation } of await track(frames)) {
      driver = stepDriver(driver, { kind: 'observation', observation }).driver;
      const state = driver.state?.kind ?? 'none';
      if (states.at(-1) !== state) states.push(state);
      expect(driver.view.visibility.faults).toEqual([]);
    }
    expect(states).toEqual(['calibrating', 'attentive', 'microsleep', 'sleep']);
  });
});
