import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Arc, Automaton } from '../src/assistant/grammar/automaton.js';
import { compile, rangeValues } from '../src/assistant/grammar/compile.js';
import { joined, readCommands } from '../src/assistant/grammar/load.js';
import { Follower, meaningOfPath } from '../src/assistant/grammar/match.js';
import { normalise } from '../src/assistant/grammar/normalise.js';
import { spokenNumber, wholeWords } from '../src/assistant/grammar/number-words.js';
import { parseTemplate } from '../src/assistant/grammar/template.js';
import { seededRandom } from './70-support/person.js';

const commands = readCommands(
  `
lists:
  zone:
    values:
      - { value: driver, say: [driver, "driver's [side]", my] }
      - { value: passenger, say: "passenger [side]" }
  temperature: { range: { from: 16, to: 28, step: 0.5 } }
  contact: { dynamic: contacts }
rules:
  the: "[the]"
  set: (set|change|turn)
intents:
  climate.setTemperature:
    about: Sets the temperature of a zone.
    say:
      - "<set> <the> [{zone}] temperature to {temperature} [degrees]"
      - "make it {temperature} degrees"
  climate.warmer: { about: Warmer., say: "(i am|i'm) [so|too] cold", slots: { step: 1 } }
  phone.call: { about: Calls., say: "call {contact}" }
  confirm.yes: { about: Agrees., say: [yes, "yes please"], states: [confirming] }
`,
  'a test',
);

const contacts = new Map([
  ['contacts', [{ value: 'anna', say: [parseTemplate('anna [smith]', 'contacts')] }]],
]);

const meanings = (text: string, state?: string): unknown =>
  new Follower(compile(commands, { dynamic: contacts, ...(state === undefined ? {} : { state }) })).meanings(
    normalise(text),
  );

/** A sentence that the automaton allows, with its meaning, chosen by `random`. */
function anySentence(automaton: Automaton, random: () => number): { words: string[]; arcs: Arc[] } {
  const from = new Map<number, Arc[]>();
  for (const arc of automaton.arcs) from.set(arc.from, [...(from.get(arc.from) ?? []), arc]);
  const arcs: Arc[] = [];
  for (let state = automaton.start; state !== automaton.accept;) {
    const choices = from.get(state)!;
    const arc = choices[Math.floor(random() * choices.length)];
    arcs.push(arc);
    state = arc.to;
  }
  return { words: arcs.flatMap(({ word }) => (word === null ? [] : [word])), arcs };
}

