import { readFileSync } from 'node:fs';
import { requireModel } from '../runtime/models.js';

/** The rest shape that head pose is fitted to, as the addon wants it. */
export interface CanonicalFace {
  /** 468 x (x, y, z), cm: x to image right, y up, z towards the camera. */
  readonly vertices: Float64Array;
  /** Pairs of landmark index and weight. */
  readonly anchors: Float64Array;
}

interface CanonicalFaceFile {
  vertices: number[];
  procrustes: { index: number; weight: number }[];
}

/** @throws VigilError `MODEL_NOT_BUILT`, `MODEL_HASH_MISMATCH` */
export function loadCanonicalFace(): CanonicalFace {
  const { path } = requireModel('canonical_face_mesh');
  const file = JSON.parse(readFileSync(path, 'utf8')) as CanonicalFaceFile;
  return {
    vertices: Float64Array.from(file.vertices),
    anchors: Float64Array.from(file.procrustes.flatMap(({ index, weight }) => [index, weight])),
  };
}
