import type { CanonicalMesh } from './canonical-mesh.js';
import { clamp, mix, normalised, smoothstep, squared } from './numerics.js';
import { Refinement } from './refinement.js';
import { Material, vertexNormals, type Surface } from './surface.js';

/** Vertices of the canonical mesh's rim, clockwise as the camera sees them from the forehead's middle. */
const RIM = [
  10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149,
  150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
];
/** Inner lip contours, corner vertices 78 and 308 excluded; element i of one faces element i of the other. */
const INNER_UPPER_LIP = [191, 80, 81, 82, 13, 312, 311, 310, 415];
const INNER_LOWER_LIP = [95, 88, 178, 87, 14, 317, 402, 318, 324];
const INNER_CORNERS = [78, 308];
const LOWER_LIP = [
  ...INNER_LOWER_LIP,
  ...[96, 89, 179, 86, 15, 316, 403, 319, 325, 77, 90, 180, 85, 16, 315, 404, 320, 307],
  ...[146, 91, 181, 84, 17, 314, 405, 321, 375],
];

const SKULL_CENTRE = [0, 2.5, -3.5] as const;
const RINGS = 9;
const HAIR_THICKNESS_CM = 0.9;
/** Drop of the lower lip at full opening, cm. */
const JAW_DROP_CM = 3.4;

/** Height above the hairline in cm (negative: skin) for a point of the head. */
export function hairHeight(x: number, y: number, z: number): number {
  const side = Math.abs(x);
  const front = 7.5 - 0.045 * side * side;
  const line =
    z > -1 ? mix(3.4, front, clamp((z + 1) / 4, 0, 1)) : mix(3.4, -6.5, clamp((-1 - z) / 3.4, 0, 1));
  return y - line;
}

function skullRadius(ux: number, uy: number, uz: number): number {
  const vertical = uy > 0 ? 10.6 : 9;
  return 1 / Math.sqrt(squared(ux / 7.9) + squared(uy / vertical) + squared(uz / 9.8));
}

/** Continues the face's rim backwards over the skull to one point at the back of the head. */
function backOfHead(face: Float64Array): { positions: number[]; triangles: number[] } {
  const positions: number[] = [];
  const triangles: number[] = [];
  const [cx, cy, cz] = SKULL_CENTRE;
  for (let ring = 1; ring < RINGS; ring++) {
    const t = ring / RINGS;
    for (const vertex of RIM) {
      const dx = face[vertex * 3] - cx;
      const dy = face[vertex * 3 + 1] - cy;
      const dz = face[vertex * 3 + 2] - cz;
      const startRadius = Math.sqrt(dx * dx + dy * dy + dz * dz);
      const across = normalised(dx, dy, 0);
      const a = ((1 - t) * (1 - t)) / startRadius;
      const b = 2 * t * (1 - t);
      const u = normalised(dx * a + across[0] * b, dy * a + across[1] * b, dz * a - t * t);
      let radius = mix(startRadius, skullRadius(u[0], u[1], u[2]), smoothstep(0, 0.4, t));
      const height = hairHeight(u[0] * radius + cx, u[1] * radius + cy, u[2] * radius + cz);
      radius += HAIR_THICKNESS_CM * smoothstep(0, 1.6, height);
      positions.push(cx + u[0] * radius, cy + u[1] * radius, cz + u[2] * radius);
    }
  }
  positions.push(cx, cy, cz - skullRadius(0, 0, -1) - HAIR_THICKNESS_CM);
  const n = RIM.length;
  const at = (ring: number, i: number) =>
    ring === 0 ? RIM[i % n] : face.length / 3 + (ring - 1) * n + (i % n);
  const pole = (face.length + positions.length) / 3 - 1;
  for (let i = 0; i < n; i++) {
    for (let ring = 0; ring < RINGS - 1; ring++)
      triangles.push(
        ...[at(ring, i), at(ring, i + 1), at(ring + 1, i)],
        ...[at(ring, i + 1), at(ring + 1, i + 1), at(ring + 1, i)],
      );
    triangles.push(at(RINGS - 1, i), at(RINGS - 1, i + 1), pole);
  }
  return { positions, triangles };
}

