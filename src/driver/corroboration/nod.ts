/**
 * A head that sinks and is jerked up again: 12 degrees and more below where it was (drowsy drivers 12 to 20,
 * awake ones 2 to 8), back within the time that nobody needs to look up from a phone.
 */
export const nodParameters = {
  dipDeg: 5,
  minDepthDeg: 12,
  maxDepthDeg: 45,
  maxMs: 5000,
  /** From the deepest point until most of the way is made good. */
  maxReturnMs: 600,
  returnShare: 0.7,
  levelMs: 2000,
  maxHoleMs: 500,
} as const;

interface Dip {
  readonly sinceMs: number;
  readonly bottomMs: number;
  readonly bottomDeg: number;
}

export interface Nodding {
  /** Slowly following pitch while the head is up. */
  readonly levelDeg: number | null;
  readonly lastT: number | null;
  readonly dip: Dip | null;
}

export interface Nod {
  readonly kind: 'nod';
  readonly startMs: number;
  readonly endMs: number;
  readonly depthDeg: number;
}

export const initialNodding: Nodding = { levelDeg: null, lastT: null, dip: null };

/** One frame. @param pitchDeg positive up; null when the head was not seen */
export function stepNod(
  state: Nodding,
  t: number,
  pitchDeg: number | null,
): { readonly state: Nodding; readonly nod: Nod | null } {
  const p = nodParameters;
  const { levelDeg, lastT, dip } = state;
  if (pitchDeg === null) {
    const lost = lastT !== null && t - lastT > p.maxHoleMs;
    return { state: lost ? initialNodding : state, nod: null };
  }
  if (levelDeg === null || lastT === null)
    return { state: { levelDeg: pitchDeg, lastT: t, dip: null }, nod: null };
  const down = levelDeg - pitchDeg;
  if (dip === null) {
    if (down > p.dipDeg)
      return {
        state: { ...state, lastT: t, dip: { sinceMs: t, bottomMs: t, bottomDeg: pitchDeg } },
        nod: null,
      };
    const share = 1 - Math.exp(-Math.max(0, t - lastT) / p.levelMs);
    return { state: { levelDeg: levelDeg - share * down, lastT: t, dip: null }, nod: null };
  }
  if (t - dip.sinceMs > p.maxMs) return { state: { levelDeg: pitchDeg, lastT: t, dip: null }, nod: null };
  const deeper = pitchDeg < dip.bottomDeg;
  const depthDeg = levelDeg - dip.bottomDeg;
  if (deeper || down > (1 - p.returnShare) * depthDeg) {
    // A bottom is left once, not held: the last frame of the deepest two degrees is where the return begins.
    const held = pitchDeg <= dip.bottomDeg + 2;
    const bottomDeg = Math.min(dip.bottomDeg, pitchDeg);
    return {
      state: { ...state, lastT: t, dip: { ...dip, bottomDeg, bottomMs: held ? t : dip.bottomMs } },
      nod: null,
    };
  }
  const fast = t - dip.bottomMs <= p.maxReturnMs;
  const nod = fast && depthDeg >= p.minDepthDeg && depthDeg <= p.maxDepthDeg;
  return {
    state: { ...state, lastT: t, dip: null },
    nod: nod ? { kind: 'nod', startMs: dip.sinceMs, endMs: t, depthDeg } : null,
  };
}
