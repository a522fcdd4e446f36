import type { CanonicalMesh } from './canonical-mesh.js';
import { Eye, type Rgb } from './eye.js';
import { checkPose, type FacePose } from './face-pose.js';
import { Head } from './head.js';
import { lit } from './light.js';
import { clamp, hash2, mix, normalised, smoothstep, type Vec3 } from './numerics.js';
import {
  clearSampleBuffer,
  newSampleBuffer,
  rasterise,
  type Placement,
  type SampleBuffer,
} from './raster.js';
import { headRotation, noRotation, rotated, rotatedBack, type Rotation } from './rotation.js';
import { Skin } from './skin.js';
import { ellipsoidSurface, Material, type Ellipsoid, type Surface } from './surface.js';

/** 8-bit RGB, rows from the top, no padding. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

export interface RendererOptions {
  /** Default 640. */
  readonly width?: number;
  /** Default 480. */
  readonly height?: number;
  /** Seed of the skin's and hair's irregularities: another seed, another driver's skin. */
  readonly skinSeed?: number;
}

/** Samples per pixel along each axis. */
const SUPERSAMPLING = 2;
/** Focal length over image width: 50 degrees of horizontal view. */
const FOCAL_PER_WIDTH = 1.0723;
/** The head turns about the top of the neck. */
const PIVOT: Vec3 = [0, -3, -4];

const BODY_SHAPES: readonly Ellipsoid[] = [
  { centre: [8, 0.6, -4.2], radii: [0.8, 3, 1.6], material: Material.ear, turnsWithHead: true },
  { centre: [-8, 0.6, -4.2], radii: [0.8, 3, 1.6], material: Material.ear, turnsWithHead: true },
  { centre: [0, -13, -4.5], radii: [6.2, 13, 5.8], material: Material.neck, turnsWithHead: false },
  { centre: [0, -27, -6], radii: [23, 12, 9], material: Material.shirt, turnsWithHead: false },
];
const BODY: readonly Surface[] = BODY_SHAPES.map(ellipsoidSurface);

/** Draws the synthetic driver. Same pose and options, same bytes. Buffers are kept between frames. */
export class FaceRenderer {
  readonly #width: number;
  readonly #height: number;
  readonly #head: Head;
  readonly #skin: Skin;
  readonly #leftEye: Eye;
  readonly #rightEye: Eye;
  readonly #samples: SampleBuffer;

  constructor(mesh: CanonicalMesh, options: RendererOptions = {}) {
    this.#width = options.width ?? 640;
    this.#height = options.height ?? 480;
    this.#head = new Head(mesh);
    this.#skin = new Skin(mesh, options.skinSeed ?? 1);
    this.#leftEye = new Eye(mesh, 1);
    this.#rightEye = new Eye(mesh, -1);
    this.#samples = newSampleBuffer(this.#width * SUPERSAMPLING, this.#height * SUPERSAMPLING);
  }

