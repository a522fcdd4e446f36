import type { GazeZone } from '../gaze/glance-facts.js';
import type { Citation } from '../policy/rule.js';

export const excuseOccasions = ['indicator', 'steering', 'reverse'] as const;

/** What the vehicle does that makes some looks off the road part of driving. A policy lists its own. */
export interface Excuse extends Citation {
  readonly when: (typeof excuseOccasions)[number];
  /** Looks at these are excused; for `indicator` and `steering` only those on the side that the vehicle goes to. */
  readonly zones: readonly GazeZone[];
  /** An excused look counts as a long distraction only from here on. */
  readonly limitMs: number;
  /** Steering wheel angle from which the vehicle turns, degrees; only with `steering`. */
  readonly minAngleDeg: number | null;
}

/** What of the vehicle excuses rest on; null where it is not known. */
export interface Manoeuvre {
  readonly leftIndicator: boolean | null;
  readonly rightIndicator: boolean | null;
  /** Positive to the left. */
  readonly steeringAngleDeg: number | null;
  readonly gear: number | null;
}

/** Where the driver looks, as far as excuses ask. */
export interface Look {
  readonly zone: GazeZone | null;
  /** From the neutral direction, positive to the left; null when not known. */
  readonly yawDeg: number | null;
  readonly pitchDeg: number | null;
}

/** Without a zone, a look counts as sideways from here on, and as down to the lap below the second. */
const sidewaysDeg = 15;
const lowestDeg = -25;

/**
 * The limit in ms that the excuse of this look gives; null when nothing excuses it. What is not known of the vehicle
 * excuses nothing.
 */
export function excusedLimitMs(excuses: readonly Excuse[], manoeuvre: Manoeuvre, look: Look): number | null {
  let limit: number | null = null;
  for (const excuse of excuses) {
    if (applies(excuse, manoeuvre, look)) limit = Math.max(limit ?? 0, excuse.limitMs);
  }
  return limit;
}

function applies(excuse: Excuse, manoeuvre: Manoeuvre, look: Look): boolean {
  if (excuse.when === 'reverse') {
    return manoeuvre.gear !== null && manoeuvre.gear < 0 && looksAt(excuse.zones, look);
  }
  const side = look.yawDeg === null || Math.abs(look.yawDeg) < sidewaysDeg ? 0 : Math.sign(look.yawDeg);
  return side !== 0 && goesTo(side, excuse, manoeuvre) && looksAt(excuse.zones, look);
}

/** @param side 1 for the left, -1 for the right */
function goesTo(side: number, excuse: Excuse, manoeuvre: Manoeuvre): boolean {
  if (excuse.when === 'indicator') {
    return (side > 0 ? manoeuvre.leftIndicator : manoeuvre.rightIndicator) === true;
  }
  const angle = manoeuvre.steeringAngleDeg;
  return angle !== null && excuse.minAngleDeg !== null && side * angle >= excuse.minAngleDeg;
}

function looksAt(zones: readonly GazeZone[], { zone, yawDeg, pitchDeg }: Look): boolean {
  if (zone !== null) return zones.includes(zone);
  if (yawDeg === null || Math.abs(yawDeg) < sidewaysDeg) return false;
  return pitchDeg === null || pitchDeg > lowestDeg;
}
