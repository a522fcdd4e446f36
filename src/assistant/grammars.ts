import type { Automaton } from './grammar/automaton.js';
import { idleState, type CommandSet, type ListValue } from './grammar/command-file.js';
import { compile } from './grammar/compile.js';
import { Follower, type Meaning } from './grammar/match.js';
import { languageOf, type Language } from './grammar/language.js';
import { normalise } from './grammar/normalise.js';
import type { Template } from './grammar/template.js';
import { NearestSentences, type Suggestion } from './understanding/nearest.js';
import type { SignalValue } from '../vehicle/value.js';

/** One value of a dynamic slot, as the vehicle knows it: a contact, a station, a place. */
export interface Named {
  readonly value: SignalValue;
  /** The ways to say it, in plain words. */
  readonly say: readonly string[];
}

/** Several named grammars as one, the first of them first where two could say the same. */
export interface OpenGrammar {
  readonly automaton: Automaton;
  readonly follower: Follower;
  readonly nearest: NearestSentences;
}

/**
 * What can be said, by the names of the grammars that are open (dialog states of the command files). Each set of names
 * is compiled once, and again after a dynamic slot's values have changed.
 */
export class Grammars {
  readonly #open = new Map<string, OpenGrammar>();
  readonly #dynamic = new Map<string, readonly ListValue[]>();
  readonly #said = new Map<string, string>();
  readonly #states: ReadonlyMap<string, readonly string[]>;
  readonly #language: Language;
  #version = 0;

  /** @throws VigilError `LANGUAGE_UNKNOWN` */
  constructor(private readonly commands: CommandSet) {
    this.#language = languageOf(commands.language);
    this.#states = new Map(commands.intents.map(({ name, states }) => [name, states]));
  }

  /** Grows whenever sentences came or went. */
  get version(): number {
    return this.#version;
  }

  /** Gives a dynamic slot its values. @param source as the command files call it: `contacts`, `stations`, `places` */
  setNames(source: string, values: readonly Named[]): void {
    const text = JSON.stringify(values);
    if (this.#said.get(source) === text) return;
    this.#said.set(source, text);
    this.#dynamic.set(
      source,
      values.map(({ value, say }) => ({
        value,
        say: say.map((text) => this.#words(text)).filter(({ items }) => items.length > 0),
      })),
    );
    this.#open.clear();
    this.#version += 1;
  }

  /** @throws VigilError `GRAMMAR_INVALID` */
  open(names: readonly string[]): OpenGrammar {
    const key = names.join(' ');
    const present = this.#open.get(key);
    if (present !== undefined) return present;
    const automaton = compile(together(this.commands, names), { dynamic: this.#dynamic });
    const made = {
      automaton,
      follower: new Follower(automaton),
      nearest: new NearestSentences(automaton, this.#language),
    };
    this.#open.set(key, made);
    return made;
  }

  /** What a written sentence means there; null when it means nothing, or more than one thing. */
  meaning(text: string, names: readonly string[]): Meaning | null {
    const meanings = this.open(names).follower.meanings(normalise(text, this.#language));
    const ranked = meanings.map((meaning) => ({ meaning, rank: this.#rank(meaning, names) }));
    const first = Math.min(...ranked.map(({ rank }) => rank));
    const best = ranked.filter(({ rank }) => rank === first);
    return best.length === 1 ? best[0].meaning : null;
  }

  /** The sentence nearest to words that no command says; undefined where none is near. To be asked about, never done. */
  nearest(text: string, names: readonly string[]): Suggestion | undefined {
    return this.open(names).nearest.nearest(normalise(text, this.#language), 1).at(0);
  }

  #words(text: string): Extract<Template, { kind: 'sequence' }> {
    const words = normalise(text, this.#language);
    return { kind: 'sequence', items: words.map((word) => ({ kind: 'word', text: word })) };
  }

  /** Of the grammars that an intent belongs to, the first that is open. */
  #rank({ intent }: Meaning, names: readonly string[]): number {
    const states = this.#states.get(intent) ?? [];
    return names.findIndex((name) => states.includes(name));
  }
}

/** The intents of some grammars as one grammar, in the grammars' order. */
function together(commands: CommandSet, names: readonly string[]): CommandSet {
  const intents = new Set(
    names.flatMap((name) => commands.intents.filter(({ states }) => states.includes(name))),
  );
  return { ...commands, intents: [...intents].map((intent) => ({ ...intent, states: [idleState] })) };
}
