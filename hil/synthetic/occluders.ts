import type { FaceAnchors } from './face-anchors.js';
import { clamp, hash2, mix, smoothstep } from './numerics.js';
import type { RgbImage } from './renderer.js';

/**
 * Things that come between the camera and the face, painted over a picture. Face coordinates: the origin midway
 * between the eyes, u along the line between them to image right, v down the face, in eye distances: the eyes are
 * at u = -0.5 and 0.5.
 */
export const occluderNames = [
  'bar',
  'sunglasses',
  'hand',
  'handFromAbove',
  'handFromSide',
  'hair',
  'noise',
  'blurredEyes',
  'mask',
  'handOnMouth',
  'glareOneEye',
  'glareBothEyes',
] as const;
export type OccluderName = (typeof occluderNames)[number];

type Rgb = readonly [number, number, number];

/** Colour and opacity (0 to 1) at a place on the face. */
type Paint = (u: number, v: number, under: Rgb) => readonly [colour: Rgb, opacity: number];

const clear: ReturnType<Paint> = [[0, 0, 0], 0];

/** 1 inside |x| < half, falling to 0 over a soft edge. */
function band(x: number, half: number, edge = 0.04): number {
  return smoothstep(half + edge, half - edge, Math.abs(x));
}

/** Signed: below 1 inside an ellipse around (cu, cv). */
function ellipse(u: number, v: number, cu: number, cv: number, ru: number, rv: number): number {
  return Math.hypot((u - cu) / ru, (v - cv) / rv);
}

function inside(radius: number, edge = 0.06): number {
  return smoothstep(1 + edge, 1 - edge, radius);
}

/** Uniform noise of 0 to 1 in cells of `size` eye distances. */
function grain(u: number, v: number, size: number, seed: number): number {
  return hash2(Math.floor(u / size) + 512, Math.floor(v / size) + 512, seed);
}

/** Skin of a hand: the cheek's colour, fingers as soft cylinders, fine grain. */
function handSkin(skin: Rgb, across: number, along: number, seed: number): Rgb {
  const finger = Math.abs(((across * 3.2 + 64) % 1) - 0.5) * 2;
  const shade =
    mix(0.72, 1.04, smoothstep(1, 0.45, finger)) + 0.03 * (grain(across, along, 0.03, seed) - 0.5);
  return [skin[0] * shade, skin[1] * shade, skin[2] * shade];
}

/** How far from its place before the eyes a hand begins, in eye distances. */
const handWay = { above: 1.5, side: 2.6 } as const;

/** A hand laid flat over both eyes, moved along u and v. */
function hand(skin: Rgb, seed: number, aside: number, below: number): Paint {
  return (u, v) => [
    handSkin(skin, v - below - 0.15 * (u - aside), u - aside, seed),
    band(u - aside, 1.15) * band(v - below, 0.42),
  ];
}

/** @param arrived 0 to 1: how far what moves has come */
function painter(name: OccluderName, skin: Rgb, seed: number, arrived: number): Paint {
  switch (name) {
    case 'bar':
      return (u, v) => [[12, 12, 12], band(u, 1.05) * band(v, 0.32)];
    case 'sunglasses':
      // 8 % transmittance with a faint reflection of the sky, in a darker frame.
      return (u, v, under) => {
        const r = Math.min(ellipse(u, v, -0.5, 0.05, 0.44, 0.36), ellipse(u, v, 0.5, 0.05, 0.44, 0.36));
        const bridge = band(u, 0.12, 0.02) * band(v + 0.1, 0.04, 0.02);
        const sky = 14 + 10 * smoothstep(0.3, -0.3, v);
        const lens: Rgb = [0.08 * under[0] + sky, 0.08 * under[1] + sky, 0.08 * under[2] + sky * 1.1];
        const rim = smoothstep(0.84, 0.9, r);
        const colour: Rgb = [mix(lens[0], 6, rim), mix(lens[1], 6, rim), mix(lens[2], 6, rim)];
        return [colour, Math.max(inside(r, 0.03), bridge)];
      };
    case 'hand':
      return hand(skin, seed, 0, 0);
    case 'handFromAbove':
      return hand(skin, seed, 0, -handWay.above * (1 - arrived));
    case 'handFromSide':
      return hand(skin, seed, handWay.side * (1 - arrived), 0);
    case 'hair':
      return (u, v) => {
        const strand = grain(u + 0.12 * v, 0, 0.025, seed);
        const level = 18 + 50 * strand * strand;
        return [[level, level * 0.8, level * 0.62], band(u, 1.2) * smoothstep(0.42, 0.3, v) * 0.95];
      };
    case 'noise':
      return (u, v) => {
        const level = 40 + 170 * grain(u, v, 0.045, seed);
        return [[level, level, level], band(u, 1.05) * band(v, 0.34)];
      };
    case 'mask':
      return (u, v) => {
        const pleat = Math.abs(((v * 5 + 64) % 1) - 0.5) * 2;
        const level = 176 + 22 * pleat - 36 * u * u;
        const covers = smoothstep(0.42, 0.5, v - 0.1 * u * u) * band(u, 0.98) * smoothstep(2.1, 2.0, v);
        return [[level * 0.86, level * 0.97, level], covers];
      };
    case 'handOnMouth':
      return (u, v) => [
        handSkin(skin, u - 0.2 * v, v, seed),
        band(u, 0.95) * smoothstep(0.6, 0.68, v) * smoothstep(2.1, 2.0, v),
      ];
    case 'glareOneEye':
      return (u, v) => [[255, 255, 255], inside(ellipse(u, v, 0.5, 0.02, 0.4, 0.3), 0.15)];
    case 'glareBothEyes':
      return (u, v) => {
        const r = Math.min(ellipse(u, v, -0.5, 0.02, 0.4, 0.3), ellipse(u, v, 0.5, 0.02, 0.4, 0.3));
        return [[255, 255, 255], inside(r, 0.15)];
      };
    case 'blurredEyes':
      return () => clear;
  }
}

