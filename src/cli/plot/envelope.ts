/** Columns of time that an envelope keeps at most. */
export const maximumColumns = 8192;

/** A curve as points in time order. */
export interface Curve {
  readonly t: Float64Array;
  readonly value: Float64Array;
}

/** Numbers per column: time and value of the first, lowest, highest and last sample. */
const stride = 8;

/**
 * A curve reduced while it is read: per column of time the first, lowest, highest and last sample, which draws the
 * same pixels as all samples do where a column of pixels is at least as wide ("M4", Jugel et al., VLDB 2014). When the
 * curve grows out of its columns, pairs of them are joined, so that memory does not depend on its length.
 */
export class Envelope {
  readonly #columns: number;
  readonly #startMs: number;
  #columnMs: number;
  #cells: Float64Array;
  #samples = 0;
  #lowest = Infinity;
  #highest = -Infinity;

  /**
   * @param startMs where the first column begins; earlier samples go into it
   * @param endMs where the last column ends when known, so that nothing need be joined
   */
  constructor(startMs: number, endMs = startMs + 1000, columns = maximumColumns) {
    // Even, so that joining pairs leaves none over.
    this.#columns = Math.max(2, columns + (columns % 2));
    this.#startMs = startMs;
    this.#columnMs = Math.max(1e-6, (endMs - startMs) / this.#columns);
    this.#cells = new Float64Array(this.#columns * stride).fill(Number.NaN);
  }

  get samples(): number {
    return this.#samples;
  }

  /** Lowest and highest value; infinite the wrong way around without samples. */
  get range(): readonly [lowest: number, highest: number] {
    return [this.#lowest, this.#highest];
  }

  /** NaN and infinite values are no samples. */
  add(t: number, value: number): void {
    if (!Number.isFinite(value) || !Number.isFinite(t)) return;
    while (t - this.#startMs >= this.#columnMs * this.#columns) this.#join();
    const column = Math.max(0, Math.floor((t - this.#startMs) / this.#columnMs));
    const at = Math.min(column, this.#columns - 1) * stride;
    const cells = this.#cells;
    this.#samples += 1;
    if (value < this.#lowest) this.#lowest = value;
    if (value > this.#highest) this.#highest = value;
    if (Number.isNaN(cells[at])) {
      for (let i = 0; i < stride; i += 2) {
        cells[at + i] = t;
        cells[at + i + 1] = value;
      }
      return;
    }
    if (value < cells[at + 3]) {
      cells[at + 2] = t;
      cells[at + 3] = value;
    }
    if (value > cells[at + 5]) {
      cells[at + 4] = t;
      cells[at + 5] = value;
    }
    cells[at + 6] = t;
    cells[at + 7] = value;
  }

  /** The kept samples in time order, none twice. */
  curve(): Curve {
    const t: number[] = [];
    const value: number[] = [];
    for (let at = 0; at < this.#cells.length; at += stride) {
      if (Number.isNaN(this.#cells[at])) continue;
      const points: [number, number][] = [];
      for (let i = at; i < at + stride; i += 2) points.push([this.#cells[i], this.#cells[i + 1]]);
      const [first, ...others] = points;
      const last = others.pop()!;
      const between = others.sort((a, b) => a[0] - b[0]);
      for (const [time, sample] of [first, ...between, last]) {
        if (t.length > 0 && t[t.length - 1] === time && value[value.length - 1] === sample) continue;
        t.push(time);
        value.push(sample);
      }
    }
    return { t: Float64Array.from(t), value: Float64Array.from(value) };
  }

  /** Halves the columns in use: twice the time fits. */
  #join(): void {
    const cells = this.#cells;
    for (let column = 0; column < this.#columns / 2; column++) {
      const left = column * 2 * stride;
      const right = left + stride;
      const joined = this.#joined(left, right);
      cells.set(joined, column * stride);
    }
    cells.fill(Number.NaN, (this.#columns / 2) * stride);
    this.#columnMs *= 2;
  }

  #joined(left: number, right: number): Float64Array {
    const cells = this.#cells;
    if (Number.isNaN(cells[right])) return cells.slice(left, left + stride);
    if (Number.isNaN(cells[left])) return cells.slice(right, right + stride);
    const lower = cells[right + 3] < cells[left + 3] ? right : left;
    const higher = cells[right + 5] > cells[left + 5] ? right : left;
    return Float64Array.of(
      ...cells.subarray(left, left + 2),
      ...cells.subarray(lower + 2, lower + 4),
      ...cells.subarray(higher + 4, higher + 6),
      ...cells.subarray(right + 6, right + 8),
    );
  }
}
