import type { CanonicalMesh } from './canonical-mesh.js';
import { bell, clamp, mix, normalised, sinCosDeg, smoothstep, squared, type Vec3 } from './numerics.js';

/** Linear light, red, green, blue. */
export type Rgb = readonly [number, number, number];

const BALL_RADIUS_CM = 1.25;
const IRIS_RADIUS_CM = 0.6;
const PUPIL_RADIUS_CM = 0.24;
/** Lid margins of the open eye above and below the line through its corners, cm. */
const OPEN_UPPER_CM = 0.5;
const OPEN_LOWER_CM = 0.36;
const CREASE_CM = 0.3;
/**
 * How far the lids go along with a gaze that goes down, of the way of the ball's front. The upper lid rests on the ball
 * and follows nearly all of it, the lower one half as far: 40 degrees down take a third of the opening, as in people.
 */
const UPPER_FOLLOWS = 0.75;
const LOWER_FOLLOWS = 0.37;

const SCLERA: Rgb = [0.66, 0.62, 0.6];
const IRIS: Rgb = [0.09, 0.05, 0.03];
const CARUNCLE: Rgb = [0.45, 0.2, 0.17];

/** Height profile of a lid margin between the corners, 0 to 1 to 0: rounder than a parabola. */
function lidProfile(s: number): number {
  const parabola = clamp(4 * s * (1 - s), 0, 1);
  return mix(parabola, Math.sqrt(parabola), 0.45);
}

/** One sample of the eye region. Lengths in cm, heights positive up. */
export interface LidPoint {
  /** 0 at the inner corner, 1 at the outer, beyond them outside. */
  readonly s: number;
  /** Height above the upper lid margin; negative in the opening and below. */
  readonly aboveUpper: number;
  /** Height above the lower lid margin. */
  readonly aboveLower: number;
  /** Height above the fold of the open lid. */
  readonly aboveCrease: number;
}

/** One eye: a ball behind two lid margins. Its paint lies on the canonical face around the eye. */
export class Eye {
  readonly #side: 1 | -1;
  readonly #inner: Vec3;
  readonly #outer: Vec3;
  readonly centre: Vec3;
  #closure = 0;
  /** Way of the ball's front down, cm, as far as the lids follow it. */
  #lowered = 0;
  #gaze: Vec3 = [0, 0, 1];

