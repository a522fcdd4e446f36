import { accelerationMs2, speedKmh, standstill } from './speed-profile.js';

/** What the driver's feet and the gearbox must do to follow the speed profile. Pure; seconds from the start. */

export interface Pedals {
  /** Percent of travel; never both above 0. */
  readonly accelerator: number;
  readonly brake: number;
}

/** Percent of brake travel that holds the car at the stop, and how long the foot takes to get there and off, s. */
const hold = { percent: 15, rampS: 0.6 } as const;

function holdBrake(s: number): number {
  const inside = Math.min(s - (standstill.from - hold.rampS), standstill.to + hold.rampS / 2 - s);
  return hold.percent * Math.min(1, Math.max(0, inside / hold.rampS));
}

/**
 * Force balance of a 1.5 t car: rolling and air drag 0.12 + 0.00026 v^2, full throttle 4.2 m/s^2 falling with
 * speed, engine braking 0.5 m/s^2 before the brake is needed, full braking 9 m/s^2. Accelerations in m/s^2.
 */
export function pedalsAt(s: number): Pedals {
  const v = speedKmh(s) / 3.6;
  const wanted = accelerationMs2(s) + 0.12 + 0.00026 * v * v;
  const engineBraking = 0.5 * Math.min(1, v / 3);
  const brake = Math.max(holdBrake(s), ((-wanted - engineBraking) / 9) * 100, 0);
  if (brake > 0) return { accelerator: 0, brake: Math.min(100, brake) };
  const available = 4.2 * (1 - v / 65);
  return { accelerator: Math.min(100, Math.max(0, (wanted / available) * 100)), brake: 0 };
}

/** Lowest speed at which each forward gear is used, km/h, and its engine speed per km/h. */
const gears: readonly { readonly fromKmh: number; readonly rpmPerKmh: number }[] = [
  { fromKmh: 0, rpmPerKmh: 118 },
  { fromKmh: 17, rpmPerKmh: 68 },
  { fromKmh: 31, rpmPerKmh: 46 },
  { fromKmh: 53, rpmPerKmh: 34 },
  { fromKmh: 66, rpmPerKmh: 27 },
  { fromKmh: 90, rpmPerKmh: 22 },
];

const idleRpm = 800;

export function gearAt(s: number): number {
  const v = speedKmh(s);
  return gears.filter(({ fromKmh }) => v >= fromKmh).length;
}

export function engineRpmAt(s: number): number {
  return Math.max(idleRpm, speedKmh(s) * gears[gearAt(s) - 1].rpmPerKmh);
}
