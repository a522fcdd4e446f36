/** The newest samples of a stream, by their number from its start. */
export class SoundMemory {
  readonly #samples: Float32Array;
  #length = 0;

  /** @param capacity samples that are remembered */
  constructor(readonly capacity: number) {
    this.#samples = new Float32Array(capacity);
  }

  /** Samples that came since the start. */
  get length(): number {
    return this.#length;
  }

  push(samples: Float32Array): void {
    for (let at = 0; at < samples.length;) {
      const place = this.#length % this.capacity;
      const take = Math.min(samples.length - at, this.capacity - place);
      this.#samples.set(samples.subarray(at, at + take), place);
      at += take;
      this.#length += take;
    }
  }

  /** A copy of [from, to), as far as it is remembered. */
  slice(from: number, to: number): Float32Array {
    const begin = Math.max(0, this.#length - this.capacity, Math.floor(from));
    const end = Math.min(this.#length, Math.floor(to));
    const out = new Float32Array(Math.max(0, end - begin));
    for (let at = begin; at < end;) {
      const place = at % this.capacity;
      const take = Math.min(end - at, this.capacity - place);
      out.set(this.#samples.subarray(place, place + take), at - begin);
      at += take;
    }
    return out;
  }

  clear(): void {
    this.#length = 0;
  }
}
