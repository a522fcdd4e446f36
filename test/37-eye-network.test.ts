import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { buildModels } from '../models/build.js';
import type { CommittedModel } from '../src/runtime/model-manifest.js';

const directory = mkdtempSync(join(tmpdir(), 'vigil-eyes-'));
afterAll(() => rmSync(directory, { recursive: true }));

const gone: CommittedModel = {
  id: 'gone',
  kind: 'committed',
  purpose: 'Weights that somebody took out',
  licence: 'LicenseRef-research-only',
  file: 'gone.onnx',
  sha256: 'a'.repeat(64),
  inputs: [],
  outputs: [],
  latencyBudgetMs: 1,
  researchOnly: true,
  training: { script: 'training/gone/train.py', seed: 1, dataSha256: 'b'.repeat(64) },
};

describe('weights trained on research-only data', () => {
  it('may be taken out: the build goes on without them', () => {
    const [outcome] = buildModels({ directory, manifest: { format: 1, models: [gone] } });
    expect(outcome).toMatchObject({ id: 'gone', action: 'leftOut', bytes: 0 });
    expect(readdirSync(directory)).toEqual([]);
  });

  it('which holds for no others', () => {
    const needed = { ...gone, researchOnly: false };
    expect(() => buildModels({ directory, manifest: { format: 1, models: [needed] } })).toThrow('no file');
  });
});
