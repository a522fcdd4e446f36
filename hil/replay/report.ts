import type { FrameTimings, WorkerCounters } from '../../src/camera/face-tracker.js';
import type { VisionStage } from '../../src/camera/vision-addon.js';
import type { GraphOutput } from '../../src/fusion.js';
import type { BudgetedStage } from '../../src/runtime/budgets.js';
import type { LatencySnapshot } from '../../src/runtime/histogram.js';
import type { StoreCounters } from '../../src/vehicle/store.js';
import type { Damage } from '../recording/reader.js';

/** Some outputs in order, and where the time of the frames among them went. */
export interface ReplayBatch {
  readonly outputs: readonly GraphOutput[];
  /** Diagnostics: outside the promise of determinism. */
  readonly timings: readonly FrameTimings[];
}

/** What a replay says about itself at its start. Depends on the recording and the build only. */
export interface ReplayStart {
  readonly vehicle: string;
  readonly mapping: string;
  readonly recordedWith: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly hasCamera: boolean;
  readonly hasCan: boolean;
  /** Several in force together have `+` between their ids; the version is the first one's. */
  readonly policy: { readonly id: string; readonly version: number };
  /** Model id to sha256. */
  readonly models: Readonly<Record<string, string>>;
}

/** What a replay knows at its end. Diagnostics, but for `damaged` and `endedMs`. */
export interface ReplayReport {
  /** Drive time reached, ms. */
  readonly endedMs: number;
  /** Stopped before the end of what was asked for. */
  readonly interrupted: boolean;
  readonly damaged: Damage | null;
  readonly vision: WorkerCounters;
  readonly visionStages: Record<VisionStage, LatencySnapshot>;
  readonly stages: Record<BudgetedStage, LatencySnapshot>;
  readonly store: StoreCounters;
  /** Only of a paced replay. */
  readonly pace: { readonly lateness: LatencySnapshot; readonly behindMs: number } | null;
}
