import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readCanonicalMesh } from '../hil/synthetic/canonical-mesh.js';
import { anchorsOf, type FaceAnchors } from '../hil/synthetic/face-anchors.js';
import { neutralPose } from '../hil/synthetic/face-pose.js';
import { blur, covered, exposed, occlude, occluderNames } from '../hil/synthetic/occluders.js';
import { FaceRenderer, type RgbImage } from '../hil/synthetic/renderer.js';
import { FaceTracker, type FaceTrackerOptions } from '../src/camera/face-tracker.js';
import type { FaceObservation } from '../src/camera/observation.js';
import { stepDriver } from '../src/driver/driver.js';
import { initialDriver } from '../src/driver/memory.js';
import type { FaultReason } from '../src/driver/visibility/fault.js';
import { modelsDir } from '../src/runtime/paths.js';
import { seededRandom } from './10-support.js';
import { faceOf, landmarksOf, show, track } from './30-support.js';
import { policy } from './70-support/watch.js';

const size = { width: 320, height: 240 };
let driver: RgbImage;
let other: RgbImage;
let anchors: FaceAnchors;

beforeAll(async () => {
  const mesh = readCanonicalMesh(join(modelsDir, 'canonical_face_mesh.json'));
  const pose = { ...neutralPose, distanceCm: 45, offsetYCm: -1.5 };
  driver = new FaceRenderer(mesh, size).render(pose);
  other = new FaceRenderer(mesh, { ...size, skinSeed: 5 }).render({ ...pose, distanceCm: 52, headYawDeg: 4 });
  const [, seen] = await track([driver, driver].map(picture), { landmarks: true });
  anchors = anchorsOf(landmarksOf(seen.observation));
}, 60_000);

function picture(image: RgbImage): { format: 'rgb' } & RgbImage {
  return { format: 'rgb', ...image };
}

/** The sensor's noise, another one in every frame. */
function live(image: RgbImage, seed: number): RgbImage {
  const random = seededRandom(seed);
  const data = image.data.map((value) => Math.min(255, Math.max(0, value + Math.round(3 * random() - 1.5))));
  return { ...image, data };
}

/** 40 frames of the driver as he is, then 85 with a change; 25 frames a second. */
async function afterChange(
  changed: RgbImage,
  alive: (image: RgbImage, frame: number) => RgbImage = live,
): Promise<{ readonly last: FaceObservation; readonly reasons: readonly FaultReason[] }> {
  const frames = Array.from({ length: 125 }, (_, i) => (i < 40 ? live(driver, i) : alive(changed, i)));
  const tracked = await track(frames.map(picture));
  let graph = initialDriver({ policy });
  for (const { observation } of tracked)
    graph = stepDriver(graph, { kind: 'observation', observation }).driver;
  return {
    last: tracked[tracked.length - 1].observation,
    reasons: graph.view.visibility.faults.map(({ reason }) => reason),
  };
}

const expected: Readonly<Record<(typeof occluderNames)[number], readonly FaultReason[]>> = {
  bar: ['eyesCovered'],
  sunglasses: ['eyesCovered'],
  hand: ['eyesCovered'],
  handFromAbove: ['eyesCovered'],
  handFromSide: ['eyesCovered'],
  hair: ['eyesCovered'],
  noise: ['eyesCovered'],
  blurredEyes: ['eyesCovered'],
  glareBothEyes: ['glare'],
  glareOneEye: ['oneEyeGlare'],
  mask: ['lowerFaceCovered'],
  handOnMouth: ['lowerFaceCovered'],
};

