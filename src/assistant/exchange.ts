import type { Place } from './action/place.js';
import type { DialogInput, DialogOutput } from './dialog/exchange.js';
import type { Phase } from './dialog/state.js';
import type { Named } from './grammars.js';
import type { Understanding } from './understand.js';
import type { Recognised } from './speech/speech-recogniser.js';
import type { Zone } from './speech/zones.js';

/** An utterance as the recogniser heard it. */
export interface HeardSpeech extends Pick<Recognised, 'hypotheses' | 'freeText' | 'llr'> {
  /** What the rejection score allows. */
  readonly certainty: Zone;
}

/** What the assistant is told. Times are drive clock, ms; what is told later is not older. */
export type AssistantInput =
  | Extract<
      DialogInput,
      {
        kind:
          | 'wake'
          | 'speechStarted'
          | 'spoken'
          | 'suggestion'
          | 'destinations'
          | 'ringing'
          | 'enable'
          | 'part'
          | 'tick';
      }
    >
  /** Somebody stopped speaking; what was said is being recognised. */
  | { readonly kind: 'speechEnded'; readonly t: number; readonly zone: Place }
  | { readonly kind: 'heard'; readonly t: number; readonly zone: Place; readonly speech: HeardSpeech }
  /** Speech came to nothing: it was too long, sound is missing in it, or the recogniser failed. */
  | { readonly kind: 'notHeard'; readonly t: number; readonly zone: Place; readonly why: string }
  /** A sentence in writing, which needs no waking. */
  | { readonly kind: 'typed'; readonly t: number; readonly zone: Place; readonly text: string }
  /** Values of a dynamic slot: `contacts`, `stations`. Places follow from the destinations. */
  | {
      readonly kind: 'names';
      readonly t: number;
      readonly source: string;
      readonly values: readonly Named[];
    };

/** What the assistant says and wants; beside the dialog's own outputs what they rest on. */
export type AssistantOutput =
  | DialogOutput
  /** What an utterance was taken for. */
  | ({ readonly kind: 'understood'; readonly t: number; readonly zone: Place } & Understanding)
  | {
      readonly kind: 'phase';
      readonly t: number;
      readonly phase: Phase['kind'];
      /** Whose microphone; null while it is closed. */
      readonly zone: Place | null;
    };
