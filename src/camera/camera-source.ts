import type { Observable } from 'rxjs';
import type { ClockEstimate } from '../runtime/sources/source-clock.js';
import type { SourceState } from '../runtime/sources/source-state.js';
import type { CameraFrame } from './face-tracker.js';

export interface CameraCounters {
  readonly received: number;
  /** Pushed out by newer ones before anybody took them. */
  readonly dropped: number;
  /** What came and is no picture. */
  readonly malformed: number;
  /** How often the camera went away. */
  readonly losses: number;
}

/** A live camera, whatever carries it. It comes back by itself when it was unplugged. */
export interface CameraSource {
  /** As configured, for example `v4l2:/dev/video0`. */
  readonly address: string;
  /** `t` on the clock given at opening, ascending. Completes when the source is closed. */
  readonly frames$: Observable<CameraFrame>;
  /** The state now, and every change. Completes after `closed`. */
  readonly state$: Observable<SourceState>;
  counters(): CameraCounters;
  /** How the camera's own clock stands to ours. */
  clock(): ClockEstimate;
  /** Idempotent. */
  close(): void;
}
