import type { Ending } from '../speech/ending.js';

/** Times and limits of listening; ms of drive time. */
export interface ListeningRules {
  /** Probability of speech from which on somebody speaks, and below which nobody does; between, all stays as it was. */
  readonly speaking: number;
  readonly silent: number;
  /** Frames of speech, one after the other, that make a beginning; fewer are a click or a cough. */
  readonly onsetFrames: number;
  /** Frames of speech in a pause that make the speaker go on. */
  readonly resumeFrames: number;
  /** Silence after which speech was all, by what it says in the grammar so far. */
  readonly endpointMs: Readonly<Record<Ending, number>>;
  /** Speech longer than this is no command. */
  readonly mostSpeechMs: number;
  /** Sound before the first frame of speech that the recogniser gets as well. */
  readonly beforeMs: number;
  /** How far back from its detection a wake phrase's speech may have begun. */
  readonly phraseMs: number;
  /** Speech that goes on for so long after the detection of a wake phrase is more than the phrase. */
  readonly phraseTailMs: number;
  /** Speech that began so long before a button was pressed belongs to it. */
  readonly beforeButtonMs: number;
  /** A button held longer than this is held to speak: its release is the end. */
  readonly clickMs: number;
  /** A look at the screen for so long before somebody speaks opens the microphone; null: looks open nothing. */
  readonly gazeMs: number | null;
  /** How long after waking the microphone may be opened with what was said meanwhile. */
  readonly openWithinMs: number;
}

export const defaultListeningRules: ListeningRules = {
  speaking: 0.5,
  silent: 0.35,
  onsetFrames: 2,
  resumeFrames: 2,
  endpointMs: { final: 200, extendable: 450, incomplete: 700 },
  // The recogniser takes 30 s, with the margin before.
  mostSpeechMs: 29_000,
  beforeMs: 250,
  phraseMs: 1500,
  phraseTailMs: 350,
  beforeButtonMs: 300,
  clickMs: 500,
  gazeMs: null,
  openWithinMs: 2000,
};
