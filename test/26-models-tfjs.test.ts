import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { convertTfjs } from '../models/convert/tfjs-to-onnx.js';
import { readTfjs } from '../models/convert/tfjs.js';
import { VigilError } from '../src/runtime/errors.js';
import { port, runOnnx } from './20-support.js';

type Attributes = Record<string, unknown>;
interface Node {
  name: string;
  op: string;
  input?: string[];
  attr?: Attributes;
}
interface Weight {
  name: string;
  shape: number[];
  dtype: string;
  values: number[];
}

const text = (value: string) => ({ s: Buffer.from(value).toString('base64') });
const texts = (values: string[]) => ({ list: { s: values.map((value) => text(value).s) } });
const ints = (values: number[]) => ({ list: { i: values.map(String) } });

const size = [1, 4, 4, 2];
const input: Node = {
  name: 'x',
  op: 'Placeholder',
  attr: { shape: { shape: { dim: size.map((n) => ({ size: String(n) })) } } },
};

/** A graph model: its JSON and its weights. Every weight also gets its Const node. */
function write(nodes: Node[], weights: Weight[]): { json: Uint8Array; bin: Uint8Array } {
  const constants = weights.map(({ name }): Node => ({ name, op: 'Const' }));
  const manifest = [{ weights: weights.map(({ name, shape, dtype }) => ({ name, shape, dtype })) }];
  const model = {
    format: 'graph-model',
    modelTopology: { node: [...nodes, ...constants] },
    weightsManifest: manifest,
  };
  const bytes = weights.map(({ dtype, values }) =>
    Buffer.from((dtype === 'int32' ? Int32Array.from(values) : Float32Array.from(values)).buffer),
  );
  return {
    json: new TextEncoder().encode(JSON.stringify(model)),
    bin: Uint8Array.from(Buffer.concat(bytes)),
  };
}

function convolution(changes: Attributes = {}): Node {
  const attr = {
    data_format: text('NHWC'),
    padding: text('SAME'),
    strides: ints([1, 2, 2, 1]),
    fused_ops: texts(['BiasAdd', 'Relu']),
    ...changes,
  };
  return { name: 'y', op: '_FusedConv2D', input: ['x', 'w', 'b'], attr };
}

const filter: Weight = {
  name: 'w',
  shape: [3, 3, 2, 1],
  dtype: 'float32',
  values: Array.from({ length: 18 }, (_, i) => (i % 5) - 2),
};
const bias: Weight = { name: 'b', shape: [1], dtype: 'float32', values: [0.5] };
const data = Array.from({ length: 32 }, (_, i) => ((i * 7) % 11) - 5);
const request = { name: 'test', inputs: [port('x', size)], outputs: [port('y', [1, 2, 2, 1])] };

/** y of a 3 x 3 convolution with stride 2; SAME puts the odd row of zeros at the end. */
function expected(relu: boolean): number[] {
  return [0, 1, 2, 3].map((at) => {
    const [row, column] = [Math.floor(at / 2) * 2, (at % 2) * 2];
    let sum = bias.values[0];
    for (let dy = 0; dy < 3; dy++)
      for (let dx = 0; dx < 3; dx++)
        for (let c = 0; c < 2; c++) {
          const [y, x] = [row + dy, column + dx];
          if (y < 4 && x < 4) sum += data[(y * 4 + x) * 2 + c] * filter.values[(dy * 3 + dx) * 2 + c];
        }
    return relu ? Math.max(0, sum) : sum;
  });
}

function codeOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return error instanceof VigilError ? error.code : `not a VigilError: ${String(error)}`;
  }
  return 'no error';
}

