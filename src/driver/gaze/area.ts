import type { Direction } from './neutral-pose.js';

/** A range of directions, degrees in the vehicle frame. `azimuthDeg` may run past 180 (behind the driver). */
export interface Area {
  readonly azimuthDeg: readonly [from: number, to: number];
  readonly elevationDeg: readonly [from: number, to: number];
}

const radians = Math.PI / 180;

/**
 * Degrees from a direction to an area's edge: negative inside, as deep as the nearest edge is far. Azimuth counts as
 * much as it turns the line of sight, less the further up or down that looks.
 */
export function distanceDeg({ yawDeg, pitchDeg }: Direction, { azimuthDeg, elevationDeg }: Area): number {
  const across = beyondCircle(yawDeg, azimuthDeg[0], azimuthDeg[1]) * Math.cos(pitchDeg * radians);
  const along = Math.max(elevationDeg[0] - pitchDeg, pitchDeg - elevationDeg[1]);
  return across > 0 && along > 0 ? Math.hypot(across, along) : Math.max(across, along);
}

/** The same for a range on the circle. */
function beyondCircle(angle: number, from: number, to: number): number {
  const half = (to - from) / 2;
  const off = Math.abs(wrapped(angle - (from + half)));
  return off - half;
}

/** -180 up to 180. */
function wrapped(angle: number): number {
  return ((((angle + 180) % 360) + 360) % 360) - 180;
}

/** Whether two areas share more than an edge. */
export function overlap(a: Area, b: Area): boolean {
  const half = (area: Area) => (area.azimuthDeg[1] - area.azimuthDeg[0]) / 2;
  const middle = (area: Area) => area.azimuthDeg[0] + half(area);
  const apart = Math.abs(wrapped(middle(a) - middle(b)));
  return (
    apart < half(a) + half(b) &&
    a.elevationDeg[0] < b.elevationDeg[1] &&
    b.elevationDeg[0] < a.elevationDeg[1]
  );
}

/** As seen from the other seat. */
export function mirrored({ azimuthDeg: [from, to], elevationDeg }: Area): Area {
  // Behind the driver stays behind: the range is kept within a turn of straight back.
  const turn = -from > 180 || -to < -180 ? 360 : 0;
  return { azimuthDeg: [-to + turn, -from + turn], elevationDeg };
}

export interface BoxCm {
  readonly forward: readonly [number, number];
  readonly left: readonly [number, number];
  readonly up: readonly [number, number];
}

/** The directions that a box in front of the eyes takes up; its corners bound it. */
export function areaOfBox({ forward, left, up }: BoxCm): Area {
  const azimuths: number[] = [];
  const elevations: number[] = [];
  for (const x of forward) {
    for (const y of left) {
      azimuths.push(Math.atan2(y, x) / radians);
      for (const z of up) elevations.push(Math.atan2(z, Math.hypot(x, y)) / radians);
    }
  }
  return {
    azimuthDeg: [Math.min(...azimuths), Math.max(...azimuths)],
    elevationDeg: [Math.min(...elevations), Math.max(...elevations)],
  };
}