describe('command grammar', () => {
  it('understands sentences with their slots', () => {
    expect(meanings('Set the temperature to 21 degrees.')).toEqual([
      { intent: 'climate.setTemperature', slots: { temperature: 21 } },
    ]);
    expect(meanings('change my temperature to twenty-one and a half')).toEqual([
      { intent: 'climate.setTemperature', slots: { zone: 'driver', temperature: 21.5 } },
    ]);
    expect(meanings("I'm too cold!")).toEqual([{ intent: 'climate.warmer', slots: { step: 1 } }]);
    expect(meanings('call Anna')).toEqual([{ intent: 'phone.call', slots: { contact: 'anna' } }]);
  });

  it('does not understand what is almost one', () => {
    for (const text of ['', 'set the temperature', 'set temperature to 99', 'call bob', 'please call anna'])
      expect(meanings(text), text).toEqual([]);
  });

  it('lets some things be said only when they are expected', () => {
    expect(meanings('yes')).toEqual([]);
    expect(meanings('yes please', 'confirming')).toEqual([{ intent: 'confirm.yes', slots: {} }]);
  });

  it('finds the meaning of every sentence that it allows', () => {
    const automaton = compile(commands, { dynamic: contacts });
    const follower = new Follower(automaton);
    fc.assert(
      fc.property(fc.nat(1e6), (seed) => {
        const { words, arcs } = anySentence(automaton, seededRandom(seed));
        expect(follower.meanings(words)).toContainEqual(meaningOfPath(arcs));
        expect(normalise(words.join(' '))).toEqual(words);
      }),
      { numRuns: 300 },
    );
  });

  it('puts what is around sentences around each of them', () => {
    const polite = readCommands(
      `around: "[please] <> [now]"\nintents: { a: { about: x, say: [stop, "go {n}"], slots: { b: 1 } } }
lists: { n: { values: [on] } }`,
      'a test',
    );
    const understood = (text: string): unknown => new Follower(compile(polite)).meanings(normalise(text));
    expect(understood('please go on now')).toEqual([{ intent: 'a', slots: { b: 1, n: 'on' } }]);
    expect(understood('stop')).toHaveLength(1);
    expect(understood('please now')).toEqual([]);
    const bare = readCommands('around: "please"\nintents: { a: { about: x, say: stop } }', 'a test');
    expect(() => compile(bare)).toThrow(/blank <> in what is around/);
    expect(() => joined('en', [polite, bare])).toThrow(/two/);
  });

  it('grows with the sentences written, not with their combinations', () => {
    const many = Array.from({ length: 30 }, (_, i) => `[a${i}|b${i}]`).join(' ');
    const wide = readCommands(`intents: { x: { about: wide, say: "${many}" } }`, 'a test');
    expect(compile(wide).arcs.length).toBeLessThan(150);
  });

  it('says where a file is wrong', () => {
    const read = (text: string) => (): unknown => compile(readCommands(text, 'bad.yaml'));
    expect(read('intents: { a: { about: x, say: "set (the" } }')).toThrow(/column 5 .*bad\.yaml/);
    expect(read('intents: { a: { about: x, say: "{no list}" } }')).toThrow(/\{list\}/);
    expect(read('intents: { a: { about: x, say: "{gone}" } }')).toThrow(/list named gone/);
    expect(read('intents: { a: { about: x, say: "<gone>" } }')).toThrow(/rule named gone/);
    expect(read('rules: { r: "a <r>" }\nintents: { a: { about: x, say: <r> } }')).toThrow(/r > r/);
    expect(read('intents: { a: { about: x, sya: "hm" } }')).toThrow(/intents\.a\.sya/);
    expect(read('lists: { n: { range: { from: 3, to: 1, step: 1 } } }')).toThrow(/from <= to/);
    expect(() => joined('en', [commands, commands])).toThrow(/two/);
  });
});

describe('spoken numbers', () => {
  it('are English', () => {
    expect(wholeWords(0).join(' ')).toBe('zero');
    expect(wholeWords(21).join(' ')).toBe('twenty one');
    expect(wholeWords(105).join(' ')).toBe('one hundred and five');
    expect(wholeWords(12_340).join(' ')).toBe('twelve thousand three hundred and forty');
    const forms = spokenNumber(100.5).map((words) => words.join(' '));
    expect(forms).toContain('one hundred point five');
    expect(forms).toContain('a hundred and a half');
    expect(forms).toContain('100.5');
    expect(spokenNumber(-5).map((words) => words.join(' '))).toEqual(['minus five', 'minus 5']);
  });

  it('differ for different numbers', () => {
    fc.assert(
      fc.property(fc.nat(999_999), fc.nat(999_999), (a, b) => {
        if (a === b) return;
        const said = new Set(spokenNumber(a).map((words) => words.join(' ')));
        expect(spokenNumber(b).some((words) => said.has(words.join(' ')))).toBe(false);
      }),
    );
  });

  it('cover a range without rounding errors', () => {
    expect(rangeValues({ kind: 'range', from: 16, to: 17, step: 0.1 })).toEqual([
      16, 16.1, 16.2, 16.3, 16.4, 16.5, 16.6, 16.7, 16.8, 16.9, 17,
    ]);
  });
});

describe('normalised text', () => {
  it('is words, however it was written', () => {
    expect(normalise('Set the temp to 21.5°C, please!')).toEqual([
      'set',
      'the',
      'temp',
      'to',
      '21.5',
      'degrees',
      'please',
    ]);
    expect(normalise('It’s stuffy… open the driver’s window 50%')).toEqual([
      "it's",
      'stuffy',
      'open',
      'the',
      "driver's",
      'window',
      '50',
      'percent',
    ]);
    expect(normalise('Twenty-one, minus 5 and -3; 1,250')).toEqual([
      'twenty',
      'one',
      'minus',
      '5',
      'and',
      'minus',
      '3',
      '1250',
    ]);
    expect(normalise('  ')).toEqual([]);
  });
});
