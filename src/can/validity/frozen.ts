import type { FrozenSpec } from './rules.js';

interface Reference {
  latest: number;
  low: number;
  high: number;
}

/**
 * Notices a value that stands still, frame after frame bit for bit the same, while every value it must follow moves.
 * Times are those of the drive clock, ms.
 */
export class FrozenWatch {
  readonly #references: readonly Reference[];
  #value = Number.NaN;
  #sinceMs = 0;

  constructor(readonly spec: FrozenSpec) {
    this.#references = spec.against.map(() => ({ latest: Number.NaN, low: Number.NaN, high: Number.NaN }));
  }

  /** The reference `index` of the rule has a new value; NaN is passed over. */
  moved(index: number, value: number): void {
    const reference = this.#references[index];
    if (Number.isNaN(value)) return;
    reference.latest = value;
    reference.low = value < reference.low || Number.isNaN(reference.low) ? value : reference.low;
    reference.high = value > reference.high || Number.isNaN(reference.high) ? value : reference.high;
  }

  /** The watched signal has a value at `t`. Returns the reason when it is frozen. */
  judge(value: number, t: number): string | undefined {
    if (value !== this.#value) {
      this.#value = value;
      this.#sinceMs = t;
      for (const reference of this.#references) reference.low = reference.high = reference.latest;
      return undefined;
    }
    const { signal, against, moved, forMs } = this.spec;
    if (t - this.#sinceMs < forMs) return undefined;
    const spread = Math.min(...this.#references.map(({ low, high }) => high - low));
    return spread > moved
      ? `${signal} frozen at ${value} while ${against[0].message} moved by more than ${moved}`
      : undefined;
  }
}
