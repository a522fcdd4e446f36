import type { Arc, Automaton } from '../../src/assistant/grammar/automaton.js';
import { idleState, type CommandSet, type ListValue } from '../../src/assistant/grammar/command-file.js';
import { compile } from '../../src/assistant/grammar/compile.js';
import { Follower, type Meaning } from '../../src/assistant/grammar/match.js';
import { parseTemplate } from '../../src/assistant/grammar/template.js';

/** Names that a driver of no particular car has: own inventions, some of them alike. */
const names: Readonly<Record<string, readonly string[]>> = {
  contacts: ['anna', 'mum', 'dad', 'tom becker', 'julia chen', 'doctor singh', 'the office', 'uncle frank'],
  stations: ['radio one', 'classic f m', 'rock antenna', 'jazz twenty four', 'city news'],
  places: ['berlin', 'the airport', 'central station', 'maple street', 'lake garda', 'the city museum'],
};

export const carNames: ReadonlyMap<string, readonly ListValue[]> = new Map(
  Object.entries(names).map(([source, values]) => [
    source,
    values.map((value) => ({ value, say: [parseTemplate(value, source)] })),
  ]),
);

/** What can be said in a dialog state that also lets a new command in. */
export function grammarOfState(commands: CommandSet, state: string): Automaton {
  const open = commands.intents.filter(({ states }) => states.includes(state) || states.includes(idleState));
  const intents = open.map((intent) => ({ ...intent, states: [idleState] }));
  return compile({ ...commands, intents }, { dynamic: carNames });
}

export interface CarSentence {
  readonly text: string;
  readonly meaning: Meaning;
  /** Dialog state in which it is said. */
  readonly state: string;
}

/** Tries for a sentence that nobody drew before and that means one thing. */
const tries = 30;

/**
 * Up to `each` sentences of every intent, drawn by walks through its templates: every turn is as likely as the others, so
 * that values of all slots come up.
 */
export function carSentences(commands: CommandSet, each: number, random: () => number): CarSentence[] {
  const followers = new Map<string, Follower>();
  return commands.intents.flatMap((intent) => {
    const state = intent.states.includes(idleState) ? idleState : intent.states[0];
    const follower = followers.get(state) ?? new Follower(grammarOfState(commands, state));
    followers.set(state, follower);
    const walk = walker(compile({ ...commands, intents: [intent] }, { state, dynamic: carNames }));
    const drawn = new Map<string, CarSentence>();
    for (let i = 0; i < each * tries && drawn.size < each; i++) {
      const words = walk(random);
      const meanings = follower.meanings(words);
      const text = words.join(' ');
      if (meanings.length === 1 && !drawn.has(text)) drawn.set(text, { text, meaning: meanings[0], state });
    }
    return [...drawn.values()];
  });
}

/** Words of a random way through an automaton in which every state leads to the end. */
function walker({ states, start, accept, arcs }: Automaton): (random: () => number) => string[] {
  const from: Arc[][] = Array.from({ length: states }, () => []);
  for (const arc of arcs) from[arc.from].push(arc);
  return (random) => {
    const words: string[] = [];
    for (let state = start; state !== accept;) {
      const choices = from[state];
      const arc = choices[Math.floor(random() * choices.length)];
      if (arc.word !== null) words.push(arc.word);
      state = arc.to;
    }
    return words;
  };
}
