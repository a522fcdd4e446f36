import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DrowsinessModel, drowsinessModelId } from '../src/driver/drowsiness/model.js';
import { modelEntry } from '../src/runtime/models.js';
import { packageRoot } from '../src/runtime/paths.js';
import { vigilErrorOf } from './10-support.js';

interface Golden {
  readonly window: readonly number[];
  readonly probabilities: readonly number[];
}

/** Made-up windows and the answers of the networks in PyTorch; written by models/training/drowsiness/export.py. */
const golden = JSON.parse(
  readFileSync(join(packageRoot, 'test', 'golden', 'drowsiness', 'windows.json'), 'utf8'),
) as Golden[];

describe('the drowsiness model', () => {
  const model = DrowsinessModel.load();

  it('answers natively what the networks answered where they were trained', () => {
    expect(golden.length).toBeGreaterThan(5);
    for (const { window, probabilities } of golden) {
      const { alert, lowVigilant, drowsy } = model.score(Float32Array.from(window));
      [alert, lowVigilant, drowsy].forEach((value, i) => {
        expect(value).toBeCloseTo(probabilities[i], 4);
      });
      expect(alert + lowVigilant + drowsy).toBeCloseTo(1, 5);
    }
  });

  it('answers the same to the same, and leaves the window alone', () => {
    const window = Float32Array.from(golden[0].window);
    const first = model.score(window);
    model.score(Float32Array.from(golden[1].window));
    expect(model.score(window)).toEqual(first);
    expect(Array.from(window)).toEqual(Array.from(Float32Array.from(golden[0].window)));
  });

  it('does not break on what no driver’s blinks are', () => {
    for (const value of [1e30, -1e30, 1e-30]) {
      const { alert, lowVigilant, drowsy } = model.score(new Float32Array(120).fill(value));
      expect([alert, lowVigilant, drowsy].every((p) => p >= 0 && p <= 1)).toBe(true);
    }
  });

  it('refuses a window of another length', () => {
    expect(vigilErrorOf(() => model.score(new Float32Array(116))).code).toBe('MODEL_SHAPE');
  });

  it('is the file that the manifest and the card name', () => {
    const entry = modelEntry(drowsinessModelId);
    expect(model.sha256).toBe(entry.sha256);
    const card = JSON.parse(
      readFileSync(join(packageRoot, 'models', 'training', 'drowsiness', 'card.json'), 'utf8'),
    ) as { final: { model: { sha256: string } }; seed: number; dataSha256: string };
    expect(card.final.model.sha256).toBe(entry.sha256);
    if (entry.kind !== 'committed') throw new Error('expected a committed model');
    expect(entry.training).toMatchObject({ seed: card.seed, dataSha256: card.dataSha256 });
  });
});
