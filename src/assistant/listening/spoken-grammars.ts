import type { Arc, Automaton } from '../grammar/automaton.js';
import { normalise } from '../grammar/normalise.js';
import { CompiledGrammar } from '../speech/compiled-grammar.js';
import type { Tokenizer } from '../speech/tokenizer.js';

/** What the wake phrase by itself means: its speaker has not yet said what should be done. */
export const phraseIntent = 'listening.wakePhrase';

/**
 * What may be said while some grammars are open at once, the first of them first where a sentence is in several; each
 * sentence with the wake phrase before it, or without. Compiles each combination once and keeps the newest few.
 */
export class SpokenGrammars {
  readonly #combined = new Map<string, CompiledGrammar>();

  /**
   * @param automatonOf of one dialog state's grammar; called once for each until `clear`
   * @param phrase wake phrase in lower case; null: there is none
   * @param forget told of a grammar that will not be used again
   */
  constructor(
    private readonly automatonOf: (state: string) => Automaton,
    private readonly tokenizer: Tokenizer,
    private readonly phrase: string | null,
    private readonly forget: (grammar: CompiledGrammar) => void = () => undefined,
  ) {}

  of(states: readonly string[]): CompiledGrammar {
    const key = JSON.stringify(states);
    let grammar = this.#combined.get(key);
    if (grammar === undefined) {
      const union = unionOf(states.map((state) => this.automatonOf(state)));
      const words = this.phrase === null ? [] : normalise(this.phrase);
      grammar = new CompiledGrammar(words.length === 0 ? union : withPhrase(union, words), this.tokenizer);
    }
    // The oldest goes first: what is used again becomes the newest.
    this.#combined.delete(key);
    this.#combined.set(key, grammar);
    for (const [old, unused] of this.#combined) {
      if (this.#combined.size <= mostKept) break;
      this.#combined.delete(old);
      this.forget(unused);
    }
    return grammar;
  }

  /** What can be said has changed: contacts, stations. */
  clear(): void {
    for (const grammar of this.#combined.values()) this.forget(grammar);
    this.#combined.clear();
  }
}

/** Combinations of a few megabytes each; a dialog has about ten. */
const mostKept = 12;

/** Whatever one of them says. Of a sentence in several, the first one's meaning is found first. */
export function unionOf(automata: readonly Automaton[]): Automaton {
  const arcs: Arc[] = [];
  let states = 2;
  for (const { states: count, start, accept, arcs: inner } of automata) {
    const first = states;
    arcs.push({ from: 0, to: first + start, word: null, tag: null });
    arcs.push({ from: first + accept, to: 1, word: null, tag: null });
    for (const arc of inner) arcs.push({ ...arc, from: first + arc.from, to: first + arc.to });
    states += count;
  }
  return sorted({ states, start: 0, accept: 1, arcs });
}

/** The same with the phrase before it, or the phrase alone. */
export function withPhrase({ states, start, accept, arcs }: Automaton, phrase: readonly string[]): Automaton {
  const begin = states;
  const alone = begin + 1;
  const said = (from: number, to: number, first: number): Arc[] =>
    phrase.map((word, i) => ({
      from: i === 0 ? from : first + i - 1,
      to: i === phrase.length - 1 ? to : first + i,
      word,
      tag: null,
    }));
  const inner = phrase.length - 1;
  return sorted({
    states: alone + 1 + 2 * inner,
    start: begin,
    accept,
    arcs: [
      ...arcs,
      { from: begin, to: start, word: null, tag: null },
      ...said(begin, start, alone + 1),
      { from: begin, to: alone, word: null, tag: { kind: 'intent', intent: phraseIntent, slots: {} } },
      ...said(alone, accept, alone + 1 + inner),
    ],
  });
}

function sorted(automaton: Automaton): Automaton {
  return { ...automaton, arcs: [...automaton.arcs].sort((a, b) => a.from - b.from || a.to - b.to) };
}
