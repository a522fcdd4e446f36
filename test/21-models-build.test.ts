import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildModels, convertModel, readSource, type BuildOutcome } from '../models/build.js';
import { readCanonicalFaceMesh, type CanonicalFaceMesh } from '../models/convert/canonical-face-mesh.js';
import { modelProto } from '../models/convert/onnx.js';
import { VigilError } from '../src/runtime/errors.js';
import type { ConvertedModel, ModelManifest } from '../src/runtime/model-manifest.js';
import { manifest, modelEntry, sha256Of } from '../src/runtime/models.js';

const converted = manifest().models.filter((entry): entry is ConvertedModel => entry.kind === 'converted');
const directory = mkdtempSync(join(tmpdir(), 'vigil-models-'));
let first: BuildOutcome[];

beforeAll(() => {
  first = buildModels({ directory });
});
afterAll(() => rmSync(directory, { recursive: true }));

function errorOf(call: () => unknown): VigilError {
  try {
    call();
  } catch (error) {
    if (error instanceof VigilError) return error;
    throw error;
  }
  throw new Error('expected a VigilError');
}

function changed(id: string, change: (entry: ConvertedModel) => ConvertedModel): ModelManifest {
  const entry = converted.find((model) => model.id === id);
  if (entry === undefined) throw new Error(`no converted model ${id}`);
  return { format: 1, models: [change(entry)] };
}

describe('converter', () => {
  it.each(converted.map((entry) => [entry.id, entry] as const))(
    'builds the bytes the manifest states: %s',
    (_, entry) => {
      expect(sha256Of(convertModel(entry))).toBe(entry.sha256);
      expect(sha256Of(convertModel(entry))).toBe(entry.sha256);
    },
  );

  it('writes ONNX opset 17 with float32 ports as the manifest states and where it comes from', () => {
    for (const entry of converted.filter(({ conversion }) => /^(tflite|tfjs)-to-onnx$/.test(conversion))) {
      const type = modelProto();
      const model = type.toObject(type.decode(readFileSync(join(directory, entry.file))), {
        longs: Number,
      }) as {
        opsetImport: unknown;
        metadataProps: { key: string; value: string }[];
        graph: { input: Value[]; output: Value[] };
      };
      interface Value {
        name: string;
        type: { tensorType: { elemType: number; shape: { dim: { dimValue: number }[] } } };
      }
      const ports = (values: Value[]): unknown[] =>
        values.map(({ name, type: { tensorType } }) => ({
          name,
          type: tensorType.elemType === 1 ? 'float32' : 'other',
          shape: tensorType.shape.dim.map(({ dimValue }) => dimValue),
        }));
      const stated = (list: ConvertedModel['inputs']): unknown[] =>
        list.map(({ name, type: elements, shape }) => ({ name, type: elements, shape }));
      expect(model.opsetImport).toEqual([{ domain: '', version: 17 }]);
      expect(ports(model.graph.input)).toEqual(stated(entry.inputs));
      expect(ports(model.graph.output)).toEqual(stated(entry.outputs));
      expect(Object.fromEntries(model.metadataProps.map(({ key, value }) => [key, value]))).toEqual({
        source: `npm:${entry.source.package}@${entry.source.version}/${entry.source.file}#${entry.source.member}`,
        source_sha256: entry.source.sha256,
        licence: entry.licence,
      });
    }
  });
});

describe('canonical face mesh', () => {
  const entry = modelEntry('canonical_face_mesh') as ConvertedModel;
  let mesh: CanonicalFaceMesh;
  beforeAll(() => {
    mesh = JSON.parse(readFileSync(join(directory, entry.file), 'utf8')) as CanonicalFaceMesh;
  });

  it('has the same float32 values as its source', () => {
    const source = readCanonicalFaceMesh(readSource(entry));
    expect(Float32Array.from(mesh.vertices)).toEqual(Float32Array.from(source.vertices));
    expect(Float32Array.from(mesh.uv)).toEqual(Float32Array.from(source.uv));
    expect(mesh.triangles).toEqual(source.triangles);
    expect(mesh.procrustes.map(({ weight }) => Math.fround(weight))).toEqual(
      source.procrustes.map(({ weight }) => weight),
    );
  });

  it('is a face: counts, size in cm, symmetric, every vertex in a triangle', () => {
    expect(mesh.vertices.length).toBe(468 * 3);
    expect(mesh.uv.length).toBe(468 * 2);
    expect(mesh.triangles.length).toBe(898 * 3);
    expect(mesh.procrustes.length).toBe(33);
    const vertex = (index: number): number[] => mesh.vertices.slice(3 * index, 3 * index + 3);
    const [right, left] = [vertex(33), vertex(263)]; // outer eye corners; 33 is the person's right eye
    expect(right[0]).toBeCloseTo(-left[0], 3);
    expect(left[0] - right[0]).toBeGreaterThan(8);
    expect(left[0] - right[0]).toBeLessThan(10);
    expect(vertex(10)[1]).toBeGreaterThan(vertex(152)[1] + 10); // forehead above chin
    expect(vertex(1)[2]).toBeGreaterThan(right[2]); // nose nearer to the camera than the eyes
    expect(new Set(mesh.triangles).size).toBe(468);
    expect(Math.min(...mesh.uv)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...mesh.uv)).toBeLessThanOrEqual(1);
    expect(mesh.procrustes.every(({ weight }) => weight > 0)).toBe(true);
  });

  it('reports other bytes as invalid', () => {
    for (const bytes of [new Uint8Array(), new Uint8Array([255, 255]), new Uint8Array([10, 0])]) {
      expect(errorOf(() => readCanonicalFaceMesh(bytes)).code).toBe('MODEL_SOURCE_INVALID');
    }
  });
});

