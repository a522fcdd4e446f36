import type { Box } from '../../camera/observation.js';
import { gazeLimits } from './limits.js';
import { spokenForMs } from './look.js';

/** Where the driver's face usually is in the image, and how wide: pixels, followed while looking ahead. */
export interface FacePlace {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly t: number;
}

/** One frame in which the driver looks ahead. */
export function stepFacePlace(place: FacePlace | null, t: number, box: Box): FacePlace {
  const now = placeOf(box, t);
  if (place === null) return now;
  const share = 1 - Math.exp(-spokenForMs(place.t, t) / gazeLimits.leanMemoryMs);
  const mixed = (a: number, b: number) => a + share * (b - a);
  return { x: mixed(place.x, now.x), y: mixed(place.y, now.y), width: mixed(place.width, now.width), t };
}

/** How far the face is from its usual place, in widths of the face; 0 while no place is usual. */
export function leanWidths(place: FacePlace | null, box: Box): number {
  if (place === null || !(place.width > 0)) return 0;
  const { x, y } = placeOf(box, 0);
  return Math.hypot(x - place.x, y - place.y) / place.width;
}

function placeOf({ x, y, width, height }: Box, t: number): FacePlace {
  return { x: x + width / 2, y: y + height / 2, width, t };
}
