/**
 * A head that lies: leant far to the side or back, or hanging, and still. Awake heads balance, and move by a
 * degree or two all the time.
 */
export const headRestParameters = {
  rollDeg: 15,
  backDeg: 15,
  hangingDeg: 20,
  /** Movement allowed around the resting pose. */
  stillDeg: 2,
  minMs: 4000,
  maxHoleMs: 1000,
} as const;

export interface HeadAngles {
  /** From the driver's own usual direction; pitch positive up. */
  readonly pitchDeg: number;
  readonly rollDeg: number;
}

export interface Resting {
  readonly at: HeadAngles | null;
  readonly sinceMs: number;
  readonly lastT: number;
}

export const initialResting: Resting = { at: null, sinceMs: 0, lastT: 0 };

/** One frame. @param head null when it was not seen */
export function stepHeadRest(state: Resting, t: number, head: HeadAngles | null): Resting {
  const p = headRestParameters;
  if (head === null) return t - state.lastT > p.maxHoleMs ? initialResting : state;
  const lies =
    Math.abs(head.rollDeg) >= p.rollDeg || head.pitchDeg >= p.backDeg || head.pitchDeg <= -p.hangingDeg;
  if (!lies) return { ...initialResting, lastT: t };
  const { at } = state;
  const still =
    at !== null &&
    Math.abs(head.rollDeg - at.rollDeg) <= p.stillDeg &&
    Math.abs(head.pitchDeg - at.pitchDeg) <= p.stillDeg;
  return still ? { ...state, lastT: t } : { at: head, sinceMs: t, lastT: t };
}

export function isResting({ at, sinceMs, lastT }: Resting): boolean {
  return at !== null && lastT - sinceMs >= headRestParameters.minMs;
}
