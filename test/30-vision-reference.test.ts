import { describe, expect, it } from 'vitest';
import {
  astronaut,
  faceOf,
  landmarkDistances,
  landmarksOf,
  mediaPipeLandmarks,
  mirrorImage,
  quantile,
  track,
} from './30-support.js';

// The oracle is MediaPipe's finished face mesh (0.10.21) on the same picture: its own detector, its own crop, its
// own runtime. The face is 92 px wide. What remains are two regions that differ by a fraction of a pixel, because
// MediaPipe shrinks the picture for the detector by bilinear sampling and we average areas, and the mesh network
// answers a shifted crop with slightly other landmarks: 0.37 px at the median were measured, 0.66 px at most.
// A wrong crop, a wrong index table or a swapped eye costs several pixels.
const oracle = mediaPipeLandmarks();
const faceWidthPx = 92;

describe('landmarks beside MediaPipe', () => {
  it('agree on the first frame, every point of the 478', async () => {
    const [first] = await track([astronaut()], { landmarks: true });
    const distances = landmarkDistances(landmarksOf(first.observation), (i) => oracle[i]);
    expect(distances).toHaveLength(478);
    expect(quantile(distances, 0.5)).toBeLessThan(0.6);
    expect(quantile(distances, 0.95)).toBeLessThan(0.9);
    expect(quantile(distances, 1)).toBeLessThan(1.2);
  });

  it('agree in depth, in units of the image', async () => {
    const [first] = await track([astronaut()], { landmarks: true });
    const landmarks = landmarksOf(first.observation);
    const errors = oracle.map((point, i) => Math.abs(point[2] - landmarks[3 * i + 2])).sort((a, b) => a - b);
    expect(quantile(errors, 0.5)).toBeLessThan(0.6);
    expect(quantile(errors, 1)).toBeLessThan(2.5);
  });

  it('stay within 1 % of the face while the region follows its own landmarks', async () => {
    // The region settles on the mesh's own bounding box: silhouette points move with it by up to 3 px, irises and
    // lids do not.
    const tracked = await track(Array.from({ length: 8 }, astronaut), { landmarks: true });
    for (const { observation } of tracked) {
      const landmarks = landmarksOf(observation);
      const distances = landmarkDistances(landmarks, (i) => oracle[i]);
      expect(quantile(distances, 0.5)).toBeLessThan(0.01 * faceWidthPx);
      expect(quantile(distances, 1)).toBeLessThan(0.05 * faceWidthPx);
      const irises = landmarkDistances(landmarks.subarray(3 * 468), (i) => oracle[468 + i]);
      expect(irises).toHaveLength(10);
      expect(quantile(irises, 1)).toBeLessThan(0.8);
    }
  });
});

describe('measures of the reference face', () => {
  it('follow from the oracle landmarks', async () => {
    const [first] = await track([astronaut()]);
    const face = faceOf(first.observation);
    const xs = oracle.slice(0, 468).map(([x]) => x);
    const ys = oracle.slice(0, 468).map(([, y]) => y);
    expect(Math.abs(face.box.x - Math.min(...xs))).toBeLessThan(1.2);
    expect(Math.abs(face.box.y - Math.min(...ys))).toBeLessThan(1.2);
    expect(Math.abs(face.box.x + face.box.width - Math.max(...xs))).toBeLessThan(1.2);
    expect(Math.abs(face.box.y + face.box.height - Math.max(...ys))).toBeLessThan(1.2);

    const distance = (a: number, b: number) =>
      Math.hypot(oracle[a][0] - oracle[b][0], oracle[a][1] - oracle[b][1]);
    const gap = (upper: [number, number], lower: [number, number], outer: number, inner: number) =>
      (distance(upper[0], lower[0]) + distance(upper[1], lower[1])) / (2 * distance(outer, inner));
    // The head is turned by about a degree, so the yaw correction is below a thousandth.
    expect(Math.abs(face.eyes.right.openness - gap([160, 158], [144, 153], 33, 133))).toBeLessThan(0.03);
    expect(Math.abs(face.eyes.left.openness - gap([387, 385], [373, 380], 263, 362))).toBeLessThan(0.03);
    expect(Math.abs(face.mouthOpening - distance(13, 14) / distance(61, 291))).toBeLessThan(0.03);

    expect(face.eyes.left.weight).toBe(1);
    expect(face.eyes.right.weight).toBe(1);
    expect(face.presence).toBeGreaterThan(0.99);
    // She looks into the camera, head slightly lowered against the canonical face and leaning to image left.
    expect(Math.abs(face.head.yawDeg)).toBeLessThan(4);
    expect(face.head.pitchDeg).toBeGreaterThan(-14);
    expect(face.head.pitchDeg).toBeLessThan(-3);
    const eyeLineDeg =
      (Math.atan2(oracle[263][1] - oracle[33][1], oracle[263][0] - oracle[33][0]) * 180) / Math.PI;
    expect(Math.abs(face.head.rollDeg + eyeLineDeg)).toBeLessThan(2);
    expect(Math.abs(face.gaze.azimuthDeg)).toBeLessThan(8);
    // Up and down the zero is personal and not learnt here: a millimetre of it is ten degrees.
    expect(Math.abs(face.gaze.elevationDeg)).toBeLessThan(12);
    expect(face.gaze.confidence).toBeGreaterThan(0.9);
    expect(face.image.brightness).toBeGreaterThan(0.3);
    expect(face.image.brightness).toBeLessThan(0.7);
    expect(face.image.saturatedShare).toBeLessThan(0.01);
  });

  it('are the same through a mirror, once it is said to be one', async () => {
    const [straight] = await track([astronaut()]);
    const [mirrored] = await track([mirrorImage(astronaut())], { mirrored: true });
    const a = faceOf(straight.observation);
    const b = faceOf(mirrored.observation);
    // The networks are not symmetric themselves: two degrees and a few hundredths remain.
    expect(Math.abs(a.head.yawDeg - b.head.yawDeg)).toBeLessThan(2);
    expect(Math.abs(a.head.pitchDeg - b.head.pitchDeg)).toBeLessThan(2);
    expect(Math.abs(a.head.rollDeg - b.head.rollDeg)).toBeLessThan(2);
    expect(Math.abs(a.eyes.left.openness - b.eyes.left.openness)).toBeLessThan(0.04);
    expect(Math.abs(a.eyes.right.openness - b.eyes.right.openness)).toBeLessThan(0.04);
    expect(Math.abs(a.gaze.azimuthDeg - b.gaze.azimuthDeg)).toBeLessThan(4);
    // The box stays where the picture shows the face.
    expect(Math.abs(b.box.x + b.box.width / 2 - (256 - a.box.x - a.box.width / 2))).toBeLessThan(3);
  });
});
