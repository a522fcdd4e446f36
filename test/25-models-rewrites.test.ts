import fc from 'fast-check';
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { readSource } from '../models/build.js';
import { OnnxGraph } from '../models/convert/graph.js';
import { encodeOnnx, modelProto } from '../models/convert/onnx.js';
import { alignChannels } from '../models/convert/rewrites/align-channels.js';
import { blockedPrelu } from '../models/convert/rewrites/blocked-prelu.js';
import { flatColours } from '../models/convert/rewrites/flat-colours.js';
import { mergeBranches } from '../models/convert/rewrites/merge-branches.js';
import { attributesOf, type Rewrite } from '../models/convert/rewrites/rewrite.js';
import { convertTflite } from '../models/convert/tflite-to-onnx.js';
import { modelEntry } from '../src/runtime/models.js';

/** Numbers in -1..1, the same for the same seed. */
function randoms(seed: number): (count: number) => Float32Array {
  let state = seed >>> 0;
  return (count) =>
    Float32Array.from({ length: count }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state / 2 ** 31 - 1;
    });
}

interface Node {
  opType: string;
  input: string[];
  output: string[];
}

function nodesOf(onnx: Uint8Array): Node[] {
  const type = modelProto();
  return (type.toObject(type.decode(onnx)) as { graph: { node: Node[] } }).graph.node;
}

async function run(
  onnx: Uint8Array,
  shape: readonly number[],
  seed: number,
): Promise<Record<string, Float32Array>> {
  const session = await ort.InferenceSession.create(onnx, { intraOpNumThreads: 1 });
  const data = randoms(seed)(shape.reduce((product, size) => product * size, 1));
  const results = await session.run({ [session.inputNames[0]]: new ort.Tensor('float32', data, shape) });
  return Object.fromEntries(
    Object.entries(results).map(([name, tensor]) => [name, tensor.data as Float32Array]),
  );
}

/** Largest difference over all outputs, relative to the largest value. */
async function difference(
  before: Uint8Array,
  after: Uint8Array,
  shape: readonly number[],
  seed: number,
): Promise<number> {
  const [left, right] = [await run(before, shape, seed), await run(after, shape, seed)];
  expect(Object.keys(right)).toEqual(Object.keys(left));
  let worst = 0;
  let scale = 0;
  for (const [name, values] of Object.entries(left)) {
    expect(right[name].length).toBe(values.length);
    values.forEach((value, i) => {
      worst = Math.max(worst, Math.abs(value - right[name][i]));
      scale = Math.max(scale, Math.abs(value));
    });
  }
  expect(scale).toBeGreaterThan(0);
  return worst / scale;
}

/** Layers as the face networks have them, on an 8x8 image of random weights. */
class Layers {
  readonly graph = new OnnxGraph('layers');
  readonly random: (count: number) => Float32Array;
  value: string;

  constructor(
    public channels: number,
    seed: number,
  ) {
    this.random = randoms(seed);
    this.value = this.graph.input('x', [1, channels, 8, 8]);
    this.convolve(channels);
  }

  convolve(outputs: number): void {
    this.value = this.pointwise(this.value, this.channels, outputs);
    this.channels = outputs;
  }

  /** Slopes of both signs, some above 1. */
  prelu(): void {
    const slopes = this.random(this.channels).map((slope) => slope * 2);
    this.value = this.graph.op('PRelu', [this.value, this.graph.floats([this.channels, 1, 1], slopes)]);
  }

  relu(): void {
    this.value = this.graph.op('Relu', [this.value]);
  }

  pool(): void {
    this.value = this.graph.op('MaxPool', [this.value], {
      kernel_shape: [2, 2],
      strides: [1, 1],
      pads: [0, 0, 1, 1],
    });
  }

