import type { CanFrames } from '../../can/frames.js';
import { openLog } from '../../can/logs/registry.js';

/** A log as the tools read it. */
export interface FrameLog extends AsyncIterable<CanFrames> {
  /** The log's time 0 in nanoseconds since 1970; null when it tells only relative times. */
  readonly startNs: bigint | null;
  /** What is wrong with what has been read so far; empty when nothing is. */
  problems(): readonly string[];
}

/**
 * Opens a log of any format we read.
 * @throws VigilError `FILE_UNREADABLE`, `LOG_EMPTY`, `LOG_FORMAT_UNKNOWN`
 */
export async function openFrameLog(path: string): Promise<FrameLog> {
  const log = await openLog(path);
  return {
    startNs: log.header.startNs,
    [Symbol.asyncIterator]: () => log[Symbol.asyncIterator](),
    problems: () => {
      const { damaged, problems, cutOff } = log.summary;
      return [
        ...(cutOff ? [`${path} ends in the middle of something; what is whole was read`] : []),
        ...(damaged > 0 ? [`${path}: ${damaged} damaged records were left out`] : []),
        ...problems.slice(0, 3).map(({ place, text }) => `${path}, ${place}: ${text}`),
      ];
    },
  };
}
