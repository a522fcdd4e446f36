import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openRecording } from '../hil/recording/reader.js';
import { fixtureFolder } from '../hil/synthetic/fixture-truth.js';
import {
  FaceTracker,
  type CameraFrame,
  type FaceTrackerOptions,
  type TrackedFrame,
} from '../src/camera/face-tracker.js';
import type { FaceObservation, FaceSeen } from '../src/camera/observation.js';
import { packageRoot } from '../src/runtime/paths.js';

/** What a frame shows; time and number come from its place in the sequence. */
export type Picture = Omit<CameraFrame, 't' | 'number'>;

export interface RgbPicture extends Picture {
  readonly width: number;
  readonly height: number;
}

const golden = join(packageRoot, 'test', 'golden', 'models');

/** Landmarks that MediaPipe's finished face mesh found in the same picture: 478 x (x, y, z), pixels. */
export function mediaPipeLandmarks(): number[][] {
  const file = readFileSync(join(golden, 'astronaut-landmarks.json'), 'utf8');
  return (JSON.parse(file) as { landmarks: number[][] }).landmarks;
}

/** A real face (256 x 256, NASA, public domain) that MediaPipe was run on as well. */
export function astronaut(): RgbPicture {
  const ppm = readFileSync(join(golden, 'astronaut.ppm'));
  const header = /^P6\s(\d+)\s(\d+)\s255\s/.exec(ppm.subarray(0, 32).toString('latin1'));
  if (header === null) throw new Error('expected an 8-bit PPM');
  return {
    format: 'rgb',
    width: Number(header[1]),
    height: Number(header[2]),
    data: ppm.subarray(header[0].length),
  };
}

/** A picture of one grey level. */
export function plain(level: number, width = 320, height = 240): RgbPicture {
  return { format: 'grey', width, height, data: new Uint8Array(width * height).fill(level) };
}

/** Left and right exchanged. */
export function mirrorImage(picture: RgbPicture): RgbPicture {
  const { width, height, data } = picture;
  const mirrored = new Uint8Array(data.length);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 3; c++)
        mirrored[(y * width + x) * 3 + c] = data[(y * width + width - 1 - x) * 3 + c];
  return { ...picture, data: mirrored };
}

let fixture: Promise<Uint8Array[]> | undefined;

/** JPEG frames of the synthetic driver, 320 x 240 at 15 Hz (test/fixtures/face). */
export function fixtureJpegs(): Promise<readonly Uint8Array[]> {
  return (fixture ??= readFixture());
}

async function readFixture(): Promise<Uint8Array[]> {
  const recording = await openRecording(join(fixtureFolder, 'drive.mcap'));
  const frames: Uint8Array[] = [];
  for await (const message of recording.messages())
    if (message.kind === 'camera') frames.push(message.data.slice());
  await recording.close();
  return frames;
}

/** Shows the pictures in lock-step, 40 ms apart, and returns what came of every one. */
export async function track(
  pictures: readonly Picture[],
  options: FaceTrackerOptions = {},
): Promise<TrackedFrame[]> {
  const tracker = new FaceTracker({ dropPolicy: 'block', ...options });
  try {
    return await show(tracker, pictures);
  } finally {
    tracker.close();
  }
}

/** The same with a tracker that stays open. */
export async function show(
  tracker: FaceTracker,
  pictures: readonly Picture[],
  firstNumber = 0,
): Promise<TrackedFrame[]> {
  const tracked: TrackedFrame[] = [];
  const subscription = tracker.frames.subscribe((frame) => tracked.push(frame));
  for (const [i, picture] of pictures.entries()) {
    const number = firstNumber + i;
    await tracker.pushWhenFree({ t: number * 40, number, ...picture });
  }
  await tracker.idle();
  subscription.unsubscribe();
  return tracked;
}

export function faceOf(observation: FaceObservation | undefined): FaceSeen {
  if (observation?.kind !== 'face') throw new Error(`expected a face but got ${JSON.stringify(observation)}`);
  return observation;
}

export function landmarksOf(observation: FaceObservation | undefined): Float32Array {
  const { landmarks } = faceOf(observation);
  if (landmarks === undefined) throw new Error('expected landmarks');
  return landmarks;
}

/** Distances in the image plane of 478 landmarks to other ones, ascending. */
export function landmarkDistances(
  landmarks: Float32Array,
  other: (index: number) => readonly number[],
): number[] {
  return Array.from({ length: landmarks.length / 3 }, (_, i) => {
    const [x, y] = other(i);
    return Math.hypot(landmarks[3 * i] - x, landmarks[3 * i + 1] - y);
  }).sort((a, b) => a - b);
}

export function quantile(ascending: readonly number[], share: number): number {
  return ascending[Math.min(ascending.length - 1, Math.floor(share * ascending.length))];
}
