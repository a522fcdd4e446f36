import { readFileSync } from 'node:fs';
import { messageOf, VigilError } from '../../src/runtime/errors.js';

/** The canonical face: x to image right, y up, z to the camera, in cm. */
export interface CanonicalMesh {
  /** 468 x (x, y, z). */
  readonly vertices: Float64Array;
  /** 898 x 3 vertex numbers; eyes and mouth are filled. */
  readonly triangles: Uint16Array;
}

export const CANONICAL_VERTICES = 468;
const CANONICAL_TRIANGLES = 898;

function numbersOf(value: unknown, count: number, name: string, origin: string): number[] {
  if (!Array.isArray(value) || value.length !== count || !value.every((x) => Number.isFinite(x)))
    throw new VigilError(
      'CANONICAL_MESH_INVALID',
      `Expected ${count} finite numbers under "${name}" in ${origin}.`,
      'Build the models again.',
    );
  return value as number[];
}

/**
 * Checks `{"vertices": [468*3], "triangles": [898*3]}`, whatever else it holds. `origin` is for messages.
 * Throws `CANONICAL_MESH_INVALID`.
 */
export function canonicalMeshOf(content: unknown, origin: string): CanonicalMesh {
  const mesh = (typeof content === 'object' && content !== null ? content : {}) as Record<string, unknown>;
  const triangles = numbersOf(mesh['triangles'], CANONICAL_TRIANGLES * 3, 'triangles', origin);
  if (!triangles.every((v) => Number.isInteger(v) && v >= 0 && v < CANONICAL_VERTICES))
    throw new VigilError('CANONICAL_MESH_INVALID', `Expected vertex numbers below 468 in ${origin}.`);
  return {
    vertices: Float64Array.from(numbersOf(mesh['vertices'], CANONICAL_VERTICES * 3, 'vertices', origin)),
    triangles: Uint16Array.from(triangles),
  };
}

/** Reads the JSON that the model build extracts. Throws `CANONICAL_MESH_MISSING` or `CANONICAL_MESH_INVALID`. */
export function readCanonicalMesh(path: string): CanonicalMesh {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new VigilError(
      'CANONICAL_MESH_MISSING',
      `Expected the canonical face mesh as JSON at ${path}: ${messageOf(error)}`,
      'Build the models first.',
      { path },
      { cause: error },
    );
  }
  return canonicalMeshOf(content, path);
}
