import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FaceTracker } from '../src/camera/face-tracker.js';
import { seededRandom } from './10-support.js';
import {
  astronaut,
  faceOf,
  fixtureJpegs,
  landmarkDistances,
  landmarksOf,
  plain,
  quantile,
  show,
  track,
  type Picture,
  type RgbPicture,
} from './30-support.js';

const jpeg = (data: Uint8Array): Picture => ({ format: 'jpeg', data });

function noise(seed: number, width = 320, height = 240): RgbPicture {
  const random = seededRandom(seed);
  const data = Uint8Array.from({ length: width * height * 3 }, () => Math.floor(random() * 256));
  return { format: 'rgb', width, height, data };
}

describe('tracking', () => {
  it('runs the detector once and then follows the face', async () => {
    const frames = (await fixtureJpegs()).slice(0, 40);
    const tracked = await track(frames.map(jpeg));
    expect(tracked.map(({ observation }) => observation.kind)).toEqual(frames.map(() => 'face'));
    expect(tracked.map(({ timings }) => timings.detectorRan)).toEqual(frames.map((_, i) => i === 0));
  });

  it.each([
    ['black frames', [plain(0), plain(0)]],
    ['white frames', [plain(255), plain(255)]],
    ['noise', [noise(1), noise(2)]],
    ['a covered lens', [plain(9), plain(11)]],
  ])('loses the face at once on %s and has it back with the first frame that shows it', async (_, gap) => {
    const frames = (await fixtureJpegs()).slice(0, 4).map(jpeg);
    const tracked = await track([...frames, ...gap, ...frames]);
    expect(tracked.map(({ observation }) => observation.kind)).toEqual([
      ...frames.map(() => 'face'),
      ...gap.map(() => 'noFace'),
      ...frames.map(() => 'face'),
    ]);
    const detected = tracked.flatMap(({ timings }, i) => (timings.detectorRan ? [i] : []));
    // Once at the start; for every frame without a face but the first, which the mesh network rejects; once more
    // when the face is back.
    expect(detected).toEqual([0, 5, 6]);
  });

  it('gives every damaged frame its own observation and goes on tracking', async () => {
    const [first, second, third] = await fixtureJpegs();
    const cut = second.slice(0, second.length >> 1);
    const tracked = await track([
      jpeg(first),
      jpeg(cut),
      jpeg(new Uint8Array(0)),
      jpeg(second.slice(0, 200)),
      { format: 'rgb', width: 320, height: 240, data: new Uint8Array(7) },
      { format: 'grey', width: 15, height: 240, data: new Uint8Array(15 * 240) },
      jpeg(third),
    ]);
    const damaged = { kind: 'unreadable', reason: 'damagedImage' };
    for (const i of [1, 2, 3, 4, 5])
      expect(tracked[i].observation).toEqual({ ...damaged, t: i * 40, frame: i });
    expect(tracked[6].observation.kind).toBe('face');
    expect(tracked[6].timings.detectorRan).toBe(false);
  });

  it('is unharmed by a change of the picture size', async () => {
    const [frame] = await fixtureJpegs();
    const tracked = await track([astronaut(), jpeg(frame), astronaut(), plain(80, 16, 16), astronaut()]);
    expect(tracked.map(({ observation }) => observation.kind)).toEqual([
      'face',
      expect.stringMatching(/^(face|noFace)$/),
      'face',
      'noFace',
      'face',
    ]);
  });

  it('sees the same face with and without tracking', async () => {
    const frames = (await fixtureJpegs()).slice(0, 10).map(jpeg);
    const followed = await track(frames, { landmarks: true });
    const detected = await track(frames, { landmarks: true, detectEveryFrame: true });
    expect(detected.every(({ timings }) => timings.detectorRan)).toBe(true);
    for (const [i, { observation }] of followed.entries()) {
      const other = landmarksOf(detected[i].observation);
      const distances = landmarkDistances(landmarksOf(observation), (k) => [other[3 * k], other[3 * k + 1]]);
      expect(quantile(distances, 0.5)).toBeLessThan(0.03 * faceOf(observation).box.width);
    }
  });
});

