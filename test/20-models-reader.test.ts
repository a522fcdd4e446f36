import { Builder } from 'flatbuffers';
import { encode as encodeFlex } from 'flatbuffers/js/flexbuffers.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as ort from 'onnxruntime-node';
import { shortestFloat } from '../models/convert/canonical-face-mesh.js';
import { halfToFloat } from '../models/convert/half.js';
import { windowAxis } from '../models/convert/ops/windows.js';
import { packedFiles } from '../models/convert/packed-assets.js';
import { permute } from '../models/convert/permute.js';
import { constantOf, readTflite } from '../models/convert/tflite.js';
import { convertTflite, type Port } from '../models/convert/tflite-to-onnx.js';
import { VigilError } from '../src/runtime/errors.js';

interface TestTensor {
  name: string;
  shape: number[];
  /** 0 float32, 1 float16, 2 int32 */
  type?: number;
  data?: Uint8Array;
}

interface TestOperator {
  code: number;
  custom?: string;
  inputs: number[];
  outputs: number[];
  /** Builtin options that are bytes, by field position. */
  options?: Record<number, number>;
  customOptions?: Uint8Array;
}

interface TestModel {
  tensors: TestTensor[];
  inputs: number[];
  outputs: number[];
  operators: TestOperator[];
}

/** Writes a TFLite file with the flatbuffers builder: the reader's counterpart, independent of it. */
function writeTflite(model: TestModel): Uint8Array {
  const builder = new Builder(1024);
  const offsets = (items: number[]): number => {
    builder.startVector(4, items.length, 4);
    for (const item of [...items].reverse()) builder.addOffset(item);
    return builder.endVector();
  };
  const ints = (items: number[]): number => {
    builder.startVector(4, items.length, 4);
    for (const item of [...items].reverse()) builder.addInt32(item);
    return builder.endVector();
  };
  const buffers = [new Uint8Array(), ...model.tensors.map(({ data }) => data ?? new Uint8Array())].map(
    (data) => {
      const vector = builder.createByteVector(data);
      builder.startObject(1);
      builder.addFieldOffset(0, vector, 0);
      return builder.endObject();
    },
  );
  const tensors = model.tensors.map(({ name, shape, type = 0 }, index) => {
    const fields = [ints(shape), builder.createString(name)] as const;
    builder.startObject(7);
    builder.addFieldOffset(0, fields[0], 0);
    builder.addFieldInt8(1, type, 0);
    builder.addFieldInt32(2, index + 1, 0);
    builder.addFieldOffset(3, fields[1], 0);
    return builder.endObject();
  });
  const operators = model.operators.map((operator, index) => {
    const inputs = ints(operator.inputs);
    const outputs = ints(operator.outputs);
    const custom = builder.createByteVector(operator.customOptions ?? new Uint8Array());
    builder.startObject(6);
    for (const [field, value] of Object.entries(operator.options ?? {})) {
      builder.addFieldInt8(Number(field), value, -1);
    }
    const options = builder.endObject();
    builder.startObject(6);
    builder.addFieldInt32(0, index, -1);
    builder.addFieldOffset(1, inputs, 0);
    builder.addFieldOffset(2, outputs, 0);
    builder.addFieldOffset(4, options, 0);
    builder.addFieldOffset(5, custom, 0);
    return builder.endObject();
  });
  const codes = model.operators.map(({ code, custom }) => {
    const name = custom === undefined ? 0 : builder.createString(custom);
    builder.startObject(4);
    builder.addFieldInt8(0, code, -1);
    if (name !== 0) builder.addFieldOffset(1, name, 0);
    builder.addFieldInt32(3, code, -1);
    return builder.endObject();
  });
  const subgraphFields = [offsets(tensors), ints(model.inputs), ints(model.outputs), offsets(operators)];
  builder.startObject(4);
  subgraphFields.forEach((field, slot) => builder.addFieldOffset(slot, field, 0));
  const subgraph = builder.endObject();
  const modelFields = [offsets(codes), offsets([subgraph]), builder.createString('test'), offsets(buffers)];
  builder.startObject(5);
  builder.addFieldInt32(0, 3, 0);
  modelFields.forEach((field, slot) => builder.addFieldOffset(slot + 1, field, 0));
  builder.finish(builder.endObject(), 'TFL3');
  return builder.asUint8Array();
}

function port(name: string, shape: number[]): Port {
  return { name, tensor: name, shape };
}

