import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { coreAddon } from '../src/runtime/core-addon.js';
import { VigilError, adoptNativeError } from '../src/runtime/errors.js';
import { onnxRuntimeLibrary } from '../src/runtime/native.js';
import { OnnxSession } from '../src/runtime/onnx-session.js';
import { oneOperatorModel, temporaryFolder, vigilErrorOf } from './10-support.js';

const folder = temporaryFolder('onnx');

function modelFile(name: string, bytes: Uint8Array | string): string {
  const file = join(folder, name);
  writeFileSync(file, bytes);
  return file;
}

const add = modelFile('add.onnx', oneOperatorModel('Add', ['a', 'b'], [2, 3]));

describe('OnnxSession', () => {
  it('describes the model and the library', () => {
    const session = new OnnxSession(add);
    expect(session.inputs).toEqual([
      { name: 'a', type: 'float32', shape: [2, 3] },
      { name: 'b', type: 'float32', shape: [2, 3] },
    ]);
    expect(session.outputs).toEqual([{ name: 'y', type: 'float32', shape: [2, 3] }]);
    expect(session.runtimeVersion).toBe('1.27.0');
  });

  it('runs, again and again, on views into larger buffers too', () => {
    const session = new OnnxSession(add, { warmUpRuns: 2 });
    const backing = new Float32Array(20);
    const a = backing.subarray(7, 13);
    const b = new Float32Array(6).fill(0.25);
    const y = new Float32Array(6);
    for (let round = 0; round < 5; round++) {
      a.set([0, 1, 2, 3, 4, 5].map((value) => value + round));
      session.run([a, b], [y]);
      expect([...y]).toEqual([0, 1, 2, 3, 4, 5].map((value) => value + round + 0.25));
    }
  });

  it('names a missing library', () => {
    const error = vigilErrorOf(() => new OnnxSession(add, { libraryPath: '/nowhere/libonnxruntime.so.1' }));
    expect(error.code).toBe('ONNX_LIBRARY_MISSING');
    expect(error.message).toContain('/nowhere/libonnxruntime.so.1');
    expect(error.advice).toContain('npm ci');
    expect(error.message).toContain(error.advice);
  });

  it('names a library that is not ONNX Runtime', () => {
    const error = vigilErrorOf(() => new OnnxSession(add, { libraryPath: 'libm.so.6' }));
    expect(error.code).toBe('ONNX_LIBRARY_UNUSABLE');
    expect(error.message).toContain('OrtGetApiBase');
    expect(error.advice).not.toBe('');
  });

  it('names a missing model', () => {
    const error = vigilErrorOf(() => new OnnxSession('/nowhere/model.onnx'));
    expect(error.code).toBe('MODEL_MISSING');
    expect(error.message).toContain('/nowhere/model.onnx');
    expect(error.advice).toContain('vigil models build');
  });

  const whole = oneOperatorModel('Add', ['a', 'b'], [2, 3]);
  it.each<[string, Uint8Array | string]>([
    ['empty', ''],
    ['no ONNX', 'not a model'],
    ['cut off', whole.slice(0, whole.length >> 1)],
    ['of an unknown operator', oneOperatorModel('NoSuchOperator', ['a'], [2, 3])],
  ])('refuses a model file that is %s', (kind, bytes) => {
    const file = modelFile(`${kind}.onnx`, bytes);
    const error = vigilErrorOf(() => new OnnxSession(file));
    expect(error.code).toBe('MODEL_INVALID');
    expect(error.message).toContain(file);
    expect(error.message).toContain('1.27.0');
    expect(error.advice).toContain('vigil models build');
  });

  it('refuses dynamic dimensions, naming the tensor and its shape', () => {
    const file = modelFile('dynamic.onnx', oneOperatorModel('Add', ['a', 'b'], [0, 3]));
    const error = vigilErrorOf(() => new OnnxSession(file));
    expect(error.code).toBe('MODEL_SHAPE');
    expect(error.message).toMatch(/'a'.*\[-1,3\]/);
  });

  it('refuses buffers of another size, naming both', () => {
    const session = new OnnxSession(add);
    const six = new Float32Array(6);
    const cases: [ArrayBufferView[], ArrayBufferView[], RegExp][] = [
      [[six, new Float32Array(5)], [six], /24 bytes for 'b' but received 20/],
      [[six, six], [new Float32Array(7)], /24 bytes for 'y' but received 28/],
    ];
    for (const [inputs, outputs, message] of cases) {
      const error = vigilErrorOf(() => session.run(inputs, outputs));
      expect(error.code).toBe('MODEL_SHAPE');
      expect(error.message).toMatch(message);
    }
  });

  it('refuses a wrong number of buffers', () => {
    const session = new OnnxSession(add);
    const six = new Float32Array(6);
    expect(vigilErrorOf(() => session.run([six], [six])).code).toBe('INVALID_ARGUMENT');
    expect(vigilErrorOf(() => session.run([six, six], [])).message).toContain('array of 1 Uint8Array');
  });

  it.each([0, 65, 1.5, NaN])('refuses %s threads', (threads) => {
    const error = vigilErrorOf(() => new OnnxSession(add, { threads }));
    expect(error.code).toBe('INVALID_ARGUMENT');
    expect(error.message).toContain('integer from 1 to 64 for threads');
  });
});

describe('core.node itself', () => {
  it('survives wrong arguments, wrong receivers and missing `new`', () => {
    const core = coreAddon();
    const wrong: unknown[][] = [[], [1, 2, 3, 4], [onnxRuntimeLibrary(), add], [{}, [], null, undefined]];
    for (const given of wrong) {
      expect(() => Reflect.construct(core.OnnxSession, given) as unknown).toThrow(/^Expected /);
    }
    const withoutNew = core.OnnxSession as unknown as () => void;
    expect(() => withoutNew()).toThrow(TypeError);
    // A method called on an object of another class must not reach the native object behind it.
    const { inputs } = core.OnnxSession.prototype as Record<string, (this: unknown) => unknown>;
    for (const receiver of [
      new core.Histogram(),
      Object.create(core.OnnxSession.prototype as object) as unknown,
      {},
      undefined,
    ]) {
      expect(() => inputs.call(receiver)).toThrow(TypeError);
    }
    const compressAnything = core.zstdCompress.bind(core) as (...given: unknown[]) => unknown;
    expect(() => compressAnything('text', 1)).toThrow(/Expected a typed array/);
  });

  it('throws errors that become VigilErrors with the native one as cause', () => {
    const { OnnxSession: Native } = coreAddon();
    try {
      new Native(onnxRuntimeLibrary(), '/nowhere/model.onnx', 1, 0);
      expect.unreachable();
    } catch (error) {
      const adopted = adoptNativeError(error);
      expect(adopted).toBeInstanceOf(VigilError);
      expect((adopted as VigilError).code).toBe('MODEL_MISSING');
      expect((adopted as VigilError).cause).toBe(error);
    }
  });
});