describe('TFJS graph models', () => {
  it('converts a convolution that ONNX Runtime computes as TensorFlow would', async () => {
    for (const fused of [['BiasAdd'], ['BiasAdd', 'Relu']]) {
      const { json, bin } = write([input, convolution({ fused_ops: texts(fused) })], [filter, bias]);
      const onnx = convertTfjs(json, bin, request);
      const { y } = await runOnnx(onnx, { x: { shape: size, data } });
      expect(y).toEqual(expected(fused.length === 2));
      expect(convertTfjs(json.slice(), bin.slice(), request)).toEqual(onnx);
    }
  });

  it('adds, multiplies, averages, enlarges and joins', async () => {
    const nodes: Node[] = [
      input,
      { name: 'mean', op: 'Mean', input: ['x', 'axes'], attr: { keep_dims: { b: true } } },
      { name: 'scaled', op: 'Mul', input: ['x', 'mean'] },
      { name: 'large', op: 'ResizeBilinear', input: ['scaled', 'size'], attr: {} },
      { name: 'large2', op: 'ResizeBilinear', input: ['x', 'size'], attr: {} },
      { name: 'both', op: 'ConcatV2', input: ['large', 'large2', 'axis'] },
      { name: 'moved', op: 'Sub', input: ['one', 'both'] },
      { name: 'y', op: 'Identity', input: ['moved:0'] },
    ];
    const { json, bin } = write(nodes, [
      { name: 'axes', shape: [2], dtype: 'int32', values: [1, 2] },
      { name: 'size', shape: [2], dtype: 'int32', values: [8, 4] },
      { name: 'axis', shape: [], dtype: 'int32', values: [3] },
      { name: 'one', shape: [], dtype: 'float32', values: [1] },
    ]);
    const onnx = convertTfjs(json, bin, { ...request, outputs: [port('y', [1, 8, 4, 4])] });
    const { y } = await runOnnx(onnx, { x: { shape: size, data } });
    const mean = [0, 1].map((c) => data.reduce((sum, v, i) => (i % 2 === c ? sum + v / 16 : sum), 0));
    const at = (row: number, column: number, c: number): number => data[(row * 4 + column) * 2 + c];
    for (let row = 0; row < 8; row++) {
      const [above, below] = [row >> 1, Math.min(3, (row + 1) >> 1)];
      for (let column = 0; column < 4; column++) {
        for (let c = 0; c < 2; c++) {
          const value = (at(above, column, c) + at(below, column, c)) / 2;
          const cell = (row * 4 + column) * 4;
          expect(y[cell + c]).toBeCloseTo(1 - value * mean[c], 4);
          expect(y[cell + 2 + c]).toBeCloseTo(1 - value, 4);
        }
      }
    }
  });

  it('keeps what hard swish and hard sigmoid compute', async () => {
    const channels = fc.integer({ min: 1, max: 20 });
    const factor = fc.float({ min: Math.fround(0.1), max: Math.fround(0.3), noNaN: true });
    await fc.assert(
      fc.asyncProperty(channels, factor, fc.boolean(), async (count, c, swish) => {
        const w: Weight = {
          ...filter,
          shape: [3, 3, 2, count],
          values: Array.from({ length: 18 * count }, (_, i) => ((i * 5) % 7) / 3 - 1),
        };
        const nodes: Node[] = [
          input,
          { ...convolution({ fused_ops: texts([]) }), name: 'conv', input: ['x', 'w'] },
          { name: 'sum', op: 'AddV2', input: ['conv', 'three'] },
          { name: 'clip', op: 'Relu6', input: ['sum'] },
          { name: 'part', op: 'Mul', input: ['c', 'conv'] },
          { name: 'y', op: 'Mul', input: swish ? ['part', 'clip'] : ['clip', 'c'] },
        ];
        const { json, bin } = write(nodes, [
          w,
          { name: 'three', shape: [], dtype: 'float32', values: [3] },
          { name: 'c', shape: [], dtype: 'float32', values: [c] },
        ]);
        const ask = { ...request, outputs: [port('y', [1, 2, 2, count])] };
        const feed = { x: { shape: size, data } };
        const plain = await runOnnx(convertTfjs(json, bin, ask, []), feed);
        const fast = await runOnnx(convertTfjs(json, bin, ask), feed);
        plain['y'].forEach((value, i) => expect(fast['y'][i]).toBeCloseTo(value, 4));
      }),
      { numRuns: 20 },
    );
  });

  it('is cut at the outputs that are asked for', async () => {
    const beyond: Node = { name: 'top', op: 'TopKV2', input: ['y', 'b'] };
    const { json, bin } = write([input, convolution(), beyond], [filter, bias]);
    const { y } = await runOnnx(convertTfjs(json, bin, request), { x: { shape: size, data } });
    expect(y).toEqual(expected(true));
    const whole = { ...request, outputs: [port('top', [1])] };
    expect(codeOf(() => convertTfjs(json, bin, whole))).toBe('MODEL_CONVERSION_UNSUPPORTED');
  });

  it('refuses what it does not know, by name', () => {
    const unknown: [Attributes, RegExp][] = [
      [{ data_format: text('NCHW') }, /layout NCHW/],
      [{ padding: text('EXPLICIT') }, /padding EXPLICIT/],
      [{ fused_ops: texts(['BiasAdd', 'Elu']) }, /activation Elu/],
    ];
    for (const [change, message] of unknown) {
      const { json, bin } = write([input, convolution(change)], [filter, bias]);
      expect(() => convertTfjs(json, bin, request)).toThrow(message);
    }
    const { json, bin } = write([input, convolution()], [filter, bias]);
    expect(() => convertTfjs(json, bin, { ...request, outputs: [port('z', [1])] })).toThrow(/a node z/);
    expect(() => convertTfjs(json, bin, { ...request, outputs: [port('y', [3])] })).toThrow(/for y/);
    expect(() => convertTfjs(json, bin, { ...request, inputs: [] })).toThrow(/x is one/);
  });

  it('refuses a graph with a loop, missing nodes and weights of another length', () => {
    const loop: Node[] = [
      { name: 'a', op: 'Relu', input: ['y'] },
      { name: 'y', op: 'Relu', input: ['a'] },
    ];
    const looped = write(loop, []);
    expect(() => convertTfjs(looped.json, looped.bin, request)).toThrow(/without loops/);
    const { json, bin } = write([convolution()], [filter, bias]);
    expect(() => convertTfjs(json, bin, request)).toThrow(/a node x/);
    expect(codeOf(() => readTfjs(json, bin.subarray(4)))).toBe('MODEL_SOURCE_INVALID');
    expect(codeOf(() => readTfjs(json, new Uint8Array(bin.length + 1)))).toBe('MODEL_SOURCE_INVALID');
  });

  it('answers any corruption with a result or a VigilError', () => {
    const { json, bin } = write([input, convolution()], [filter, bias]);
    const change = fc.tuple(fc.nat(json.length - 1), fc.integer({ min: 32, max: 126 }));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const damaged = json.slice();
        for (const [at, value] of changes) damaged[at] = value;
        expect(codeOf(() => convertTfjs(damaged, bin, request))).not.toMatch(/^not a/);
      }),
      { numRuns: 1000 },
    );
  });
});
