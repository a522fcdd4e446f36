import { describe, expect, it } from 'vitest';
import { compile } from '../src/assistant/grammar/compile.js';
import { loadCommands, readCommands } from '../src/assistant/grammar/load.js';
import { Follower } from '../src/assistant/grammar/match.js';
import { Endings, type Ending } from '../src/assistant/speech/ending.js';

const commands = `
lists:
  target:
    range: { from: 16, to: 30, step: 1 }
  zone:
    values: [driver, passenger]
rules:
  please: '[please]'
intents:
  temperature.set:
    about: Test
    say: ['set [the] [{zone}] temperature to {target} [degrees] <please>']
  window.open:
    about: Test
    say: ['open the window <please>', 'open up']
  window.openOne:
    about: Test
    say: ['open the window on the {zone} side']
  stop:
    about: Test
    say: ['stop']
`;
const automaton = compile(readCommands(commands, 'test'));
const endings = new Endings(automaton);
const follower = new Follower(automaton);

function endingOf(text: string): Ending {
  const words = text.split(' ');
  const meaning = follower.meanings(words).at(0) ?? { intent: '', slots: {} };
  return endings.of(words, meaning);
}

describe('how a speaker may go on', () => {
  it.each<[string, Ending]>([
    ['stop', 'final'],
    ['open up', 'final'],
    ['open the window please', 'final'],
    ['open the window on the driver side', 'final'],
    ['set temperature to twenty one', 'final'],
    ['set temperature to twenty one degrees', 'final'],
    // "one" would make it another number, "on the driver side" another command; "please" would not.
    ['set temperature to twenty', 'extendable'],
    ['open the window', 'extendable'],
    ['set the driver temperature to', 'incomplete'],
    ['open', 'incomplete'],
    ['close it', 'incomplete'],
  ])('%s: %s', (text, ending) => {
    expect(endingOf(text)).toBe(ending);
  });

  it('says so of one meaning: words that mean something else are not whole in it', () => {
    expect(endings.of(['stop'], { intent: 'window.open', slots: {} })).toBe('incomplete');
  });

  it('knows of the product: most commands are over when they are said', () => {
    const product = compile(loadCommands('en'));
    const all = new Endings(product);
    const said = new Follower(product);
    const of = (text: string): Ending => all.of(text.split(' '), said.meanings(text.split(' '))[0]);
    // "in here" may follow, and says no more.
    expect(of("i'm cold")).toBe('final');
    expect(of('turn up the volume')).not.toBe('incomplete');
    expect(of('lock the doors')).toBe('final');
  });
});