  /** `side` +1 is the driver's left eye (image right). */
  constructor(mesh: CanonicalMesh, side: 1 | -1) {
    const at = (v: number): Vec3 => [
      mesh.vertices[v * 3],
      mesh.vertices[v * 3 + 1],
      mesh.vertices[v * 3 + 2],
    ];
    this.#side = side;
    this.#inner = at(side > 0 ? 362 : 133);
    this.#outer = at(side > 0 ? 263 : 33);
    const lid = at(side > 0 ? 386 : 159);
    this.centre = [
      (this.#inner[0] + this.#outer[0]) / 2 - side * 0.05,
      (this.#inner[1] + this.#outer[1]) / 2,
      lid[2] + 0.04 - BALL_RADIUS_CM,
    ];
  }

  /** @param follow 0 to 1: share of their way down that the lids go with the gaze */
  aim(closure: number, azimuthDeg: number, elevationDeg: number, follow = 0): void {
    this.#closure = clamp(closure, 0, 1);
    const azimuth = sinCosDeg(azimuthDeg);
    const elevation = sinCosDeg(elevationDeg);
    this.#lowered = follow * BALL_RADIUS_CM * Math.max(0, -elevation.sin);
    this.#gaze = [azimuth.sin * elevation.cos, elevation.sin, azimuth.cos * elevation.cos];
  }

  /** 0 to 1, how far the upper lid has come down. */
  get closure(): number {
    return this.#closure;
  }

  /** Where a point of the face lies between the lids, or undefined when it is far from this eye. */
  lidPoint(x: number, y: number): LidPoint | undefined {
    const s = (x - this.#inner[0]) / (this.#outer[0] - this.#inner[0]);
    if (s < -0.6 || s > 1.6) return undefined;
    const axis = mix(this.#inner[1], this.#outer[1], s);
    const profile = lidProfile(s);
    const lowerOpen = -(OPEN_LOWER_CM + LOWER_FOLLOWS * this.#lowered) * profile;
    const lower = lowerOpen + 0.1 * OPEN_LOWER_CM * profile * this.#closure;
    const upper = mix((OPEN_UPPER_CM - UPPER_FOLLOWS * this.#lowered) * profile, lower, this.#closure);
    const crease = (OPEN_UPPER_CM + CREASE_CM) * lidProfile(clamp(mix(0.1, 0.9, s), 0, 1)) - 0.1;
    const height = y - axis;
    return { s, aboveUpper: height - upper, aboveLower: height - lower, aboveCrease: height - crease };
  }

  /** Area between the lid margins over the open eye's, 0 to 1; exact, for tests of the command. */
  openShare(): number {
    let area = 0;
    let open = 0;
    for (let i = 0; i < 64; i++) {
      const s = (i + 0.5) / 64;
      const x = mix(this.#inner[0], this.#outer[0], s);
      const point = this.lidPoint(x, 0);
      area += Math.max(0, (point?.aboveLower ?? 0) - (point?.aboveUpper ?? 0));
      open += (OPEN_UPPER_CM + OPEN_LOWER_CM) * lidProfile(s);
    }
    return area / open;
  }

  /** Outward direction of the ball, and of the lid over it, nearest to a point of head space. */
  bulge(x: number, y: number, z: number): Vec3 {
    return normalised(x - this.centre[0], y - this.centre[1], z - this.centre[2]);
  }

  /**
   * What the ball shows along the ray from `from` through `through` (head space): colour without light, the
   * surface's direction, and how wet it glistens.
   */
  ball(from: Vec3, through: Vec3, point: LidPoint): { colour: Rgb; normal: Vec3; wet: number } {
    const d = normalised(through[0] - from[0], through[1] - from[1], through[2] - from[2]);
    const o: Vec3 = [from[0] - this.centre[0], from[1] - this.centre[1], from[2] - this.centre[2]];
    const along = o[0] * d[0] + o[1] * d[1] + o[2] * d[2];
    const miss = o[0] * o[0] + o[1] * o[1] + o[2] * o[2] - along * along;
    const reach = -along - Math.sqrt(Math.max(0, BALL_RADIUS_CM * BALL_RADIUS_CM - miss));
    const hit: Vec3 = [o[0] + d[0] * reach, o[1] + d[1] * reach, o[2] + d[2] * reach];
    const normal = normalised(hit[0], hit[1], hit[2]);
    const g = this.#gaze;
    const away = Math.sqrt(squared(normal[0] - g[0]) + squared(normal[1] - g[1]) + squared(normal[2] - g[2]));
    const radius = away * BALL_RADIUS_CM;
    const iris = 1 - smoothstep(IRIS_RADIUS_CM - 0.05, IRIS_RADIUS_CM + 0.04, radius);
    const pupil = 1 - smoothstep(PUPIL_RADIUS_CM - 0.04, PUPIL_RADIUS_CM + 0.04, radius);
    // Brighter ring around the pupil, dark limbus.
    const ring = 1 + 1.2 * bell(squared((radius - 0.38) / 0.2));
    const corner = smoothstep(0.12, 0.02, point.s) * 0.9;
    const pink = 0.35 * (smoothstep(0.35, 0, point.s) + smoothstep(0.75, 1, point.s));
    // The upper lid and its lashes shade the ball under them.
    const shade =
      mix(0.45, 1, smoothstep(0, 0.3, -point.aboveUpper)) *
      mix(0.8, 1, smoothstep(0, 0.12, point.aboveLower));
    const colour = [0, 1, 2].map((i) => {
      const white = mix(mix(SCLERA[i], CARUNCLE[i], clamp(pink, 0, 1) * 0.6), CARUNCLE[i], corner);
      return mix(white, IRIS[i] * ring * (1 - 0.92 * pupil), iris * (1 - corner)) * shade;
    }) as [number, number, number];
    return { colour, normal, wet: 0.5 * (1 - corner) };
  }

  /** The driver's left is +1. */
  get side(): 1 | -1 {
    return this.#side;
  }
}
