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
    while (this.prepareNext());
  }

  /** Compiles one of the grammars that a dialog needs and that is not there yet; false when all are. */
  prepareNext(): boolean {
    this.#renew();
    const missing = grammarSets.find((names) => !this.#compiled.has(names.join(' ')));
    if (missing === undefined) return false;
    this.compiled(missing);
    return true;
  }

  /** Some tenths of a second of CPU the first time. @throws VigilError `GRAMMAR_INVALID` */
  compiled(names: readonly string[]): CompiledGrammar {
    this.#renew();
    const key = names.join(' ');
    const present = this.#compiled.get(key);
    if (present !== undefined) return present;
    const { automaton } = this.grammars.open(names);
    const made = new CompiledGrammar(withPhrase(automaton, this.#phrase), this.tokenizer);
    this.#compiled.set(key, made);
    return made;
  }

  /** Lets go of grammars whose sentences have changed. */
  #renew(): void {
    if (this.#version === this.grammars.version) return;
    this.#version = this.grammars.version;
    for (const grammar of this.#compiled.values()) this.options.forget?.(grammar);
    this.#compiled.clear();
  }
}
