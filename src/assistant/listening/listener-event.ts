import type { Place } from '../action/place.js';
import type { Ending } from '../speech/ending.js';
import type { Recognised } from '../speech/speech-recogniser.js';
import type { Zone } from '../speech/zones.js';

/** What opened a microphone. */
export type WakeBy = 'phrase' | 'button' | 'gaze';

/** What a listener can say of itself. */
export type ListenerState =
  /** Too little sound came in for a judgement since the stream began. */
  | { readonly kind: 'notReady' }
  /** Only the wake phrase, the button and the look are attended to. */
  | { readonly kind: 'asleep' }
  | { readonly kind: 'listening' }
  /** Somebody made a pause: was that all? */
  | { readonly kind: 'deciding' }
  /** Nothing is heard, and why. */
  | { readonly kind: 'unavailable'; readonly reason: string };

/** What was recognised, without the timings: those are no function of the sound. */
export type HeardCommand = Omit<Recognised, 'timings'> & { readonly certainty: Zone };

/** Why speech at an open microphone came to nothing. */
export type NotHeard =
  | { readonly why: 'tooLong' }
  /** Sound is missing in the middle of it. */
  | { readonly why: 'gap' }
  /** The recogniser failed. */
  | { readonly why: 'failed'; readonly code: string };

/** Times are ms on the drive clock; `t` never goes back. */
export type ListenerEvent = { readonly t: number; readonly zone: Place } & (
  | { readonly kind: 'wake'; readonly how: WakeBy }
  /** At an open microphone. `startT`: begin of the first frame of it. */
  | { readonly kind: 'speechStarted'; readonly startT: number }
  /** `speechEndT`: begin of the first silent frame. */
  | { readonly kind: 'speechEnded'; readonly speechEndT: number }
  | {
      readonly kind: 'heard';
      readonly heard: HeardCommand;
      readonly ending: Ending;
      readonly startT: number;
      readonly speechEndT: number;
      /** End of the sound that was recognised. */
      readonly endpointT: number;
      /** When the silence was long enough; the same as `t`. */
      readonly decidedT: number;
    }
  | ({ readonly kind: 'notHeard' } & NotHeard)
  | { readonly kind: 'state'; readonly state: ListenerState }
);

/** What the machine took for one recognition: no function of the sound, so no part of a replay. */
export interface ListeningDiagnostic {
  /** Drive time up to which the sound was recognised. */
  readonly endpointT: number;
  readonly audioMs: number;
  readonly cpuMs: number;
  /** From the request to the answer, ms. */
  readonly wallMs: number;
  /** How long the decision had to wait for the answer, ms; 0: it was there in time. */
  readonly waitedMs: number;
}
