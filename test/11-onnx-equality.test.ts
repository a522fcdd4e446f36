import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { manifest, requireModel } from '../src/runtime/models.js';
import { OnnxSession } from '../src/runtime/onnx-session.js';
import { seededRandom } from './10-support.js';

// What proves the function-table positions of native/core/onnx_api.h: the same model and input through our sessions
// and through onnxruntime-node's own JavaScript interface, compared bit for bit.

// Networks whose inputs grow have no shapes in the manifest, and sessions of their own (native/speech).
const models = manifest().models.filter(({ file, inputs }) => file.endsWith('.onnx') && inputs.length > 0);

const elements = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);

describe('our ONNX sessions equal onnxruntime-node bit for bit', () => {
  it('there are models to compare', () => {
    expect(models.length).toBeGreaterThanOrEqual(2);
  });

  it.each(models.map(({ id }) => id))('%s', async (id) => {
    const { path, entry } = requireModel(id);
    const ours = new OnnxSession(path);
    const theirs = await InferenceSession.create(path, {
      executionProviders: ['cpu'],
      graphOptimizationLevel: 'all',
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
    });
    expect(ours.inputs.map(({ name }) => name)).toEqual([...theirs.inputNames]);
    expect(ours.outputs.map(({ name }) => name)).toEqual([...theirs.outputNames]);
    expect(ours.inputs.map(({ shape }) => shape)).toEqual(entry.inputs.map(({ shape }) => shape));
    expect(ours.outputs.map(({ shape }) => shape)).toEqual(entry.outputs.map(({ shape }) => shape));
    const results = ours.outputs.map(({ shape }) => new Float32Array(elements(shape)));
    const firsts = new Set<number>();

    for (const [seed, low, high] of [
      [1, 0, 1],
      [2, -1, 1],
      [3, 0.4, 0.6],
      [4, 0, 0],
    ] as const) {
      const random = seededRandom(seed);
      const inputs = ours.inputs.map(({ shape }) =>
        Float32Array.from({ length: elements(shape) }, () => low + (high - low) * random()),
      );
      ours.run(inputs, results);
      const feeds = ours.inputs.map(({ name, shape }, i) => [
        name,
        new Tensor('float32', inputs[i], [...shape]),
      ]);
      const expected = await theirs.run(Object.fromEntries(feeds) as Record<string, Tensor>);
      for (const [i, { name }] of ours.outputs.entries()) {
        const bytes = Buffer.from(results[i].buffer);
        const data = expected[name].data as Float32Array;
        const difference = Buffer.compare(bytes, Buffer.from(data.buffer, data.byteOffset, data.byteLength));
        expect(difference, `${id}.${name}, seed ${seed}`).toBe(0);
        expect(data.every(Number.isFinite)).toBe(true);
      }
      for (const data of results) firsts.add(data[0]);
      if (high > low && results.some(({ length }) => length > 1))
        expect(results.some((data) => data.some((value) => value !== data[0]))).toBe(true);
    }
    // A single number must at least differ from input to input.
    expect(firsts.size).toBeGreaterThan(1);
    await theirs.release();
  });
});
