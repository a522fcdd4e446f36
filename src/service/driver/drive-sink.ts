import type { CameraFrame } from '../../camera/face-tracker.js';
import type { CanFrames } from '../../can/frames.js';
import type { Clock } from '../../runtime/clock.js';
import type { VigilConfig } from '../config/schema.js';

/** How the recording of drives is; plain data. */
export interface DriveSinkStatus {
  readonly state: 'recording' | 'stopped';
  /** Why nothing is recorded; empty while something is. */
  readonly reason: string;
  /** Of the present file; empty while none is open. */
  readonly file: string;
  readonly written: number;
  /** Not taken because the disk was too slow. */
  readonly dropped: number;
  /** Files that were deleted to keep within the limit. */
  readonly deleted: number;
}

/** Something that keeps a drive's inputs. Never waits and never throws. */
export interface DriveSink {
  camera(frame: CameraFrame): void;
  can(frames: CanFrames): void;
  status(): DriveSinkStatus;
  close(): Promise<void>;
}

/** What hil/live/drive-recorder.ts exports: loaded by name, as src does not import the bench. */
export interface DriveSinkModule {
  readonly openDriveSink: (config: VigilConfig, clock: Clock) => DriveSink;
}

/** The recorder where one is configured. */
export async function driveSinkOf(config: VigilConfig, clock: Clock): Promise<DriveSink | null> {
  if (config.recorder === undefined) return null;
  const name = '../../../hil/live/drive-recorder.js';
  const { openDriveSink } = (await import(name)) as DriveSinkModule;
  return openDriveSink(config, clock);
}
