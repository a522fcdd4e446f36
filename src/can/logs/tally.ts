import type { LogProblem, LogSummary } from './log-format.js';

const keptProblems = 20;

/** What a reader meets besides frames. */
export class Tally {
  readonly #skipped: Record<string, number> = {};
  readonly #problems: LogProblem[] = [];
  readonly #notes: string[] = [];
  #damaged = 0;
  cutOff = false;

  /** A record that is sound and no CAN frame. */
  skip(kind: string): void {
    this.#skipped[kind] = (this.#skipped[kind] ?? 0) + 1;
  }

  /** A record that could not be read. */
  damage(place: string, text: string): void {
    this.#damaged += 1;
    if (this.#problems.length < keptProblems) this.#problems.push({ place, text });
  }

  note(text: string): void {
    if (!this.#notes.includes(text)) this.#notes.push(text);
  }

  summary(frames: number): LogSummary {
    return {
      frames,
      skipped: { ...this.#skipped },
      damaged: this.#damaged,
      problems: [...this.#problems],
      cutOff: this.cutOff,
      notes: [...this.#notes],
    };
  }
}