async function runOnnx(onnx: Uint8Array, inputs: Record<string, { shape: number[]; data: number[] }>) {
  const session = await ort.InferenceSession.create(onnx, { intraOpNumThreads: 1 });
  const feeds = Object.fromEntries(
    Object.entries(inputs).map(([name, { shape, data }]) => [
      name,
      new ort.Tensor('float32', Float32Array.from(data), shape),
    ]),
  );
  const results = await session.run(feeds);
  return Object.fromEntries(
    Object.entries(results).map(([name, tensor]) => [name, [...(tensor.data as Float32Array)]]),
  );
}

function codeOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return error instanceof VigilError ? error.code : `not a VigilError: ${String(error)}`;
  }
  return 'no error';
}

/** y = relu(x + c), with c stored as halves and widened by DEQUANTIZE. */
const addRelu: TestModel = {
  tensors: [
    { name: 'x', shape: [1, 1, 2, 2] },
    { name: 'half', shape: [2], type: 1, data: new Uint8Array([0x00, 0x3c, 0x00, 0xc0]) }, // 1, -2
    { name: 'c', shape: [2] },
    { name: 'y', shape: [1, 1, 2, 2] },
  ],
  inputs: [0],
  outputs: [3],
  operators: [
    { code: 6, inputs: [1], outputs: [2] },
    { code: 0, inputs: [0, 2], outputs: [3], options: { 0: 1 } },
  ],
};

describe('TFLite reader', () => {
  it('reads tensors, operators, options and constants', () => {
    const model = readTflite(writeTflite(addRelu));
    expect(model.description).toBe('test');
    expect(model.inputs).toEqual([0]);
    expect(model.outputs).toEqual([3]);
    expect(model.tensors.map(({ name, shape, type }) => [name, shape, type])).toEqual([
      ['x', [1, 1, 2, 2], 'float32'],
      ['half', [2], 'float16'],
      ['c', [2], 'float32'],
      ['y', [1, 1, 2, 2], 'float32'],
    ]);
    expect(model.operators.map(({ kind, inputs, outputs }) => [kind, inputs, outputs])).toEqual([
      ['DEQUANTIZE', [1], [2]],
      ['ADD', [0, 2], [3]],
    ]);
    expect(model.operators[1].options?.uint8(0)).toBe(1);
    expect(constantOf(model.tensors[0])).toBeUndefined();
    expect(constantOf(model.tensors[1])?.data).toEqual(Float32Array.of(1, -2));
  });

  it('reports a file cut off anywhere as invalid', () => {
    const file = writeTflite(addRelu);
    for (let length = 0; length < file.length; length++) {
      const code = codeOf(() => readTflite(file.slice(0, length)));
      expect(code, `cut to ${length} of ${file.length} bytes`).toBe('MODEL_SOURCE_INVALID');
    }
  });

  it('answers any corruption with a result or a VigilError', () => {
    const file = writeTflite(addRelu);
    const change = fc.tuple(fc.nat(file.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), (changes) => {
        const damaged = file.slice();
        for (const [at, value] of changes) damaged[at] = value;
        expect(codeOf(() => readTflite(damaged))).not.toMatch(/^not a/);
      }),
      { numRuns: 500 },
    );
  });

  it('names a constant whose bytes do not fit its shape', () => {
    const model = readTflite(
      writeTflite({
        ...addRelu,
        tensors: addRelu.tensors.map((t) => (t.name === 'half' ? { ...t, shape: [3] } : t)),
      }),
    );
    expect(() => constantOf(model.tensors[1])).toThrow(/Expected 6 bytes in constant half but it has 4/);
  });
});

describe('conversion', () => {
  const request = { name: 'test', inputs: [port('x', [1, 1, 2, 2])], outputs: [port('y', [1, 4])] };

  it('converts a graph that ONNX Runtime computes as TFLite would', async () => {
    const onnx = convertTflite(writeTflite(addRelu), request);
    const { y } = await runOnnx(onnx, { x: { shape: [1, 1, 2, 2], data: [0.5, 3, -4, 2.5] } });
    expect(y).toEqual([1.5, 1, 0, 0.5]); // NHWC order: channels (1, -2) added, then cut at 0
  });

  it('gives equal bytes for equal arguments', () => {
    const file = writeTflite(addRelu);
    expect(convertTflite(file, request)).toEqual(convertTflite(file.slice(), request));
  });

  it('refuses what it does not know, by name', () => {
    const unknown = { ...addRelu, operators: [addRelu.operators[0], { ...addRelu.operators[1], code: 25 }] };
    expect(() => convertTflite(writeTflite(unknown), request)).toThrow(/builtin operator 25/);
    expect(codeOf(() => convertTflite(writeTflite(unknown), request))).toBe('MODEL_CONVERSION_UNSUPPORTED');
    const activation = {
      ...addRelu,
      operators: [addRelu.operators[0], { ...addRelu.operators[1], options: { 0: 4 } }],
    };
    expect(() => convertTflite(writeTflite(activation), request)).toThrow(/fused activation 4/);
  });

  it('refuses other ports than the file has', () => {
    const file = writeTflite(addRelu);
    expect(() => convertTflite(file, { ...request, outputs: [port('z', [1, 4])] })).toThrow(
      /tensors z but .* has y/,
    );
    expect(() => convertTflite(file, { ...request, outputs: [port('y', [1, 5])] })).toThrow(
      /shape \[1,5\] for y/,
    );
    expect(() => convertTflite(file, { ...request, inputs: [port('x', [1, 2, 1, 2])] })).toThrow(/for x/);
  });
});

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

