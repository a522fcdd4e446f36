import type { MessagePort } from 'node:worker_threads';
import type { AssistantInput, AssistantOutput } from '../../assistant/exchange.js';
import type { Place } from '../../assistant/action/place.js';
import type { PcmCounters } from '../../audio/pcm-source.js';
import type { ClockEstimate } from '../../runtime/sources/source-clock.js';
import type { SourceState } from '../../runtime/sources/source-state.js';
import type { AssistantConfig } from '../config/schema.js';

/** Below it the assistant provides values; all others come from the driver service. */
export const assistantBranch = 'Vehicle.Cabin.Infotainment.Vigil.Assistant';

/** What the assistant's thread is started with. */
export interface AssistantData {
  readonly config: AssistantConfig;
  /** To the driver service's store. */
  readonly store: MessagePort;
}

/** How the assistant service is; plain data. */
export interface AssistantStatus {
  readonly microphones: readonly {
    readonly zone: Place;
    readonly address: string;
    readonly state: SourceState;
    readonly counters: PcmCounters;
    readonly clock: ClockEstimate;
  }[];
  /** Of the dialog. */
  readonly phase: string;
}

export type AssistantCommand =
  | { readonly kind: 'press'; readonly zone: Place }
  | { readonly kind: 'release'; readonly zone: Place }
  /** A sentence in writing, a suggestion of the driver graph, names and places that are known. */
  | { readonly kind: 'input'; readonly input: AssistantInput }
  /** Answered by an `AssistantStatus`. */
  | { readonly kind: 'status' };

export type AssistantEvent = AssistantOutput;
