import { normalised, type Vec3 } from './numerics.js';
import type { Rgb } from './eye.js';

interface Lamp {
  /** Towards the lamp, camera axes. */
  readonly direction: Vec3;
  readonly colour: Rgb;
}

const LAMPS: readonly Lamp[] = [
  { direction: normalised(0.35, 0.55, 0.8), colour: [0.95, 0.9, 0.84] },
  { direction: normalised(-0.75, 0.15, 0.65), colour: [0.4, 0.42, 0.46] },
];
const FROM_ABOVE: Rgb = [0.3, 0.31, 0.33];
const FROM_BELOW: Rgb = [0.14, 0.12, 0.11];
/** Share of the light that skin lets round the terminator. */
const WRAP = 0.3;

/** Half-way directions between lamp and a camera straight ahead. */
const HALF = LAMPS.map((lamp) => normalised(lamp.direction[0], lamp.direction[1], lamp.direction[2] + 1));

/** Lambert with wrap from two lamps, an even sky, and a highlight of strength `gloss` and sharpness 16 or 128. */
export function lit(colour: Rgb, normal: Vec3, gloss: number, sharp: boolean): Rgb {
  const [nx, ny, nz] = normal;
  const sky = 0.5 + 0.5 * ny;
  const out: [number, number, number] = [0, 0, 0];
  for (let i = 0; i < 3; i++) out[i] = colour[i] * (FROM_BELOW[i] + (FROM_ABOVE[i] - FROM_BELOW[i]) * sky);
  for (let k = 0; k < LAMPS.length; k++) {
    const lamp = LAMPS[k];
    const [lx, ly, lz] = lamp.direction;
    const facing = Math.max(0, (nx * lx + ny * ly + nz * lz + WRAP) / (1 + WRAP));
    const half = HALF[k];
    let shine = Math.max(0, nx * half[0] + ny * half[1] + nz * half[2]);
    for (let doubling = 0; doubling < (sharp ? 7 : 4); doubling++) shine *= shine;
    for (let i = 0; i < 3; i++) out[i] += lamp.colour[i] * (colour[i] * facing + gloss * shine);
  }
  return out;
}
