import type { FaceSeen } from '../../camera/observation.js';
import { visibilityLimits } from './limits.js';

/** What surrounded the eyes while they were last seen open, and how the head was held then. */
export interface Surroundings {
  /** Mean of `FaceSeen.aroundEyes`, -1 to 1. */
  readonly level: number;
  readonly yawDeg: number;
  readonly pitchDeg: number;
}

/**
 * What surrounds the eyes now. Lids change the opening of the eye only: `same` speaks for lids. What comes before the
 * face changes brows, temples and cheeks with the eyes: `changed` speaks against lids. `unknown`: between the two, not
 * learnt yet, or the head has moved, which changes the picture as well.
 */
export type SurroundingsLook = 'same' | 'changed' | 'unknown';

/** One frame in which open eyes were seen. */
export function learnSurroundings(
  before: Surroundings | null,
  { aroundEyes, head }: FaceSeen,
  elapsedMs: number,
): Surroundings | null {
  if (aroundEyes === undefined) return before;
  const { yawDeg, pitchDeg } = head;
  if (before === null) return { level: aroundEyes, yawDeg, pitchDeg };
  const { memoryMs } = visibilityLimits.surroundings;
  const share = 1 - Math.exp(-Math.min(200, Math.max(0, elapsedMs)) / memoryMs);
  return {
    level: before.level + share * (aroundEyes - before.level),
    yawDeg: before.yawDeg + share * (yawDeg - before.yawDeg),
    pitchDeg: before.pitchDeg + share * (pitchDeg - before.pitchDeg),
  };
}

/** Monotone: with all else equal, a smaller correlation never speaks more for lids. */
export function surroundingsLook(
  before: Surroundings | null,
  { aroundEyes, head }: FaceSeen,
): SurroundingsLook {
  if (aroundEyes === undefined) return 'unknown';
  const p = visibilityLimits.surroundings;
  if (aroundEyes >= p.same) return 'same';
  if (before === null || aroundEyes > p.changed || before.level - aroundEyes < p.drop) return 'unknown';
  const turned = Math.abs(head.yawDeg - before.yawDeg) > p.maxTurnDeg;
  // A hand reads as a head that is raised, never as one that sinks.
  const sunk = before.pitchDeg - head.pitchDeg > p.maxTurnDeg;
  return turned || sunk ? 'unknown' : 'changed';
}
