import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import protobuf from 'protobufjs';
import { VigilError, messageOf } from '../../src/runtime/errors.js';
import { packageRoot } from '../../src/runtime/paths.js';

/** The canonical face as `canonical_face_mesh.json` holds it; flat lists, rows in landmark order. */
export interface CanonicalFaceMesh {
  /** 468 x (x, y, z) in cm: x to the image's right, y up, z towards the camera. */
  readonly vertices: readonly number[];
  /** 468 x (u, v), 0 to 1. */
  readonly uv: readonly number[];
  /** 898 x 3 vertex indices. */
  readonly triangles: readonly number[];
  /** Landmarks that take part in the pose fit (weighted Procrustes), and how much. */
  readonly procrustes: readonly { readonly index: number; readonly weight: number }[];
}

interface MetadataMessage {
  readonly canonicalMesh: {
    readonly vertexBuffer: readonly number[];
    readonly indexBuffer: readonly number[];
  };
  readonly procrustesLandmarks: readonly { readonly landmarkId: number; readonly weight: number }[];
}

const vertexCount = 468;
const triangleCount = 898;
const procrustesCount = 33;
/** x, y, z, u, v */
const vertexStride = 5;

/**
 * Reads MediaPipe's geometry_pipeline_metadata_landmarks.binarypb.
 * @throws VigilError `MODEL_SOURCE_INVALID` for no such message, other counts, or indices out of range
 */
export function readCanonicalFaceMesh(bytes: Uint8Array): CanonicalFaceMesh {
  const schema = readFileSync(join(packageRoot, 'models', 'convert', 'face-geometry.proto'), 'utf8');
  const type = protobuf.parse(schema).root.lookupType('vigil.face_geometry.Metadata');
  let message: MetadataMessage;
  try {
    message = type.toObject(type.decode(bytes), { defaults: true, arrays: true }) as MetadataMessage;
  } catch (error) {
    throw new VigilError('MODEL_SOURCE_INVALID', `Expected face geometry metadata but: ${messageOf(error)}.`);
  }
  const { vertexBuffer = [], indexBuffer = [] } =
    (message.canonicalMesh as Partial<MetadataMessage['canonicalMesh']> | null) ?? {};
  const landmarks = message.procrustesLandmarks;
  expect('vertex values', vertexBuffer.length, vertexCount * vertexStride);
  expect('triangle indices', indexBuffer.length, triangleCount * 3);
  expect('Procrustes landmarks', landmarks.length, procrustesCount);
  const highest = Math.max(...indexBuffer, ...landmarks.map(({ landmarkId }) => landmarkId));
  if (highest >= vertexCount) {
    throw new VigilError(
      'MODEL_SOURCE_INVALID',
      `Expected vertex indices below ${vertexCount} but received ${highest}.`,
    );
  }
  return {
    vertices: vertexBuffer.filter((_, index) => index % vertexStride < 3),
    uv: vertexBuffer.filter((_, index) => index % vertexStride >= 3),
    triangles: indexBuffer,
    procrustes: landmarks.map(({ landmarkId, weight }) => ({ index: landmarkId, weight })),
  };
}

/**
 * Compact JSON: each float with the fewest digits that still give the same float32.
 */
export function encodeCanonicalFaceMesh(mesh: CanonicalFaceMesh): Uint8Array {
  const compact = {
    vertices: mesh.vertices.map(shortestFloat),
    uv: mesh.uv.map(shortestFloat),
    triangles: mesh.triangles,
    procrustes: mesh.procrustes.map(({ index, weight }) => ({ index, weight: shortestFloat(weight) })),
  };
  return new TextEncoder().encode(`${JSON.stringify(compact)}\n`);
}

/** The double with the fewest decimal digits that rounds to the same float32. */
export function shortestFloat(value: number): number {
  const target = Math.fround(value);
  for (let digits = 1; digits < 9; digits++) {
    const candidate = Number(target.toPrecision(digits));
    if (Math.fround(candidate) === target) return candidate;
  }
  return Number(target.toPrecision(9)); // nine significant digits always identify a float32
}

function expect(what: string, actual: number, expected: number): void {
  if (actual === expected) return;
  throw new VigilError(
    'MODEL_SOURCE_INVALID',
    `Expected ${expected} ${what} in the face geometry but received ${actual}.`,
  );
}
