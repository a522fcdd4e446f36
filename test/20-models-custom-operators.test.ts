import { encode as encodeFlex } from 'flatbuffers/js/flexbuffers.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { convertTflite } from '../models/convert/tflite-to-onnx.js';
import {
  port,
  runOnnx,
  writeTflite,
  type TestModel,
  type TestOperator,
  type TestTensor,
} from './20-support.js';

describe("MediaPipe's custom operators", () => {
  const options = {
    left_rotation_idx: 0,
    right_rotation_idx: 1,
    subset_idxs: [0, 1, 2, 3],
    output_width: 16,
    output_height: 8,
    scale_x: 1.5,
    scale_y: 1.25,
    target_rotation_radians: 0,
  };
  const transformModel: TestModel = {
    tensors: [
      { name: 'landmarks', shape: [1, 4, 3] },
      { name: 'matrix', shape: [1, 4, 4] },
    ],
    inputs: [0],
    outputs: [1],
    operators: [
      {
        code: 32,
        custom: 'Landmarks2TransformMatrix',
        inputs: [0],
        outputs: [1],
        customOptions: encodeFlex(options),
      },
    ],
  };
  const transformOnnx = convertTflite(writeTflite(transformModel), {
    name: 'transform',
    inputs: [port('landmarks', [1, 4, 3])],
    outputs: [port('matrix', [1, 4, 4])],
  });

  /** Maps the patch's corners and middle with angles and trigonometry, where the graph uses none. */
  function expectedMatrix(points: number[][]): number[] {
    const [left, right] = points;
    const angle = -Math.atan2(right[1] - left[1], right[0] - left[0]);
    const turn = ([x, y]: number[], by: number): number[] => [
      x * Math.cos(by) - y * Math.sin(by),
      x * Math.sin(by) + y * Math.cos(by),
    ];
    const level = points.map((p) => turn(p, angle));
    const box = [0, 1].map((axis) => {
      const values = level.map((p) => p[axis]);
      return { low: Math.min(...values), high: Math.max(...values) };
    });
    const middle = box.map(({ low, high }) => (low + high) / 2);
    const scale = [(box[0].high - box[0].low) * (1.5 / 16), (box[1].high - box[1].low) * (1.25 / 8)];
    const map = (x: number, y: number): number[] =>
      turn([middle[0] + (x - 8) * scale[0], middle[1] + (y - 4) * scale[1]], -angle);
    const origin = map(0, 0);
    const alongX = map(1, 0).map((v, i) => v - origin[i]);
    const alongY = map(0, 1).map((v, i) => v - origin[i]);
    const rows = [0, 1].flatMap((i) => [alongX[i], alongY[i], 0, origin[i]]);
    return [...rows, 0, 0, 1, 0, 0, 0, 0, 1];
  }

  async function transformOf(points: number[][]): Promise<number[]> {
    const data = points.flatMap(([x, y]) => [x, y, 7]);
    return (await runOnnx(transformOnnx, { landmarks: { shape: [1, 4, 3], data } }))['matrix'];
  }

  it('fits the turned box around the landmarks', async () => {
    const coordinate = fc.integer({ min: -480, max: 960 }).map((n) => n / 10);
    const point = fc.tuple(coordinate, coordinate).map(([x, y]) => [x, y]);
    await fc.assert(
      fc.asyncProperty(fc.tuple(point, point, point, point), async (points) => {
        fc.pre(Math.hypot(points[1][0] - points[0][0], points[1][1] - points[0][1]) > 0.5);
        const actual = await transformOf(points);
        expectedMatrix(points).forEach((value, index) => expect(actual[index]).toBeCloseTo(value, 3));
      }),
      { numRuns: 60 },
    );
  });

  it('turns nothing when both landmarks of the direction lie on one spot', async () => {
    const points = [
      [4, 4],
      [4, 4],
      [0, 2],
      [8, 10],
    ];
    const actual = await transformOf(points);
    expectedMatrix(points).forEach((value, index) => expect(actual[index]).toBeCloseTo(value, 5));
  });

  it('samples bilinearly between the outermost pixel centres and gives 0 beyond them', async () => {
    const [height, width, outHeight, outWidth] = [3, 4, 5, 6];
    const onnx = convertTflite(
      writeTflite({
        tensors: [
          { name: 'image', shape: [1, height, width, 1] },
          { name: 'matrix', shape: [1, 4, 4] },
          { name: 'patch', shape: [1, outHeight, outWidth, 1] },
        ],
        inputs: [0, 1],
        outputs: [2],
        operators: [
          {
            code: 32,
            custom: 'TransformTensorBilinear',
            inputs: [0, 1],
            outputs: [2],
            customOptions: encodeFlex({ output_width: outWidth, output_height: outHeight }),
          },
        ],
      }),
      {
        name: 'sample',
        inputs: [port('image', [1, height, width, 1]), port('matrix', [1, 4, 4])],
        outputs: [port('patch', [1, outHeight, outWidth, 1])],
      },
    );
    const image = Array.from({ length: height * width }, (_, i) => 10 + ((i * 7) % 11));
    const matrix = [0.9, 0.2, 0, -0.4, -0.3, 0.8, 0, 0.6, 0, 0, 1, 0, 0, 0, 0, 1];
    const { patch } = await runOnnx(onnx, {
      image: { shape: [1, height, width, 1], data: image },
      matrix: { shape: [1, 4, 4], data: matrix },
    });
    const read = (x: number, y: number): number => (x < width && y < height ? image[y * width + x] : 0);
    let zeros = 0;
    for (let y = 0; y < outHeight; y++) {
      for (let x = 0; x < outWidth; x++) {
        const px = 0.9 * (x + 0.5) + 0.2 * (y + 0.5) - 0.4 - 0.5;
        const py = -0.3 * (x + 0.5) + 0.8 * (y + 0.5) + 0.6 - 0.5;
        const inside = px >= 0 && px <= width - 1 && py >= 0 && py <= height - 1;
        const [x0, y0] = [Math.floor(px), Math.floor(py)];
        const [fx, fy] = [px - x0, py - y0];
        const value = inside
          ? (1 - fy) * ((1 - fx) * read(x0, y0) + fx * read(x0 + 1, y0)) +
            fy * ((1 - fx) * read(x0, y0 + 1) + fx * read(x0 + 1, y0 + 1))
          : 0;
        if (!inside) zeros++;
        expect(patch[y * outWidth + x]).toBeCloseTo(value, 4);
      }
    }
    expect(zeros).toBeGreaterThan(5);
    expect(zeros).toBeLessThan(25);
  });
});

