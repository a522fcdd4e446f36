import { grammarSets } from './dialog/phases.js';
import type { Grammars } from './grammars.js';
import { normalise } from './grammar/normalise.js';
import { withPhrase } from './listening/wake-phrase.js';
import { CompiledGrammar } from './speech/compiled-grammar.js';
import type { Tokenizer } from './speech/tokenizer.js';

/** What may go before a sentence, and who is told that a grammar is no longer used. */
export interface SpokenOptions {
  /** Null: there is no wake phrase. */
  readonly phrase?: string | null;
  readonly forget?: (grammar: CompiledGrammar) => void;
}

/**
 * Sets of named grammars as the recogniser takes them, with the wake phrase before a sentence or without. Each is
 * compiled once, and again when its sentences have changed.
 */
export class SpokenGrammars {
  readonly #compiled = new Map<string, CompiledGrammar>();
  readonly #phrase: readonly string[];
  #version: number;

  constructor(
    private readonly grammars: Grammars,
    private readonly tokenizer: Tokenizer,
    private readonly options: SpokenOptions = {},
  ) {
    this.#version = grammars.version;
    this.#phrase = normalise(options.phrase ?? '');
  }

  /** Compiles what a dialog needs, so that no driver waits for it. */
  prepare(): void {
    for (const names of grammarSets) this.compiled(names);
  }

  /** Some tenths of a second of CPU the first time. @throws VigilError `GRAMMAR_INVALID` */
  compiled(names: readonly string[]): CompiledGrammar {
    if (this.#version !== this.grammars.version) {
      this.#version = this.grammars.version;
      for (const grammar of this.#compiled.values()) this.options.forget?.(grammar);
      this.#compiled.clear();
    }
    const key = names.join(' ');
    const present = this.#compiled.get(key);
    if (present !== undefined) return present;
    const { automaton } = this.grammars.open(names);
    const made = new CompiledGrammar(withPhrase(automaton, this.#phrase), this.tokenizer);
    this.#compiled.set(key, made);
    return made;
  }
}
