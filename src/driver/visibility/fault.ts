import type { UnknownReason } from '../measured.js';
import { faultTimes } from './limits.js';

/** What keeps the camera from seeing the driver well. */
export type FaultReason = keyof typeof faultTimes & UnknownReason;

/**
 * `degraded`: everything is still measured, with less trust. `eyesLost`: the head is still judged, the eyes are
 * not. `all`: nothing about the driver is measured.
 */
export type FaultSeverity = 'degraded' | 'eyesLost' | 'all';

export const faultSeverity: Readonly<Record<FaultReason, FaultSeverity>> = {
  cameraCovered: 'all',
  imageTooDark: 'all',
  imageSaturated: 'all',
  imageUniform: 'all',
  outOfFocus: 'all',
  imageFrozen: 'all',
  wrongSeat: 'all',
  eyesCovered: 'eyesLost',
  glare: 'eyesLost',
  oneEyeCovered: 'degraded',
  oneEyeGlare: 'degraded',
  lowerFaceCovered: 'degraded',
  severalFaces: 'degraded',
  eyesNotBlinking: 'degraded',
};

/** The gravest first; of equally grave ones the one that explains the others. */
export const faultReasons = Object.keys(faultSeverity) as readonly FaultReason[];

export interface Fault {
  readonly reason: FaultReason;
  /** First frame that showed it. */
  readonly sinceMs: number;
  readonly severity: FaultSeverity;
}

/** Evidence for one cause over time. */
export interface FaultTrack {
  /** 0 nothing speaks for it to 1 certain. */
  readonly level: number;
  /** First frame of the evidence in progress. */
  readonly sinceMs: number | null;
  readonly raised: boolean;
}

export const noFault: FaultTrack = { level: 0, sinceMs: null, raised: false };

/** Frames further apart than this stand for this long only. */
const maxSampleMs = 200;

/**
 * One frame. Evidence fills up over `onMs` and drains over `offMs`: frames that contradict each other cancel
 * out, and a fault ends only when as much has been seen without it as its `offMs` asks for.
 * @param seen whether this frame shows the cause; null when it cannot tell
 * @param elapsedMs since the frame before
 */
export function stepFault(
  track: FaultTrack,
  reason: FaultReason,
  t: number,
  elapsedMs: number,
  seen: boolean | null,
): FaultTrack {
  if (seen === null) return track;
  if (!seen && track.level === 0) return track;
  const { onMs, offMs } = faultTimes[reason];
  const ms = Math.min(maxSampleMs, Math.max(0, elapsedMs));
  const change = seen ? (onMs === 0 ? 1 : ms / onMs) : offMs === 0 ? -1 : -ms / offMs;
  const level = Math.min(1, Math.max(0, track.level + change));
  if (level === 0 && !seen) return noFault;
  return { level, sinceMs: track.sinceMs ?? t, raised: track.raised || level >= 1 };
}
