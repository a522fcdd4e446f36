import { rotated, type Rotation } from './rotation.js';
import type { Surface } from './surface.js';

/** Per sample: what is seen there, before any colour. Rows from the top. */
export interface SampleBuffer {
  readonly width: number;
  readonly height: number;
  /** 1 / distance along the optical axis, 1/cm; 0 where nothing was hit. */
  readonly inverseDepth: Float32Array;
  readonly material: Uint8Array;
  /** x, y, z in head space where the paint sits. */
  readonly reference: Float32Array;
  /** x, y, z in camera axes, not normalised. */
  readonly normal: Float32Array;
}

/** Pinhole at the origin looking along -z. */
export interface Placement {
  readonly rotation: Rotation;
  /** Fixed point of the rotation, head space, cm. */
  readonly pivot: readonly [number, number, number];
  /** Where head space's origin lies when not rotated, camera axes, cm. */
  readonly translation: readonly [number, number, number];
  /** Focal length in samples. */
  readonly focalLength: number;
}

export function newSampleBuffer(width: number, height: number): SampleBuffer {
  const samples = width * height;
  return {
    width,
    height,
    inverseDepth: new Float32Array(samples),
    material: new Uint8Array(samples),
    reference: new Float32Array(samples * 3),
    normal: new Float32Array(samples * 3),
  };
}

export function clearSampleBuffer(buffer: SampleBuffer): void {
  buffer.inverseDepth.fill(0);
  buffer.material.fill(0);
}

interface ScreenVertex {
  /** x, y in samples and 1/depth, per vertex. */
  readonly screen: Float64Array;
  readonly normals: Float64Array;
}

function project(surface: Surface, at: Placement, width: number, height: number): ScreenVertex {
  const screen = new Float64Array(surface.positions.length);
  const normals = new Float64Array(surface.positions.length);
  const [px, py, pz] = at.pivot;
  for (let v = 0; v < screen.length; v += 3) {
    const p = rotated(
      at.rotation,
      surface.positions[v] - px,
      surface.positions[v + 1] - py,
      surface.positions[v + 2] - pz,
    );
    const inverse = -1 / (p[2] + pz + at.translation[2]);
    screen[v] = width / 2 + at.focalLength * (p[0] + px + at.translation[0]) * inverse;
    screen[v + 1] = height / 2 - at.focalLength * (p[1] + py + at.translation[1]) * inverse;
    screen[v + 2] = inverse;
    normals.set(rotated(at.rotation, surface.normals[v], surface.normals[v + 1], surface.normals[v + 2]), v);
  }
  return { screen, normals };
}

/**
 * Draws a surface into the buffer with a depth test, back faces left out. Attributes are interpolated
 * perspective-correctly; a sample belongs to a triangle when its centre lies inside.
 */
export function rasterise(buffer: SampleBuffer, surface: Surface, placement: Placement): void {
  const { width, height } = buffer;
  const { screen, normals } = project(surface, placement, width, height);
  for (let k = 0; k < surface.triangles.length; k += 3) {
    const [a, b, c] = [surface.triangles[k] * 3, surface.triangles[k + 1] * 3, surface.triangles[k + 2] * 3];
    const [ax, ay, az] = [screen[a], screen[a + 1], screen[a + 2]];
    const [bx, by, bz] = [screen[b], screen[b + 1], screen[b + 2]];
    const [cx, cy, cz] = [screen[c], screen[c + 1], screen[c + 2]];
    if (az <= 0 || bz <= 0 || cz <= 0) continue;
    // Screen y points down: counter-clockwise triangles have a negative signed area here.
    const area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay);
    if (area >= 0) continue;
    const x0 = Math.max(0, Math.ceil(Math.min(ax, bx, cx) - 0.5));
    const x1 = Math.min(width - 1, Math.floor(Math.max(ax, bx, cx) - 0.5));
    const y0 = Math.max(0, Math.ceil(Math.min(ay, by, cy) - 0.5));
    const y1 = Math.min(height - 1, Math.floor(Math.max(ay, by, cy) - 0.5));
    const material = surface.materials[k / 3];
    for (let y = y0; y <= y1; y++)
      for (let x = x0; x <= x1; x++) {
        const sx = x + 0.5;
        const sy = y + 0.5;
        const wb = ((sx - ax) * (cy - ay) - (cx - ax) * (sy - ay)) / area;
        const wc = ((bx - ax) * (sy - ay) - (sx - ax) * (by - ay)) / area;
        const wa = 1 - wb - wc;
        if (wa < 0 || wb < 0 || wc < 0) continue;
        const inverse = wa * az + wb * bz + wc * cz;
        const i = y * width + x;
        if (inverse <= buffer.inverseDepth[i]) continue;
        buffer.inverseDepth[i] = inverse;
        buffer.material[i] = material;
        const [pa, pb, pc] = [(wa * az) / inverse, (wb * bz) / inverse, (wc * cz) / inverse];
        for (let axis = 0; axis < 3; axis++) {
          buffer.reference[i * 3 + axis] =
            pa * surface.reference[a + axis] +
            pb * surface.reference[b + axis] +
            pc * surface.reference[c + axis];
          buffer.normal[i * 3 + axis] =
            pa * normals[a + axis] + pb * normals[b + axis] + pc * normals[c + axis];
        }
      }
  }
}