  /** Throws `INVALID_ARGUMENT` for a pose out of range. */
  render(pose: FacePose): RgbImage {
    checkPose(pose);
    const { eyelidClosure, gazeAzimuthDeg, gazeElevationDeg, lidsFollowGaze } = pose;
    this.#leftEye.aim(eyelidClosure.left, gazeAzimuthDeg, gazeElevationDeg, lidsFollowGaze);
    this.#rightEye.aim(eyelidClosure.right, gazeAzimuthDeg, gazeElevationDeg, lidsFollowGaze);
    const rotation = headRotation(pose);
    const translation: Vec3 = [pose.offsetXCm, pose.offsetYCm, -pose.distanceCm];
    clearSampleBuffer(this.#samples);
    for (const surface of [this.#head.surface(pose.mouthOpening), ...BODY]) {
      const placement: Placement = {
        rotation: surface.turnsWithHead ? rotation : noRotation,
        pivot: PIVOT,
        translation,
        focalLength: FOCAL_PER_WIDTH * this.#samples.width,
      };
      rasterise(this.#samples, surface, placement);
    }
    const back = rotatedBack(
      rotation,
      -PIVOT[0] - translation[0],
      -PIVOT[1] - translation[1],
      -PIVOT[2] - translation[2],
    );
    const camera: Vec3 = [back[0] + PIVOT[0], back[1] + PIVOT[1], back[2] + PIVOT[2]];
    return this.#resolve(pose, rotation, camera);
  }

  /** Averages the samples of each pixel in linear light, adds noise, encodes with gamma 2. */
  #resolve(pose: FacePose, rotation: Rotation, camera: Vec3): RgbImage {
    const data = new Uint8Array(this.#width * this.#height * 3);
    const gain = pose.lightingGain / (SUPERSAMPLING * SUPERSAMPLING);
    for (let y = 0; y < this.#height; y++)
      for (let x = 0; x < this.#width; x++) {
        const sum = [0, 0, 0];
        for (let sub = 0; sub < SUPERSAMPLING * SUPERSAMPLING; sub++) {
          const sx = x * SUPERSAMPLING + (sub % SUPERSAMPLING);
          const sy = y * SUPERSAMPLING + Math.floor(sub / SUPERSAMPLING);
          const colour = this.#shade(sx, sy, rotation, camera);
          for (let i = 0; i < 3; i++) sum[i] += colour[i];
        }
        const pixel = (y * this.#width + x) * 3;
        for (let i = 0; i < 3; i++) {
          const grain = pose.noise > 0 ? pose.noise * grainAt(pixel + i, pose.noiseSeed) : 0;
          data[pixel + i] = clamp(Math.round(255 * Math.sqrt(clamp(sum[i] * gain, 0, 1)) + grain), 0, 255);
        }
      }
    return { width: this.#width, height: this.#height, data };
  }

  #shade(sx: number, sy: number, rotation: Rotation, camera: Vec3): Rgb {
    const buffer = this.#samples;
    const i = sy * buffer.width + sx;
    const material = buffer.material[i] as Material;
    const [x, y, z] = [buffer.reference[i * 3], buffer.reference[i * 3 + 1], buffer.reference[i * 3 + 2]];
    const normal = normalised(buffer.normal[i * 3], buffer.normal[i * 3 + 1], buffer.normal[i * 3 + 2]);
    switch (material) {
      case Material.background:
        return background(sx / buffer.width, sy / buffer.height);
      case Material.face:
        return this.#shadeFace([x, y, z], normal, rotation, camera);
      case Material.mouth:
        return lit(this.#skin.mouthInside(x, y), normal, 0, false);
      case Material.head:
        return lit(this.#skin.head(x, y, z), normal, 0.02, false);
      case Material.ear:
        return lit(this.#skin.bare(x, y, z), normal, 0.03, false);
      case Material.neck: {
        // The chin's shadow falls on the neck.
        const c = this.#skin.bare(x, y, z);
        const shadow = mix(0.35, 0.8, smoothstep(-10, -16, y));
        return lit([c[0] * shadow, c[1] * shadow, c[2] * shadow], normal, 0, false);
      }
      case Material.shirt:
        return lit(this.#skin.shirt(x, y), normal, 0, false);
    }
  }

  #shadeFace(at: Vec3, normal: Vec3, rotation: Rotation, camera: Vec3): Rgb {
    const [x, y, z] = at;
    const eye = x > 0 ? this.#leftEye : this.#rightEye;
    const point = Math.abs(y - eye.centre[1]) < 1.6 ? eye.lidPoint(x, y) : undefined;
    if (point === undefined) return lit(this.#skin.face(x, y, z), normal, 0.045, false);
    if (point.s > 0 && point.s < 1 && point.aboveUpper < 0 && point.aboveLower > 0) {
      const ball = eye.ball(camera, at, point);
      const n = rotated(rotation, ball.normal[0], ball.normal[1], ball.normal[2]);
      const base = lit(ball.colour, n, ball.wet, true);
      return this.#skin.lid(base, eye, point);
    }
    const colour = this.#skin.lid(this.#skin.face(x, y, z), eye, point);
    // Lids follow the ball's curve.
    const onLid =
      smoothstep(-0.15, 0.2, point.s) *
      smoothstep(1.15, 0.8, point.s) *
      (point.aboveUpper >= 0
        ? smoothstep(0.2, -0.1, point.aboveCrease)
        : smoothstep(-0.45, -0.05, point.aboveLower));
    const b = eye.bulge(x, y, z);
    const bn = rotated(rotation, b[0], b[1], b[2]);
    const share = 0.65 * onLid;
    const n = normalised(
      mix(normal[0], bn[0], share),
      mix(normal[1], bn[1], share),
      mix(normal[2], bn[2], share),
    );
    return lit(colour, n, 0.03, false);
  }
}

/** A plain cabin wall, lighter to the window. */
function background(u: number, v: number): Rgb {
  const level = 0.16 + 0.12 * u - 0.06 * v;
  return [level * 0.95, level, level * 1.08];
}

/** Near-Gaussian (three uniforms), zero mean, unit deviation. */
function grainAt(index: number, seed: number): number {
  const sum = hash2(index, 1, seed) + hash2(index, 2, seed) + hash2(index, 3, seed);
  return (sum - 1.5) * 2;
}
