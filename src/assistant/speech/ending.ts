import type { Arc, Automaton } from '../grammar/automaton.js';
import { meaningOfPath, type Meaning } from '../grammar/match.js';

/**
 * Where in the grammar a speaker is: nothing that may follow would change the meaning ("open the window" may still
 * get its "please"); a whole sentence whose meaning more words may change ("twenty", "twenty one"); or no whole one.
 */
export type Ending = 'final' | 'extendable' | 'incomplete';

/** A place in the automaton with the tags on the way to it. */
interface Way {
  readonly state: number;
  readonly tags: readonly Arc[];
}

/** Says of words how a speaker may go on. Built once for an automaton: linear in its arcs. */
export class Endings {
  readonly #from: readonly (readonly Arc[])[];
  /** By state: whether a word may follow, and whether one with or behind a tag may. */
  readonly #wordAhead: readonly boolean[];
  readonly #tagAhead: readonly boolean[];

  constructor(private readonly automaton: Automaton) {
    const from: Arc[][] = Array.from({ length: automaton.states }, () => []);
    for (const arc of automaton.arcs) from[arc.from].push(arc);
    this.#from = from;
    this.#wordAhead = leadingTo(automaton, ({ word }) => word !== null);
    this.#tagAhead = leadingTo(automaton, ({ tag }) => tag !== null);
  }

  /** @param meaning of the sentence; words that the grammar does not hold with it are `incomplete` */
  of(words: readonly string[], meaning: Meaning): Ending {
    let ways = this.#closed([{ state: this.automaton.start, tags: [] }]);
    for (const word of words) {
      const next = ways.flatMap(({ state, tags }) =>
        this.#from[state]
          .filter((arc) => arc.word === word)
          .map((arc) => ({ state: arc.to, tags: withTag(tags, arc) })),
      );
      ways = this.#closed(next);
    }
    const key = keyOf(meaning);
    const keyed = ways.map((way) => ({ ...way, key: keyOf(meaningOfPath(way.tags)) }));
    if (!keyed.some((way) => way.state === this.automaton.accept && way.key === key)) return 'incomplete';
    const changes = keyed.some(
      (way) => this.#wordAhead[way.state] && (way.key !== key || this.#tagAhead[way.state]),
    );
    return changes ? 'extendable' : 'final';
  }

  /** With what is reached by saying nothing; a state once for each meaning so far. */
  #closed(ways: readonly Way[]): Way[] {
    const found = new Map<string, Way>();
    const stack = [...ways];
    for (let way = stack.pop(); way !== undefined; way = stack.pop()) {
      const { state, tags } = way;
      const key = `${state} ${keyOf(meaningOfPath(tags))}`;
      if (found.has(key)) continue;
      found.set(key, way);
      for (const arc of this.#from[state])
        if (arc.word === null) stack.push({ state: arc.to, tags: withTag(tags, arc) });
    }
    return [...found.values()];
  }
}

/** States from which an arc of this kind can be reached. */
function leadingTo({ states, arcs }: Automaton, wanted: (arc: Arc) => boolean): boolean[] {
  const into: number[][] = Array.from({ length: states }, () => []);
  const leads = Array.from({ length: states }, () => false);
  const stack: number[] = [];
  for (const arc of arcs) {
    into[arc.to].push(arc.from);
    if (wanted(arc)) stack.push(arc.from);
  }
  for (let state = stack.pop(); state !== undefined; state = stack.pop()) {
    if (leads[state]) continue;
    leads[state] = true;
    stack.push(...into[state]);
  }
  return leads;
}

function withTag(tags: readonly Arc[], arc: Arc): readonly Arc[] {
  return arc.tag === null ? tags : [...tags, arc];
}

function keyOf({ intent, slots }: Meaning): string {
  return JSON.stringify([intent, Object.entries(slots).sort(([a], [b]) => (a < b ? -1 : 1))]);
}
