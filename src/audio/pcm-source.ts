import type { Observable } from 'rxjs';
import type { ClockEstimate } from '../runtime/sources/source-clock.js';
import type { SourceState } from '../runtime/sources/source-state.js';
import type { PcmChunk } from './pcm.js';

export interface PcmCounters {
  readonly chunks: number;
  readonly samples: number;
  /** How often the microphone went away. */
  readonly losses: number;
}

/** A live microphone, whatever carries it. It comes back by itself when it was unplugged. */
export interface PcmSource {
  /** As configured, for example `alsa:hw:1` or `unix:/run/microphone`. */
  readonly address: string;
  /** `t` on the clock given at opening. Completes when the source is closed. */
  readonly chunks$: Observable<PcmChunk>;
  /** The state now, and every change. Completes after `closed`. */
  readonly state$: Observable<SourceState>;
  counters(): PcmCounters;
  /** How the sound card's clock, told by its samples, stands to ours. */
  clock(): ClockEstimate;
  /** Idempotent. */
  close(): void;
}

/** 16-bit little endian samples, channels one after the other in each frame; channels are averaged. */
export interface PcmFormat {
  /** Hz. */
  readonly rate: number;
  readonly channels: number;
}

/** What the listener works with: nothing has to be resampled. */
export const speechFormat: PcmFormat = { rate: 16_000, channels: 1 };
