import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { buildModels } from '../models/build.js';
import { budgets } from '../src/runtime/budgets.js';
import { VigilError } from '../src/runtime/errors.js';
import { parseManifest } from '../src/runtime/model-manifest.js';
import {
  isOptional,
  loadManifest,
  manifest,
  manifestPath,
  modelEntry,
  modelPath,
  requireModel,
} from '../src/runtime/models.js';
import { packageRoot } from '../src/runtime/paths.js';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const directory = mkdtempSync(join(tmpdir(), 'vigil-models-'));
afterAll(() => rmSync(directory, { recursive: true }));

function freshJson(): { format: Json; models: Record<string, Json>[] } {
  return JSON.parse(readFileSync(manifestPath, 'utf8')) as { format: Json; models: Record<string, Json>[] };
}

function errorOf(call: () => unknown): VigilError {
  try {
    call();
  } catch (error) {
    if (error instanceof VigilError) return error;
    throw error;
  }
  throw new Error('expected a VigilError');
}

const committed = {
  id: 'own_model',
  kind: 'committed',
  purpose: 'A model that we train',
  licence: 'Apache-2.0',
  file: 'own_model.onnx',
  sha256: 'c'.repeat(64),
  inputs: [{ name: 'input', type: 'float32', shape: [1, 8] }],
  outputs: [{ name: 'output', type: 'float32', shape: [1, 2] }],
  latencyBudgetMs: 0.1,
  researchOnly: true,
  training: { script: 'train/own_model.py', seed: 1, dataSha256: 'd'.repeat(64) },
};

