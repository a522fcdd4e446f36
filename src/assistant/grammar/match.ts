import type { SignalValue } from '../../vehicle/value.js';
import type { Arc, Automaton } from './automaton.js';

/** What somebody said, understood. */
export interface Meaning {
  readonly intent: string;
  readonly slots: Readonly<Record<string, SignalValue>>;
}

interface Step {
  readonly arc: Arc;
  readonly before: Step | null;
}

/** Arcs by state, for following. */
export class Follower {
  readonly #from: readonly (readonly Arc[])[];

  constructor(private readonly automaton: Automaton) {
    const from: Arc[][] = Array.from({ length: automaton.states }, () => []);
    for (const arc of automaton.arcs) from[arc.from].push(arc);
    this.#from = from;
  }

  /** Everything that these words can mean; empty when no command says them. */
  meanings(words: readonly string[]): Meaning[] {
    let reached = this.#closure(new Map([[this.automaton.start, [null]]]));
    for (const word of words) {
      const next = new Map<number, (Step | null)[]>();
      for (const [state, steps] of reached) {
        for (const arc of this.#from[state]) {
          if (arc.word === word) for (const step of steps) add(next, arc.to, { arc, before: step });
        }
      }
      reached = this.#closure(next);
      if (reached.size === 0) return [];
    }
    const found = (reached.get(this.automaton.accept) ?? []).map(meaningOf);
    return [...new Map(found.map((meaning) => [key(meaning), meaning])).values()];
  }

  /** Adds what is reached by saying nothing. Automata of commands have no empty loops. */
  #closure(reached: Map<number, (Step | null)[]>): Map<number, (Step | null)[]> {
    const queue = [...reached].flatMap(([state, steps]) => steps.map((step) => ({ state, step })));
    for (let item = queue.pop(); item !== undefined; item = queue.pop()) {
      for (const arc of this.#from[item.state]) {
        if (arc.word !== null) continue;
        const step = { arc, before: item.step };
        add(reached, arc.to, step);
        queue.push({ state: arc.to, step });
      }
    }
    return reached;
  }
}

/** Ways to the same state that mean different things; a few are enough to tell that a sentence is ambiguous. */
const mostWays = 16;

function add(reached: Map<number, (Step | null)[]>, state: number, step: Step): void {
  const ways = reached.get(state);
  if (ways === undefined) reached.set(state, [step]);
  else if (ways.length < mostWays) ways.push(step);
}

/** The tags on a path, in order; a later slot of the same name wins. */
export function meaningOfPath(arcs: readonly Arc[]): Meaning {
  let intent = '';
  let slots: Record<string, SignalValue> = {};
  for (const { tag } of arcs) {
    if (tag?.kind === 'intent') {
      intent = tag.intent;
      slots = { ...tag.slots };
    } else if (tag?.kind === 'slot') slots = { ...slots, [tag.slot]: tag.value };
  }
  return { intent, slots };
}

function meaningOf(last: Step | null): Meaning {
  const arcs: Arc[] = [];
  for (let step = last; step !== null; step = step.before) arcs.push(step.arc);
  return meaningOfPath(arcs.reverse());
}

function key({ intent, slots }: Meaning): string {
  return JSON.stringify([intent, Object.entries(slots).sort(([a], [b]) => (a < b ? -1 : 1))]);
}
