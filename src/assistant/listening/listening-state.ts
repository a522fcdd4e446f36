import type { Ending } from '../speech/ending.js';
import type { HeardCommand, ListenerEvent, ListenerState, WakeBy } from './listener-event.js';

/** The recogniser's answer to a question. */
export type Answer =
  | {
      readonly kind: 'recognised';
      readonly ending: Ending;
      /** What it can mean beside the wake phrase alone. */
      readonly heard: HeardCommand;
      /** Most likely only the wake phrase was said: what should be done is still to come. */
      readonly isPhrase: boolean;
    }
  | { readonly kind: 'failed'; readonly ending: Ending; readonly code: string };

/** Speech from `startT` on; `isTold` once it was said that somebody speaks at the open microphone. */
interface Segment {
  readonly startT: number;
  readonly isTold: boolean;
}

export type Speech =
  | { readonly kind: 'quiet' }
  | { readonly kind: 'onset'; readonly startT: number; readonly frames: number }
  | ({ readonly kind: 'speaking' } & Segment)
  | ({
      readonly kind: 'pausing';
      /** Begin of the first silent frame. */
      readonly speechEndT: number;
      /** Frames of speech just now, too few so far to go on. */
      readonly resumed: number;
      /** Sound up to here is what was asked about. */
      readonly endpointT: number;
      /** Number of the question; null: the microphone is closed. */
      readonly asked: number | null;
      readonly answer: Answer | null;
      /** The button was let go of: no silence is waited for. */
      readonly isOver: boolean;
    } & Segment)
  /** Too long: nothing of it counts until there is a pause. */
  | { readonly kind: 'overlong' };

/** @typeParam G what may be said; only passed on */
export interface ListeningState<G> {
  readonly t: number;
  readonly isReady: boolean;
  readonly lost: string | null;
  /** What is said before `fromT` does not count. */
  readonly open: { readonly grammar: G; readonly fromT: number; readonly untilT: number } | null;
  readonly speech: Speech;
  readonly woken: {
    readonly t: number;
    readonly how: WakeBy;
    readonly fromT: number;
  } | null;
  /** Since when the button is held. */
  readonly pressedT: number | null;
  /** Since when somebody looks at the screen. */
  readonly gazeT: number | null;
  /** Number of the next question. */
  readonly next: number;
  /** What was said of the state last. */
  readonly told: ListenerState | null;
}

export const listeningStart: ListeningState<never> = {
  t: -Infinity,
  isReady: false,
  lost: null,
  open: null,
  speech: { kind: 'quiet' },
  woken: null,
  pressedT: null,
  gazeT: null,
  next: 1,
  told: null,
};

/** Times are ms on the drive clock; one that is earlier than what was heard already counts as now. */
export type ListeningInput<G> =
  /** One frame that ends at `t`; `speech`: probability, 0 where it is only the own voice. */
  | { readonly kind: 'frame'; readonly t: number; readonly speech: number }
  /** The stream begins anew: nothing before belongs to what comes. */
  | { readonly kind: 'gap'; readonly t: number }
  | { readonly kind: 'lost'; readonly t: number; readonly reason: string }
  /** The wake phrase was said, its end at about `t`. */
  | { readonly kind: 'phrase'; readonly t: number }
  | { readonly kind: 'open'; readonly t: number; readonly grammar: G; readonly untilT: number }
  | { readonly kind: 'shut'; readonly t: number }
  | { readonly kind: 'press'; readonly t: number }
  | { readonly kind: 'release'; readonly t: number }
  | { readonly kind: 'gaze'; readonly t: number; readonly isOnScreen: boolean }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: Answer };

type Untold<E> = E extends { readonly zone: unknown } ? Omit<E, 'zone'> : never;

export type ListeningOutput<G> =
  | {
      readonly kind: 'ask';
      readonly id: number;
      readonly grammar: G;
      /** Sound from here to there. */
      readonly fromT: number;
      readonly toT: number;
      /** The wake phrase was detected in it. */
      readonly isPhrase: boolean;
    }
  /** The question's answer is of no use any more. */
  | { readonly kind: 'cancel'; readonly id: number }
  | { readonly kind: 'event'; readonly event: Untold<ListenerEvent> };
