import { existsSync } from 'node:fs';
import type { CanFrames } from '../../can/frames.js';
import { VigilError } from '../../runtime/errors.js';
import { openFrameLog } from './log-source.js';

/** Where the monitor's frames come from. */
export interface FrameSource {
  /** Iterate once. Ends with the log; for a live bus when the signal given to `openFrameSource` is aborted. */
  readonly frames: AsyncIterable<CanFrames>;
  /** Frames come when they come; nobody holds them back. */
  readonly live: boolean;
  /** What was lost so far; empty when nothing was. */
  problems(): readonly string[];
  close(): Promise<void>;
}

/** `scheme:rest` of a live bus; a file may have such a name too, and then it is the file. */
const liveSource = /^(socketcan|socketcand|slcan):/;

/**
 * Opens a log file or a live bus.
 * @throws VigilError `FILE_UNREADABLE`, `LOG_EMPTY`, `LOG_FORMAT_UNKNOWN`, `BUS_UNAVAILABLE`
 */
export async function openFrameSource(source: string, stop: AbortSignal): Promise<FrameSource> {
  if (liveSource.test(source) && !existsSync(source)) return openLive(source, stop);
  const log = await openFrameLog(source);
  return { frames: log, live: false, problems: () => log.problems(), close: () => Promise.resolve() };
}

function openLive(source: string, _stop: AbortSignal): Promise<FrameSource> {
  throw new VigilError('BUS_UNAVAILABLE', `Expected a live bus at ${source}.`, '');
}
