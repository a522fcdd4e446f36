import type { Arc, Automaton } from './automaton.js';

/** A state, and which slots were filled on the way there. */
interface Place {
  readonly state: number;
  readonly filled: bigint;
}

/**
 * The same sentences without those that fill a slot again though they need not ("a latte with milk and sugar and milk"):
 * nobody says them, and a recogniser that cannot make out a word likes to go round in them. A template that fills a slot
 * twice in all its sentences ("to {celsius}, no, to {celsius}") stays. A state becomes one for each set of slots that are
 * filled already and could be filled again; what an intent's tag fills does not count.
 */
export function filledOnce(automaton: Automaton): Automaton {
  const ahead = slotsAhead(automaton);
  const bits = slotBits(automaton);
  const outgoing = arcsFrom(automaton.states, automaton.arcs);
  const numbers = new Map<string, number>();
  const places: Place[] = [];
  const numberOf = (state: number, filled: bigint): number => {
    const matters = filled & ahead[state];
    const key = `${state} ${matters}`;
    let number = numbers.get(key);
    if (number === undefined) {
      number = places.length;
      numbers.set(key, number);
      places.push({ state, filled: matters });
    }
    return number;
  };
  const start = numberOf(automaton.start, 0n);
  const accept = numberOf(automaton.accept, 0n);
  const first: Arc[] = [];
  const again: Arc[] = [];
  // Places are added while they are gone through.
  for (let from = 0; from < places.length; from++) {
    const { state, filled } = places[from];
    for (const arc of outgoing[state]) {
      const bit = arc.tag?.kind === 'slot' ? (bits.get(arc.tag.slot) ?? 0n) : 0n;
      const list = (filled & bit) === 0n ? first : again;
      list.push({ ...arc, from, to: numberOf(arc.to, filled | bit) });
    }
  }
  if (again.length === 0) return automaton;
  // Where every slot can be filled once, nothing that leads elsewhere is kept, but for whole templates.
  const free = leadingTo(accept, places.length, first);
  const entries = new Set(first.flatMap(({ tag, to }) => (tag?.kind === 'intent' ? [to] : [])));
  const arcs = [
    ...first.filter(({ from, to }) => !free[from] || free[to] || from === start || entries.has(from)),
    ...again.filter(({ from }) => !free[from]),
  ];
  return reachable({ states: places.length, start, accept, arcs });
}

/** A bit for each slot. */
function slotBits({ arcs }: Automaton): Map<string, bigint> {
  const slots = new Set(arcs.flatMap(({ tag }) => (tag?.kind === 'slot' ? [tag.slot] : [])));
  return new Map([...slots].map((slot, i) => [slot, 1n << BigInt(i)]));
}

/** For every state, the slots that can still be filled from there. */
function slotsAhead(automaton: Automaton): bigint[] {
  const bits = slotBits(automaton);
  const into: Arc[][] = Array.from({ length: automaton.states }, () => []);
  for (const arc of automaton.arcs) into[arc.to].push(arc);
  const ahead = Array.from({ length: automaton.states }, () => 0n);
  const queue = Array.from({ length: automaton.states }, (_, state) => state);
  for (let state = queue.pop(); state !== undefined; state = queue.pop()) {
    for (const { from, tag } of into[state]) {
      const bit = tag?.kind === 'slot' ? (bits.get(tag.slot) ?? 0n) : 0n;
      const all = ahead[from] | ahead[state] | bit;
      if (all === ahead[from]) continue;
      ahead[from] = all;
      queue.push(from);
    }
  }
  return ahead;
}

/** For every state, whether these arcs lead from it to `end`. */
function leadingTo(end: number, states: number, arcs: readonly Arc[]): boolean[] {
  const into: Arc[][] = Array.from({ length: states }, () => []);
  for (const arc of arcs) into[arc.to].push(arc);
  const leads = Array.from({ length: states }, () => false);
  leads[end] = true;
  const queue = [end];
  for (let state = queue.pop(); state !== undefined; state = queue.pop()) {
    for (const { from } of into[state]) {
      if (leads[from]) continue;
      leads[from] = true;
      queue.push(from);
    }
  }
  return leads;
}

/** Without states to which nothing leads, the others numbered anew. */
function reachable({ states, start, accept, arcs }: Automaton): Automaton {
  const outgoing = arcsFrom(states, arcs);
  const numbers = new Map([
    [start, 0],
    [accept, 1],
  ]);
  const kept: Arc[] = [];
  const queue = [start];
  for (let state = queue.pop(); state !== undefined; state = queue.pop()) {
    for (const arc of outgoing[state]) {
      if (!numbers.has(arc.to)) {
        numbers.set(arc.to, numbers.size);
        queue.push(arc.to);
      }
      kept.push({ ...arc, from: numbers.get(state) ?? 0, to: numbers.get(arc.to) ?? 0 });
    }
  }
  kept.sort((a, b) => a.from - b.from || a.to - b.to);
  return { states: numbers.size, start: 0, accept: 1, arcs: kept };
}

function arcsFrom(states: number, arcs: readonly Arc[]): Arc[][] {
  const from: Arc[][] = Array.from({ length: states }, () => []);
  for (const arc of arcs) from[arc.from].push(arc);
  return from;
}
