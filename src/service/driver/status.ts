import type { BusCounters } from '../../can/live/can-bus.js';
import type { BudgetedStage } from '../../runtime/budgets.js';
import type { HeartbeatCounters } from '../../runtime/heartbeat.js';
import type { LatencySnapshot } from '../../runtime/histogram.js';
import type { SourceState } from '../../runtime/sources/source-state.js';
import type { StoreCounters } from '../../vehicle/store.js';
import type { DriveSinkStatus } from './drive-sink.js';
import type { LiveCameraStatus } from './live-camera.js';

/** How the driver service is; plain data. */
export interface DriverStatus {
  /** By name or file, as configured last. */
  readonly policies: readonly string[];
  /** Null where none is configured. */
  readonly camera: LiveCameraStatus | null;
  readonly can: readonly {
    readonly address: string;
    readonly state: SourceState;
    /** Null before the bus was opened for the first time. */
    readonly counters: BusCounters | null;
  }[];
  readonly stages: Readonly<Record<BudgetedStage, LatencySnapshot>>;
  /** Null where nothing is recorded by configuration. */
  readonly recorder: DriveSinkStatus | null;
  readonly heartbeat: HeartbeatCounters;
  readonly store: StoreCounters;
}
