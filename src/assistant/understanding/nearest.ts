import type { Arc, Automaton } from '../grammar/automaton.js';
import { english, type Language } from '../grammar/language.js';
import { meaningOfPath, type Meaning } from '../grammar/match.js';
import { similarity } from './similarity.js';

/** A sentence of the grammar that is near to what was said; to be offered, never to be acted on. */
export interface Suggestion {
  readonly sentence: string;
  readonly meaning: Meaning;
  /** 0 (nothing in common) to 1 (the same words). */
  readonly closeness: number;
}

/** What a light word costs that is said and not in the sentence, or the other way. */
const lightCost = 0.25;
const leftOutCost = 1;
const addedCost = 0.8;
/** Words of numbers up to here are known as such. */
const mostNumber = 100;
/** A number that nobody said is an invention. */
const addedNumberCost = 2;
/** Which of on and off was meant nobody can know who has not heard it. */
const addedPolarCost = 1.2;
/** Words less alike than this are different words. */
const leastAlike = 0.65;
/** Suggestions further away than this are guesses. */
const leastCloseness = 0.5;

/** How freely a sentence is compared. */
interface Freedom {
  /** Cost of a said word that the sentence does not have, beside a light one's. */
  readonly leftOut: number;
  /** Gained for a heard word that tells intents apart, per unit of its weight; 0: only costs count. */
  readonly gain: number;
}

/** Nearly the sentence itself. */
const strict: Freedom = { leftOut: leftOutCost, gain: 0 };
/** A few telling words in the middle of others. */
const gist: Freedom = { leftOut: 0.2, gain: 1 };
/** What a gist has to gain in the end: about one word of a single intent, or two of a few. */
const leastGain = 2.2;

interface Steps {
  readonly arcs: readonly (readonly Arc[])[];
  /** Positions of the arcs' words in the vocabulary, beside `arcs`; -1 for an empty step. */
  readonly words: readonly (readonly number[])[];
}

/** The same arcs in flat arrays, for the inner loop: those of a state from `first[state]` to `first[state + 1]`. */
interface FlatSteps {
  readonly first: Int32Array;
  readonly to: Int32Array;
  readonly word: Int32Array;
  /** Cost of saying the arc's word although nobody did. */
  readonly added: Float64Array;
}

/**
 * Finds the sentences of an automaton nearest to what was said, by edits of whole words: a word is left out, added, or
 * replaced by one that is spelled or sounds alike. The best way through the automaton is exact (dynamic programming
 * over positions and states); time is words times arcs.
 */
export class NearestSentences {
  readonly #steps: Steps;
  readonly #flat: FlatSteps;
  readonly #vocabulary: readonly string[];
  readonly #letters: readonly number[];
  /** How much a word of the vocabulary tells of the intent: inverse document frequency over intents. */
  readonly #weights: Float64Array;
  /** States so that every arc leads to an earlier one. */
  readonly #order: readonly number[];

  readonly #light: ReadonlySet<string>;
  readonly #numbers: ReadonlySet<string>;
  readonly #polar: ReadonlySet<string>;

