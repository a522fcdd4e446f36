import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { beforeAll, describe, expect, it } from 'vitest';
import { convertModel } from '../models/build.js';
import type { ConvertedModel } from '../src/runtime/model-manifest.js';
import { modelEntry } from '../src/runtime/models.js';
import { packageRoot } from '../src/runtime/paths.js';

/**
 * The object detection model in ONNX Runtime against TensorFlow.js on the same graph model and images
 * (models/check/tfjs-reference.mjs made the golden files, which hold every STEP-th number of each output).
 *
 * Scores are 0 to 1, extents up to 333 pixels of the input. TensorFlow.js' own two CPU engines differ on these images by
 * up to 1.3e-6 and 2.3e-3.
 */
const tolerance: Readonly<Record<string, number>> = { scores: 5e-6, extents: 5e-3 };

interface Golden {
  readonly sourceSha256: string;
  readonly cases: readonly {
    readonly image: string;
    readonly imageSha256: string;
    readonly file: string;
    readonly outputs: readonly { readonly name: string; readonly step: number; readonly length: number }[];
  }[];
}

const side = 512;
const folder = join(packageRoot, 'test', 'golden', 'object-detection');
const golden = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as Golden;
const entry = modelEntry('object_detection') as ConvertedModel;
let session: ort.InferenceSession;

beforeAll(async () => {
  session = await ort.InferenceSession.create(convertModel(entry), { intraOpNumThreads: 1 });
});

/** The script's images, made by whole-number arithmetic only. */
function image(name: string): Uint8Array {
  if (name === 'noise') {
    let state = 7;
    return Uint8Array.from({ length: side * side * 3 }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state >>> 24;
    });
  }
  const file = readFileSync(join(packageRoot, 'test', 'golden', 'models', 'astronaut.ppm'));
  const pixels = file.subarray(file.length - 256 * 256 * 3);
  return Uint8Array.from({ length: side * side * 3 }, (_, i) => {
    const pixel = Math.floor(i / 3);
    return pixels[((Math.floor(pixel / side) >> 1) * 256 + ((pixel % side) >> 1)) * 3 + (i % 3)];
  });
}

async function run(pixels: Uint8Array): Promise<Record<string, Float32Array>> {
  const input = new ort.Tensor('float32', Float32Array.from(pixels), [1, side, side, 3]);
  const results = await session.run({ input });
  return Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, data as Float32Array]));
}

describe('object detection model', () => {
  it('is compared on two images of the same source', () => {
    expect(golden.cases.map((item) => item.image).sort()).toEqual(['face', 'noise']);
    expect(golden.sourceSha256).toBe(entry.source.sha256);
  });

  it.each(golden.cases.map((item) => [item.image, item] as const))(
    'computes what TensorFlow.js computes: %s',
    async (_, item) => {
      const pixels = image(item.image);
      expect(createHash('sha256').update(pixels).digest('hex')).toBe(item.imageSha256);
      const results = await run(pixels);
      const expected = new Float32Array(Uint8Array.from(readFileSync(join(folder, item.file))).buffer);
      let offset = 0;
      for (const { name, step, length } of item.outputs) {
        const actual = results[name].filter((_value, at) => at % step === 0);
        expect(actual.length).toBe(length);
        const worst = actual.reduce(
          (most, value, i) => Math.max(most, Math.abs(value - expected[offset + i])),
          0,
        );
        expect(worst, `largest difference of ${name}`).toBeLessThan(tolerance[name]);
        offset += length;
      }
      expect(offset).toBe(expected.length);
    },
    30_000,
  );

  it('sees the person in the photo, in the middle of a box of its size, and no phone', async () => {
    const { scores, extents } = await run(image('face'));
    const best = (kind: number): { score: number; cell: number } => {
      let [score, cell] = [0, 0];
      for (let i = 0; i < 128 * 128; i++)
        if (scores[i * 80 + kind] > score) [score, cell] = [scores[i * 80 + kind], i];
      return { score, cell };
    };
    const person = best(0);
    expect(person.score).toBeGreaterThan(0.5);
    const [left, top, right, bottom] = [...extents.subarray(person.cell * 4, person.cell * 4 + 4)];
    expect(left + right).toBeGreaterThan(0.6 * side);
    expect(top + bottom).toBeGreaterThan(0.7 * side);
    expect(best(67).score).toBeLessThan(0.1);
  }, 30_000);
});
