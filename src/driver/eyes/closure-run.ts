/**
 * Time at or above one closure level, with blinks taken out: a stretch counts from the moment it has been at the
 * level for as long as a blink may last at most, and then from its beginning. Until that is known its time waits.
 */
export interface ClosureRun {
  /** Time at the level so far, ms. */
  readonly atMs: number;
  /** End of the newest stretch at the level. */
  readonly lastMs: number;
  /** It has lasted longer than a blink: further time counts at once. */
  readonly counts: boolean;
  /** Time that waits, by the slot of time it belongs to; empty once it counts. */
  readonly waiting: readonly SlotTime[];
}

export interface SlotTime {
  readonly slot: number;
  readonly ms: number;
}

export interface ClosureRunStep {
  readonly run: ClosureRun | null;
  /** Time that counts from now on: what waited, and the new stretch. */
  readonly counted: readonly SlotTime[];
}

/** Below the level for at most this long is jitter around it: no eye opens and shuts again as fast as that. */
const bridgeMs = 120;

/** Lengths are computed from frame times: three frames at 6/s are half a second, give or take a rounding. */
export const roundingMs = 0.5;

const nothing: readonly SlotTime[] = [];

/** A stretch of time at the level, later than all before it. @param pieces the same stretch, cut into slots */
export function stepClosureRun(
  run: ClosureRun | null,
  fromMs: number,
  toMs: number,
  pieces: readonly SlotTime[],
  blinkMs: number,
): ClosureRunStep {
  const going = run !== null && fromMs - run.lastMs <= bridgeMs + roundingMs ? run : null;
  const atMs = (going?.atMs ?? 0) + (toMs - fromMs);
  if (going?.counts === true)
    return { run: { atMs, lastMs: toMs, counts: true, waiting: nothing }, counted: pieces };
  const waiting = going === null ? pieces : [...going.waiting, ...pieces];
  if (atMs < blinkMs - roundingMs)
    return { run: { atMs, lastMs: toMs, counts: false, waiting }, counted: nothing };
  return { run: { atMs, lastMs: toMs, counts: true, waiting: nothing }, counted: waiting };
}