  constructor(
    private readonly automaton: Automaton,
    language: Language = english,
  ) {
    this.#light = language.light;
    this.#polar = language.polar;
    this.#numbers = new Set(
      Array.from({ length: mostNumber + 1 }, (_, value) => language.numbers(value).flat()).flat(),
    );
    const ids = new Map<string, number>();
    const arcs: Arc[][] = Array.from({ length: automaton.states }, () => []);
    for (const arc of automaton.arcs) {
      arcs[arc.from].push(arc);
      if (arc.word !== null && !ids.has(arc.word)) ids.set(arc.word, ids.size);
    }
    const words = arcs.map((from) => from.map(({ word }) => (word === null ? -1 : (ids.get(word) ?? -1))));
    this.#steps = { arcs, words };
    this.#flat = flatten(this.#steps, (word) => this.#adding(word));
    this.#vocabulary = [...ids.keys()];
    this.#letters = this.#vocabulary.map(lettersOf);
    this.#order = accepted(arcs, automaton.start);
    this.#weights = weightsOf(this.#steps, automaton.start, ids.size);
  }

  /**
   * The nearest sentence of each intent that has one near enough, best first; where there are fewer than `limit`, then
   * sentences that share the words that tell most, whatever else was said.
   * @param said normalised words
   */
  nearest(said: readonly string[], limit = 3): Suggestion[] {
    const weight = said.reduce((sum, word) => sum + this.#leavingOut(word, leftOutCost), 0);
    if (weight === 0) return [];
    const alike = said.map((word) => this.#replacements(word));
    const near = this.#best(said, alike, strict, limit, (cost) => 1 - cost / weight).filter(
      ({ closeness }) => closeness >= leastCloseness,
    );
    if (near.length > 0) return near;
    return this.#best(said, this.#gains(alike), gist, limit, (cost) =>
      cost <= -leastGain ? leastCloseness * (1 - Math.exp(cost)) : 0,
    );
  }

  #best(
    said: readonly string[],
    replacing: readonly Float64Array[],
    freedom: Freedom,
    limit: number,
    closenessOf: (cost: number) => number,
  ): Suggestion[] {
    const costs = this.#costs(said, replacing, freedom);
    return this.#steps.arcs[this.automaton.start]
      .map((entry) => ({ entry, closeness: closenessOf(costs[0][entry.to]) }))
      .filter(({ closeness }) => closeness > 0)
      .sort((a, b) => b.closeness - a.closeness || a.entry.to - b.entry.to)
      .slice(0, limit)
      .map(({ entry, closeness }) => {
        const path = [entry, ...this.#path(entry.to, said, replacing, costs)];
        const sentence = path.flatMap(({ word }) => (word === null ? [] : [word])).join(' ');
        return { sentence, meaning: meaningOfPath(path), closeness };
      });
  }

  /** Costs of hearing, less what a word tells; light words tell nothing. */
  #gains(alike: readonly Float64Array[]): Float64Array[] {
    return alike.map((costs) =>
      costs.map(
        (cost, id) => cost - (this.#light.has(this.#vocabulary[id]) ? 0 : gist.gain * this.#weights[id]),
      ),
    );
  }

  /** What it costs to hear each word of the vocabulary for a said one. */
  #replacements(said: string): Float64Array {
    const letters = lettersOf(said);
    return Float64Array.from(this.#vocabulary, (word, id) => {
      if (word === said) return 0;
      // Words are alike from half of their letters on; every letter that only one of them has is an edit.
      if (bits(letters & ~this.#letters[id]) > word.length / 2 + 2) return Infinity;
      if (this.#numbers.has(said) || this.#numbers.has(word) || Math.abs(word.length - said.length) > 3)
        return Infinity;
      const alike = similarity(said, word);
      return alike < leastAlike ? Infinity : 1.2 * (1 - alike);
    });
  }

  /** Least cost from having heard `i` words in a state to the end of both. */
  #costs(said: readonly string[], replacing: readonly Float64Array[], { leftOut }: Freedom): Float64Array[] {
    const { first, to, word, added } = this.#flat;
    const costs = Array.from({ length: said.length + 1 }, () =>
      new Float64Array(this.automaton.states).fill(Infinity),
    );
    for (let i = said.length; i >= 0; i--) {
      const [here, next] = [costs[i], i < said.length ? costs[i + 1] : null];
      const skip = i < said.length ? this.#leavingOut(said[i], leftOut) : Infinity;
      const replace = i < said.length ? replacing[i] : null;
      for (const state of this.#order) {
        let best = i === said.length && state === this.automaton.accept ? 0 : Infinity;
        if (next !== null) best = Math.min(best, next[state] + skip);
        for (let k = first[state]; k < first[state + 1]; k++) {
          best = Math.min(best, here[to[k]] + added[k]);
          if (next !== null && replace !== null && word[k] >= 0)
            best = Math.min(best, next[to[k]] + replace[word[k]]);
        }
        here[state] = best;
      }
    }
    return costs;
  }

  /** The arcs of a cheapest way from a state with nothing heard. */
  #path(
    from: number,
    said: readonly string[],
    replacing: readonly Float64Array[],
    costs: readonly Float64Array[],
  ): Arc[] {
    const path: Arc[] = [];
    let [i, state] = [0, from];
    while (i < said.length || state !== this.automaton.accept) {
      const best = costs[i][state];
      const heard = i < said.length;
      const k = this.#steps.arcs[state].findIndex(
        ({ to }, arc) =>
          heard &&
          this.#steps.words[state][arc] >= 0 &&
          costs[i + 1][to] + replacing[i][this.#steps.words[state][arc]] === best,
      );
      if (k >= 0) {
        path.push(this.#steps.arcs[state][k]);
        i += 1;
        state = this.#steps.arcs[state][k].to;
        continue;
      }
      const arc = this.#steps.arcs[state].find(({ to, word }) => costs[i][to] + this.#adding(word) === best);
      if (arc === undefined) i += 1;
      else {
        path.push(arc);
        state = arc.to;
      }
    }
    return path;
  }

  #leavingOut(word: string, content: number): number {
    return this.#light.has(word) && !this.#polar.has(word) ? Math.min(lightCost, content) : content;
  }

  #adding(word: string | null): number {
    if (word === null) return 0;
    if (this.#polar.has(word)) return addedPolarCost;
    if (this.#light.has(word)) return lightCost;
    return this.#numbers.has(word) ? addedNumberCost : addedCost;
  }
}

function flatten({ arcs, words }: Steps, adding: (word: string | null) => number): FlatSteps {
  const first = Int32Array.from({ length: arcs.length + 1 }, () => 0);
  arcs.forEach((from, state) => (first[state + 1] = first[state] + from.length));
  return {
    first,
    to: Int32Array.from(arcs.flatMap((from) => from.map(({ to }) => to))),
    word: Int32Array.from(words.flat()),
    added: Float64Array.from(arcs.flatMap((from) => from.map(({ word }) => adding(word)))),
  };
}

/** Which of 32 classes of letters a word has, as bits. */
function lettersOf(word: string): number {
  return Array.from(word).reduce((mask, letter) => mask | (1 << (letter.charCodeAt(0) & 31)), 0);
}

function bits(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}

function weightsOf({ arcs, words }: Steps, start: number, vocabulary: number): Float64Array {
  const intents = new Float64Array(vocabulary);
  for (const { to } of arcs[start]) {
    const reached = new Set([to]);
    const heard = new Set<number>();
    for (const state of reached) {
      arcs[state].forEach((arc, k) => {
        if (words[state][k] >= 0) heard.add(words[state][k]);
        reached.add(arc.to);
      });
    }
    for (const word of heard) intents[word] += 1;
  }
  // Halved: a word of a single intent is worth about as much as two words left out.
  return intents.map((count) => 0.5 * Math.log(arcs[start].length / count));
}

/** States reached from one, each after all that it leads to. Commands are finite, so there are no circles. */
function accepted(arcs: readonly (readonly Arc[])[], start: number): number[] {
  const order: number[] = [];
  const seen = new Set([start]);
  const stack = [{ state: start, next: 0 }];
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const arc = arcs[top.state].at(top.next++);
    if (arc === undefined) {
      order.push(top.state);
      stack.pop();
    } else if (!seen.has(arc.to)) {
      seen.add(arc.to);
      stack.push({ state: arc.to, next: 0 });
    }
  }
  return order;
}
