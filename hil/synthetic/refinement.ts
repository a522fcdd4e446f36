import { vertexNormals } from './surface.js';

/** How far edge points leave the straight edge for the curved one (Phong tessellation, Boubekeur and Alexa 2008). */
const CURVATURE = 0.75;

/** Splits every triangle into four; the given vertices stay where they are, so landmarks keep their places. */
export class Refinement {
  readonly triangles: Uint16Array;
  /** Parent edge (two vertex numbers) of each added vertex. */
  readonly #edges: Uint16Array;
  readonly #coarse: Uint16Array;

  constructor(coarse: Uint16Array, vertices: number) {
    const middles = new Map<number, number>();
    const edges: number[] = [];
    const middle = (a: number, b: number): number => {
      const key = a < b ? a * 65536 + b : b * 65536 + a;
      let at = middles.get(key);
      if (at === undefined) {
        at = vertices + middles.size;
        middles.set(key, at);
        edges.push(a, b);
      }
      return at;
    };
    const fine: number[] = [];
    for (let k = 0; k < coarse.length; k += 3) {
      const [a, b, c] = [coarse[k], coarse[k + 1], coarse[k + 2]];
      const [ab, bc, ca] = [middle(a, b), middle(b, c), middle(c, a)];
      fine.push(...[a, ab, ca], ...[ab, b, bc], ...[ca, bc, c], ...[ab, bc, ca]);
    }
    this.#coarse = coarse;
    this.#edges = Uint16Array.from(edges);
    this.triangles = Uint16Array.from(fine);
  }

  /** Added vertices halfway along their edges: for whatever the paint refers to. */
  flat(values: Float64Array): Float64Array {
    const out = new Float64Array(values.length + (this.#edges.length / 2) * 3);
    out.set(values);
    for (let e = 0; e < this.#edges.length; e += 2)
      for (let axis = 0; axis < 3; axis++)
        out[values.length + (e / 2) * 3 + axis] =
          (values[this.#edges[e] * 3 + axis] + values[this.#edges[e + 1] * 3 + axis]) / 2;
    return out;
  }

  /** Added vertices pushed out so that the surface bends with its vertex normals. */
  curved(positions: Float64Array): Float64Array {
    const normals = vertexNormals(positions, this.#coarse);
    const out = this.flat(positions);
    for (let e = 0; e < this.#edges.length; e += 2) {
      const [a, b] = [this.#edges[e] * 3, this.#edges[e + 1] * 3];
      let alongA = 0;
      let alongB = 0;
      for (let axis = 0; axis < 3; axis++) {
        const half = (positions[b + axis] - positions[a + axis]) / 2;
        alongA += half * normals[a + axis];
        alongB -= half * normals[b + axis];
      }
      for (let axis = 0; axis < 3; axis++)
        out[positions.length + (e / 2) * 3 + axis] -=
          (CURVATURE * (alongA * normals[a + axis] + alongB * normals[b + axis])) / 2;
    }
    return out;
  }
}