/** What a build says of each model: our own come with the package, `action` holds for the others. */
function actions(action: BuildOutcome['action'], except?: string): string[] {
  return manifest().models.map(({ id, kind }) => {
    if (kind === 'committed') return 'committed';
    return id === except ? 'built' : action;
  });
}

describe('buildModels', () => {
  it('builds everything into an empty folder and leaves nothing else there', () => {
    expect(first.map(({ action }) => action)).toEqual(actions('built'));
    expect(readdirSync(directory).sort()).toEqual(converted.map(({ file }) => file).sort());
    for (const { path, bytes } of first) expect(statSync(path).size).toBe(bytes);
  });

  it('keeps what is right, repairs what is damaged, and rebuilds all on request', () => {
    const seen: [string, string | undefined][] = [];
    const kept = buildModels({ directory, onProgress: (id, outcome) => seen.push([id, outcome?.action]) });
    expect(kept.map(({ action }) => action)).toEqual(actions('kept'));
    expect(seen).toEqual(
      manifest().models.flatMap(({ id, kind }) => [
        [id, undefined],
        [id, kind === 'committed' ? 'committed' : 'kept'],
      ]),
    );
    const damaged = first[2].path;
    writeFileSync(damaged, 'damaged');
    expect(buildModels({ directory }).map(({ action }) => action)).toEqual(actions('kept', first[2].id));
    expect(sha256Of(readFileSync(damaged))).toBe(first[2].sha256);
    expect(buildModels({ directory, force: true }).map(({ action }) => action)).toEqual(actions('built'));
  });

  it('writes nothing when the build differs from the manifest, and names both hashes', () => {
    const empty = mkdtempSync(join(tmpdir(), 'vigil-models-'));
    const wrong = 'a'.repeat(64);
    const error = errorOf(() =>
      buildModels({
        directory: empty,
        manifest: changed('canonical_face_mesh', (entry) => ({ ...entry, sha256: wrong })),
      }),
    );
    expect(error.code).toBe('MODEL_HASH_MISMATCH');
    expect(error.message).toContain(wrong);
    expect(error.message).toContain(modelEntry('canonical_face_mesh').sha256);
    expect(readdirSync(empty)).toEqual([]);
    rmSync(empty, { recursive: true });
  });

  it('refuses another version or content of the source package', () => {
    const version = changed('canonical_face_mesh', (entry) => ({
      ...entry,
      source: { ...entry.source, version: '0.4.1' },
    }));
    const content = changed('canonical_face_mesh', (entry) => ({
      ...entry,
      source: { ...entry.source, sha256: 'b'.repeat(64) },
    }));
    for (const [stated, expected] of [
      [version, '@mediapipe/face_mesh 0.4.1'],
      [content, 'b'.repeat(64)],
    ] as const) {
      const error = errorOf(() => buildModels({ directory, force: true, manifest: stated }));
      expect(error.code).toBe('MODEL_SOURCE_MISMATCH');
      expect(error.message).toContain(expected);
      expect(error.message).toContain('npm ci');
    }
  });

  it('names a missing package and a folder it cannot write', () => {
    const missing = changed('canonical_face_mesh', (entry) => ({
      ...entry,
      source: { ...entry.source, package: '@vigil-test/not-installed' },
    }));
    expect(errorOf(() => buildModels({ directory, force: true, manifest: missing })).code).toBe(
      'MODEL_SOURCE_INVALID',
    );
    const file = join(directory, 'canonical_face_mesh.json');
    const stated = changed('canonical_face_mesh', (entry) => entry);
    expect(errorOf(() => buildModels({ directory: join(file, 'below'), manifest: stated })).code).toBe(
      'MODEL_WRITE_FAILED',
    );
  });
});
