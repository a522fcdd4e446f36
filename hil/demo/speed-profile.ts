/** Speed of the demo vehicle over the demo drive. Pure; time in seconds from the start of the drive. */

/** Where the drive stands still, seconds. The driver's eyes stay open from 51.7 s to 57.8 s of the demo clip. */
export const standstill = { from: 52.2, to: 57.4 } as const;

/**
 * Time in s, speed in km/h; between two knots the speed follows a smoothstep, so that the acceleration is
 * continuous and zero at the knots. Country road until 30 s (the eyes close for 2 s from 9.2 s on), town with one
 * stop, then motorway (they close again from 159.0 s and from 167.2 s on). After the last knot the speed holds.
 */
const knots: readonly (readonly [s: number, kmh: number])[] = [
  [0, 60],
  [6, 74],
  [16, 70],
  [23, 78],
  [30, 60],
  [37, 44],
  [43, 48],
  [standstill.from, 0],
  [standstill.to, 0],
  [66, 42],
  [74, 36],
  [82, 49],
  [88, 44],
  [104, 112],
  [122, 118],
  [140, 104],
  [152, 112],
  [172, 116],
  [186, 108],
  [200, 84],
];

function smoothstep(x: number): number {
  return x * x * (3 - 2 * x);
}

/** The plan alone, without the small variations of a human foot. */
function plannedSpeedKmh(s: number): number {
  const after = knots.findIndex(([time]) => time > s);
  if (after === -1) return knots[knots.length - 1][1];
  if (after === 0) return knots[0][1];
  const [fromS, fromKmh] = knots[after - 1];
  const [toS, toKmh] = knots[after];
  return fromKmh + (toKmh - fromKmh) * smoothstep((s - fromS) / (toS - fromS));
}

/** Nobody holds a speed exactly: about +-0.7 km/h around the plan, vanishing towards standstill. */
export function speedKmh(s: number): number {
  const planned = plannedSpeedKmh(s);
  const foot = 0.5 * Math.sin((2 * Math.PI * s) / 7.3) + 0.25 * Math.sin((2 * Math.PI * s) / 3.1 + 1);
  return planned + (foot * planned * planned) / (planned * planned + 400);
}

/** Central difference over 20 ms, m/s^2. */
export function accelerationMs2(s: number): number {
  const h = 0.01;
  return (speedKmh(s + h) - speedKmh(s - h)) / 3.6 / (2 * h);
}

/** Metres driven since the start, at every `stepS` seconds (trapezoids), up to and including `durationS`. */
export function distanceTable(durationS: number, stepS: number): Float64Array {
  const table = new Float64Array(Math.ceil(durationS / stepS) + 1);
  for (let i = 1; i < table.length; i++) {
    const mean = (speedKmh((i - 1) * stepS) + speedKmh(i * stepS)) / 2;
    table[i] = table[i - 1] + (mean / 3.6) * stepS;
  }
  return table;
}