  /** x + pointwise(depthwise(x)), padded with zero channels where there are more channels after than before. */
  residual(outputs: number): void {
    const weights = this.graph.floats([this.channels, 1, 3, 3], this.random(this.channels * 9));
    const bias = this.graph.floats([this.channels], this.random(this.channels));
    const depthwise = this.graph.op('Conv', [this.value, weights, bias], {
      kernel_shape: [3, 3],
      pads: [1, 1, 1, 1],
      group: this.channels,
    });
    const branch = this.pointwise(depthwise, this.channels, outputs);
    const added = outputs - this.channels;
    const skip =
      added === 0
        ? this.value
        : this.graph.op('Pad', [this.value, this.graph.ints([0, 0, 0, 0, 0, added, 0, 0])]);
    this.value = this.graph.op('Add', [skip, branch]);
    this.channels = outputs;
  }

  finish(): OnnxGraph {
    this.graph.op('Transpose', [this.value], { perm: [0, 2, 3, 1] }, 'y');
    this.graph.output('y', [1, 8, 8, this.channels]);
    return this.graph;
  }

  private pointwise(input: string, inputs: number, outputs: number): string {
    const scale = 1 / Math.sqrt(inputs);
    const weights = this.random(inputs * outputs).map((weight) => weight * scale);
    return this.graph.op(
      'Conv',
      [
        input,
        this.graph.floats([outputs, inputs, 1, 1], weights),
        this.graph.floats([outputs], this.random(outputs)),
      ],
      { kernel_shape: [1, 1], group: 1 },
    );
  }
}

type BranchStep = 'pointwise' | 'depthwise' | 'prelu' | 'pool' | 'residual' | 'twice';

/** Branches of equal layers, each with its own weights, from the parts of one stack [count,4,4,channels]. */
function branches(count: number, channels: number, steps: readonly BranchStep[], seed: number): OnnxGraph {
  const graph = new OnnxGraph('branches');
  const random = randoms(seed);
  const stack = graph.input('stack', [count, 4, 4, channels]);
  const constant = (shape: number[], scale: number): string =>
    graph.floats(
      shape,
      random(shape.reduce((product, size) => product * size, 1)).map((value) => value * scale),
    );
  const conv = (input: string, depthwise: boolean): string =>
    graph.op(
      'Conv',
      [
        input,
        constant([channels, depthwise ? 1 : channels, 1, 1], depthwise ? 1 : 1 / Math.sqrt(channels)),
        constant([channels], 1),
      ],
      { kernel_shape: [1, 1], group: depthwise ? channels : 1 },
    );
  const apply = (step: BranchStep, value: string): string => {
    switch (step) {
      case 'pointwise':
      case 'depthwise':
        return conv(value, step === 'depthwise');
      case 'prelu':
        return graph.op('PRelu', [value, constant([channels, 1, 1], 2)]);
      case 'pool':
        return graph.op('MaxPool', [value], { kernel_shape: [2, 2], pads: [0, 0, 1, 1] });
      case 'residual':
        return graph.op('Add', [value, conv(value, false)]);
      case 'twice':
        throw new Error('not a layer');
    }
  };
  let values = Array.from({ length: count }, (_, i) =>
    graph.op('Transpose', [graph.op('Gather', [stack, graph.ints([i])], { axis: 0 })], {
      perm: [0, 3, 1, 2],
    }),
  );
  for (const step of [...steps, 'pointwise' as const]) {
    // As eye and iris do: the later parts get two successors each.
    if (step !== 'twice') values = values.map((value) => apply(step, value));
    else if (values.length <= 4) values = values.flatMap((value, i) => (i === 0 ? [value] : [value, value]));
  }
  values.forEach((value, i) => {
    graph.op('Transpose', [value], { perm: [0, 2, 3, 1] }, `y${i}`);
    graph.output(`y${i}`, [1, 4, 4, channels]);
  });
  return graph;
}

const layer = fc.oneof(
  fc.constant('prelu' as const),
  fc.constant('relu' as const),
  fc.constant('pool' as const),
  fc.record({ residual: fc.integer({ min: 0, max: 20 }) }),
  fc.record({ convolve: fc.integer({ min: 1, max: 40 }) }),
);

