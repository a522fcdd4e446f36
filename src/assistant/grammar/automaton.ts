import type { SignalValue } from '../../vehicle/value.js';

/** What an arc of the automaton says besides its word. */
export type Tag =
  | {
      readonly kind: 'intent';
      readonly intent: string;
      readonly slots: Readonly<Record<string, SignalValue>>;
    }
  | { readonly kind: 'slot'; readonly slot: string; readonly value: SignalValue };

/** One step: a word that is said, or nothing (null), and what it means. */
export interface Arc {
  readonly from: number;
  readonly to: number;
  readonly word: string | null;
  readonly tag: Tag | null;
}

/**
 * Everything that may be said, as a nondeterministic automaton over words: from `start` to `accept`. A path's tags
 * are its meaning, so the recogniser that follows a path has understood it.
 */
export interface Automaton {
  readonly states: number;
  readonly start: number;
  readonly accept: number;
  /** Ordered by `from`. */
  readonly arcs: readonly Arc[];
}

/** Builds an automaton piece by piece; each method connects two states. */
export class AutomatonBuilder {
  readonly start = 0;
  readonly accept = 1;
  #states = 2;
  readonly #arcs: Arc[] = [];

  get size(): number {
    return this.#arcs.length;
  }

  state(): number {
    return this.#states++;
  }

  arc(from: number, to: number, word: string | null, tag: Tag | null = null): void {
    this.#arcs.push({ from, to, word, tag });
  }

  /** The words one after the other; without words an empty step. */
  words(from: number, to: number, words: readonly string[]): void {
    let at = from;
    words.forEach((word, index) => {
      const next = index === words.length - 1 ? to : this.state();
      this.arc(at, next, word);
      at = next;
    });
    if (words.length === 0) this.arc(from, to, null);
  }

  finish(): Automaton {
    const arcs = [...this.#arcs].sort((a, b) => a.from - b.from || a.to - b.to);
    return { states: this.#states, start: this.start, accept: this.accept, arcs };
  }
}
