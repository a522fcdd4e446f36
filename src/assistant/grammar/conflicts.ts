import type { Arc, Automaton } from './automaton.js';

/** A sentence that two intents claim. */
export interface Conflict {
  readonly first: string;
  readonly second: string;
  readonly sentence: string;
}

/** What a state can hear next, empty steps taken, and whether the sentence may end there. */
interface Hearing {
  readonly words: ReadonlyMap<string, readonly number[]>;
  readonly final: boolean;
}

/** Two intents, each somewhere after the same words. */
interface Pair {
  /** Which two. */
  readonly intents: number;
  readonly a: number;
  readonly b: number;
  readonly sentence: string;
}

/**
 * A shortest shared sentence for every two intents that have one: both are followed through the automaton on the same
 * words, breadth first. Time grows with the pairs of states that the same words reach, not with sentences.
 */
export function conflicts(automaton: Automaton): Conflict[] {
  const hearings = hearingsOf(automaton);
  const intents = automaton.arcs.flatMap((arc) =>
    arc.from === automaton.start && arc.tag?.kind === 'intent'
      ? [{ state: arc.to, name: arc.tag.intent }]
      : [],
  );
  const names = intents.flatMap(({ name: first }, i) =>
    intents.slice(i + 1).map(({ name: second }) => ({ first, second })),
  );
  const found = new Map<number, Conflict>();
  // Below 2 ** 53 for a hundred thousand states and as many pairs of intents as there are.
  const seen = new Set<number>();
  const { states } = automaton;
  let pairs: Pair[] = intents
    .flatMap(({ state: a }, i) => intents.slice(i + 1).map(({ state: b }) => ({ a, b, sentence: '' })))
    .map((pair, index) => ({ ...pair, intents: index }));
  while (pairs.length > 0) {
    const next: Pair[] = [];
    for (const { intents: index, a, b, sentence } of pairs) {
      if (found.has(index)) continue;
      if (hearings[a].final && hearings[b].final) {
        found.set(index, { ...names[index], sentence });
        continue;
      }
      for (const [word, targets] of hearings[a].words) {
        const others = hearings[b].words.get(word);
        if (others === undefined) continue;
        for (const to of targets) {
          for (const other of others) {
            const key = (index * states + to) * states + other;
            if (seen.has(key)) continue;
            seen.add(key);
            next.push({ intents: index, a: to, b: other, sentence: `${sentence} ${word}`.trimStart() });
          }
        }
      }
    }
    pairs = next;
  }
  return [...found.values()];
}

/** Intents that saying nothing fulfils. */
export function silentIntents(automaton: Automaton): string[] {
  const hearings = hearingsOf(automaton);
  return automaton.arcs.flatMap(({ from, to, tag }) =>
    from === automaton.start && tag?.kind === 'intent' && hearings[to].final ? [tag.intent] : [],
  );
}

function hearingsOf(automaton: Automaton): Hearing[] {
  const from: Arc[][] = Array.from({ length: automaton.states }, () => []);
  for (const arc of automaton.arcs) from[arc.from].push(arc);
  return from.map((_, state) => hearingOf(state, from, automaton.accept));
}

function hearingOf(state: number, from: readonly (readonly Arc[])[], accept: number): Hearing {
  const words = new Map<string, number[]>();
  const reached = new Set([state]);
  for (const at of reached) {
    for (const { word, to } of from[at]) {
      if (word === null) reached.add(to);
      else {
        const targets = words.get(word);
        if (targets === undefined) words.set(word, [to]);
        else targets.push(to);
      }
    }
  }
  return { words, final: reached.has(accept) };
}
