const firstMs = 250;
const longestMs = 5000;
/** A source that stayed up this long is not failing over and over. */
const steadyMs = 10_000;

/** How long to wait before a source is tried again: 0.25 s at first, doubled up to 5 s; from the start after a good while. */
export class BackOff {
  #nextMs = firstMs;

  /** @param upMs how long the last attempt worked; 0 when it did not */
  failed(upMs: number): number {
    if (upMs >= steadyMs) this.#nextMs = firstMs;
    const waitMs = this.#nextMs;
    this.#nextMs = Math.min(longestMs, waitMs * 2);
    return waitMs;
  }
}