describe('the vision chain and the graph name what is drawn over the rendered driver', () => {
  it('nothing, where nothing is', async () => {
    const { last, reasons } = await afterChange(driver);
    expect(reasons).toEqual([]);
    const { eyes, lowerFace, faces, imageSize } = faceOf(last);
    for (const eye of [eyes.left, eyes.right]) {
      expect(eye.appearance?.likeness).toBeGreaterThan(0.5);
      expect(eye.appearance?.familiarity).toBeGreaterThan(0.95);
    }
    expect(lowerFace?.familiarity).toBeGreaterThan(0.9);
    expect(faces).toBe(1);
    expect(imageSize).toEqual(size);
  });

  it.each(occluderNames)('%s', async (name) => {
    const { reasons } = await afterChange(occlude(driver, anchors, name));
    expect(reasons).toEqual(expected[name]);
  });

  it.each<[string, FaultReason, () => RgbImage]>([
    ['a cabin without light', 'imageTooDark', () => exposed(driver, 1 / 30)],
    ['too much light', 'imageSaturated', () => exposed(driver, 8)],
    ['a lens out of focus', 'outOfFocus', () => blur(driver, 0.1 * anchors.eyeDistance)],
    ['a smeared lens', 'cameraCovered', () => blur(driver, 0.6 * anchors.eyeDistance)],
    ['a covered lens', 'cameraCovered', () => covered(driver, 70, 6, 1)],
  ])('%s: %s', async (_, reason, change) => {
    expect((await afterChange(change())).reasons).toEqual([reason]);
  });

  it('a picture that hangs: imageFrozen', async () => {
    expect((await afterChange(driver, (image) => image)).reasons).toEqual(['imageFrozen']);
  });
});

describe('two people in the picture', () => {
  /** The driver at image left, the smaller passenger at image right. */
  function both(frame: number): RgbImage {
    const width = 2 * size.width;
    const data = new Uint8Array(width * size.height * 3);
    const rows = size.width * 3;
    for (let y = 0; y < size.height; y++) {
      data.set(driver.data.subarray(y * rows, (y + 1) * rows), y * 2 * rows);
      data.set(other.data.subarray(y * rows, (y + 1) * rows), y * 2 * rows + rows);
    }
    return live({ width, height: size.height, data }, frame);
  }

  const middleOf = (observation: FaceObservation): number => {
    const { box, imageSize } = faceOf(observation);
    return (box.x + box.width / 2) / imageSize!.width;
  };

  it.each<[string, FaceTrackerOptions, number]>([
    ['the larger face is the driver', {}, 0.25],
    ["but for the seat's", { seat: { left: 0.5, top: 0, right: 1, bottom: 1 } }, 0.75],
  ])('%s, and both are counted', async (_, options, middle) => {
    const tracked = await track([both(1), both(2)].map(picture), options);
    for (const { observation } of tracked) {
      expect(faceOf(observation).faces).toBe(2);
      expect(middleOf(observation)).toBeCloseTo(middle, 1);
    }
  });

  it('the one who sits down on the driver seat later is found there', async () => {
    const alone = { ...both(1) };
    const rows = size.width * 3;
    for (let y = 0; y < size.height; y++) alone.data.fill(90, y * 2 * rows + rows, (y + 1) * 2 * rows);
    const tracker = new FaceTracker({
      dropPolicy: 'block',
      seat: { left: 0.5, top: 0, right: 1, bottom: 1 },
      recheckMs: 400,
    });
    try {
      const before = await show(
        tracker,
        Array.from({ length: 4 }, () => picture(alone)),
      );
      expect(before.map(({ observation }) => middleOf(observation) < 0.5)).toEqual(before.map(() => true));
      const after = await show(
        tracker,
        Array.from({ length: 14 }, (_, i) => picture(both(i))),
        4,
      );
      const last = after[after.length - 1].observation;
      expect(middleOf(last)).toBeCloseTo(0.75, 1);
      expect(faceOf(last).faces).toBe(2);
      expect(after.filter(({ timings }) => timings.detectorRan)).toHaveLength(1);
    } finally {
      tracker.close();
    }
  });

  it.each([
    ['too few numbers', [0, 0, 1]],
    ['no area', [0.5, 0, 0.5, 1]],
    ['more than the image', [0, 0, 1.2, 1]],
  ])('a seat of %s is refused', (_, [left, top, right, bottom = Number.NaN]) => {
    expect(() => new FaceTracker({ seat: { left, top, right, bottom } })).toThrow(/seat/);
  });
});