describe('manifest', () => {
  it('states the models, and which were trained on research-only data: nothing that the product needs', () => {
    expect(manifest().models.map(({ id }) => id)).toEqual([
      'face_detection_short_range',
      'face_landmarks_attention',
      'canonical_face_mesh',
      'object_detection',
      'eye_state',
      'silero_vad',
      'moonshine_tiny_encoder',
      'moonshine_tiny_decoder',
      'moonshine_tiny_vocabulary',
      'moonshine_base_encoder',
      'moonshine_base_decoder',
      'moonshine_base_vocabulary',
      'speech_tokenizer',
      'wake_mel',
      'wake_embedding',
      'wake_embedding_long',
      'wake_hey_vigil',
      'drowsiness',
    ]);
    const restricted = manifest().models.filter(({ researchOnly }) => researchOnly);
    expect(restricted.map(({ id }) => id)).toEqual(['eye_state']);
    expect(restricted.every((entry) => isOptional(entry))).toBe(true);
    const ports = Object.fromEntries(
      manifest().models.map(({ id, inputs, outputs }) => [
        id,
        [...inputs, ...outputs].map(({ name, shape }) => `${name} ${shape.join('x')}`),
      ]),
    );
    expect(ports).toEqual({
      face_detection_short_range: ['input 1x128x128x3', 'regressors 1x896x16', 'classificators 1x896x1'],
      face_landmarks_attention: [
        'input 1x192x192x3',
        'mesh 1x1404',
        'lips 1x160',
        'left_eye 1x142',
        'right_eye 1x142',
        'left_iris 1x10',
        'right_iris 1x10',
        'face_flag 1x1',
      ],
      canonical_face_mesh: [],
      object_detection: ['input 1x512x512x3', 'scores 1x128x128x80', 'extents 1x128x128x4'],
      eye_state: ['input 1x1x48x48', 'closed 1x1'],
      silero_vad: [],
      moonshine_tiny_encoder: [],
      moonshine_tiny_decoder: [],
      moonshine_tiny_vocabulary: [],
      moonshine_base_encoder: [],
      moonshine_base_decoder: [],
      moonshine_base_vocabulary: [],
      speech_tokenizer: [],
      wake_mel: ['input 1x1760', 'output 1x1x8x32'],
      wake_embedding: ['input_1 1x76x32x1', 'conv2d_19 1x1x1x96'],
      wake_embedding_long: ['input_1 1x1x268x32', 'conv2d_19 1x96x25x1'],
      wake_hey_vigil: [],
      drowsiness: ['window 1x30x4', 'probabilities 1x3'],
    });
  });

  it('names the version of the source package that package.json pins', () => {
    const { dependencies } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    for (const entry of manifest().models) {
      if (entry.kind === 'converted') expect(dependencies[entry.source.package]).toBe(entry.source.version);
    }
  });

  it('gives latency budgets that fit the frame budgets', () => {
    const landmarks = modelEntry('face_landmarks_attention').latencyBudgetMs ?? NaN;
    const detection = modelEntry('face_detection_short_range').latencyBudgetMs ?? NaN;
    expect(landmarks).toBeLessThan(budgets['vision.frame'].p50Ms);
    expect(landmarks + detection).toBeLessThan(budgets['vision.detect'].p50Ms);
  });

  it('takes models of our own beside converted ones', () => {
    const json = freshJson();
    const parsed = parseManifest({ ...json, models: [...json.models, committed] });
    const own = modelEntry('own_model', parsed);
    expect(own).toMatchObject({ kind: 'committed', researchOnly: true });
    expect(modelPath(own, directory)).toBe(join(packageRoot, 'models', 'own_model.onnx'));
  });

  const wrong: [string, Record<string, Json | undefined>][] = [
    ['id', { id: 'Not Snake' }],
    ['purpose', { purpose: '' }],
    ['licence', { licence: 'some licence' }],
    ['file', { file: '../elsewhere.onnx' }],
    ['sha256', { sha256: 'ABC' }],
    ['sha256', { sha256: undefined }],
    ['kind', { kind: 'downloaded' }],
    ['conversion', { conversion: 'by hand' }],
    [
      'source.version',
      { source: { package: 'p', version: '^1.0.0', file: 'f', member: 'm', sha256: 'a'.repeat(64) } },
    ],
    ['source', { source: null }],
    ['inputs', { inputs: null }],
    ['inputs[0].shape', { inputs: [{ name: 'input', tensor: 'input', type: 'float32', shape: [1, -1] }] }],
    ['inputs[0].type', { inputs: [{ name: 'input', tensor: 'input', type: 'uint8', shape: [1] }] }],
    ['inputs[0].tensor', { inputs: [{ name: 'input', type: 'float32', shape: [1] }] }],
    ['latencyBudgetMs', { latencyBudgetMs: 0 }],
    ['researchOnly', { researchOnly: 'no' }],
  ];
  it.each(wrong)('names the wrong field: %s %j', (field, change) => {
    const json = freshJson();
    json.models[0] = { ...json.models[0], ...change } as Record<string, Json>;
    const error = errorOf(() => parseManifest(json));
    expect(error.code).toBe('MODEL_MANIFEST_INVALID');
    expect(error.details['field']).toMatch(
      new RegExp(`^models\\[0\\].*\\.${field.replace(/[[\]]/g, '\\$&')}$`),
    );
  });

  it('refuses two models of one id or file, another format, and no list', () => {
    const json = freshJson();
    const twice = { ...json, models: [json.models[0], json.models[0]] };
    expect(errorOf(() => parseManifest(twice)).message).toContain('a value that no other model has for id');
    const sameFile = { ...json, models: [json.models[0], { ...json.models[0], id: 'other' }] };
    expect(errorOf(() => parseManifest(sameFile)).message).toContain(
      'a value that no other model has for file',
    );
    for (const other of [{ ...json, format: 2 }, { format: 1 }, [], null, 'text']) {
      expect(errorOf(() => parseManifest(other)).code).toBe('MODEL_MANIFEST_INVALID');
    }
    const training = { ...committed, training: { ...committed.training, seed: 0.5 } };
    expect(errorOf(() => parseManifest({ format: 1, models: [training] })).message).toContain(
      'training.seed',
    );
  });

  it('reports a manifest that is missing or no JSON', () => {
    const path = join(directory, 'manifest.json');
    expect(errorOf(() => loadManifest(path)).code).toBe('MODEL_MANIFEST_INVALID');
    writeFileSync(path, '{');
    expect(errorOf(() => loadManifest(path)).code).toBe('MODEL_MANIFEST_INVALID');
    rmSync(path);
  });
});

describe('requireModel', () => {
  it('names the known ids for an unknown one', () => {
    const error = errorOf(() => requireModel('face_detector', directory));
    expect(error.code).toBe('MODEL_UNKNOWN');
    expect(error.message).toContain('face_detection_short_range');
    expect(error.message).toContain('"face_detector"');
  });

  it('says how to build a missing file, refuses a changed one, and sees the repair', () => {
    const id = 'canonical_face_mesh';
    const entry = modelEntry(id);
    const path = join(directory, entry.file);
    const missing = errorOf(() => requireModel(id, directory));
    expect(missing.code).toBe('MODEL_NOT_BUILT');
    expect(missing.message).toContain(path);
    expect(missing.advice).toContain('vigil models build');

    writeFileSync(path, '{}');
    const mismatch = errorOf(() => requireModel(id, directory));
    expect(mismatch.code).toBe('MODEL_HASH_MISMATCH');
    expect(mismatch.advice).toContain('vigil models build');
    expect(mismatch.details).toMatchObject({ id, path, expected: entry.sha256 });
    expect(mismatch.message).toContain(String(mismatch.details['actual']));

    buildModels({ directory, manifest: { format: 1, models: [entry] } });
    expect(requireModel(id, directory)).toEqual({ path, sha256: entry.sha256, entry });
  });

  it('hashes a file once per process', () => {
    const id = 'canonical_face_mesh';
    const { path } = requireModel(id, directory);
    writeFileSync(path, 'changed after the first use');
    expect(requireModel(id, directory).path).toBe(path);
  });
});
