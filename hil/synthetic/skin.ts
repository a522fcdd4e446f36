import type { CanonicalMesh } from './canonical-mesh.js';
import type { Eye, LidPoint, Rgb } from './eye.js';
import { hairHeight } from './head.js';
import { bell, clamp, mix, smoothstep, squared, valueNoise } from './numerics.js';

const SKIN: Rgb = [0.56, 0.335, 0.235];
const BLUSH: Rgb = [0.5, 0.23, 0.17];
const LIPS: Rgb = [0.4, 0.145, 0.125];
const LASH: Rgb = [0.022, 0.016, 0.014];
const HAIR: Rgb = [0.04, 0.026, 0.018];
const MOUTH_INSIDE: Rgb = [0.05, 0.014, 0.012];
const TEETH: Rgb = [0.55, 0.5, 0.42];
const SHIRT: Rgb = [0.06, 0.09, 0.14];

const OUTER_LIP = [61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146];
/** Lower and upper edge of a brow from the nose outwards, driver's right; the left one mirrors it. */
const BROW_LOWER = [55, 65, 52, 53, 46];
const BROW_UPPER = [107, 66, 105, 63, 70];

function mixed(a: Rgb, b: Rgb, share: number): Rgb {
  return [mix(a[0], b[0], share), mix(a[1], b[1], share), mix(a[2], b[2], share)];
}

function scaled(a: Rgb, gain: number): Rgb {
  return [a[0] * gain, a[1] * gain, a[2] * gain];
}

interface Polyline {
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** Height of a polyline with ascending x; undefined outside. */
function heightAt(line: Polyline, x: number): number | undefined {
  for (let i = 0; i + 1 < line.x.length; i++)
    if (x >= line.x[i] && x <= line.x[i + 1])
      return mix(line.y[i], line.y[i + 1], (x - line.x[i]) / (line.x[i + 1] - line.x[i]));
  return undefined;
}

/** Signed distance to a closed polygon, negative inside. */
function polygonDistance(line: Polyline, px: number, py: number): number {
  let best = Infinity;
  let inside = false;
  const n = line.x.length;
  for (let i = 0, j = n - 1; i < n; j = i++) {
    const [ax, ay, bx, by] = [line.x[j], line.y[j], line.x[i], line.y[i]];
    const [dx, dy] = [bx - ax, by - ay];
    const u = clamp(((px - ax) * dx + (py - ay) * dy) / (dx * dx + dy * dy), 0, 1);
    best = Math.min(best, squared(px - ax - u * dx) + squared(py - ay - u * dy));
    if (ay > py !== by > py && px < ax + ((py - ay) / (by - ay)) * dx) inside = !inside;
  }
  return inside ? -Math.sqrt(best) : Math.sqrt(best);
}

/** Colours of the driver's surfaces, without light, from where a sample lies in head space. */
export class Skin {
  readonly #lips: Polyline;
  readonly #browLower: Polyline;
  readonly #browUpper: Polyline;
  readonly #seed: number;

  constructor(mesh: CanonicalMesh, seed: number) {
    const pick = (vertices: readonly number[], mirror = 1): Polyline => ({
      x: vertices.map((v) => mirror * mesh.vertices[v * 3]),
      y: vertices.map((v) => mesh.vertices[v * 3 + 1]),
    });
    this.#lips = pick(OUTER_LIP);
    this.#browLower = pick(BROW_LOWER, -1);
    this.#browUpper = pick(BROW_UPPER, -1);
    this.#seed = seed;
  }

  /** Bare skin with its irregularities, for neck and ears as well. */
  bare(x: number, y: number, z: number): Rgb {
    const n = this.#seed;
    const mottle =
      0.05 * valueNoise(x * 0.7 + z, y * 0.7, n) +
      0.035 * valueNoise(x * 2.3, y * 2.3 + z, n + 1) +
      0.05 * valueNoise(x * 7.1 + z * 5, y * 7.1, n + 2);
    return scaled(SKIN, 1 + mottle);
  }

