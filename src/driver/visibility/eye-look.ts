import { meanOpenness, type EyeObservation, type FaceSeen } from '../../camera/observation.js';
import { visibilityLimits } from './limits.js';
import type { SurroundingsLook } from './surroundings.js';

/**
 * What the pixels around an eye say about it, whatever its landmarks claim. `doubtful`: closed lids may look so,
 * but not for long.
 */
export type EyeLook = 'seen' | 'doubtful' | 'covered' | 'blinded' | 'unknown';

export interface EyesLook {
  readonly left: EyeLook;
  readonly right: EyeLook;
  /** Of both together: an eye that is turned away or unknown does not count against the other one. */
  readonly both: EyeLook;
}

const unknown: EyesLook = { left: 'unknown', right: 'unknown', both: 'unknown' };

/** How much structure each eye of this driver usually shows; null until it was seen. */
export interface UsualContrast {
  readonly left: number | null;
  readonly right: number | null;
}

export const noUsualContrast: UsualContrast = { left: null, right: null };

/** One frame: an open eye that is seen teaches, as fast as it forgets. */
export function learnContrast(
  usual: UsualContrast,
  { eyes }: FaceSeen,
  look: EyesLook,
  elapsedMs: number,
): UsualContrast {
  const share = 1 - Math.exp(-Math.min(200, Math.max(0, elapsedMs)) / visibilityLimits.eye.contrastMemoryMs);
  return {
    left: usualOf(usual.left, eyes.left, look.left, share),
    right: usualOf(usual.right, eyes.right, look.right, share),
  };
}

function usualOf(
  before: number | null,
  { appearance, openness }: EyeObservation,
  look: EyeLook,
  share: number,
): number | null {
  if (appearance?.familiarity === undefined || look !== 'seen') return before;
  if (openness < visibilityLimits.eye.halfOpen) return before;
  return before === null ? appearance.contrast : before + share * (appearance.contrast - before);
}

/** What is known about lids that look strange, besides their own look. */
export interface LidsContext {
  /** They were seen to come down a moment ago, so they may well look like that when closed. */
  readonly closing: boolean;
  readonly surroundings: SurroundingsLook;
  /** Of the head when eyes were last seen open: where the camera sees a level head. */
  readonly levelPitchDeg: number;
}

const nothingKnown: LidsContext = { closing: false, surroundings: 'unknown', levelPitchDeg: 0 };

/** @returns `unknown` where the head is turned too far, or no appearance was measured */
export function lookOf(
  face: FaceSeen,
  usual: UsualContrast = noUsualContrast,
  context: LidsContext = nothingKnown,
): EyesLook {
  const { maxYawDeg, maxPitchDeg, maxLevelPitchDeg } = visibilityLimits.eye;
  const { yawDeg, pitchDeg } = face.head;
  const level = Math.min(maxLevelPitchDeg, Math.max(-maxLevelPitchDeg, context.levelPitchDeg));
  if (!(Math.abs(yawDeg) <= maxYawDeg && Math.abs(pitchDeg - level) <= maxPitchDeg)) return unknown;
  const { left, right } = face.eyes;
  const lookLeft = eyeLook(left, usual.left, context);
  const lookRight = eyeLook(right, usual.right, context);
  return {
    left: lookLeft,
    right: lookRight,
    both: pairLook(lookLeft, lookRight, face, context.surroundings),
  };
}

function eyeLook(
  { appearance, openness, weight }: EyeObservation,
  usual: number | null,
  { closing, surroundings }: LidsContext,
): EyeLook {
  const p = visibilityLimits.eye;
  if (appearance === undefined || weight < p.minWeight) return 'unknown';
  const { likeness, familiarity, brightness, contrast, saturatedShare } = appearance;
  if (saturatedShare >= p.blindedShare) return 'blinded';
  if (contrast < p.flatContrast || contrast < p.flattened * (usual ?? 0)) return 'covered';
  // A cheek under a white mask makes the eye above it seem dark; it is familiar all the same.
  if (brightness < p.darkBrightness && (familiarity ?? likeness) < p.darkFamiliarity) return 'covered';
  if (familiarity === undefined)
    return openness >= p.halfOpen && likeness < p.likeness ? 'covered' : 'unknown';
  // Before the eyes of a face that was uncovered a moment ago there is something else now: no lids excuse its look.
  if (surroundings === 'changed')
    return familiarity >= visibilityLimits.surroundings.familiar ? 'seen' : 'covered';
  if (familiarity >= leastFamiliarity(openness)) return 'seen';
  // Nothing but the eye's own opening has changed: lids.
  if (surroundings === 'same' && openness < p.halfOpen) return 'seen';
  const certain = closing ? p.closingFamiliarity : p.certainFamiliarity;
  return openness >= p.halfOpen || familiarity < certain ? 'covered' : 'doubtful';
}

function leastFamiliarity(openness: number): number {
  const { familiar, halfOpen, closed } = visibilityLimits.eye;
  return openness >= halfOpen ? familiar.open : openness >= closed ? familiar.halfClosed : familiar.closed;
}

function pairLook(left: EyeLook, right: EyeLook, face: FaceSeen, surroundings: SurroundingsLook): EyeLook {
  const a = left === 'unknown' ? right : left;
  const b = right === 'unknown' ? left : right;
  if (a === 'unknown') return 'unknown';
  if (a === 'blinded' && b === 'blinded') return 'blinded';
  if (isHidden(a) && isHidden(b)) return 'covered';
  if (a !== 'seen' && b !== 'seen') return 'doubtful';
  const lids = surroundings === 'same' && meanOpenness(face.eyes) < visibilityLimits.eye.halfOpen;
  return lids || !strangePair(face) ? 'seen' : 'doubtful';
}

export function isHidden(look: EyeLook): boolean {
  return look === 'covered' || look === 'blinded';
}

/** One eye passes for closed, the other one does not: a hand over both is like that, one eye's glare is not. */
function strangePair({ eyes }: FaceSeen): boolean {
  const p = visibilityLimits.eye;
  const a = eyes.left.appearance?.familiarity;
  const b = eyes.right.appearance?.familiarity;
  if (a === undefined || b === undefined) return false;
  const least = leastFamiliarity(meanOpenness(eyes));
  return (a + b) / 2 < least - p.pairMargin && Math.max(a, b) < p.pairMax;
}
