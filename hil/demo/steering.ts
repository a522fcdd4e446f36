import { speedKmh } from './speed-profile.js';

/** Steering of the demo vehicle and what follows from it. Pure; seconds, degrees, positive to the left. */

/** A bend, a turn or half a lane change: a bell of `deg` at the steering wheel, `widthS` to 1/e. */
interface Bell {
  readonly centreS: number;
  readonly widthS: number;
  readonly deg: number;
}

const bells: readonly Bell[] = [
  { centreS: 13, widthS: 3, deg: 9 },
  { centreS: 20, widthS: 2.5, deg: -7 },
  { centreS: 34, widthS: 2, deg: 22 },
  // The right turn after the stop.
  { centreS: 61.5, widthS: 1.4, deg: -150 },
  { centreS: 78, widthS: 2, deg: 28 },
  // Onto the motorway: to the left, and straight again.
  { centreS: 97, widthS: 1, deg: 5 },
  { centreS: 99.5, widthS: 1, deg: -5 },
  { centreS: 128, widthS: 6, deg: 5 },
  { centreS: 148, widthS: 5, deg: -4 },
  // Back to the right lane.
  { centreS: 187, widthS: 1, deg: -5 },
  { centreS: 189.5, widthS: 1, deg: 5 },
];

export type IndicatorState = 'Off' | 'Left' | 'Right';

const indicators: readonly {
  readonly fromS: number;
  readonly toS: number;
  readonly state: IndicatorState;
}[] = [
  { fromS: 46, toS: 63.5, state: 'Right' },
  { fromS: 95, toS: 100, state: 'Left' },
  { fromS: 185, toS: 190, state: 'Right' },
];

export function indicatorAt(s: number): IndicatorState {
  return indicators.find(({ fromS, toS }) => s >= fromS && s < toS)?.state ?? 'Off';
}

/** Small corrections: larger in town, slight on the motorway, none at standstill. */
function correctionDeg(s: number): number {
  const v = speedKmh(s);
  const amplitude = (1.5 + 14 * Math.exp(-v / 30)) * (v / (v + 5));
  const wave = 0.6 * Math.sin((2 * Math.PI * s) / 9.1 + 0.7) + 0.4 * Math.sin((2 * Math.PI * s) / 4.3 + 2.1);
  return amplitude * wave;
}

export function steeringAngleDeg(s: number): number {
  let angle = correctionDeg(s);
  for (const { centreS, widthS, deg } of bells) angle += deg * Math.exp(-(((s - centreS) / widthS) ** 2));
  return angle;
}

/** Central difference over 20 ms, deg/s. */
export function steeringRateDegS(s: number): number {
  const h = 0.01;
  return (steeringAngleDeg(s + h) - steeringAngleDeg(s - h)) / (2 * h);
}

/** Of the demo vehicle: metres, and steering wheel angle over road wheel angle. */
export const chassis = { wheelbaseM: 2.7, trackM: 1.55, steeringRatio: 15.5 } as const;

/** Kinematic single-track model without slip: yaw rate = v tan(delta) / wheelbase, rad/s. */
export function yawRateRadS(s: number): number {
  const roadWheelRad = (steeringAngleDeg(s) / chassis.steeringRatio / 180) * Math.PI;
  return ((speedKmh(s) / 3.6) * Math.tan(roadWheelRad)) / chassis.wheelbaseM;
}
