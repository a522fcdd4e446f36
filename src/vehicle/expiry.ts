export interface Overdue {
  readonly index: number;
  readonly maxAgeMs: number;
}

/**
 * Which valid samples go stale when. `takeOverdue` costs nothing until the earliest deadline may have passed:
 * deadlines only move later as samples arrive, so the earliest one ever noted is a safe lower bound.
 */
export class Expiry {
  /** Per signal: the last moment at which its sample is still valid; Infinity when there is nothing to watch. */
  private readonly deadlines: Float64Array;
  private readonly maxAges: Float64Array;
  private earliest = Infinity;

  constructor(signalCount: number) {
    this.deadlines = new Float64Array(signalCount).fill(Infinity);
    this.maxAges = new Float64Array(signalCount);
  }

  watch(index: number, t: number, maxAgeMs: number): void {
    const deadline = t + maxAgeMs;
    this.deadlines[index] = deadline;
    this.maxAges[index] = maxAgeMs;
    if (deadline < this.earliest) this.earliest = deadline;
  }

  forget(index: number): void {
    this.deadlines[index] = Infinity;
  }

  /** Signals whose deadline lies before `t`, in order of deadline, then of index; they are no longer watched. */
  takeOverdue(t: number): Overdue[] {
    if (t <= this.earliest) return [];
    const overdue: { index: number; deadline: number }[] = [];
    let earliest = Infinity;
    for (let index = 0; index < this.deadlines.length; index++) {
      const deadline = this.deadlines[index];
      if (deadline < t) overdue.push({ index, deadline });
      else if (deadline < earliest) earliest = deadline;
    }
    this.earliest = earliest;
    overdue.sort((a, b) => a.deadline - b.deadline || a.index - b.index);
    return overdue.map(({ index }) => {
      this.deadlines[index] = Infinity;
      return { index, maxAgeMs: this.maxAges[index] };
    });
  }
}
