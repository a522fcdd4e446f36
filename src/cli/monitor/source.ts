import { existsSync } from 'node:fs';
import type { CanFrames } from '../../can/frames.js';
import { liveSource } from './live-source.js';
import { openFrameLog } from './log-source.js';

/** Where the monitor's frames come from. */
export interface FrameSource {
  /** Iterate once. Ends with the log; for a live bus when the signal given to `openFrameSource` is aborted. */
  readonly frames: AsyncIterable<CanFrames>;
  /** Nanoseconds since 1970 at time 0 of the frames; null when that isn't known. */
  readonly startNs: bigint | null;
  /** Frames come when they come; nobody holds them back. */
  readonly live: boolean;
  /** Of a live bus: receive only these identifiers (keys as of `planKey`). */
  setFilter?(keys: readonly number[]): void;
  /** A live bus's state in a word. */
  state?(): string;
  /** What was lost so far; empty when nothing was. */
  problems(): readonly string[];
  close(): Promise<void>;
}

/** `scheme:rest` of a live bus; a file may have such a name too, and then it is the file. */
const liveScheme = /^(socketcan|socketcand|slcan):/;

/**
 * Opens a log file or a live bus.
 * @throws VigilError `FILE_UNREADABLE`, `LOG_EMPTY`, `LOG_FORMAT_UNKNOWN`, and what `openBus` throws
 */
export async function openFrameSource(source: string, stop: AbortSignal): Promise<FrameSource> {
  if (liveScheme.test(source) && !existsSync(source)) return openLive(source, stop);
  const log = await openFrameLog(source);
  return {
    frames: log,
    startNs: log.startNs,
    live: false,
    problems: () => log.problems(),
    close: () => Promise.resolve(),
  };
}

async function openLive(source: string, stop: AbortSignal): Promise<FrameSource> {
  const { openBus } = await import('../../can/live/open-bus.js');
  return liveSource(await openBus(source), stop);
}
