import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildModels } from '../models/build.js';
import { modelEntry } from '../src/runtime/models.js';
import { packageRoot } from '../src/runtime/paths.js';

/**
 * The built models in ONNX Runtime against MediaPipe's own runtime on the same TFLite files and images
 * (models/check/mediapipe_reference.py made the golden files).
 *
 * Outputs are in pixels of the model's input (up to about 190) and logits (up to about 120): 5e-4 is 2.5e-6 of the
 * range. MediaPipe's own two engines differ by up to 2e-4 on these images.
 */
const tolerance = 5e-4;

interface GoldenCase {
  model: string;
  image: string;
  imageSha256: string;
  tfliteSha256: string;
  file: string;
  outputs: { name: string; length: number }[];
}

interface Image {
  size: number;
  /** RGB, row by row. */
  data: Uint8Array;
}

const golden = join(packageRoot, 'test', 'golden', 'models');
const { cases } = JSON.parse(readFileSync(join(golden, 'index.json'), 'utf8')) as { cases: GoldenCase[] };
const directory = mkdtempSync(join(tmpdir(), 'vigil-models-'));

beforeAll(() => {
  buildModels({ directory });
});
afterAll(() => rmSync(directory, { recursive: true }));

/** A binary PPM of 8 bit per channel without comments, as the golden script writes it. */
function readPpm(path: string): Image {
  const file = readFileSync(path);
  const header = /^P6\n(\d+) (\d+)\n255\n/.exec(file.toString('latin1', 0, 40));
  if (header === null || header[1] !== header[2]) throw new Error(`${path} is not a square PPM`);
  return { size: Number(header[1]), data: file.subarray(header[0].length) };
}

function imageFrom(size: number, value: (y: number, x: number, channel: number) => number): Image {
  const data = new Uint8Array(size * size * 3);
  for (let index = 0; index < data.length; index++) {
    const pixel = Math.floor(index / 3);
    data[index] = value(Math.floor(pixel / size), pixel % size, index % 3);
  }
  return { size, data };
}

/** The golden script's images: whole-number arithmetic only, so that both sides have the same bytes. */
function makeImage(name: string, size: number): Image {
  const photo = readPpm(join(golden, 'astronaut.ppm'));
  const read = (y: number, x: number, channel: number): number =>
    photo.data[(y * photo.size + x) * 3 + channel];
  const face =
    size === 128
      ? (y: number, x: number, c: number): number =>
          (read(2 * y, 2 * x, c) +
            read(2 * y, 2 * x + 1, c) +
            read(2 * y + 1, 2 * x, c) +
            read(2 * y + 1, 2 * x + 1, c) +
            2) >>
          2
      : (y: number, x: number, c: number): number => read(16 + y, 32 + x, c);
  switch (name) {
    case 'face':
      return imageFrom(size, face);
    case 'turned':
      return imageFrom(size, (y, x, c) => face(x, y, c));
    case 'border':
      return imageFrom(size, (y, x, c) => read(60 + (y >> 1), 100 + (x >> 1), c));
    case 'noise': {
      let state = 7;
      return imageFrom(size, () => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return state >>> 24;
      });
    }
    default:
      throw new Error(`no image ${name}`);
  }
}

/** Pixels to the model's input range: 0..1 for landmarks, -1..1 for detection. */
function toInput({ data }: Image, low: number): Float32Array {
  return Float32Array.from(data, (value) => (value / 255) * (1 - low) + low);
}

describe('built models against MediaPipe', () => {
  it('covers both models and a patch that leaves the image', () => {
    expect(cases.map(({ model, image }) => `${model} ${image}`).sort()).toEqual([
      'face_detection_short_range face',
      'face_detection_short_range noise',
      'face_detection_short_range turned',
      'face_landmarks_attention border',
      'face_landmarks_attention face',
      'face_landmarks_attention noise',
      'face_landmarks_attention turned',
    ]);
  });

  it.each(cases.map((item) => [item.model, item.image, item] as const))('%s, %s', async (_, __, item) => {
    const entry = modelEntry(item.model);
    if (entry.kind !== 'converted') throw new Error(`${item.model} is not converted`);
    expect(item.tfliteSha256).toBe(entry.source.sha256);
    const shape = entry.inputs[0].shape;
    const image = makeImage(item.image, shape[1]);
    expect(createHash('sha256').update(image.data).digest('hex')).toBe(item.imageSha256);

    const session = await ort.InferenceSession.create(join(directory, entry.file), { intraOpNumThreads: 1 });
    const low = item.model === 'face_detection_short_range' ? -1 : 0;
    const results = await session.run({ input: new ort.Tensor('float32', toInput(image, low), shape) });

    const file = readFileSync(join(golden, item.file));
    const expected = new Float32Array(Uint8Array.from(file).buffer);
    expect(item.outputs.map(({ name }) => name)).toEqual(entry.outputs.map(({ name }) => name));
    let offset = 0;
    for (const { name, length } of item.outputs) {
      const actual = results[name].data as Float32Array;
      expect(actual.length).toBe(length);
      let worst = 0;
      for (let index = 0; index < length; index++) {
        worst = Math.max(worst, Math.abs(actual[index] - expected[offset + index]));
      }
      expect(worst, `largest difference of ${name}`).toBeLessThan(tolerance);
      if (process.env['VIGIL_SHOW_DIFFERENCES'] !== undefined) {
        process.stderr.write(`${item.model} ${item.image} ${name} ${worst.toExponential(1)}\n`);
      }
      offset += length;
    }
    expect(offset).toBe(expected.length);
  });

  it('sees the face where the photo has one and none in noise', async () => {
    const entry = modelEntry('face_landmarks_attention');
    const session = await ort.InferenceSession.create(join(directory, entry.file), { intraOpNumThreads: 1 });
    const probability = async (name: string): Promise<number> => {
      const input = new ort.Tensor('float32', toInput(makeImage(name, 192), 0), entry.inputs[0].shape);
      const { face_flag: flag } = await session.run({ input });
      return 1 / (1 + Math.exp(-(flag.data as Float32Array)[0]));
    };
    expect(await probability('face')).toBeGreaterThan(0.99);
    expect(await probability('noise')).toBeLessThan(0.01);
  });
});