/** The head: the canonical face in front, a skull with hair behind it, a jaw that opens. */
export class Head {
  readonly #rest: Float64Array;
  readonly #reference: Float64Array;
  readonly #refinement: Refinement;
  readonly #materials: Uint8Array;
  /** Lips brought together: what is shown at mouth opening 0. */
  readonly #closed: Float64Array;
  /** Share of the jaw's drop that each vertex takes. */
  readonly #jawShare: Float64Array;

  constructor(mesh: CanonicalMesh) {
    const back = backOfHead(mesh.vertices);
    this.#rest = Float64Array.from([...mesh.vertices, ...back.positions]);
    const triangles = Uint16Array.from([...mesh.triangles, ...back.triangles]);
    this.#refinement = new Refinement(triangles, this.#rest.length / 3);
    this.#reference = this.#refinement.flat(this.#rest);
    const inner = new Set([...INNER_UPPER_LIP, ...INNER_LOWER_LIP, ...INNER_CORNERS]);
    this.#materials = new Uint8Array(this.#refinement.triangles.length / 3).fill(Material.head);
    for (let k = 0; k < mesh.triangles.length / 3; k++) {
      const isMouth = [0, 1, 2].every((corner) => inner.has(mesh.triangles[k * 3 + corner]));
      this.#materials.fill(isMouth ? Material.mouth : Material.face, k * 4, k * 4 + 4);
    }
    this.#closed = this.#withClosedLips();
    this.#jawShare = this.#jawShares(mesh.vertices.length / 3);
  }

  #withClosedLips(): Float64Array {
    const closed = this.#rest.slice();
    for (let i = 0; i < INNER_UPPER_LIP.length; i++) {
      const [upper, lower] = [INNER_UPPER_LIP[i] * 3, INNER_LOWER_LIP[i] * 3];
      for (let axis = 0; axis < 3; axis++) {
        const middle = (this.#rest[upper + axis] + this.#rest[lower + axis]) / 2;
        closed[upper + axis] = middle;
        closed[lower + axis] = middle;
      }
    }
    return closed;
  }

  #jawShares(faceVertices: number): Float64Array {
    const shares = new Float64Array(this.#rest.length / 3);
    const mouthY = this.#rest[61 * 3 + 1];
    const halfWidth = this.#rest[291 * 3];
    for (let v = 0; v < shares.length; v++) {
      const [x, y, z] = [this.#rest[v * 3], this.#rest[v * 3 + 1], this.#rest[v * 3 + 2]];
      const below = smoothstep(0, 3.6, mouthY - y) * clamp(1.25 - Math.abs(x) / 7.7, 0, 1);
      const behind = v < faceVertices ? 1 : smoothstep(-4, 4, z);
      shares[v] = below * behind;
    }
    for (const v of LOWER_LIP) {
      const u = this.#rest[v * 3] / halfWidth;
      shares[v] = Math.max(shares[v], Math.sqrt(clamp(1 - u * u, 0, 1)));
    }
    return shares;
  }

  /** The head with the jaw dropped by `mouthOpening` (0 to 1). */
  surface(mouthOpening: number): Surface {
    const positions = this.#closed.slice();
    for (let v = 0; v < this.#jawShare.length; v++) {
      const drop = mouthOpening * JAW_DROP_CM * this.#jawShare[v];
      positions[v * 3 + 1] -= drop;
      // The jaw swings on its hinge: what goes down also goes back a little.
      positions[v * 3 + 2] -= 0.25 * drop;
    }
    const fine = this.#refinement.curved(positions);
    return {
      positions: fine,
      reference: this.#reference,
      normals: vertexNormals(fine, this.#refinement.triangles),
      triangles: this.#refinement.triangles,
      materials: this.#materials,
      turnsWithHead: true,
    };
  }
}
