import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { modelsDir } from '../src/runtime/paths.js';
import { temporaryFolder } from './10-support.js';

const files = [
  'face_detection_short_range.onnx',
  'face_landmarks_attention.onnx',
  'canonical_face_mesh.json',
];
const folder = temporaryFolder('vision-models');

/** A models folder of its own with all files but those that `change` alters or, giving undefined, leaves out. */
function modelsFolder(name: string, change: Record<string, Uint8Array | undefined>): string {
  const into = join(folder, name);
  mkdirSync(into);
  for (const file of files) {
    if (!(file in change)) copyFileSync(join(modelsDir, file), join(into, file));
    else if (change[file] !== undefined) writeFileSync(join(into, file), change[file]);
  }
  return into;
}

/** What opening a tracker over that folder throws; the modules are loaded afresh, as in a new process. */
async function openingError(models: string): Promise<{ code?: string; message: string; advice?: string }> {
  vi.stubEnv('VIGIL_MODELS', models);
  vi.resetModules();
  const { FaceTracker } = await import('../src/camera/face-tracker.js');
  try {
    new FaceTracker().close();
  } catch (error) {
    return error as Error;
  }
  throw new Error('expected an error');
}

afterEach(() => {
  vi.unstubAllEnvs();
  vi.resetModules();
});

describe('models', () => {
  it.each(files)('a missing %s is named, with its path and what to do', async (file) => {
    const models = modelsFolder(`without-${file}`, { [file]: undefined });
    const error = await openingError(models);
    expect(error.code).toBe('MODEL_NOT_BUILT');
    expect(error.message).toContain(join(models, file));
    expect(error.advice).toContain('vigil models build');
  });

  it.each(files)('a %s with one byte changed is refused by its hash', async (file) => {
    const bytes = readFileSync(join(modelsDir, file));
    bytes[bytes.length >> 1] ^= 1;
    const models = modelsFolder(`changed-${file}`, { [file]: bytes });
    const error = await openingError(models);
    expect(error.code).toBe('MODEL_HASH_MISMATCH');
    expect(error.message).toContain(join(models, file));
    expect(error.advice).toContain('vigil models build');
  });

  it('work from another folder', async () => {
    vi.stubEnv('VIGIL_MODELS', modelsFolder('whole', {}));
    vi.resetModules();
    const { FaceTracker } = await import('../src/camera/face-tracker.js');
    const tracker = new FaceTracker();
    expect(tracker.counters().accepted).toBe(0);
    tracker.close();
  });
});

describe('the addon itself', () => {
  const config = async (): Promise<Record<string, unknown>> => {
    const { onnxRuntimeLibrary } = await import('../src/runtime/native.js');
    return {
      onnxLibrary: onnxRuntimeLibrary(),
      detectorModel: join(modelsDir, files[0]),
      meshModel: join(modelsDir, files[1]),
      canonicalVertices: new Float64Array(468 * 3),
      canonicalAnchors: Float64Array.of(4, 1),
      mirrored: false,
      landmarks: false,
      detectEveryFrame: false,
      queueLength: 2,
      dropPolicy: 0,
      deadlineMs: 66,
    };
  };

  it.each<[string, Record<string, unknown>]>([
    ['ONNX_LIBRARY_MISSING', { onnxLibrary: '/nowhere/libonnxruntime.so.1' }],
    ['MODEL_MISSING', { detectorModel: '/nowhere/detector.onnx' }],
    ['MODEL_MISSING', { meshModel: '/nowhere/mesh.onnx' }],
    ['MODEL_SHAPE', { meshModel: join(modelsDir, files[0]) }],
    ['MODEL_SHAPE', { detectorModel: join(modelsDir, files[1]) }],
    ['MODEL_INVALID', { meshModel: join(modelsDir, files[2]) }],
    ['INVALID_ARGUMENT', { canonicalVertices: new Float64Array(3) }],
    ['INVALID_ARGUMENT', { canonicalVertices: new Float32Array(468 * 3) }],
    ['INVALID_ARGUMENT', { canonicalAnchors: new Float64Array(0) }],
    ['INVALID_ARGUMENT', { canonicalAnchors: Float64Array.of(1, 2, 3) }],
    ['INVALID_ARGUMENT', { canonicalAnchors: Float64Array.of(468, 1) }],
    ['INVALID_ARGUMENT', { canonicalAnchors: Float64Array.of(-1, 1) }],
    ['INVALID_ARGUMENT', { canonicalAnchors: Float64Array.of(Number.NaN, 1) }],
    ['INVALID_ARGUMENT', { detectorModel: 7 }],
    ['INVALID_ARGUMENT', { dropPolicy: 3 }],
    ['INVALID_ARGUMENT', { deadlineMs: undefined }],
  ])('says %s for %o', async (code, change) => {
    const { visionAddon } = await import('../src/camera/vision-addon.js');
    const native = visionAddon().FaceTracker;
    const whole = { ...(await config()), ...change };
    let thrown: unknown;
    try {
      Reflect.construct(native, [whole, () => undefined]);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ vigilCode: code });
  });
});
