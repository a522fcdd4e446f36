import type { FrameTimings } from './camera/face-tracker.js';
import type { GraphInput } from './fusion.js';
import type { BudgetedStage } from './runtime/budgets.js';
import type { Clock } from './runtime/clock.js';
import { Histogram, type LatencySnapshot } from './runtime/histogram.js';

const stageOf: Record<GraphInput['kind'], BudgetedStage> = {
  observation: 'driver.step',
  acknowledge: 'driver.step',
  enable: 'driver.step',
  journey: 'driver.step',
  policy: 'driver.step',
  phone: 'driver.step',
  load: 'driver.step',
  camera: 'driver.step',
  tick: 'driver.step',
  assistant: 'assistant.step',
  can: 'can.decode',
  bus: 'can.decode',
};

/** Runtime accounting against the budgets table: one latency histogram per stage. Diagnostics only. */
export class StageClock {
  readonly #stages: Record<BudgetedStage, Histogram> = {
    'vision.frame': new Histogram(),
    'vision.detect': new Histogram(),
    'vision.phone': new Histogram(),
    'driver.step': new Histogram(),
    'assistant.step': new Histogram(),
    'can.decode': new Histogram(),
  };

  constructor(private readonly clock: Clock) {}

  /** Runs `take` on an input of the graph and records how long it took. */
  step(input: GraphInput, take: (input: GraphInput) => void): void {
    const start = this.clock.now();
    take(input);
    this.#stages[stageOf[input.kind]].record(this.clock.now() - start);
  }

  frame(timings: FrameTimings): void {
    this.#stages[timings.detectorRan ? 'vision.detect' : 'vision.frame'].record(timings.totalMs);
  }

  /** @param phone CPU time of looks for phones, which their own thread counts */
  read(phone: LatencySnapshot = this.#stages['vision.phone'].read()): Record<BudgetedStage, LatencySnapshot> {
    return {
      'vision.frame': this.#stages['vision.frame'].read(),
      'vision.detect': this.#stages['vision.detect'].read(),
      'vision.phone': phone,
      'driver.step': this.#stages['driver.step'].read(),
      'assistant.step': this.#stages['assistant.step'].read(),
      'can.decode': this.#stages['can.decode'].read(),
    };
  }
}