/**
 * A copy of the picture with the occluder painted over the face. Same arguments, same bytes.
 * @param arrived 0 to 1: how far a hand that moves has come; 1 is before the eyes
 */
export function occlude(
  image: RgbImage,
  at: FaceAnchors,
  name: OccluderName,
  seed = 1,
  arrived = 1,
): RgbImage {
  if (name === 'blurredEyes') return blurEyes(image, at);
  const { width, height } = image;
  const data = Uint8Array.from(image.data);
  const paint = painter(name, cheekColour(image, at), seed, arrived);
  visit(image, at, 1.5, 2.4, (pixel, u, v) => {
    const under: Rgb = [data[pixel], data[pixel + 1], data[pixel + 2]];
    const [colour, opacity] = paint(u, v, under);
    if (opacity <= 0) return;
    for (let c = 0; c < 3; c++)
      data[pixel + c] = clamp(Math.round(mix(under[c], colour[c], opacity)), 0, 255);
  });
  return { width, height, data };
}

/** Every pixel within `ru` x `rv` of the face's origin. */
function visit(
  { width, height }: RgbImage,
  at: FaceAnchors,
  ru: number,
  rv: number,
  each: (pixel: number, u: number, v: number) => void,
): void {
  const reach = Math.hypot(ru, rv) * at.eyeDistance;
  const cos = Math.cos(at.rollRad) / at.eyeDistance;
  const sin = Math.sin(at.rollRad) / at.eyeDistance;
  const [x0, x1] = [Math.max(0, Math.floor(at.x - reach)), Math.min(width - 1, Math.ceil(at.x + reach))];
  const [y0, y1] = [Math.max(0, Math.floor(at.y - reach)), Math.min(height - 1, Math.ceil(at.y + reach))];
  for (let y = y0; y <= y1; y++)
    for (let x = x0; x <= x1; x++) {
      const u = (x - at.x) * cos + (y - at.y) * sin;
      const v = (y - at.y) * cos - (x - at.x) * sin;
      if (Math.abs(u) <= ru && Math.abs(v) <= rv) each((y * width + x) * 3, u, v);
    }
}

function cheekColour(image: RgbImage, at: FaceAnchors): Rgb {
  const sum = [0, 0, 0];
  let count = 0;
  visit(image, at, 1, 1, (pixel, u, v) => {
    if (Math.abs(Math.abs(u) - 0.5) > 0.15 || Math.abs(v - 0.6) > 0.12) return;
    for (let c = 0; c < 3; c++) sum[c] += image.data[pixel + c];
    count++;
  });
  return count === 0 ? [150, 115, 95] : [sum[0] / count, sum[1] / count, sum[2] / count];
}

/** The eyes behind a smeared lens: blurred by a quarter of the eye distance, the rest sharp. */
function blurEyes(image: RgbImage, at: FaceAnchors): RgbImage {
  const blurred = blur(image, 0.2 * at.eyeDistance);
  const data = Uint8Array.from(image.data);
  visit(image, at, 1.3, 0.6, (pixel, u, v) => {
    const opacity = band(u, 1.05, 0.1) * band(v, 0.36, 0.1);
    for (let c = 0; c < 3; c++)
      data[pixel + c] = Math.round(mix(data[pixel + c], blurred.data[pixel + c], opacity));
  });
  return { ...image, data };
}

/** Gaussian blur by three box blurs (Wells 1986); `sigma` in pixels. */
export function blur(image: RgbImage, sigma: number): RgbImage {
  const { width, height } = image;
  const radius = Math.max(0, Math.round((Math.sqrt(4 * sigma * sigma + 1) - 1) / 2));
  let from = Float32Array.from(image.data);
  let to = new Float32Array(from.length);
  for (let pass = 0; pass < 3; pass++) {
    boxBlur(from, to, width, height, radius, 3, width * 3);
    boxBlur(to, from, height, width, radius, width * 3, 3);
  }
  const data = Uint8Array.from(from, Math.round);
  from = to = new Float32Array(0);
  return { width, height, data };
}

/** Running mean along lines of `count` pixels, edge pixels repeated. */
function boxBlur(
  from: Float32Array,
  to: Float32Array,
  count: number,
  lines: number,
  radius: number,
  step: number,
  lineStep: number,
): void {
  for (let line = 0; line < lines; line++)
    for (let c = 0; c < 3; c++) {
      const first = line * lineStep + c;
      const last = first + (count - 1) * step;
      let sum = 0;
      for (let i = -radius; i <= radius; i++) sum += from[clamp(first + i * step, first, last)];
      const reach = radius * step;
      for (let at = first; at <= last; at += step) {
        to[at] = sum / (2 * radius + 1);
        const enters = at + reach + step;
        const leaves = at - reach;
        sum += from[enters < last ? enters : last] - from[leaves > first ? leaves : first];
      }
    }
}

/** Light and exposure: every value times `gain`, limited to the sensor's range. */
export function exposed(image: RgbImage, gain: number): RgbImage {
  return { ...image, data: Uint8Array.from(image.data, (value) => clamp(Math.round(value * gain), 0, 255)) };
}

/** A lens that something lies on: one level with the sensor's noise, other in every frame. */
export function covered({ width, height }: RgbImage, level: number, noise: number, seed: number): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < data.length; i++)
    data[i] = clamp(Math.round(level + noise * 2 * (hash2(i, 1, seed) - 0.5)), 0, 255);
  return { width, height, data };
}
