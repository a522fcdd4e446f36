import type { Arc, Automaton } from '../grammar/automaton.js';
import { meaningOfPath, type Meaning } from '../grammar/match.js';
import { filledOnce } from '../grammar/once.js';
import { Endings, type Ending } from './ending.js';
import { surfaces, type Surface } from './surface.js';
import type { Tokenizer } from './tokenizer.js';

/** Nothing is said on an arc with this token. */
export const noToken = -1;

/** What a sequence of tokens says in a grammar. */
export interface Understood {
  readonly meaning: Meaning;
  readonly words: readonly string[];
}

/**
 * A grammar as an automaton over tokens, with the way back from tokens to words and meaning. Every word has its canonical
 * tokens, as the network would not write others; beside the words a sentence may hold commas after words, hyphens in
 * place of spaces, and one mark at its end.
 */
export class CompiledGrammar {
  readonly states: number;
  readonly start: number;
  readonly accept: number;
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly token: Int32Array;
  /** For each arc, the arc of the word automaton that it completes; -1: none. */
  readonly #says: Int32Array;
  readonly #words: readonly Arc[];
  #byState: readonly (readonly number[])[] | undefined;
  #endings: Endings | undefined;

  /** Without sentences that fill a slot twice. */
  readonly automaton: Automaton;

  constructor(automaton: Automaton, tokenizer: Tokenizer) {
    this.automaton = filledOnce(automaton);
    const builder = new TokenBuilder(this.automaton, tokenizer);
    this.#words = this.automaton.arcs;
    this.start = this.automaton.start;
    this.accept = builder.end;
    this.states = builder.states;
    this.from = Int32Array.from(builder.from);
    this.to = Int32Array.from(builder.to);
    this.token = Int32Array.from(builder.token);
    this.#says = Int32Array.from(builder.says);
  }

  /** The meaning of a whole sentence's tokens, without begin and end; undefined where the grammar does not hold it. */
  understand(tokens: ArrayLike<number>): Understood | undefined {
    const arcs = this.#path(tokens);
    if (arcs === undefined) return undefined;
    const said = arcs.flatMap((arc) => (this.#says[arc] < 0 ? [] : [this.#words[this.#says[arc]]]));
    return {
      meaning: meaningOfPath(said),
      words: said.flatMap(({ word }) => (word === null ? [] : [word])),
    };
  }

  /** How somebody who has said this may go on. */
  endingOf({ words, meaning }: Understood): Ending {
    return (this.#endings ??= new Endings(this.automaton)).of(words, meaning);
  }

  /** The first path that reads all tokens, as its arcs. */
  #path(tokens: ArrayLike<number>): number[] | undefined {
    const byState = (this.#byState ??= arcsByState(this.states, this.from));
    // Depth first; a place that led nowhere once is not tried again.
    const tried = new Set<number>();
    const stack: { readonly state: number; readonly read: number; next: number }[] = [
      { state: this.start, read: 0, next: 0 },
    ];
    const arcs: number[] = [];
    for (;;) {
      const top = stack.at(-1);
      if (top === undefined) return undefined;
      if (top.state === this.accept && top.read === tokens.length) return arcs;
      const arc = byState[top.state].at(top.next++);
      if (arc === undefined) {
        stack.pop();
        arcs.pop();
        continue;
      }
      const says = this.token[arc];
      if (says !== noToken && (top.read >= tokens.length || tokens[top.read] !== says)) continue;
      const read = top.read + (says === noToken ? 0 : 1);
      const place = this.to[arc] * (tokens.length + 1) + read;
      if (tried.has(place)) continue;
      tried.add(place);
      arcs.push(arc);
      stack.push({ state: this.to[arc], read, next: 0 });
    }
  }
}

function arcsByState(states: number, from: Int32Array): number[][] {
  const byState: number[][] = Array.from({ length: states }, () => []);
  from.forEach((state, arc) => byState[state].push(arc));
  return byState;
}

/** Marks that may end a sentence. */
const marks = ['.', '?', '!'];

class TokenBuilder {
  readonly from: number[] = [];
  readonly to: number[] = [];
  readonly token: number[] = [];
  readonly says: number[] = [];
  readonly end: number;
  states: number;
  readonly #memo = new Map<string, readonly number[]>();

  /**
   * Word state s becomes three token states: s, with a space to come; `hyphened` + s behind a hyphen; and `marked` + s
   * behind the sentence's mark, where nothing more is said. The last serves marks that merge with the word's last token.
   */
  constructor(
    automaton: Automaton,
    private readonly tokenizer: Tokenizer,
  ) {
    const hyphened = automaton.states;
    const marked = 2 * automaton.states;
    this.states = 3 * automaton.states;
    this.end = this.states++;
    // Behind a word, where a comma or a hyphen may stand, once.
    const behind = new Map<number, number>();
    const behindOf = (state: number): number => {
      const known = behind.get(state) ?? this.states++;
      behind.set(state, known);
      return known;
    };
    automaton.arcs.forEach((arc, index) => {
      if (arc.word === null) {
        this.#arc(arc.from, arc.to, noToken, index);
        this.#arc(arc.from + hyphened, arc.to + hyphened, noToken, index);
        this.#arc(arc.from + marked, arc.to + marked, noToken, index);
        return;
      }
      const to = behindOf(arc.to);
      for (const surface of surfaces(arc.word, true))
        this.#surface(arc.from, to, arc.to + marked, surface, index);
      for (const surface of surfaces(arc.word, false))
        this.#surface(arc.from + hyphened, to, arc.to + marked, surface, index);
    });
    const [comma, hyphen] = [',', '-'].map((mark) => this.#mark(mark));
    for (const [state, from] of behind) {
      this.#arc(from, state, noToken, -1);
      this.#arc(from, state, comma, -1);
      this.#arc(from, state + hyphened, hyphen, -1);
    }
    this.#arc(automaton.accept, this.end, noToken, -1);
    this.#arc(automaton.accept + marked, this.end, noToken, -1);
    for (const mark of marks) this.#arc(automaton.accept, this.end, this.#mark(mark), -1);
  }

  #arc(from: number, to: number, token: number, says: number): void {
    this.from.push(from);
    this.to.push(to);
    this.token.push(token);
    this.says.push(says);
  }

  #surface(from: number, to: number, marked: number, surface: Surface, says: number): void {
    const tokens = this.#tokens(surface);
    this.#chain(from, to, tokens, says);
    for (const mark of [',', ...marks]) {
      // "%" and "." are one token.
      const glued = this.#tokens({ ...surface, text: surface.text + mark });
      if (glued.length === tokens.length + 1 && tokens.every((token, i) => token === glued[i])) continue;
      this.#chain(from, mark === ',' ? to : marked, glued, says);
    }
  }

  #chain(from: number, to: number, tokens: readonly number[], says: number): void {
    let at = from;
    tokens.forEach((token, index) => {
      const last = index === tokens.length - 1;
      const next = last ? to : this.states++;
      this.#arc(at, next, token, last ? says : -1);
      at = next;
    });
  }

  #tokens({ text, spaced }: Surface): readonly number[] {
    const key = `${spaced ? ' ' : ''}${text}`;
    let tokens = this.#memo.get(key);
    if (tokens === undefined) {
      tokens = this.tokenizer.encode(text, spaced);
      this.#memo.set(key, tokens);
    }
    return tokens;
  }

  /** The token of a mark behind a word. */
  #mark(mark: string): number {
    return this.tokenizer.encode(mark, false)[0];
  }
}
