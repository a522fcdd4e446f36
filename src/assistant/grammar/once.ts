import type { Arc, Automaton } from './automaton.js';

/**
 * The same sentences without those that fill a slot twice ("a latte with milk and sugar and milk"): nobody says them, and
 * a recogniser that cannot make out a word likes to go round in them. A state becomes one for each set of slots that are
 * filled already and could be filled again. What an intent's tag fills does not count.
 */
export function filledOnce(automaton: Automaton): Automaton {
  const ahead = slotsAhead(automaton);
  if (ahead.every((slots) => slots === 0n)) return automaton;
  const bits = slotBits(automaton);
  const outgoing = arcsFrom(automaton.states, automaton.arcs);
  const numbers = new Map<string, number>();
  const queue: { readonly state: number; readonly filled: bigint; readonly number: number }[] = [];
  const numberOf = (state: number, filled: bigint): number => {
    const matters = filled & ahead[state];
    const key = `${state} ${matters}`;
    let number = numbers.get(key);
    if (number === undefined) {
      number = numbers.size;
      numbers.set(key, number);
      queue.push({ state, filled: matters, number });
    }
    return number;
  };
  const start = numberOf(automaton.start, 0n);
  const arcs: Arc[] = [];
  for (let item = queue.pop(); item !== undefined; item = queue.pop()) {
    for (const arc of outgoing[item.state]) {
      const bit = arc.tag?.kind === 'slot' ? (bits.get(arc.tag.slot) ?? 0n) : 0n;
      if ((item.filled & bit) !== 0n) continue;
      arcs.push({ ...arc, from: item.number, to: numberOf(arc.to, item.filled | bit) });
    }
  }
  return withoutDeadEnds({
    states: numbers.size,
    start,
    accept: numberOf(automaton.accept, 0n),
    arcs,
  });
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

/** Only arcs from which the end can be reached; states keep their numbers. */
function withoutDeadEnds(automaton: Automaton): Automaton {
  const into: Arc[][] = Array.from({ length: automaton.states }, () => []);
  for (const arc of automaton.arcs) into[arc.to].push(arc);
  const alive = new Uint8Array(automaton.states);
  alive[automaton.accept] = 1;
  const queue = [automaton.accept];
  for (let state = queue.pop(); state !== undefined; state = queue.pop()) {
    for (const { from } of into[state]) {
      if (alive[from] === 1) continue;
      alive[from] = 1;
      queue.push(from);
    }
  }
  const arcs = automaton.arcs
    .filter(({ to }) => alive[to] === 1)
    .sort((a, b) => a.from - b.from || a.to - b.to);
  return { ...automaton, arcs };
}

function arcsFrom(states: number, arcs: readonly Arc[]): Arc[][] {
  const from: Arc[][] = Array.from({ length: states }, () => []);
  for (const arc of arcs) from[arc.from].push(arc);
  return from;
}
