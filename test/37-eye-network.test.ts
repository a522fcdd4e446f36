import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { readEyeCard } from '../hil/eval/eye-card.js';
import { encodeMessage, messageType } from '../hil/recording/schemas.js';
import { buildModels } from '../models/build.js';
import {
  EyeStateClassifier,
  eyeNetwork,
  eyeStateModel,
  type EyeCrop,
  type EyeNetworkUse,
} from '../src/camera/eye-network.js';
import type { CommittedModel } from '../src/runtime/model-manifest.js';
import { modelEntry, requireModel } from '../src/runtime/models.js';
import { packageRoot } from '../src/runtime/paths.js';
import { astronaut, faceOf, fixtureJpegs, mirrorImage, track } from './30-support.js';

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

describe('the committed network', () => {
  /** The same drawing as pattern() in models/training/eye-state/golden.py. */
  function pattern(width: number, height: number, k: number): EyeCrop {
    const luma = Uint8Array.from({ length: width * height }, (_, i) => {
      const [x, y] = [i % width, Math.floor(i / width)];
      const u = Math.floor((200 * x) / width) - 100;
      const v = Math.floor((200 * y) / height) - 100;
      if (u * u + (2 + k) * (v - 10) * (v - 10) < 2500) return 30 + ((x + y) % 9);
      if (v > -70 && v < -50) return 50;
      return 90 + ((x * 31 + y * 17 + k * 7) % 23) + Math.floor(u / 4);
    });
    return { width, height, luma };
  }

  it('gives what the training code and ONNX’s reference evaluator give for crops of any size', () => {
    const file = join(packageRoot, 'test', 'golden', 'eyes', 'eye-state.json');
    const known = JSON.parse(readFileSync(file, 'utf8')) as {
      k: number;
      width: number;
      height: number;
      closedProbability: number;
    }[];
    expect(known.length).toBe(5);
    const network = new EyeStateClassifier();
    for (const { k, width, height, closedProbability } of known)
      expect(network.closedProbability(pattern(width, height, k))).toBeCloseTo(closedProbability, 3);
  });

  it('does not care which eye it is, nor for brightness', () => {
    const network = new EyeStateClassifier();
    const crop = pattern(60, 60, 1);
    const mirrored = Uint8Array.from(crop.luma, (_, i) => crop.luma[i - (i % 60) + 59 - (i % 60)]);
    const bright = crop.luma.map((value) => value + 60);
    const closed = network.closedProbability(crop);
    expect(network.closedProbability({ ...crop, luma: mirrored })).toBeCloseTo(closed, 4);
    expect(network.closedProbability({ ...crop, luma: bright })).toBeCloseTo(closed, 4);
  });

  it('refuses crops that are none', () => {
    const network = new EyeStateClassifier();
    for (const crop of [
      { width: 2, height: 2, luma: new Uint8Array(3) },
      { width: 0, height: 2, luma: new Uint8Array(0) },
      { width: 1.5, height: 2, luma: new Uint8Array(3) },
    ])
      expect(() => network.closedProbability(crop)).toThrow(
        expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
      );
  });

  it('is flagged, small, and its card is that of the weights', () => {
    const entry = modelEntry(eyeStateModel);
    const { path, sha256 } = requireModel(eyeStateModel);
    expect(entry).toMatchObject({ kind: 'committed', researchOnly: true });
    expect(readFileSync(path).length).toBeLessThan(1024 * 1024);
    const card = readEyeCard(sha256);
    expect(entry.kind === 'committed' ? entry.training : null).toMatchObject({
      seed: card.seed,
      dataSha256: card.dataSha256,
    });
    const { folds } = card.crossValidation;
    // Every subject was held back once, and the final weights saw them all.
    expect(folds.flatMap(({ subjects }) => subjects).sort()).toEqual([...card.subjects].sort());
    expect(() => readEyeCard('f'.repeat(64))).toThrow('card');
  });
});

