/**
 * Tells the driver's voice from the assistant's own one in the microphone, by level. While the reply is heard, only what
 * is clearly louder than the reply's echo counts.
 */
export interface EchoRules {
  /** Speech has to be louder than the echo by so much, dB. */
  readonly marginDb: number;
  /** The reply is heard for so long after its end: sound card, room, ms. */
  readonly tailMs: number;
  /** So much of the own voice has to be heard before anything else may be told from it, ms. */
  readonly learnMs: number;
  /** How fast the echo's level rises and falls with what is heard: nine to one keeps to its loud tenth, dB a second. */
  readonly riseDbPerS: number;
  readonly fallDbPerS: number;
  /** While the reference is quieter than this, dB, nothing is echo. */
  readonly leastReferenceDb: number;
}

export const defaultEchoRules: EchoRules = {
  marginDb: 6,
  tailMs: 300,
  learnMs: 1000,
  riseDbPerS: 54,
  fallDbPerS: 6,
  leastReferenceDb: -55,
};

/** What was learnt of one kind of level. */
interface Learnt {
  readonly db: number;
  /** Sound that it was learnt from, ms. */
  readonly ms: number;
}

export interface EchoState {
  /** Whether the own voice speaks. */
  readonly isSpeaking: boolean;
  /** When it was last known to speak; null: never. */
  readonly lastT: number | null;
  /** Level of the loopback reference not long ago (it decays over the tail), dB; null: there is none. */
  readonly referenceDb: number | null;
  readonly referenceT: number;
  /** Loud tenth of the echo's level over that of the reference, dB. */
  readonly coupling: Learnt;
  /** Loud tenth of the echo's level, where there is no reference, dB. */
  readonly echo: Learnt;
}

const unknown: Learnt = { db: -Infinity, ms: 0 };

export const echoStart: EchoState = {
  isSpeaking: false,
  lastT: null,
  referenceDb: null,
  referenceT: -Infinity,
  coupling: unknown,
  echo: unknown,
};

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
  if (state.referenceDb === null) {
    const { learnt, isEcho } = learn(state.echo, db, frameMs, rules);
    return { state: { ...state, lastT, echo: learnt }, isEcho };
  }
  const referenceDb = decayed(state, t, rules);
  if (referenceDb < rules.leastReferenceDb) return { state: { ...state, lastT }, isEcho: false };
  const { learnt, isEcho } = learn(state.coupling, db - referenceDb, frameMs, rules);
  return { state: { ...state, lastT, coupling: learnt }, isEcho };
}

/** At first everything is echo, and the loudest of it counts; then what is much louder is none. */
function learn(
  { db, ms }: Learnt,
  heardDb: number,
  frameMs: number,
  { marginDb, learnMs, riseDbPerS, fallDbPerS }: EchoRules,
): { readonly learnt: Learnt; readonly isEcho: boolean } {
  if (ms < learnMs) return { learnt: { db: Math.max(db, heardDb), ms: ms + frameMs }, isEcho: true };
  if (heardDb > db + marginDb) return { learnt: { db, ms }, isEcho: false };
  const change = heardDb > db ? riseDbPerS : -fallDbPerS;
  const moved = db + (change * frameMs) / 1000;
  return {
    learnt: { db: heardDb > db ? Math.min(moved, heardDb) : Math.max(moved, heardDb), ms },
    isEcho: true,
  };
}

/** The reference's level as a room lets it die away: 60 dB over twice the tail. */
function decayed({ referenceDb, referenceT }: EchoState, t: number, { tailMs }: EchoRules): number {
  if (referenceDb === null) return -Infinity;
  return referenceDb - (60 * Math.max(0, t - referenceT)) / (2 * tailMs);
}
