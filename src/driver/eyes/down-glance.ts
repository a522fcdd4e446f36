import { ratioAtClosure } from './closure.js';

/**
 * Looking down takes the upper lid along: 40 degrees down remove 34 % of the aperture, and the head's own pitch
 * takes its cosine off what is left. Lids that come down while the head pitches by more than 5 degrees belong to
 * a glance, not to a closure (US 11144756 B2), as long as they are not shut: who nods off shuts them.
 */
export const downGlanceParameters = {
  pitchChangeDeg: 5,
  /** The glance is over when the head is back to within this. */
  returnedDeg: 3,
  /** What the head's usual pitch follows with, ms. */
  levelMs: 1500,
  /** Openness over the open eye below which lids are taken for lowered, and above which for raised again. */
  loweredBelow: 0.68,
  raisedAbove: 0.85,
  /** From this closure on, on the driver's own scale, eyes are shut whatever the head does. */
  shutClosure: 0.85,
  /** Lids that were shut are opening again from here on: a glance hides a third, so what stays below half is no glance. */
  reopenedAbove: 0.5,
  /** Share of the open eye that the glance hides. */
  hiddenShare: 0.34,
  maxHoleMs: 500,
} as const;

export interface DownGlance {
  /** Pitch of the head while it does not glance down; null before it was seen. */
  readonly levelDeg: number | null;
  readonly lastT: number;
  readonly active: boolean;
  /** The lids were shut and have not come up since: a head that sinks now nods. */
  readonly shut: boolean;
}

export const initialDownGlance: DownGlance = { levelDeg: null, lastT: 0, active: false, shut: false };

export interface LidsAndHead {
  /** Positive up; NaN or null when it was not measured. */
  readonly pitchDeg: number | null;
  /** Null when it was not measured. */
  readonly openness: number | null;
  /** Of this driver's open eye; null before it is known. */
  readonly open: number | null;
  /** This driver's closed over open. */
  readonly floor: number;
}

/** One frame. @returns the openness that the eyes would have without the glance; null as it came */
export function stepDownGlance(
  state: DownGlance,
  t: number,
  { pitchDeg, openness, open, floor }: LidsAndHead,
): { readonly state: DownGlance; readonly openness: number | null } {
  const p = downGlanceParameters;
  if (pitchDeg === null || !Number.isFinite(pitchDeg) || openness === null || open === null) {
    return { state: t - state.lastT > p.maxHoleMs ? initialDownGlance : state, openness };
  }
  const elapsedMs = t - state.lastT;
  const ratio = openness / open;
  const shut = ratio <= ratioAtClosure(p.shutClosure, floor) || (state.shut && ratio <= p.reopenedAbove);
  if (state.levelDeg === null || elapsedMs > p.maxHoleMs)
    return { state: { levelDeg: pitchDeg, lastT: t, active: false, shut }, openness };
  const dropDeg = state.levelDeg - pitchDeg;
  const active = state.active
    ? !shut && dropDeg > p.returnedDeg && ratio < p.raisedAbove
    : !shut && dropDeg > p.pitchChangeDeg && ratio < p.loweredBelow;
  const share = 1 - Math.exp(-elapsedMs / p.levelMs);
  const levelDeg = active ? state.levelDeg : state.levelDeg - share * dropDeg;
  return {
    state: { levelDeg, lastT: t, active, shut },
    openness: active ? Math.min(open, openness + p.hiddenShare * open) : openness,
  };
}
