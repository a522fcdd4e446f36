import type { Clock } from './clock.js';

/** A pause longer than this is a suspended or stalled machine: deadlines in it are skipped, not made up for. */
const longestPauseMs = 500;

/**
 * Calls at absolute multiples of a period of the clock, so that lateness does not add up. What comes late gets the
 * deadline's own time, and the ones after it follow at once.
 * @param call with the time of the deadline, ms
 * @returns stops it
 */
export function atDeadlines(clock: Clock, periodMs: number, call: (t: number) => void): () => void {
  let next = (Math.floor(clock.now() / periodMs) + 1) * periodMs;
  let timer: NodeJS.Timeout;
  const wait = (): void => {
    timer = setTimeout(due, Math.max(0, next - clock.now()));
  };
  const due = (): void => {
    const now = clock.now();
    if (now - next > longestPauseMs) next = Math.floor(now / periodMs) * periodMs;
    while (next <= now) {
      const t = next;
      next += periodMs;
      call(t);
    }
    wait();
  };
  wait();
  return () => clearTimeout(timer);
}
