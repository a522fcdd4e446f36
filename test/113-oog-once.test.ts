import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compile } from '../src/assistant/grammar/compile.js';
import { readCommands } from '../src/assistant/grammar/load.js';
import { Follower } from '../src/assistant/grammar/match.js';
import { filledOnce } from '../src/assistant/grammar/once.js';
import { coffeeFile } from './111-support.js';

const grammar = (text: string): ReturnType<typeof compile> => compile(readCommands(text, 'test'));
const drinks = `
lists:
  milk: { values: [cream, soy milk] }
  size: { values: [small, large] }
intents:
  order:
    about: A drink
    say: '[{size}] latte [{size}] [with {milk}] [and {milk}] [and a {size} cup]'
`;

describe('slots filled once', () => {
  const all = grammar(drinks);
  const full = new Follower(all);
  const once = new Follower(filledOnce(all));

  it('says every sentence that fills no slot twice, with the same meanings, and no other', () => {
    const maybe = (...texts: string[]): fc.Arbitrary<string> => fc.constantFrom('', ...texts);
    fc.assert(
      fc.property(
        maybe('small ', 'large '),
        maybe(' small', ' large'),
        maybe(' with cream', ' with soy milk'),
        maybe(' and cream', ' and soy milk'),
        maybe(' and a small cup', ' and a large cup'),
        (...[before, behind, first, second, cup]) => {
          const words = `${before}latte${behind}${first}${second}${cup}`.split(' ');
          const sizes = [before, behind, cup].filter((text) => text !== '').length;
          const milks = [first, second].filter((text) => text !== '').length;
          const meanings = full.meanings(words);
          expect(meanings.length).toBeGreaterThan(0);
          expect(once.meanings(words)).toEqual(sizes < 2 && milks < 2 ? meanings : []);
        },
      ),
    );
  });

  it('keeps a second value where a sentence cannot go on without', () => {
    const text = drinks.replace(/say: .*/, "say: 'latte with {milk} no with {milk}'");
    const words = 'latte with cream no with soy milk'.split(' ');
    expect(new Follower(filledOnce(grammar(text))).meanings(words)).toEqual([
      { intent: 'order', slots: { milk: 'soy milk' } },
    ]);
  });

  it('leaves a grammar without such sentences as it is', () => {
    const plain = grammar('intents:\n  go:\n    about: Go\n    say: "go [now|home]"\n');
    expect(filledOnce(plain)).toBe(plain);
  });

  it('has no state that leads nowhere, and one start and end', () => {
    const { arcs, accept, start, states } = filledOnce(
      compile(readCommands(readFileSync(coffeeFile, 'utf8'), coffeeFile)),
    );
    const leaving = new Set(arcs.map(({ from }) => from));
    for (const { from, to } of arcs) {
      expect(to === accept || leaving.has(to)).toBe(true);
      expect(Math.max(from, to)).toBeLessThan(states);
    }
    expect(leaving.has(start)).toBe(true);
    expect(leaving.has(accept)).toBe(false);
  });
});
