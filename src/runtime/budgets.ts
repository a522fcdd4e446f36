/** What may be dropped when a stage's input queue is full. `block` exists for lock-step only. */
export type DropPolicy = 'oldest' | 'newest' | 'block';

export interface Budget {
  readonly stage: string;
  /** Nominal rate, Hz. */
  readonly rateHz: number;
  /** Milliseconds a single item may take, on one quiet core. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Items that may wait before the drop policy acts. */
  readonly queue: number;
  readonly dropPolicy: DropPolicy;
  /** What the driver, or the bench, loses when the budget is missed. */
  readonly degradesTo: string;
}

/** The one budgets table: runtime accounting, the replay summary, tests and docs read it. */
export const budgets = {
  'vision.frame': {
    stage: 'vision.frame',
    rateHz: 30,
    p50Ms: 14,
    p99Ms: 25,
    maxMs: 66,
    queue: 2,
    dropPolicy: 'oldest',
    degradesTo: 'lower frame rate; blink counts become unavailable below 15 Hz, PERCLOS below 5 Hz',
  },
  'vision.detect': {
    stage: 'vision.detect',
    rateHz: 30,
    p50Ms: 20,
    p99Ms: 35,
    maxMs: 66,
    queue: 2,
    dropPolicy: 'oldest',
    degradesTo: 'later re-acquisition of a lost face',
  },
  // On CPU time of one look at a picture; the wall time on an idle thread may be anything.
  'vision.phone': {
    stage: 'vision.phone',
    rateHz: 1,
    p50Ms: 75,
    p99Ms: 150,
    maxMs: 1000,
    queue: 1,
    dropPolicy: 'oldest',
    degradesTo: 'fewer looks; after 4 s without one, phone use is unavailable',
  },
  // Less than 0.1 ms with warm caches; once in 33 ms they are cold, and most of the time goes into filling them.
  'driver.step': {
    stage: 'driver.step',
    rateHz: 30,
    p50Ms: 0.8,
    p99Ms: 3,
    maxMs: 10,
    queue: 8,
    dropPolicy: 'oldest',
    degradesTo: 'later driver states; the supervisor reports the graph as late',
  },
  'assistant.step': {
    stage: 'assistant.step',
    rateHz: 1,
    p50Ms: 1,
    p99Ms: 50,
    maxMs: 100,
    queue: 8,
    dropPolicy: 'newest',
    degradesTo: 'later replies; a driver state behind one comes later by as much',
  },
  'can.decode': {
    stage: 'can.decode',
    rateHz: 100,
    p50Ms: 0.2,
    p99Ms: 2,
    maxMs: 10,
    queue: 64,
    dropPolicy: 'oldest',
    degradesTo: 'signals go stale and say so',
  },
} as const satisfies Record<string, Budget>;

export type BudgetedStage = keyof typeof budgets;