describe('operators of MediaPipe side by side', () => {
  const transformOptions = (subset: number[], scale: number): Uint8Array =>
    encodeFlex({
      left_rotation_idx: subset[0],
      right_rotation_idx: subset[1],
      subset_idxs: subset,
      scale_x: scale,
      scale_y: 1.25,
      target_rotation_radians: 0,
      output_width: 4,
      output_height: 3,
    });
  const transform = (inputs: number[], outputs: number[], subset: number[], scale: number): TestOperator => ({
    code: 32,
    custom: 'Landmarks2TransformMatrix',
    inputs,
    outputs,
    customOptions: transformOptions(subset, scale),
  });
  const sample = (inputs: number[], outputs: number[]): TestOperator => ({
    code: 32,
    custom: 'TransformTensorBilinear',
    inputs,
    outputs,
    customOptions: encodeFlex({ output_width: 4, output_height: 3 }),
  });
  const image = { shape: [1, 5, 6, 2], data: Array.from({ length: 60 }, (_, i) => ((i * 17) % 23) - 11) };
  const landmarks = {
    shape: [1, 5, 3],
    data: [1, 1, 9, 4.5, 2, 9, 3, 4, 9, 0.5, 3.5, 9, 2, 2.5, 9],
  };
  const named = (name: string, shape: number[]): TestTensor => ({ name, shape });
  const patch = [1, 3, 4, 2];

  it('computes several patches at once as each by itself, with lists of different lengths', async () => {
    const subsets = [
      [0, 1, 2, 3],
      [3, 1],
      [4, 2, 0],
    ];
    const together = convertTflite(
      writeTflite({
        tensors: [
          named('image', image.shape),
          named('landmarks', landmarks.shape),
          ...subsets.map((_, i) => named(`matrix${i}`, [1, 4, 4])),
          ...subsets.map((_, i) => named(`patch${i}`, patch)),
        ],
        inputs: [0, 1],
        outputs: [5, 6, 7],
        operators: [
          ...subsets.map((subset, i) => transform([1], [2 + i], subset, 1 + i / 4)),
          ...subsets.map((_, i) => sample([0, 2 + i], [5 + i])),
        ],
      }),
      {
        name: 'together',
        inputs: [port('image', image.shape), port('landmarks', landmarks.shape)],
        outputs: subsets.map((_, i) => port(`patch${i}`, patch)),
      },
    );
    const all = await runOnnx(together, { image, landmarks });
    for (const [i, subset] of subsets.entries()) {
      const alone = convertTflite(
        writeTflite({
          tensors: [
            named('image', image.shape),
            named('landmarks', landmarks.shape),
            named('matrix', [1, 4, 4]),
            named('patch', patch),
          ],
          inputs: [0, 1],
          outputs: [3],
          operators: [transform([1], [2], subset, 1 + i / 4), sample([0, 2], [3])],
        }),
        {
          name: 'alone',
          inputs: [port('image', image.shape), port('landmarks', landmarks.shape)],
          outputs: [port('patch', patch)],
        },
      );
      const expected = (await runOnnx(alone, { image, landmarks }))['patch'];
      expect(expected.some((value) => Math.abs(value) > 1)).toBe(true);
      expected.forEach((value, k) => expect(all[`patch${i}`][k]).toBeCloseTo(value, 4));
    }
  });

  it('samples a patch of a patch, one after the other', async () => {
    const [inner, outer] = [
      [1, 0, 0, 0.5, 0, 1, 0, 0.5, 0, 0, 1, 0, 0, 0, 0, 1],
      [1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
    ];
    const onnx = convertTflite(
      writeTflite({
        tensors: [
          named('image', image.shape),
          named('first', [1, 4, 4]),
          named('second', [1, 4, 4]),
          named('middle', patch),
          named('patch', patch),
        ],
        inputs: [0, 1, 2],
        outputs: [4],
        operators: [sample([0, 1], [3]), sample([3, 2], [4])],
      }),
      {
        name: 'nested',
        inputs: [port('image', image.shape), port('first', [1, 4, 4]), port('second', [1, 4, 4])],
        outputs: [port('patch', patch)],
      },
    );
    const results = await runOnnx(onnx, {
      image,
      first: { shape: [1, 4, 4], data: inner },
      second: { shape: [1, 4, 4], data: outer },
    });
    const at = (x: number, y: number, c: number): number => image.data[(y * 6 + x) * 2 + c];
    // Column 0 is column 1 of the middle patch, which lies half a pixel down and right in the image.
    for (const y of [0, 1, 2]) {
      for (const x of [0, 1, 2, 3]) {
        for (const c of [0, 1]) {
          const mean = (at(x + 1, y, c) + at(x + 2, y, c) + at(x + 1, y + 1, c) + at(x + 2, y + 1, c)) / 4;
          expect(results['patch'][(y * 4 + x) * 2 + c]).toBeCloseTo(x < 3 ? mean : 0, 5);
        }
      }
    }
  });
});
