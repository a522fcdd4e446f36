import { distanceDeg } from './area.js';
import type { Cabin, ZoneArea } from './cabin.js';
import type { GazeZone } from './glance-facts.js';
import { gazeLimits } from './limits.js';
import type { Direction } from './neutral-pose.js';

/** Where a direction leads. */
export interface ZoneLook {
  readonly zone: GazeZone;
  readonly drivingTask: boolean;
  /** 0 at the border to the next zone, 1 where the direction's uncertainty does not reach it. */
  readonly confidence: number;
}

/**
 * The zone nearest to a direction. Every direction has one; between areas, and with an uncertain direction, its
 * confidence is low.
 * @param last the zone until now: another one must be nearer by the hysteresis
 * @param uncertaintyDeg how far the direction may be off
 * @param offRoad the driver is known not to look at the road
 */
export function zoneAt(
  direction: Direction,
  cabin: Cabin,
  last: GazeZone | null,
  uncertaintyDeg: number,
  offRoad = false,
): ZoneLook {
  let best: ZoneArea | null = null;
  let bestDeg = Number.POSITIVE_INFINITY;
  let secondDeg = Number.POSITIVE_INFINITY;
  for (const area of cabin.zones) {
    if (offRoad && area.zone === 'roadAhead') continue;
    const held = area.zone === last ? gazeLimits.zoneHysteresisDeg : 0;
    const deg = distanceDeg(direction, area) - held;
    if (deg < bestDeg) {
      secondDeg = bestDeg;
      bestDeg = deg;
      best = area;
    } else if (deg < secondDeg) {
      secondDeg = deg;
    }
  }
  // The check of the file sees to it that every zone is there.
  const { zone, drivingTask } = best!;
  const confidence = Math.min(1, Math.max(0, (secondDeg - bestDeg) / uncertaintyDeg));
  return { zone, drivingTask, confidence };
}

/** How far a direction is outside the forward road view, degrees; negative inside. */
export function offRoadDeg(direction: Direction, cabin: Cabin): number {
  return distanceDeg(
    direction,
    cabin.zones.find(({ zone }) => zone === 'roadAhead')!,
  );
}

/**
 * EU 2023/2590 area 3: below the plane 30 degrees down, but for area 1 (beyond 55 degrees to a side, and the roof)
 * and area 2 (windscreen and windows with their margin).
 * @param factor widens the way there while the zero is not yet learnt
 */
export function inArea3(direction: Direction, cabin: Cabin, factor = 1): boolean {
  const { area1AzimuthDeg, area2MarginDeg, area3ElevationDeg } = gazeLimits;
  if (direction.pitchDeg >= area3ElevationDeg * factor) return false;
  if (Math.abs(direction.yawDeg) > area1AzimuthDeg) return false;
  return !cabin.windows.some((window) => distanceDeg(direction, window) <= area2MarginDeg);
}