describe('number formats and layouts', () => {
  it('decodes halves', () => {
    const known: [number, number][] = [
      [0x0000, 0],
      [0x0001, 2 ** -24],
      [0x03ff, 1023 * 2 ** -24],
      [0x0400, 2 ** -14],
      [0x3555, 0.333251953125],
      [0x3c00, 1],
      [0x7bff, 65504],
      [0x7c00, Infinity],
      [0xfc00, -Infinity],
      [0xc000, -2],
    ];
    const bytes = new Uint8Array(Uint16Array.from(known, ([half]) => half).buffer);
    expect([...halfToFloat(bytes)]).toEqual(known.map(([, value]) => value));
    expect(halfToFloat(new Uint8Array([1, 0x7c]))[0]).toBeNaN();
  });

  it('permutes so that the inverse order brings everything back', () => {
    const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });
    const cases = shapes.chain((shape) =>
      fc.tuple(fc.constant(shape), fc.shuffledSubarray([...shape.keys()], { minLength: shape.length })),
    );
    fc.assert(
      fc.property(cases, ([shape, order]) => {
        const values = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, index) => index);
        const inverse = order.map((_, axis) => order.indexOf(axis));
        const there = permute(values, shape, order);
        const back = permute(
          there,
          order.map((axis) => shape[axis]),
          inverse,
        );
        expect(back).toEqual(values);
      }),
    );
    expect([...permute(Float32Array.of(0, 1, 2, 3, 4, 5), [2, 3], [1, 0])]).toEqual([0, 3, 1, 4, 2, 5]);
  });

  it('places windows so that they tile the padded input', () => {
    const window = fc.record({
      input: fc.integer({ min: 1, max: 64 }),
      kernel: fc.integer({ min: 1, max: 7 }),
      stride: fc.integer({ min: 1, max: 4 }),
      dilation: fc.integer({ min: 1, max: 2 }),
    });
    fc.assert(
      fc.property(window, ({ input, kernel, stride, dilation }) => {
        const extent = (kernel - 1) * dilation + 1;
        const same = windowAxis(input, kernel, stride, dilation, true);
        expect(same.outputSize).toBe(Math.ceil(input / stride));
        expect(same.after - same.before).toBeGreaterThanOrEqual(0);
        expect(same.after - same.before).toBeLessThanOrEqual(1);
        // ONNX derives the size from the padding by the rule for VALID; both must agree.
        const padded = input + same.before + same.after;
        expect(Math.floor((padded - extent) / stride) + 1).toBe(same.outputSize);
        fc.pre(extent <= input);
        expect(windowAxis(input, kernel, stride, dilation, false)).toEqual({
          before: 0,
          after: 0,
          outputSize: Math.floor((input - extent) / stride) + 1,
        });
      }),
    );
    expect(windowAxis(128, 5, 2, 1, true)).toEqual({ before: 1, after: 2, outputSize: 64 });
  });

  it('shortens decimals without changing the float32', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Math.fround(shortestFloat(value)) === Math.fround(value)).toBe(true);
      }),
    );
    expect(shortestFloat(Math.fround(0.1))).toBe(0.1);
    expect(shortestFloat(Math.fround(-3.406404))).toBe(-3.406404);
  });
});

describe('packed assets', () => {
  it('reads the file table of a loader script', () => {
    const script =
      'x(); loadPackage({"files": [{"filename": "/a/b.tflite", "start": 0, "end": 9}], "size": 9}); y();';
    expect(packedFiles(script, 'loader.js')).toEqual([{ filename: '/a/b.tflite', start: 0, end: 9 }]);
  });

  it('reports a script without a usable table', () => {
    for (const script of ['', 'loadPackage({"files": 3})', 'loadPackage({"files": [{"filename": 1}]})']) {
      expect(codeOf(() => packedFiles(script, 'loader.js'))).toBe('MODEL_SOURCE_INVALID');
    }
  });
});
