import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCanonicalMesh } from '../hil/synthetic/canonical-mesh.js';
import { neutralPose, type FacePose } from '../hil/synthetic/face-pose.js';
import { FaceRenderer } from '../hil/synthetic/renderer.js';
import { FaceTracker } from '../src/camera/face-tracker.js';
import { meanOpenness, type FaceObservation, type FaceSeen } from '../src/camera/observation.js';
import { modelsDir } from '../src/runtime/paths.js';

// The networks have never seen this driver: that they measure what it was told to do, with the right sign, is
// evidence for the renderer and for the whole vision chain at once.

const distanceCm = 45;
let renderer: FaceRenderer;
let tracker: FaceTracker;
let number = 0;

beforeAll(() => {
  renderer = new FaceRenderer(readCanonicalMesh(join(modelsDir, 'canonical_face_mesh.json')), {
    width: 320,
    height: 240,
  });
  tracker = new FaceTracker({ dropPolicy: 'block' });
});

afterAll(() => tracker.close());

/** Shows the poses one after the other, each for as many frames as the region of interest needs to settle. */
async function observe(poses: readonly Partial<FacePose>[], settle = 2): Promise<FaceSeen[]> {
  const seen: FaceObservation[] = [];
  const subscription = tracker.frames.subscribe(({ observation }) => seen.push(observation));
  for (const pose of poses)
    for (let repeat = 0; repeat < settle; repeat++) {
      const image = renderer.render({ ...neutralPose, distanceCm, noise: 1.5, noiseSeed: number, ...pose });
      await tracker.pushWhenFree({ t: number * 40, number, format: 'rgb', ...image });
      number += 1;
    }
  await tracker.idle();
  subscription.unsubscribe();
  expect(seen).toHaveLength(poses.length * settle);
  return seen
    .filter((_, i) => i % settle === settle - 1)
    .map((observation) => {
      if (observation.kind !== 'face') throw new Error(`expected a face in frame ${observation.frame}`);
      return observation;
    });
}

/** Slope of the least-squares line. */
function slope(x: readonly number[], y: readonly number[]): number {
  const meanX = x.reduce((a, b) => a + b, 0) / x.length;
  const meanY = y.reduce((a, b) => a + b, 0) / y.length;
  const covariance = x.reduce((sum, value, i) => sum + (value - meanX) * (y[i] - meanY), 0);
  return covariance / x.reduce((sum, value) => sum + (value - meanX) ** 2, 0);
}

const lids = (closure: number): Partial<FacePose> => ({ eyelidClosure: { left: closure, right: closure } });

describe('the vision chain on the synthetic driver', () => {
  it('follows head yaw, and is sure of the face throughout', async () => {
    const yaws = [-30, -20, -10, 0, 10, 20, 30];
    const seen = await observe(yaws.map((headYawDeg) => ({ headYawDeg })));
    for (const face of seen) expect(face.presence).toBeGreaterThan(0.9);
    const s = slope(
      yaws,
      seen.map((face) => face.head.yawDeg),
    );
    expect(s).toBeGreaterThan(0.85);
    expect(s).toBeLessThan(1.2);
  });

  it('follows head pitch and roll', async () => {
    const angles = [-20, -10, 0, 10, 20];
    const pitched = await observe(angles.map((headPitchDeg) => ({ headPitchDeg })));
    const rolled = await observe(angles.map((headRollDeg) => ({ headRollDeg })));
    for (const [seen, key] of [
      [pitched, 'pitchDeg'],
      [rolled, 'rollDeg'],
    ] as const) {
      const s = slope(
        angles,
        seen.map((face) => face.head[key]),
      );
      expect(s).toBeGreaterThan(0.8);
      expect(s).toBeLessThan(1.2);
    }
  });

  it.each([-20, 0, 20])('sees the lids close at head yaw %d', async (headYawDeg) => {
    const closures = Array.from({ length: 11 }, (_, i) => i / 10);
    const seen = await observe(closures.map((closure) => ({ ...lids(closure), headYawDeg })));
    const openness = seen.map((face) => meanOpenness(face.eyes));
    const open = openness[0];
    const crossing = closures[openness.findIndex((value) => value < 0.6 * open)];
    expect(open).toBeGreaterThan(0.2);
    expect(openness[10] / open).toBeLessThan(0.35);
    expect(crossing).toBeGreaterThanOrEqual(0.4);
    expect(crossing).toBeLessThanOrEqual(0.8);
  });

  it("tells the driver's left eye from the right one", async () => {
    const [both, left, , right] = await observe(
      [{}, { eyelidClosure: { left: 1, right: 0 } }, {}, { eyelidClosure: { left: 0, right: 1 } }],
      3,
    );
    expect(left.eyes.left.openness).toBeLessThan(0.4 * both.eyes.left.openness);
    expect(left.eyes.right.openness).toBeGreaterThan(0.8 * both.eyes.right.openness);
    expect(right.eyes.right.openness).toBeLessThan(0.4 * both.eyes.right.openness);
    expect(right.eyes.left.openness).toBeGreaterThan(0.8 * both.eyes.left.openness);
  });

  it('sees the mouth open', async () => {
    const seen = await observe([0, 0.3, 0.6, 1].map((mouthOpening) => ({ mouthOpening })));
    const openings = seen.map((face) => face.mouthOpening);
    expect(openings[0]).toBeLessThan(0.1);
    for (let i = 1; i < 4; i++) expect(openings[i]).toBeGreaterThan(openings[i - 1] + 0.08);
    expect(openings[3]).toBeGreaterThan(0.6);
  });

  it('sees where the eyes turn', async () => {
    const azimuths = [-20, -10, 0, 10, 20];
    const elevations = [-12, -6, 0, 6, 12];
    const across = await observe(
      azimuths.map((gazeAzimuthDeg) => ({ gazeAzimuthDeg })),
      3,
    );
    const along = await observe(
      elevations.map((gazeElevationDeg) => ({ gazeElevationDeg })),
      3,
    );
    expect(
      slope(
        azimuths,
        across.map((face) => face.gaze.azimuthDeg),
      ),
    ).toBeGreaterThan(0.5);
    expect(
      slope(
        elevations,
        along.map((face) => face.gaze.elevationDeg),
      ),
    ).toBeGreaterThan(0.3);
  });

  it('sees the face in a dark and in a bright cabin', async () => {
    const seen = await observe([0.1, 0.3, 1, 1.5].map((lightingGain) => ({ lightingGain })));
    for (const face of seen) expect(face.presence).toBeGreaterThan(0.9);
    for (let i = 1; i < 4; i++)
      expect(seen[i].image.brightness).toBeGreaterThan(seen[i - 1].image.brightness);
  });
});
