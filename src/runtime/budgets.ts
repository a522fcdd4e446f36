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
  'driver.step': {
    stage: 'driver.step',
    rateHz: 30,
    p50Ms: 0.3,
    p99Ms: 2,
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
