import type { SignalValue } from '../../vehicle/value.js';
import type { TimerName } from '../action/action.js';
import type { Command, Destination, Effect } from '../action/plan.js';
import type { Place } from '../action/place.js';
import type { KnownSamples } from '../action/vehicle-view.js';
import type { Priority } from './arbitration.js';
import type { AssistantPart, Listening } from './exchange.js';

/** A phase in which somebody may speak. */
interface Open {
  readonly zone: Place;
  /** The utterance that has to end before the time to answer begins; null: it has begun. */
  readonly prompt: number | null;
  /** Time to answer after the prompt, ms. */
  readonly windowMs: number;
  /** When it closes; Infinity while there is a prompt, whose own time is limited. */
  readonly untilMs: number;
  /** What was not understood in this phase so far. */
  readonly misheard: number;
}

export type Phase =
  | { readonly kind: 'idle' }
  | ({ readonly kind: 'listening' } & Open)
  /** After a command: the next one needs no wake word, and this one may be corrected. */
  | ({ readonly kind: 'following'; readonly command: number | null } & Open)
  | ({ readonly kind: 'confirming'; readonly command: Command; readonly isRestOffer: boolean } & Open)
  | ({ readonly kind: 'asking'; readonly command: Command; readonly slot: string } & Open);

export type OpenPhase = Exclude<Phase, { kind: 'idle' }>;

export interface Utterance {
  readonly id: number;
  readonly priority: Priority;
  readonly text: string;
  /** For a driver who has no time to listen. */
  readonly short: string;
  readonly askedMs: number;
}

/** A command whose effects have been asked for and not all been seen. */
export interface Running {
  readonly id: number;
  readonly command: Command;
  readonly effects: readonly Effect[];
  readonly deadlineMs: number;
  readonly destination: Destination | null;
  /** An undone command can't be undone again. */
  readonly isUndo: boolean;
}

/** A command that was carried out. */
export interface Done {
  readonly id: number;
  readonly command: Command;
  readonly effects: readonly Effect[];
}

/** All that a dialog remembers; immutable and plain data. */
export interface DialogState {
  readonly t: number;
  readonly samples: KnownSamples;
  readonly destinations: Readonly<Record<string, Destination>>;
  readonly phase: Phase;
  readonly running: readonly Running[];
  /** Newest first. */
  readonly done: readonly Done[];
  /** What the assistant replaced, by path. */
  readonly replaced: Readonly<Record<string, SignalValue>>;
  readonly timers: readonly { readonly name: TimerName; readonly dueMs: number }[];
  readonly speaking: (Utterance & { readonly sinceMs: number; readonly untilMs: number }) | null;
  readonly waiting: readonly Utterance[];
  readonly lastSaid: string | null;
  readonly isDucked: boolean;
  readonly microphone: Listening | null;
  readonly isRinging: boolean;
  readonly isEnabled: boolean;
  /** Parts that are missing, with why. */
  readonly missing: Readonly<Partial<Record<AssistantPart, string>>>;
  /** Parts whose absence was told. */
  readonly told: readonly AssistantPart[];
  readonly rest: { readonly quietUntilMs: number; readonly isSuggested: boolean };
  /** The next number of an utterance or a command. */
  readonly next: number;
}

export const initialDialog: DialogState = {
  t: -Infinity,
  samples: {},
  destinations: {},
  phase: { kind: 'idle' },
  running: [],
  done: [],
  replaced: {},
  timers: [],
  speaking: null,
  waiting: [],
  lastSaid: null,
  isDucked: false,
  microphone: null,
  isRinging: false,
  isEnabled: true,
  missing: {},
  told: [],
  rest: { quietUntilMs: -Infinity, isSuggested: false },
  next: 1,
};
