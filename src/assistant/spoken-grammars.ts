import type { Grammars } from './grammars.js';
import { CompiledGrammar } from './speech/compiled-grammar.js';
import type { Tokenizer } from './speech/tokenizer.js';

/** Sets of named grammars as the recogniser takes them; each is compiled once, and again when its sentences changed. */
export class SpokenGrammars {
  readonly #compiled = new Map<string, CompiledGrammar>();
  #version: number;

  /** @param forget is told of grammars that will not be used again */
  constructor(
    private readonly grammars: Grammars,
    private readonly tokenizer: Tokenizer,
    private readonly forget: (grammar: CompiledGrammar) => void,
  ) {
    this.#version = grammars.version;
  }

  /** Some tenths of a second of CPU the first time. @throws VigilError `GRAMMAR_INVALID` */
  compiled(names: readonly string[]): CompiledGrammar {
    if (this.#version !== this.grammars.version) {
      this.#version = this.grammars.version;
      for (const grammar of this.#compiled.values()) this.forget(grammar);
      this.#compiled.clear();
    }
    const key = names.join(' ');
    const present = this.#compiled.get(key);
    if (present !== undefined) return present;
    const made = new CompiledGrammar(this.grammars.open(names).automaton, this.tokenizer);
    this.#compiled.set(key, made);
    return made;
  }
}
