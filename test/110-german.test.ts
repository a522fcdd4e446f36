import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compile } from '../src/assistant/grammar/compile.js';
import { english, german, languageOf } from '../src/assistant/grammar/language.js';
import { lint } from '../src/assistant/grammar/lint.js';
import { commandsDir, loadCommands, readCommands } from '../src/assistant/grammar/load.js';
import { Follower } from '../src/assistant/grammar/match.js';
import { normalise } from '../src/assistant/grammar/normalise.js';
import { germanNumber, germanWord } from '../src/assistant/grammar/number-words-de.js';
import { differences, missingIntents } from '../src/assistant/grammar/reference.js';
import { readSentenceTests, runSentenceTests } from '../src/assistant/grammar/sentence-tests.js';
import { NearestSentences } from '../src/assistant/understanding/nearest.js';

const commands = loadCommands('de');
const reference = loadCommands('en');

describe('German commands', () => {
  it('mean what their sentences say', () => {
    const results = runSentenceTests(commands, readSentenceTests(join(commandsDir, 'tests', 'de.yaml')));
    expect(results.filter(({ passed }) => !passed)).toEqual([]);
    expect(results.length).toBeGreaterThan(100);
  });

  it('have nothing for the linter to find, and mean only what English can mean', () => {
    expect(lint(commands)).toEqual([]);
    expect(differences(commands, reference)).toEqual([]);
    expect(missingIntents(commands, reference)).toEqual([]);
  });

  it('are offered where one is nearly said', () => {
    const near = new NearestSentences(compile(commands), german);
    const [first] = near.nearest(normalise('mach die Sitzheizungen an', german));
    expect(first.sentence).toBe('mach die sitzheizung an');
    for (const { sentence } of near.nearest(normalise('stell die Temperatur', german)))
      expect(sentence).not.toMatch(/\d|zwanzig/);
  });
});

describe('German numbers', () => {
  it.each([
    [0, 'null'],
    [1, 'eins'],
    [17, 'siebzehn'],
    [21, 'einundzwanzig'],
    [30, 'dreißig'],
    [101, 'hunderteins'],
    [121, 'hunderteinundzwanzig'],
    [999, 'neunhundertneunundneunzig'],
    [1_000, 'tausend'],
    [21_001, 'einundzwanzigtausendeins'],
    [201_300, 'zweihunderteintausenddreihundert'],
  ])('%d is %s', (value, word) => {
    expect(germanWord(value)).toBe(word);
  });

  it.each([
    [1, ['eins', 'ein', 'eine', 'einen', 'einer', '1']],
    [2, ['zwei', 'zwo', '2']],
    [100, ['hundert', 'einhundert', '100']],
    [-5, ['minus fünf', 'minus 5']],
    [1.5, ['eins komma fünf', 'eineinhalb', 'ein einhalb', 'anderthalb', '1.5']],
    [21.5, ['einundzwanzig komma fünf', 'einundzwanzigeinhalb', 'einundzwanzig einhalb', '21.5']],
    [0.25, ['null komma zwei fünf', '0.25']],
  ])('%d is said in these ways: %s', (value, expected) => {
    expect(germanNumber(value).map((words) => words.join(' '))).toEqual(expected);
  });

  it('differ for different numbers', () => {
    fc.assert(
      fc.property(fc.nat(999_999), fc.nat(999_999), (a, b) => {
        if (a === b) return;
        const said = new Set(germanNumber(a).map((words) => words.join(' ')));
        expect(germanNumber(b).some((words) => said.has(words.join(' ')))).toBe(false);
      }),
    );
  });
});

describe('languages', () => {
  it('write numbers and signs in their own way', () => {
    expect(normalise('Auf 21,5 °C und 1.250 m, 40 % – Café-Lounge', german)).toEqual(
      'auf 21.5 grad und 1250 m 40 prozent café lounge'.split(' '),
    );
    expect(normalise('1,250 at 40%', english)).toEqual(['1250', 'at', '40', 'percent']);
  });

  it('are known by their code, and others are refused by name', () => {
    expect(languageOf('de')).toBe(german);
    expect(() => languageOf('xx')).toThrow(/en, de .*"xx"/);
    const other = readCommands('lists: { n: { range: { from: 1, to: 2, step: 1 } } }', 'x.yaml', 'xx');
    expect(compile(other).arcs).toEqual([]);
  });

  it('that mean something of their own are told', () => {
    const read = (text: string): ReturnType<typeof readCommands> => readCommands(text, 'a test');
    const original = read(`
lists: { side: { values: [left, right] }, who: { dynamic: people } }
intents:
  open: { about: x, say: "open the {side} door" }
  call: { about: x, say: "call {who}" }
  more: { about: x, say: more, slots: { step: 1 } }
`);
    const translated = read(`
lists: { side: { values: [left, top] }, who: { values: [anna] } }
rules: { auf: "mach <> auf" }
intents:
  open: { about: x, say: "<auf: {side} {percent:side}>", states: [idle, ringing] }
  call: { about: x, say: "{who}" }
  more: { about: x, say: mehr, slots: { step: 2 } }
  extra: { about: x, say: y }
`);
    expect(differences(translated, original).map(({ text }) => text)).toEqual([
      'open can be said in the state ringing, in en not',
      'open fills the slot side with top, in en never',
      'open fills the slot percent, in en it does not',
      'call fills the slot who from another kind of list than in en',
      'more fills other slots by itself than in en',
      'extra is no intent of en',
    ]);
    expect(missingIntents(original, translated)).toEqual(['extra']);
    expect(missingIntents(translated, original)).toEqual([]);
  });
});

describe('rules with a blank', () => {
  const meanings = (rules: string, say: string, text: string): unknown => {
    const set = readCommands(
      `rules: { ${rules} }\nlists: { side: { values: [links] } }\nintents: { a: { about: x, say: ${JSON.stringify(say)} } }`,
      'a test',
    );
    return new Follower(compile(set)).meanings(normalise(text));
  };

  it('are frames around what is given', () => {
    const rules = 'auf: ["mach <> auf", "öffne <>"], bitte: "[bitte]"';
    const say = '<auf: <bitte> das fenster [{side}]>';
    expect(meanings(rules, say, 'mach bitte das fenster links auf')).toEqual([
      { intent: 'a', slots: { side: 'links' } },
    ]);
    expect(meanings(rules, say, 'öffne das fenster')).toEqual([{ intent: 'a', slots: {} }]);
    expect(meanings(rules, say, 'mach das fenster')).toEqual([]);
  });

  it('may stand in each other, each with its own words', () => {
    const rules = 'a: "x <> y", b: "<a: v <> w>"';
    expect(meanings(rules, '<b: <a: z>>', 'x v x z y w y')).toHaveLength(1);
  });

  it.each([
    ['r: "a <>"', '<r>', /words for the blank/],
    ['r: "a"', '<r: b>', /a blank <> in the rule r/],
    ['r: "<s: x>", s: "<> <r>"', '<r>', /r > s > r/],
    ['r: "<s: <r>>", s: "<>"', '<r>', /r > r/],
    ['r: "<>"', '<r: b', /> for this bracket/],
    ['r: "<>"', '<1>', /<rule>, <rule: words> or <>/],
  ])('%s with %s says what is wrong', (rules, say, message) => {
    expect(() => meanings(rules, say, '')).toThrow(message);
  });
});