describe('what came in is what is measured', () => {
  it('whatever the pixel format', async () => {
    const rgb = astronaut();
    const pixels = rgb.width * rgb.height;
    const grey = new Uint8Array(pixels);
    const yuyv = new Uint8Array(pixels * 2);
    for (let i = 0; i < pixels; i++) {
      const [r, g, b] = rgb.data.subarray(3 * i, 3 * i + 3);
      const y = 0.299 * r + 0.587 * g + 0.114 * b;
      grey[i] = Math.round(y);
      yuyv[2 * i] = Math.round(y);
      const chroma = i % 2 === 0 ? (b - y) / 1.772 : (r - y) / 1.402;
      yuyv[2 * i + 1] = Math.min(255, Math.max(0, Math.round(128 + chroma)));
    }
    const { width, height } = rgb;
    const [fromRgb] = await track([rgb], { landmarks: true });
    const reference = landmarksOf(fromRgb.observation);
    for (const [picture, tolerance] of [
      [{ format: 'yuyv', width, height, data: yuyv }, 0.6],
      [{ format: 'grey', width, height, data: grey }, 2],
    ] as const) {
      const [{ observation }] = await track([picture], { landmarks: true });
      const distances = landmarkDistances(landmarksOf(observation), (i) => [
        reference[3 * i],
        reference[3 * i + 1],
      ]);
      expect(quantile(distances, 0.5)).toBeLessThan(tolerance);
      const [a, b] = [faceOf(fromRgb.observation), faceOf(observation)];
      expect(Math.abs(a.image.brightness - b.image.brightness)).toBeLessThan(0.01);
    }
  });

  it('with landmarks only on demand, 478 of them, in pixels of the full image', async () => {
    const without = await track([astronaut()]);
    expect(faceOf(without[0].observation)).not.toHaveProperty('landmarks');
    const [seen, none] = await track([astronaut(), plain(0)], { landmarks: true });
    const face = faceOf(seen.observation);
    const landmarks = landmarksOf(face);
    expect(landmarks).toHaveLength(478 * 3);
    const xs = Array.from({ length: 468 }, (_, i) => landmarks[3 * i]);
    expect(Math.min(...xs)).toBe(face.box.x);
    expect(Math.max(...xs) - Math.min(...xs)).toBeCloseTo(face.box.width, 4);
    expect(none.observation).not.toHaveProperty('landmarks');
  });

  it('with the number and the time that the source gave', async () => {
    const tracker = new FaceTracker({ dropPolicy: 'block' });
    const stamps: [number, number][] = [];
    tracker.frames.subscribe(({ observation, timings }) => {
      stamps.push([observation.t, observation.frame]);
      expect(timings.frame).toBe(observation.frame);
    });
    const given: [number, number][] = [
      [-12.5, 0],
      [0.1 + 0.2, 4_294_967_295],
      [1e12, 7],
    ];
    for (const [t, number] of given) await tracker.pushWhenFree({ t, number, ...plain(3) });
    await tracker.idle();
    tracker.close();
    expect(stamps).toEqual(given);
  });

  it('although the source reuses its buffer at once', async () => {
    const [expected] = await track([astronaut()]);
    const picture = { ...astronaut(), data: astronaut().data.slice() };
    const tracker = new FaceTracker({ dropPolicy: 'block' });
    const seen: unknown[] = [];
    tracker.frames.subscribe(({ observation }) => seen.push(observation));
    tracker.push({ t: 0, number: 0, ...picture });
    picture.data.fill(0);
    await tracker.idle();
    tracker.close();
    expect(seen).toEqual([expected.observation]);
  });
});

describe('a picture without a face', () => {
  let tracker: FaceTracker;
  beforeEach(() => {
    tracker = new FaceTracker({ dropPolicy: 'block' });
  });
  afterEach(() => tracker.close());

  it.each([
    [0, 0, 0],
    [51, 0.2, 0],
    [255, 1, 1],
  ])('of level %d has the quality of the picture, not of its frame', async (level, brightness, saturated) => {
    for (const picture of [plain(level), plain(level, 240, 320), plain(level, 200, 200)]) {
      const [{ observation }] = await show(tracker, [picture]);
      if (observation.kind !== 'noFace') throw new Error('expected no face');
      expect(observation.presence).toBe(0);
      expect(observation.image.brightness).toBeCloseTo(brightness, 4);
      expect(observation.image.contrast).toBeLessThan(1e-3);
      expect(observation.image.sharpness).toBeLessThan(0.01);
      expect(observation.image.saturatedShare).toBe(saturated);
    }
  });

  it('of noise is sharp and rich in contrast', async () => {
    const [{ observation }] = await show(tracker, [noise(3, 128, 128)]);
    if (observation.kind !== 'noFace') throw new Error('expected no face');
    expect(observation.image.brightness).toBeCloseTo(0.5, 1);
    // Three independent uniform channels, weighted: sigma = 0.289 * sqrt(0.299^2 + 0.587^2 + 0.114^2) = 0.193.
    expect(observation.image.contrast).toBeCloseTo(0.193, 1);
    // Independent pixels of that deviation: the Laplacian's variance is 20 times theirs.
    expect(observation.image.sharpness / (20 * (0.193 * 255) ** 2)).toBeCloseTo(1, 1);
  });
});