  hair(x: number, y: number, z: number): Rgb {
    const strands =
      valueNoise(x * 5, (y + z) * 1.1, this.#seed + 3) + valueNoise(x * 13, (y + z) * 2, this.#seed + 4);
    return scaled(HAIR, 1 + 0.4 * strands);
  }

  shirt(x: number, y: number): Rgb {
    return scaled(SHIRT, 1 + 0.15 * valueNoise(x * 3, y * 3, this.#seed + 5));
  }

  /** Skin, or hair where the hairline is passed. */
  head(x: number, y: number, z: number): Rgb {
    const ragged = hairHeight(x, y, z) + 0.35 * valueNoise(x * 3, z * 3 + y, this.#seed + 6);
    return mixed(this.bare(x, y, z), this.hair(x, y, z), smoothstep(-0.3, 0.5, ragged));
  }

  mouthInside(x: number, y: number): Rgb {
    const teeth = smoothstep(-4.16, -4.08, y) * smoothstep(2, 1.5, Math.abs(x));
    return mixed(MOUTH_INSIDE, TEETH, 0.8 * teeth);
  }

  /** The painted face; eyes and lids come on top (see `lid`). */
  face(x: number, y: number, z: number): Rgb {
    const side = Math.abs(x);
    let colour = this.head(x, y, z);
    const blush =
      0.5 * bell(squared((side - 4.3) / 2.6) + squared((y + 1.2) / 2.4)) +
      0.45 * bell(squared(x / 1.6) + squared((y + 0.9) / 1.5));
    colour = mixed(colour, BLUSH, blush * 0.6);
    // Sockets, sides of the nose, fold from the nose to the mouth, under the lip.
    const hollow =
      0.38 * bell(squared((side - 1.75) / 1) + squared((y - 3.1) / 1.15)) +
      0.2 * bell(squared((side - 3.2) / 2) + squared((y - 3.45) / 0.8)) +
      0.16 * bell(squared((side - 3.1) / 1.8) + squared((y - 1.7) / 0.7)) +
      0.3 * bell(squared((side - 1.75) / 0.5) + squared((y + 1.6) / 1)) +
      0.2 * bell(squared((side - 2.75 + (y + 2.9) * 0.45) / 0.4) + squared((y + 2.9) / 1.6)) +
      0.25 * bell(squared(x / 1.7) + squared((y + 6.1) / 0.55)) +
      0.25 * bell(squared(x / 1.6) + squared((y + 2.65) / 0.6));
    colour = scaled(colour, 1 - clamp(hollow, 0, 0.6));
    const nostril = bell(squared((side - 0.78) / 0.62) + squared((y + 2.02 - 0.12 * side) / 0.3));
    colour = mixed(colour, [0.05, 0.02, 0.016], clamp(1.5 * nostril, 0, 0.92));
    colour = this.#withBrow(colour, x, y);
    return this.#withLips(colour, x, y);
  }

  #withBrow(colour: Rgb, x: number, y: number): Rgb {
    const side = Math.abs(x);
    const lower = heightAt(this.#browLower, side);
    const upper = heightAt(this.#browUpper, side);
    if (lower === undefined || upper === undefined) return colour;
    const u = (y - lower) / (upper - lower);
    const ends = smoothstep(this.#browLower.x[0], 2.1, side) * smoothstep(this.#browLower.x[4], 4.2, side);
    const hairs = 0.8 + 0.3 * valueNoise(x * 6 + y * 5, y * 2.5 - x, this.#seed + 7);
    const cover = bell(squared((u - 0.45) / 0.75)) * ends * hairs;
    return mixed(colour, HAIR, clamp(1.25 * cover, 0, 0.9));
  }

  #withLips(colour: Rgb, x: number, y: number): Rgb {
    if (Math.abs(x) > 3 || y > -2.8 || y < -6) return colour;
    const distance = polygonDistance(this.#lips, x, y);
    const inside = smoothstep(0.12, -0.1, distance);
    const texture = 1 + 0.12 * valueNoise(x * 9, y * 1.5, this.#seed + 8);
    let lips = scaled(mixed(LIPS, SKIN, y < -4.3 ? 0.18 : 0), texture);
    // The parting line; the reference contours of the inner lips lie around -4.27.
    const parting = bell(squared((y + 4.27) / 0.42)) * smoothstep(2.6, 2.2, Math.abs(x));
    lips = mixed(lips, MOUTH_INSIDE, 0.75 * parting);
    return mixed(colour, lips, inside * 0.9);
  }

  /** Lids and lashes over the painted face at one point of the eye region outside the opening. */
  lid(colour: Rgb, eye: Eye, p: LidPoint): Rgb {
    const along = smoothstep(-0.12, 0.1, p.s) * smoothstep(1.15, 0.95, p.s);
    // The lid's own skin is thinner: a little redder and darker.
    const upperLid = along * smoothstep(-0.05, 0.05, p.aboveUpper) * smoothstep(0.15, -0.1, p.aboveCrease);
    let out = mixed(colour, BLUSH, 0.3 * upperLid);
    const crease =
      bell(squared(p.aboveCrease / 0.14)) * smoothstep(-0.15, 0.2, p.s) * smoothstep(1.25, 0.9, p.s);
    out = scaled(out, 1 - mix(0.5, 0.25, eye.closure) * crease);
    const bag = bell(squared((p.aboveLower + 0.42) / 0.16)) * along;
    out = scaled(out, 1 - 0.14 * bag);
    // Lashes grow thicker to the outer corner and reach past it.
    const reach = smoothstep(-0.02, 0.15, p.s) * smoothstep(1.18, 0.98, p.s);
    const thickness = mix(0.07, 0.13, clamp(p.s, 0, 1));
    const hang = mix(0, 0.1, smoothstep(0.5, 1, eye.closure));
    const upperLash =
      reach *
      smoothstep(thickness, thickness * 0.3, p.aboveUpper) *
      smoothstep(-thickness - hang, -hang * 0.5 - 0.02, p.aboveUpper);
    out = mixed(out, LASH, 0.92 * upperLash);
    const lowerLash = reach * bell(squared((p.aboveLower + 0.03) / 0.08));
    return mixed(out, LASH, 0.4 * lowerLash * (1 - eye.closure));
  }
}
