import { coreAddon, type LatencySnapshot } from './core-addon.js';

export type { LatencySnapshot };

/** Fixed-memory latency histogram (native/core/histogram.h): record from one thread, read at any time. */
export class Histogram {
  readonly #native = new (coreAddon().Histogram)();

  record(milliseconds: number): void {
    this.#native.record(milliseconds);
  }

  read(): LatencySnapshot {
    return this.#native.read();
  }
}
