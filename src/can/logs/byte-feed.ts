/** A stream of pieces as one sequence of bytes, of which as many are held as were asked for. */
export class ByteFeed {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #bytes: Buffer = Buffer.alloc(256 * 1024);
  #start = 0;
  #end = 0;
  #position = 0;
  #ended = false;

  constructor(stream: AsyncIterable<Uint8Array>) {
    this.#pieces = stream[Symbol.asyncIterator]();
  }

  /** Place in the stream of the first byte that was not skipped. */
  get position(): number {
    return this.#position;
  }

  /** All bytes held; valid until the next call. */
  get held(): Buffer {
    return this.#bytes.subarray(this.#start, this.#end);
  }

  /** Holds at least `length` bytes, or all there are; how many are held. */
  async hold(length: number): Promise<number> {
    while (this.#end - this.#start < length && !this.#ended) {
      const next = await this.#pieces.next();
      if (next.done === true) this.#ended = true;
      else this.#append(next.value);
    }
    return this.#end - this.#start;
  }

  /** Gives up the first `length` bytes held. */
  skip(length: number): void {
    const count = Math.min(length, this.#end - this.#start);
    this.#start += count;
    this.#position += count;
  }

  /** Ends the stream, wherever it is. */
  async close(): Promise<void> {
    this.#ended = true;
    await this.#pieces.return?.();
  }

  #append(piece: Uint8Array): void {
    const held = this.#end - this.#start;
    if (this.#end + piece.length > this.#bytes.length) {
      const size = held + piece.length;
      const target = size > this.#bytes.length ? Buffer.alloc(size * 2) : this.#bytes;
      target.set(this.#bytes.subarray(this.#start, this.#end), 0);
      this.#bytes = target;
      this.#start = 0;
      this.#end = held;
    }
    this.#bytes.set(piece, this.#end);
    this.#end += piece.length;
  }
}
