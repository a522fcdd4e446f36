import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Arc, Automaton } from '../src/assistant/grammar/automaton.js';
import { compile } from '../src/assistant/grammar/compile.js';
import { conflicts, silentIntents } from '../src/assistant/grammar/conflicts.js';
import { lint } from '../src/assistant/grammar/lint.js';
import { commandsDir, loadCommands, readCommands } from '../src/assistant/grammar/load.js';
import { unheardWords, unspeltWords } from '../src/assistant/grammar/words-lint.js';
import { Follower } from '../src/assistant/grammar/match.js';
import { readSentenceTests, runSentenceTests } from '../src/assistant/grammar/sentence-tests.js';
import { seededRandom } from './70-support/person.js';

describe('English commands', () => {
  const commands = loadCommands('en');

  it('mean what their sentences say', () => {
    const results = runSentenceTests(commands, readSentenceTests(join(commandsDir, 'tests', 'en.yaml')));
    expect(results.filter(({ passed }) => !passed)).toEqual([]);
    expect(results.length).toBeGreaterThan(40);
  });

  it('have nothing for the linter to find', () => {
    expect(lint(commands)).toEqual([]);
  });

  it('cover what a car is asked for', () => {
    const areas = new Set(commands.intents.map(({ name }) => name.split('.')[0]));
    for (const area of ['climate', 'seat', 'window', 'sunroof', 'door', 'light', 'wiper', 'mirror', 'media'])
      expect(areas).toContain(area);
    for (const area of ['phone', 'navigation', 'status', 'cruise', 'timer', 'dialog'])
      expect(areas).toContain(area);
    expect(commands.intents.length).toBeGreaterThanOrEqual(120);
  });
});

describe.each(['en', 'de'])('commands in %s', (language) => {
  it('mean one thing, whichever of their sentences is said', () => {
    const commands = loadCommands(language);
    const random = seededRandom(7);
    const ambiguous = commands.intents.flatMap(({ name, states }) => {
      const automaton = compile(commands, { state: states[0], intents: new Set([name]) });
      const [follower, from] = [new Follower(automaton), new Map<number, Arc[]>()];
      for (const arc of automaton.arcs) from.set(arc.from, [...(from.get(arc.from) ?? []), arc]);
      const sentences = Array.from({ length: 12 }, () => sentenceIn(automaton, from, random));
      return sentences.filter((words) => words !== null && follower.meanings(words).length !== 1);
    });
    expect(ambiguous).toEqual([]);
  });
});

/** A random sentence; null where the way leads to a list that is filled at run time. */
function sentenceIn(
  { start, accept }: Automaton,
  from: ReadonlyMap<number, readonly Arc[]>,
  random: () => number,
): string[] | null {
  const words: string[] = [];
  for (let state = start; state !== accept;) {
    const arcs = from.get(state);
    if (arcs === undefined) return null;
    const arc = arcs[Math.floor(random() * arcs.length)];
    if (arc.word !== null) words.push(arc.word);
    state = arc.to;
  }
  return words;
}

describe('the linter', () => {
  const read = (text: string): ReturnType<typeof readCommands> => readCommands(text, 'a test');

  it('finds a shortest sentence that two intents claim', () => {
    const automaton = compile(
      read(`
intents:
  a: { about: x, say: "turn [the] (light|radio) on [now]" }
  b: { about: x, say: "(please|turn) [the] (radio|fan) on" }
  c: { about: x, say: "something else" }
`),
    );
    expect(conflicts(automaton)).toEqual([{ first: 'a', second: 'b', sentence: 'turn radio on' }]);
  });

  it('finds words that no text becomes, and words without tokens', () => {
    const set = read(
      'intents: { a: { about: x, say: "send an e-mail to zoë 50%", states: [idle, ringing] } }',
    );
    expect(unheardWords(set).map(({ text }) => text)).toEqual([
      '"50%" is heard as "50 percent": write it so',
      '"e-mail" is heard as "e mail": write it so',
    ]);
    const letters = (word: string): number[] =>
      Array.from(word, (letter) => (letter < '\u0080' ? 300 : 3 + 0xc3));
    expect(unspeltWords(set, letters)).toEqual([
      { kind: 'unspelt', text: '"zoë" has no tokens for the recogniser' },
    ]);
    for (const language of ['en', 'de']) expect(unheardWords(loadCommands(language))).toEqual([]);
  });

  it('finds an intent fulfilled by silence, and what nobody uses', () => {
    const set = read(`
lists: { gone: { values: [x] } }
rules: { idle: "a" }
intents: { a: { about: x, say: "[please]" } }
`);
    expect(silentIntents(compile(set))).toEqual(['a']);
    expect(lint(set).map(({ kind }) => kind)).toEqual(['unused', 'unused', 'silent']);
  });
});
