import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shortestFloat } from '../models/convert/canonical-face-mesh.js';
import { halfToFloat } from '../models/convert/half.js';
import { windowAxis } from '../models/convert/ops/windows.js';
import { packedFiles } from '../models/convert/packed-assets.js';
import { permute } from '../models/convert/permute.js';
import { constantOf, readTflite } from '../models/convert/tflite.js';
import { convertTflite } from '../models/convert/tflite-to-onnx.js';
import { VigilError } from '../src/runtime/errors.js';
import { port, runOnnx, writeTflite, type TestModel } from './20-support.js';

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