describe('the network in the vision chain', () => {
  afterEach(() => {
    vi.doUnmock('../src/runtime/models.js');
    vi.resetModules();
  });

  async function probabilities(use: EyeNetworkUse): Promise<(number | undefined)[]> {
    const jpegs = await fixtureJpegs();
    const frames = await track(
      jpegs.map((data) => ({ format: 'jpeg', data })),
      { eyeNetwork: use },
    );
    return frames.flatMap(({ observation }) =>
      observation.kind === 'face'
        ? [observation.eyes.left.closedProbability, observation.eyes.right.closedProbability]
        : [],
    );
  }

  it('off: never asked; always: at every eye; unsure: at some, with the same answers', async () => {
    const [off, unsure, always] = [
      await probabilities('off'),
      await probabilities('unsure'),
      await probabilities('always'),
    ];
    expect(off.length).toBeGreaterThan(100);
    expect(off.every((p) => p === undefined)).toBe(true);
    expect(always.every((p) => p !== undefined && p >= 0 && p <= 1)).toBe(true);
    const asked = unsure.filter((p) => p !== undefined).length;
    expect(asked).toBeGreaterThan(0);
    expect(asked).toBeLessThan(unsure.length);
    for (const [i, p] of unsure.entries()) if (p !== undefined) expect(p).toBe(always[i]);
  });

  it('equal frames give equal bytes', async () => {
    expect(await probabilities('always')).toEqual(await probabilities('always'));
  });

  it('open eyes are open, and change sides in a mirrored picture', async () => {
    const picture = astronaut();
    const of = async (mirrored: boolean): Promise<[number, number]> => {
      const shown = Array.from({ length: 3 }, () => (mirrored ? mirrorImage(picture) : picture));
      const { left, right } = faceOf(
        (await track(shown, { mirrored, eyeNetwork: 'always' })).at(-1)?.observation,
      ).eyes;
      return [left.closedProbability ?? Number.NaN, right.closedProbability ?? Number.NaN];
    };
    const [left, right] = await of(false);
    const [mirroredLeft, mirroredRight] = await of(true);
    expect(Math.max(left, right)).toBeLessThan(0.5);
    expect(mirroredLeft).toBeCloseTo(left, 1);
    expect(mirroredRight).toBeCloseTo(right, 1);
  });

  it('what it says is recorded, and that it was not asked is too', () => {
    const type = messageType('vigil.FaceObservation');
    const left = { openness: 0.2, weight: 1, closedProbability: 0.25 };
    const bytes = encodeMessage('vigil.FaceObservation', 40, {
      frame: 1,
      kind: 'face',
      eyes: { left, right: { openness: 0.3, weight: 1 } },
    });
    const read = type.toObject(type.decode(bytes)) as { eyes: unknown };
    expect(read.eyes).toEqual({ left, right: { openness: 0.3, weight: 1 } });
  });

  it('runs where geometry is unsure unless told otherwise', () => {
    expect(eyeNetwork()).toMatchObject({ use: 'unsure', sha256: modelEntry(eyeStateModel).sha256 });
    expect(eyeNetwork('off')).toEqual({ use: 'off', path: null, sha256: null });
    expect(eyeNetwork('always').use).toBe('always');
  });

  it('without the weights geometry goes on alone, and asking for them says what is missing', async () => {
    vi.resetModules();
    vi.doMock('../src/runtime/models.js', async (original) => {
      const real = await original<typeof import('../src/runtime/models.js')>();
      const models = real.manifest().models.filter(({ id }) => id !== eyeStateModel);
      const without = { ...real.manifest(), models };
      return {
        ...real,
        manifest: () => without,
        requireModel: (id: string) => {
          real.modelEntry(id, without);
          return real.requireModel(id);
        },
      };
    });
    const fresh = await import('../src/camera/face-tracker.js');
    const tracker = new fresh.FaceTracker();
    expect(tracker.eyeNetwork.use).toBe('off');
    tracker.close();
    expect(() => new fresh.FaceTracker({ eyeNetwork: 'unsure' })).toThrow(eyeStateModel);
  });
});
