import type { SignalValue } from '../../vehicle/value.js';
import type { Template } from './template.js';

/** One value of a list and the ways to say it. */
export interface ListValue {
  readonly value: SignalValue;
  readonly say: readonly Template[];
}

/** What a slot can hold. */
export type CommandList =
  | { readonly kind: 'values'; readonly values: readonly ListValue[] }
  | {
      readonly kind: 'range';
      readonly from: number;
      readonly to: number;
      readonly step: number;
    }
  /** Filled at run time: contacts, stations, points of interest. */
  | { readonly kind: 'dynamic'; readonly source: string };

/** One thing that can be asked for. */
export interface Intent {
  readonly name: string;
  readonly about: string;
  readonly say: readonly Template[];
  /** Slots that saying it fills by itself. */
  readonly slots: Readonly<Record<string, SignalValue>>;
  /** Dialog states in which it can be said; most can always be. */
  readonly states: readonly string[];
}

/** The commands of one language: `signals/commands/LANGUAGE/*.yaml`, put together. */
export interface CommandSet {
  readonly language: string;
  readonly lists: ReadonlyMap<string, CommandList>;
  readonly rules: ReadonlyMap<string, Template>;
  readonly intents: readonly Intent[];
  /** A piece with a blank that stands around every sentence; null: nothing does. */
  readonly around: Template | null;
}

/** The dialog state in which nothing is pending. */
export const idleState = 'idle';
