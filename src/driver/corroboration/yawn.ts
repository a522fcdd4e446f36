/** A wide open mouth that stays open: an inner-lip gap above half its width for at least 1.5 s (standards: 0.5 to 0.6). */
export const yawnParameters = { openAbove: 0.55, closedBelow: 0.4, minMs: 1500, maxHoleMs: 500 } as const;

export interface Yawning {
  readonly sinceMs: number | null;
  readonly lastT: number | null;
}

export interface Yawn {
  readonly kind: 'yawn';
  readonly startMs: number;
  readonly endMs: number;
}

export const initialYawning: Yawning = { sinceMs: null, lastT: null };

/**
 * One frame.
 * @param opening inner-lip gap over mouth width; null when the mouth was not seen
 * @returns the yawn that ended with this frame, if one did
 */
export function stepYawn(
  state: Yawning,
  t: number,
  opening: number | null,
): { readonly state: Yawning; readonly yawn: Yawn | null } {
  const p = yawnParameters;
  if (opening === null) {
    const lost = state.lastT !== null && t - state.lastT > p.maxHoleMs;
    return { state: lost ? initialYawning : state, yawn: null };
  }
  const { sinceMs } = state;
  if (sinceMs === null) return { state: { sinceMs: opening > p.openAbove ? t : null, lastT: t }, yawn: null };
  if (opening >= p.closedBelow) return { state: { sinceMs, lastT: t }, yawn: null };
  const yawn = t - sinceMs >= p.minMs ? ({ kind: 'yawn', startMs: sinceMs, endMs: t } as const) : null;
  return { state: { sinceMs: null, lastT: t }, yawn };
}
