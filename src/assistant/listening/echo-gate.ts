/**
 * Tells the driver's voice from the assistant's own one in the microphone, by level. While the reply is heard, only what
 * is clearly louder than the reply's echo counts.
 */
export interface EchoRules {
  /** Speech has to be louder than the echo by so much, dB. */
  readonly marginDb: number;
  /** The reply is heard for so long after its end: sound card, room, ms. */
  readonly tailMs: number;
  /** How much quieter the reply is at the microphone than in the reference, before it was measured, dB. */
  readonly firstCouplingDb: number;
  /** The measured coupling falls so fast towards what is heard, dB a second; it rises three times as slowly. */
  readonly followDbPerS: number;
  /** References quieter than this measure nothing, dB. */
  readonly leastReferenceDb: number;
}

export const defaultEchoRules: EchoRules = {
  marginDb: 6,
  tailMs: 300,
  firstCouplingDb: 0,
  followDbPerS: 30,
  leastReferenceDb: -60,
};

export interface EchoState {
  /** Whether the own voice speaks. */
  readonly isSpeaking: boolean;
  /** When it was last known to speak; null: never. */
  readonly lastT: number | null;
  /** Level of the loopback reference not long ago (it decays over the tail), dB; null: there is none. */
  readonly referenceDb: number | null;
  readonly referenceT: number;
  /** Level at the microphone over that of the reference, dB. */
  readonly couplingDb: number;
  /** Level of the echo where there is no reference: what is loud at the microphone while the reply is spoken, dB. */
  readonly echoDb: number | null;
}

export function echoStart(rules: EchoRules): EchoState {
  return {
    isSpeaking: false,
    lastT: null,
    referenceDb: null,
    referenceT: -Infinity,
    couplingDb: rules.firstCouplingDb,
    echoDb: null,
  };
}

/** The reply begins or ends. */
export function ownVoice(state: EchoState, t: number, isSpeaking: boolean): EchoState {
  return { ...state, isSpeaking, lastT: isSpeaking || state.isSpeaking ? t : state.lastT };
}

/** Level of what is sent to the loudspeaker; the louder of it and what is left of before counts. */
export function reference(state: EchoState, t: number, db: number, rules: EchoRules): EchoState {
  return { ...state, referenceT: t, referenceDb: Math.max(db, decayed(state, t, rules)) };
}

/**
 * One frame of the microphone.
 * @param db its level
 * @returns `isEcho`: nothing in it is louder than the reply's echo may be
 */
export function stepEcho(
  state: EchoState,
  t: number,
  db: number,
  frameMs: number,
  rules: EchoRules,
): { readonly state: EchoState; readonly isEcho: boolean } {
  const lastT = state.isSpeaking ? t : state.lastT;
  if (lastT === null || t - lastT > rules.tailMs) return { state, isEcho: false };
  const moved = (from: number, to: number): number => {
    const most = (rules.followDbPerS * frameMs) / 1000;
    return from + Math.max(-most, Math.min(most / 3, to - from));
  };
  const referenceDb = decayed(state, t, rules);
  if (state.referenceDb !== null && referenceDb >= rules.leastReferenceDb) {
    const isEcho = db <= referenceDb + state.couplingDb + rules.marginDb;
    const couplingDb = isEcho ? moved(state.couplingDb, db - referenceDb) : state.couplingDb;
    return { state: { ...state, lastT, couplingDb }, isEcho };
  }
  // Without a reference the first reply teaches how loud its echo is; nothing breaks in on it until then.
  const { echoDb } = state;
  if (echoDb === null) return { state: { ...state, lastT, echoDb: db }, isEcho: true };
  const isEcho = db <= echoDb + rules.marginDb;
  return { state: { ...state, lastT, echoDb: peak(echoDb, db, isEcho, frameMs) }, isEcho };
}

/** Follows the loud frames of the reply: up at once within the margin, down by 3 dB a second. */
function peak(echoDb: number, db: number, isEcho: boolean, frameMs: number): number {
  if (!isEcho) return echoDb;
  return Math.max(db, echoDb - (3 * frameMs) / 1000);
}

/** The reference's level as a room lets it die away: 60 dB over twice the tail. */
function decayed({ referenceDb, referenceT }: EchoState, t: number, { tailMs }: EchoRules): number {
  if (referenceDb === null) return -Infinity;
  return referenceDb - (60 * Math.max(0, t - referenceT)) / (2 * tailMs);
}
