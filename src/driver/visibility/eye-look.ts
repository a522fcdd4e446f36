import { meanOpenness, type EyeObservation, type FaceSeen } from '../../camera/observation.js';
import { visibilityLimits } from './limits.js';

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
  const next = (side: 'left' | 'right'): number | null => {
    const { appearance, openness } = eyes[side];
    const before = usual[side];
    if (appearance?.familiarity === undefined || look[side] !== 'seen') return before;
    if (openness < visibilityLimits.eye.halfOpen) return before;
    return before === null ? appearance.contrast : before + share * (appearance.contrast - before);
  };
  return { left: next('left'), right: next('right') };
}

/**
 * @param closing the lids were seen to come down a moment ago, so what looks strange may well be their closed state
 * @returns `unknown` where the head is turned too far, or no appearance was measured
 */
export function lookOf(face: FaceSeen, usual: UsualContrast = noUsualContrast, closing = false): EyesLook {
  const { maxYawDeg, maxPitchDeg } = visibilityLimits.eye;
  const { yawDeg, pitchDeg } = face.head;
  if (!(Math.abs(yawDeg) <= maxYawDeg && Math.abs(pitchDeg) <= maxPitchDeg)) return unknown;
  const { left, right } = face.eyes;
  const looks = { left: eyeLook(left, usual.left, closing), right: eyeLook(right, usual.right, closing) };
  return { ...looks, both: pairLook(looks.left, looks.right, face) };
}

function eyeLook(
  { appearance, openness, weight }: EyeObservation,
  usual: number | null,
  closing: boolean,
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
  if (familiarity >= leastFamiliarity(openness)) return 'seen';
  const certain = closing ? p.closingFamiliarity : p.certainFamiliarity;
  return openness >= p.halfOpen || familiarity < certain ? 'covered' : 'doubtful';
}

function leastFamiliarity(openness: number): number {
  const { familiar, halfOpen, closed } = visibilityLimits.eye;
  return openness >= halfOpen ? familiar.open : openness >= closed ? familiar.halfClosed : familiar.closed;
}

function pairLook(left: EyeLook, right: EyeLook, face: FaceSeen): EyeLook {
  const known = [left, right].filter((look) => look !== 'unknown');
  if (known.length === 0) return 'unknown';
  if (known.every((look) => look === 'blinded')) return 'blinded';
  if (known.every((look) => look === 'covered' || look === 'blinded')) return 'covered';
  if (known.includes('seen') && !strangePair(face)) return 'seen';
  return 'doubtful';
}

/** One eye passes for closed, the other one does not: a hand over both is like that, one eye's glare is not. */
function strangePair({ eyes }: FaceSeen): boolean {
  const p = visibilityLimits.eye;
  const [a, b] = [eyes.left.appearance?.familiarity, eyes.right.appearance?.familiarity];
  if (a === undefined || b === undefined) return false;
  const least = leastFamiliarity(meanOpenness(eyes));
  return (a + b) / 2 < least - p.pairMargin && Math.max(a, b) < p.pairMax;
}