async function sameResults(rewrite: Rewrite, gone: string): Promise<void> {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 36 }),
      fc.array(layer, { minLength: 1, maxLength: 8 }),
      fc.nat(),
      async (channels, list, seed) => {
        const layers = new Layers(channels, seed);
        for (const item of list) {
          if (typeof item === 'string') layers[item]();
          else if ('residual' in item) layers.residual(layers.channels + item.residual);
          else layers.convolve(item.convolve);
        }
        const graph = layers.finish();
        const before = encodeOnnx(graph.model());
        const after = encodeOnnx(rewrite(graph).model());
        expect(nodesOf(after).filter(({ opType }) => opType === gone)).toEqual([]);
        expect(await difference(before, after, [1, channels, 8, 8], seed)).toBeLessThan(1e-5);
        expect(encodeOnnx(graph.model())).toEqual(before);
      },
    ),
    { numRuns: 60, seed: 25 },
  );
}

describe('rewrites', () => {
  it('PRelu becomes convolutions and Relu: same results for any layers', async () => {
    await sameResults(blockedPrelu, 'PRelu');
  });

  it('channels in whole blocks: same results for any layers', async () => {
    await sameResults(alignChannels, 'Pad');
  });

  it('reads colours where they lie: same results for any window', async () => {
    const small = fc.integer({ min: 1, max: 3 });
    await fc.assert(
      fc.asyncProperty(
        fc.record({ colours: fc.integer({ min: 1, max: 4 }), outputs: fc.constantFrom(5, 16) }),
        fc.record({ window: fc.tuple(small, small), strides: fc.tuple(small, small), rowDilation: small }),
        fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 4, maxLength: 4 }),
        fc.nat(),
        async ({ colours, outputs }, { window, strides, rowDilation }, pads, seed) => {
          const graph = new OnnxGraph('picture');
          const random = randoms(seed);
          const picture = graph.input('picture', [1, 9, 11, colours]);
          const image = graph.op('Transpose', [picture], { perm: [0, 3, 1, 2] });
          const weights = random(outputs * colours * window[0] * window[1]);
          graph.op(
            'Conv',
            [
              image,
              graph.floats([outputs, colours, ...window], weights),
              graph.floats([outputs], random(outputs)),
            ],
            { kernel_shape: window, strides, pads, dilations: [rowDilation, 1], group: 1 },
            'y',
          );
          const size = [0, 1].map((axis) => {
            const extent = (window[axis] - 1) * (axis === 0 ? rowDilation : 1) + 1;
            return Math.floor(([9, 11][axis] + pads[axis] + pads[axis + 2] - extent) / strides[axis]) + 1;
          });
          graph.output('y', [1, outputs, ...size]);
          const after = encodeOnnx(flatColours(graph).model());
          expect(nodesOf(after).map(({ opType }) => opType)).toEqual(['Reshape', 'Conv']);
          expect(await difference(encodeOnnx(graph.model()), after, [1, 9, 11, colours], seed)).toBeLessThan(
            1e-5,
          );
        },
      ),
      { numRuns: 60, seed: 25 },
    );
  });

  it('merges branches: same results for any layers, fewer nodes', async () => {
    const step = fc.constantFrom('pointwise', 'depthwise', 'prelu', 'pool', 'residual', 'twice');
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 4 }),
        fc.constantFrom(16, 32, 24),
        fc.array(step, { minLength: 1, maxLength: 6 }),
        fc.nat(),
        async (count, channels, steps, seed) => {
          const graph = branches(count, channels, steps, seed);
          const before = encodeOnnx(graph.model());
          const after = encodeOnnx(mergeBranches(graph).model());
          expect(await difference(before, after, [count, 4, 4, channels], seed)).toBeLessThan(1e-5);
          const convolutions = (onnx: Uint8Array): number =>
            nodesOf(onnx).filter(({ opType }) => opType === 'Conv').length;
          // 24 channels do not fill blocks: nothing is merged then.
          if (channels === 24) expect(convolutions(after)).toBe(convolutions(before));
          else expect(convolutions(after) * 2).toBeLessThanOrEqual(convolutions(before));
        },
      ),
      { numRuns: 60, seed: 25 },
    );
  });

  it('stores channels of slopes above 1 with the sign turned where that spares a pass', () => {
    const nodes = (pool: boolean): string[] => {
      const layers = new Layers(16, 1);
      layers.prelu();
      if (pool) layers.pool();
      else layers.convolve(16);
      return nodesOf(encodeOnnx(blockedPrelu(layers.finish()).model())).map(({ opType }) => opType);
    };
    expect(nodes(false)).toEqual(['Conv', 'Conv', 'Conv', 'Relu', 'Add', 'Conv', 'Transpose']);
    expect(nodes(true)).toEqual(['Conv', 'Conv', 'Conv', 'Relu', 'Conv', 'Add', 'MaxPool', 'Transpose']);
  });

  it('pads by nothing within a block and by the identity across blocks', () => {
    const nodes = (channels: number): Node[] => {
      const layers = new Layers(24, 1);
      layers.relu();
      layers.residual(channels);
      layers.convolve(8);
      return nodesOf(encodeOnnx(alignChannels(layers.finish()).model()));
    };
    expect(nodes(28).map(({ opType }) => opType)).toEqual([
      'Conv',
      'Relu',
      'Conv',
      'Conv',
      'Add',
      'Conv',
      'Transpose',
    ]);
    expect(nodes(36).filter(({ opType }) => opType === 'Conv').length).toBe(5);
  });

  it('leaves padding of the picture and grouped convolutions alone', () => {
    const graph = new OnnxGraph('other');
    const x = graph.input('x', [1, 8, 8, 8]);
    const weights = graph.floats([8, 4, 1, 1], randoms(3)(32));
    const grouped = graph.op('Conv', [x, weights, graph.floats([8], randoms(4)(8))], {
      kernel_shape: [1, 1],
      group: 2,
    });
    const relu = graph.op('Relu', [grouped]);
    graph.op('Pad', [relu, graph.ints([0, 0, 1, 1, 0, 0, 1, 1])], {}, 'y');
    graph.output('y', [1, 8, 10, 10]);
    expect(encodeOnnx(alignChannels(graph).model())).toEqual(encodeOnnx(graph.model()));
  });

  it('keeps the channels of a convolution per channel of something else', async () => {
    const graph = new OnnxGraph('depthwise');
    const x = graph.input('x', [1, 6, 4, 4]);
    const [weights, bias] = [graph.floats([6, 1, 3, 3], randoms(5)(54)), graph.floats([6], randoms(6)(6))];
    const depthwise = graph.op('Conv', [x, weights, bias], { kernel_shape: [3, 3], group: 6 });
    const relu = graph.op('Relu', [depthwise]);
    const wider = [graph.floats([20, 6, 1, 1], randoms(7)(120)), graph.floats([20], randoms(8)(20))];
    graph.op('Conv', [relu, ...wider], { kernel_shape: [1, 1], group: 1 }, 'y');
    graph.output('y', [1, 20, 2, 2]);
    const rewritten = encodeOnnx(alignChannels(graph).model());
    expect(await difference(encodeOnnx(graph.model()), rewritten, [1, 6, 4, 4], 9)).toBeLessThan(1e-6);
  });

  it('reads back the attributes that nodes were given', () => {
    const graph = new OnnxGraph('attributes');
    const given = { axis: 1, pads: [1, 2], mode: 'bilinear', epsilon: { float: 0.25 } };
    graph.op('Any', [], given);
    expect(attributesOf(graph.nodes[0])).toEqual(given);
  });
});

describe('rewritten models', () => {
  it.each(['face_detection_short_range', 'face_landmarks_attention'])(
    '%s computes what the plain conversion computes',
    async (id) => {
      const entry = modelEntry(id);
      if (entry.kind !== 'converted') throw new Error(`${id} is not converted`);
      const port = ({ name, tensor = name, shape }: (typeof entry.inputs)[number]) => ({
        name,
        tensor,
        shape,
      });
      const request = { name: id, inputs: entry.inputs.map(port), outputs: entry.outputs.map(port) };
      const source = readSource(entry);
      const plain = convertTflite(source, request, []);
      const fast = convertTflite(source, request);
      const kinds = new Set(nodesOf(fast).map(({ opType }) => opType));
      for (const slow of ['PRelu', 'Pad', 'GridSample']) expect(kinds).not.toContain(slow);
      for (const seed of [1, 2]) {
        expect(await difference(plain, fast, request.inputs[0].shape, seed)).toBeLessThan(2e-6);
      }
    },
  );
});
