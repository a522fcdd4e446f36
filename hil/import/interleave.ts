/** Anything with a place in time. */
export interface Timed {
  readonly t: number;
}

/**
 * One of several streams, opened up to its first item: what must be known of all of them before anything is
 * written.
 */
export class Lookahead<T extends Timed> {
  readonly #iterator: AsyncIterator<T, unknown>;
  /** The next item; undefined at the end. */
  head: T | undefined;

  private constructor(iterator: AsyncIterator<T, unknown>) {
    this.#iterator = iterator;
  }

  static async open<T extends Timed>(items: AsyncIterable<T>): Promise<Lookahead<T>> {
    const stream = new Lookahead(items[Symbol.asyncIterator]());
    await stream.advance();
    return stream;
  }

  async advance(): Promise<void> {
    const result = await this.#iterator.next();
    this.head = result.done === true ? undefined : result.value;
  }

  /** Lets the source clean up behind itself. */
  async close(): Promise<void> {
    await this.#iterator.return?.();
  }
}

/**
 * Items of all streams by time; of equal ones, the stream named first. A stream that steps back in time gives its
 * items as they come.
 */
export async function* interleave<T extends Timed>(
  streams: readonly Lookahead<T>[],
): AsyncGenerator<T, void, void> {
  for (;;) {
    let next: Lookahead<T> | undefined;
    for (const stream of streams) {
      if (stream.head && (!next?.head || stream.head.t < next.head.t)) next = stream;
    }
    const item = next?.head;
    if (!next || !item) return;
    yield item;
    await next.advance();
  }
}
