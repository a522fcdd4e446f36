import type { Sample } from '../../vehicle/sample.js';
import type { SignalValue } from '../../vehicle/value.js';
import type { Destination } from '../action/plan.js';
import type { Place } from '../action/place.js';
import type { Meaning } from '../grammar/match.js';
import type { Priority } from './arbitration.js';

/** How sure the recogniser is. */
export type Certainty = 'act' | 'confirm' | 'reject';

/** What opens a microphone; `text` is a written sentence, which needs none. The wake phrase where nothing else is said. */
export type WakeHow = 'phrase' | 'button' | 'gaze' | 'text';

/** What an assistant can be without. */
export const assistantParts = ['microphone', 'recogniser', 'voice'] as const;
export type AssistantPart = (typeof assistantParts)[number];

/** What a dialog is told. Times are drive clock, ms, and never go back. */
export type DialogInput =
  | { readonly kind: 'wake'; readonly t: number; readonly zone: Place; readonly how?: WakeHow }
  /** Speech began at an open microphone. */
  | { readonly kind: 'speechStarted'; readonly t: number; readonly zone: Place }
  | {
      readonly kind: 'heard';
      readonly t: number;
      /** Whose microphone. */
      readonly zone: Place;
      /** Null: it means nothing that can be asked for. */
      readonly meaning: Meaning | null;
      readonly certainty: Certainty;
    }
  /** A signal of the vehicle, the driver's state among them. */
  | { readonly kind: 'value'; readonly t: number; readonly sample: Sample }
  /** An utterance came to its end. */
  | { readonly kind: 'spoken'; readonly t: number; readonly id: number }
  /** Whoever owns the actuators did not take a command. */
  | { readonly kind: 'actuationRefused'; readonly t: number; readonly command: number }
  | { readonly kind: 'suggestion'; readonly t: number; readonly what: 'restBreak' }
  /** What navigation knows, by kind (`restStop`) or name (`home`). */
  | {
      readonly kind: 'destinations';
      readonly t: number;
      readonly destinations: Readonly<Record<string, Destination>>;
    }
  | { readonly kind: 'ringing'; readonly t: number; readonly ringing: boolean }
  /** Whether anybody may be listened to; alerts are said all the same. */
  | { readonly kind: 'enable'; readonly t: number; readonly enabled: boolean }
  /** A part is missing, or there again (null). Told once. */
  | {
      readonly kind: 'part';
      readonly t: number;
      readonly part: AssistantPart;
      readonly missing: string | null;
    }
  | { readonly kind: 'tick'; readonly t: number };

export type Earcon = 'listening' | 'closed' | 'done' | 'failed' | 'alert' | 'timer';

/** An open microphone, and which grammars may be heard there. */
export interface Listening {
  readonly zone: Place;
  /** Dialog states of the command files; what is heard belongs to one of them. */
  readonly grammars: readonly string[];
}

/** What a dialog wants done. */
export type DialogOutput =
  | {
      readonly kind: 'actuate';
      readonly t: number;
      /** Number that `actuationRefused` gives back. */
      readonly command: number;
      readonly requests: readonly { readonly path: string; readonly value: SignalValue }[];
    }
  | {
      readonly kind: 'say';
      readonly t: number;
      readonly id: number;
      readonly text: string;
      readonly priority: Priority;
    }
  /** Stop speaking at once. */
  | { readonly kind: 'hush'; readonly t: number; readonly id: number }
  | { readonly kind: 'earcon'; readonly t: number; readonly name: Earcon }
  /** Media softer, or as loud as before. */
  | { readonly kind: 'duck'; readonly t: number; readonly on: boolean }
  | ({ readonly kind: 'listen'; readonly t: number } & Listening)
  | { readonly kind: 'closeMicrophone'; readonly t: number }
  /** Heard, and not for us. */
  | {
      readonly kind: 'ignored';
      readonly t: number;
      readonly why: 'notOpen' | 'notListening' | 'otherZone' | 'rejected';
    };
