import { normalised, squared } from './numerics.js';

/** What a surface is made of; the painter chooses colours by it. */
export const Material = { background: 0, face: 1, mouth: 2, head: 3, ear: 4, neck: 5, shirt: 6 } as const;
export type Material = (typeof Material)[keyof typeof Material];

/** Triangles in head space (cm). `reference` is where the paint sits: it does not move with the jaw. */
export interface Surface {
  readonly positions: Float64Array;
  readonly reference: Float64Array;
  readonly normals: Float64Array;
  readonly triangles: Uint16Array;
  /** One `Material` per triangle. */
  readonly materials: Uint8Array;
  /** Follows the head's rotation; neck and shoulders do not. */
  readonly turnsWithHead: boolean;
}

/** Area-weighted vertex normals, pointing outward for counter-clockwise triangles. */
export function vertexNormals(positions: Float64Array, triangles: Uint16Array): Float64Array {
  const sum = new Float64Array(positions.length);
  for (let k = 0; k < triangles.length; k += 3) {
    const [a, b, c] = [triangles[k] * 3, triangles[k + 1] * 3, triangles[k + 2] * 3];
    const ux = positions[b] - positions[a];
    const uy = positions[b + 1] - positions[a + 1];
    const uz = positions[b + 2] - positions[a + 2];
    const vx = positions[c] - positions[a];
    const vy = positions[c + 1] - positions[a + 1];
    const vz = positions[c + 2] - positions[a + 2];
    for (const vertex of [a, b, c]) {
      sum[vertex] += uy * vz - uz * vy;
      sum[vertex + 1] += uz * vx - ux * vz;
      sum[vertex + 2] += ux * vy - uy * vx;
    }
  }
  for (let v = 0; v < sum.length; v += 3) sum.set(normalised(sum[v], sum[v + 1], sum[v + 2]), v);
  return sum;
}

export interface Ellipsoid {
  readonly centre: readonly [number, number, number];
  readonly radii: readonly [number, number, number];
  readonly material: Material;
  readonly turnsWithHead: boolean;
}

/** The eight directions of a regular octahedron's subdivision give an even, trigonometry-free sphere. */
export function ellipsoidSurface(shape: Ellipsoid): Surface {
  const n = 12;
  const positions: number[] = [];
  const triangles: number[] = [];
  for (const sx of [1, -1])
    for (const sy of [1, -1])
      for (const sz of [1, -1]) {
        const first = positions.length / 3;
        const rowStart: number[] = [];
        for (let i = 0; i <= n; i++) {
          rowStart.push(first + (i * (i + 1)) / 2);
          for (let j = 0; j <= i; j++) {
            const d = normalised((sx * (i - j)) / n, (sy * (n - i)) / n, (sz * j) / n);
            for (let axis = 0; axis < 3; axis++)
              positions.push(shape.centre[axis] + d[axis] * shape.radii[axis]);
          }
        }
        const flip = sx * sy * sz < 0;
        const add = (a: number, b: number, c: number) => triangles.push(a, flip ? c : b, flip ? b : c);
        for (let i = 0; i < n; i++)
          for (let j = 0; j <= i; j++) {
            const top = rowStart[i] + j;
            const left = rowStart[i + 1] + j;
            add(top, left + 1, left);
            if (j < i) add(top, top + 1, left + 1);
          }
      }
  const at = Float64Array.from(positions);
  const normals = new Float64Array(at.length);
  for (let v = 0; v < at.length; v += 3) {
    // Gradient of the ellipsoid's implicit form.
    const g = [0, 1, 2].map((axis) => (at[v + axis] - shape.centre[axis]) / squared(shape.radii[axis]));
    normals.set(normalised(g[0], g[1], g[2]), v);
  }
  return {
    positions: at,
    reference: at,
    normals,
    triangles: Uint16Array.from(triangles),
    materials: new Uint8Array(triangles.length / 3).fill(shape.material),
    turnsWithHead: shape.turnsWithHead,
  };
}
