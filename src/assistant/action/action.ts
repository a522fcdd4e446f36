import type { SignalValue } from '../../vehicle/value.js';
import type { PlaceGroup } from './place.js';

/** What a path is to become. */
export type Target =
  | { readonly kind: 'value'; readonly value: SignalValue }
  /** A slot's value, looked up in `values` or multiplied. */
  | {
      readonly kind: 'slot';
      readonly slot: string;
      readonly scale: number;
      readonly values: Readonly<Record<string, SignalValue>> | null;
    }
  /** So much more than now, within limits of its own besides the tree's. */
  | { readonly kind: 'step'; readonly by: number; readonly from: number; readonly to: number }
  /** The next or the last but one of these, from now. */
  | { readonly kind: 'next'; readonly values: readonly SignalValue[]; readonly by: number }
  /** What it was before the assistant last changed it. */
  | { readonly kind: 'previous'; readonly otherwise: SignalValue };

/** What has to be seen before it may be said to be done. */
export type Seen =
  /** The actuator itself shows its target. */
  | { readonly kind: 'target' }
  | { readonly kind: 'is'; readonly path: string; readonly value: SignalValue }
  | { readonly kind: 'changed'; readonly path: string };

/** One actuator that an intent moves; paths may hold {place}, {station} or {side}. */
export interface EffectSpec {
  readonly path: string;
  readonly target: Target;
  readonly seen: Seen;
  /** How long it may take, ms. */
  readonly withinMs: number;
  /** For what is seen elsewhere: the value to ask for so that it becomes what it was. Null: its value before. */
  readonly back: readonly { readonly was: SignalValue; readonly to: SignalValue }[] | null;
}

/** A figure that answers a question. */
export interface Reading {
  readonly paths: readonly string[];
  readonly fold: 'only' | 'lowest' | 'any';
  readonly scale: number;
  readonly digits: number;
}

export type TimerName = 'timer' | 'break' | 'charge';

/** What an intent does, in any language. */
export type Action =
  | {
      readonly kind: 'effects';
      readonly effects: readonly EffectSpec[];
      /** Places that it is done at together; null: the one that is said, or the speaker's. */
      readonly at: PlaceGroup | null;
      /** Places where it can be done at all. */
      readonly only: PlaceGroup;
      /** Asked before it is done. */
      readonly confirm: boolean;
    }
  /** A place that is made the destination: its name, or the slot that holds it. */
  | { readonly kind: 'destination'; readonly place: string; readonly isSlot: boolean }
  | { readonly kind: 'read'; readonly readings: Readonly<Record<string, Reading>> }
  | {
      readonly kind: 'timer';
      readonly what: 'start' | 'cancel' | 'left';
      readonly timer: TimerName;
      readonly slot: string;
      readonly minutes: number;
    };

export interface ActionEntry {
  readonly action: Action;
  /** Slots without which it is asked for them. */
  readonly needs: readonly string[];
  /** Slots that are meant where nothing else was said. */
  readonly slots: Readonly<Record<string, SignalValue>>;
}

/** `signals/assistant/actions.yaml`. */
export interface ActionTable {
  readonly intents: ReadonlyMap<string, ActionEntry>;
  readonly unsupported: ReadonlySet<string>;
}

export const destinationPaths = {
  latitude: 'Vehicle.Cabin.Infotainment.Navigation.DestinationSet.Latitude',
  longitude: 'Vehicle.Cabin.Infotainment.Navigation.DestinationSet.Longitude',
} as const;
