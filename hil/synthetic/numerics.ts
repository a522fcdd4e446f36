/**
 * Arithmetic that gives the same bits on every machine and every V8: only +, -, *, /, sqrt and integer hashing
 * (Math.sin, cos, exp and pow may differ in the last bit between engine versions, and a pixel hash would show it).
 */

/** Sine and cosine of an angle in degrees, |angle| <= 180, by their Taylor series: error below 1e-12. */
export function sinCosDeg(angleDeg: number): { readonly sin: number; readonly cos: number } {
  // Halving twice keeps the series short; the double-angle formulas undo it.
  const a = (angleDeg * 3.141592653589793) / 720;
  const a2 = a * a;
  let sin = a;
  let cos = 1;
  let sinTerm = a;
  let cosTerm = 1;
  for (let n = 1; n <= 8; n++) {
    cosTerm *= -a2 / ((2 * n - 1) * (2 * n));
    sinTerm *= -a2 / (2 * n * (2 * n + 1));
    cos += cosTerm;
    sin += sinTerm;
  }
  for (let doubling = 0; doubling < 2; doubling++) {
    const doubledSin = 2 * sin * cos;
    cos = cos * cos - sin * sin;
    sin = doubledSin;
  }
  return { sin, cos };
}

export function clamp(x: number, low: number, high: number): number {
  return x < low ? low : x > high ? high : x;
}

export function squared(x: number): number {
  return x * x;
}

export function mix(a: number, b: number, share: number): number {
  return a + (b - a) * share;
}

/** 0 below `from`, 1 above `to`, cubic between. */
export function smoothstep(from: number, to: number, x: number): number {
  const u = clamp((x - from) / (to - from), 0, 1);
  return u * u * (3 - 2 * u);
}

/** Bell of unit height and support |d| < 1 over the squared distance `d2`. */
export function bell(d2: number): number {
  if (d2 >= 1) return 0;
  const u = 1 - d2;
  return u * u;
}

/** Uniform 0 to 1 from two integers and a seed; the same on every machine. */
export function hash2(x: number, y: number, seed: number): number {
  let h = Math.imul(x, 0x27d4eb2d) ^ Math.imul(y, 0x165667b1) ^ Math.imul(seed, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >>> 0) / 4294967296;
}

/** Value noise over the plane, -1 to 1, one lattice cell per unit. */
export function valueNoise(x: number, y: number, seed: number): number {
  const xi = Math.floor(x);
  const yi = Math.floor(y);
  const u = smoothstep(0, 1, x - xi);
  const v = smoothstep(0, 1, y - yi);
  const top = mix(hash2(xi, yi, seed), hash2(xi + 1, yi, seed), u);
  const bottom = mix(hash2(xi, yi + 1, seed), hash2(xi + 1, yi + 1, seed), u);
  return 2 * mix(top, bottom, v) - 1;
}

export type Vec3 = readonly [number, number, number];

export function normalised(x: number, y: number, z: number): Vec3 {
  const length = Math.sqrt(x * x + y * y + z * z);
  return length > 0 ? [x / length, y / length, z / length] : [0, 0, 1];
}
