/**
 * Hands on the wheel, from the torque they apply. A hand that holds the wheel keeps turning it a little against the
 * road; one that only rests on it may apply none for seconds, so that "off" needs much longer than "on".
 */
export interface HandsOn {
  /** Newest reading. */
  readonly lastT: number | null;
  readonly lastTorqueNm: number;
  /** Since when the torque has been above the threshold; null while it is not. */
  readonly appliedSinceMs: number | null;
  /** Last time a hand was felt. */
  readonly lastFeltMs: number | null;
  /** Since when readings have been coming without a gap. */
  readonly readSinceMs: number | null;
}

export const initialHandsOn: HandsOn = {
  lastT: null,
  lastTorqueNm: 0,
  appliedSinceMs: null,
  lastFeltMs: null,
  readSinceMs: null,
};

/** Our own choices; no standard gives torques. The 15 s are the first step of UN R79's hands-off warning. */
export const handsOnParameters = {
  thresholdNm: 0.35,
  /** A jolt from the road is shorter. */
  feltAfterMs: 150,
  /** On for this long after a hand was felt. */
  holdMs: 4000,
  /** Off from this long without one. */
  offAfterMs: 15_000,
  maxGapMs: 500,
} as const;

/** One reading of the driver's torque, later than the last. */
export function stepHandsOn(hands: HandsOn, t: number, torqueNm: number): HandsOn {
  const p = handsOnParameters;
  const gap = hands.lastT === null || t - hands.lastT > p.maxGapMs;
  const before = gap ? { ...initialHandsOn, lastFeltMs: hands.lastFeltMs, readSinceMs: t } : hands;
  const applied = Math.abs(torqueNm) >= p.thresholdNm;
  const appliedSinceMs = applied ? (before.appliedSinceMs ?? t) : null;
  const felt = appliedSinceMs !== null && t - appliedSinceMs >= p.feltAfterMs;
  return {
    lastT: t,
    lastTorqueNm: torqueNm,
    appliedSinceMs,
    lastFeltMs: felt ? t : before.lastFeltMs,
    readSinceMs: before.readSinceMs,
  };
}

/** True or false; `unsure` between the two times, `silent` without readings. */
export function handsOnWheel(hands: HandsOn, now: number): boolean | 'unsure' | 'silent' {
  const p = handsOnParameters;
  const { lastT, lastFeltMs, readSinceMs } = hands;
  if (lastT === null || readSinceMs === null || now - lastT > p.maxGapMs) return 'silent';
  if (lastFeltMs !== null && now - lastFeltMs <= p.holdMs) return true;
  return now - Math.max(lastFeltMs ?? readSinceMs, readSinceMs) >= p.offAfterMs ? false : 'unsure';
}
