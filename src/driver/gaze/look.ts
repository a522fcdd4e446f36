import { gazeLimits } from './limits.js';

/** What a frame says of where the driver looks; nothing is ever known from one frame to a far later one. */
export type Looking = 'ahead' | 'away' | 'unknown';

/** The part of the time between two frames that the first one speaks for: all of it, unless they are far apart. */
export function spokenForMs(fromMs: number, toMs: number): number {
  const ms = toMs - fromMs;
  return ms > 0 && ms <= gazeLimits.maxGapMs ? ms : 0;
}
