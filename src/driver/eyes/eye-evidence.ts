import type { FaceSeen } from '../../camera/observation.js';
import { closureRatio, ratioAtClosure } from './closure.js';

/**
 * How the eye-state network's opinion joins the closure that the lids' geometry gives.
 *
 * Geometry decides wherever it is sure: lids clearly open or clearly closed against this driver's own baseline, of an
 * eye turned to the camera. In the band between, and in a wider one where the landmarks are doubtful, the closure's
 * place in the band and the network's probability are combined as independent odds (a logarithmic opinion pool, Genest
 * and Zidek 1986). So the result stays in the band whatever the network says, is geometry's alone at its ends and where
 * the network was not asked or undecided, and never falls when either rises.
 */
export const eyeEvidenceParameters = {
  /** Between these closures a squint, a look down and badly placed lids can't be told from a closing eye. */
  bandFrom: 0.4,
  bandTo: 0.75,
  /** The band where the landmarks are in full doubt. */
  doubtfulFrom: 0.15,
  doubtfulTo: 0.95,
  /** Head yaw: doubt begins, and is full. The same angles over which the far eye loses its weight. */
  yawDeg: [25, 35],
  /** Head below the neutral direction: the lids follow the gaze down and cover a third of the eye. */
  loweredDeg: [15, 25],
  /** The network is never believed further than this and its complement: it errs on a few of a hundred eyes. */
  maxProbability: 0.95,
  /** Beyond this yaw its training had no eyes. */
  maxYawDeg: 45,
} as const;

export interface EyeEvidence {
  /** 0 wide open to 1 closed; null where geometry could not measure. */
  readonly closure: number | null;
  /** What moved it: `both` where the network had a say. */
  readonly source: 'geometry' | 'both';
  /** The network's probability for both eyes together; null where it was not asked or is not to be believed. */
  readonly closedProbability: number | null;
}

/** Head direction against this driver's neutral one; where that is not known yet, against the camera. */
export interface EvidencePose {
  readonly yawDeg: number;
  readonly pitchDeg: number;
}

/** @param closure of geometry, 0 to 1 (closureRatio); null where there is none: the network alone closes no eye */
export function eyeEvidence(closure: number | null, eyes: FaceSeen['eyes'], pose: EvidencePose): EyeEvidence {
  const closedProbability = networkOpinion(eyes, pose);
  if (closure === null || closedProbability === null)
    return { closure, source: 'geometry', closedProbability };
  const pooled = poolClosure(closure, closedProbability, geometryDoubt(eyes, pose));
  return { closure: pooled, source: pooled === closure ? 'geometry' : 'both', closedProbability };
}

/** The eyes' probabilities by the trust that each has; null where no trusted eye was asked, or the head is turned too far. */
export function networkOpinion({ left, right }: FaceSeen['eyes'], { yawDeg }: EvidencePose): number | null {
  if (Math.abs(yawDeg) > eyeEvidenceParameters.maxYawDeg) return null;
  let sum = 0;
  let weights = 0;
  for (const { weight, closedProbability } of [left, right]) {
    if (closedProbability === undefined || !(weight > 0)) continue;
    sum += closedProbability * weight;
    weights += weight;
  }
  return weights > 0 ? sum / weights : null;
}

/** 0: the landmarks can be trusted; 1: not at all. The worst of: head turned, head lowered, one eye only. */
export function geometryDoubt({ left, right }: FaceSeen['eyes'], { yawDeg, pitchDeg }: EvidencePose): number {
  const p = eyeEvidenceParameters;
  const lost = 1 - Math.max(left.weight, right.weight);
  return Math.max(
    share(Math.abs(yawDeg), p.yawDeg),
    share(-pitchDeg, p.loweredDeg),
    Math.min(1, Math.max(0, lost)),
  );
}

/**
 * The rule itself, for numbers of 0 to 1: monotone in both, the closure itself outside its band and for a probability
 * of one half.
 */
export function poolClosure(closure: number, closedProbability: number, doubt: number): number {
  const p = eyeEvidenceParameters;
  const from = p.bandFrom + (p.doubtfulFrom - p.bandFrom) * doubt;
  const to = p.bandTo + (p.doubtfulTo - p.bandTo) * doubt;
  if (closure <= from || closure >= to) return closure;
  const place = (closure - from) / (to - from);
  const believed = Math.min(p.maxProbability, Math.max(1 - p.maxProbability, closedProbability));
  // place x p against its complement: the odds' product, without dividing by zero at the band's ends.
  const closed = place * believed;
  const open = (1 - place) * (1 - believed);
  return believed === 0.5 ? closure : from + (to - from) * (closed / (closed + open));
}

function share(value: number, [start, full]: readonly [number, number]): number {
  return Math.min(1, Math.max(0, (value - start) / (full - start)));
}

/** This driver's own open eye, and the closed one over it. */
export interface OwnEyes {
  /** Null before it is known. */
  readonly open: number | null;
  readonly floor: number;
}

/**
 * The openness that lids and network together speak for: as measured wherever geometry decides.
 * @param openness of the lids; null when they could not be measured
 */
export function evidentOpenness(
  openness: number | null,
  { open, floor }: OwnEyes,
  eyes: FaceSeen['eyes'],
  pose: EvidencePose,
): number | null {
  if (openness === null || open === null) return openness;
  const { closure, source } = eyeEvidence(closureRatio(openness, open, floor), eyes, pose);
  return source === 'geometry' || closure === null ? openness : open * ratioAtClosure(closure, floor);
}
