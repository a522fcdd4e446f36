import { writeFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compile } from '../src/assistant/grammar/compile.js';
import { loadCommands } from '../src/assistant/grammar/load.js';
import { Follower } from '../src/assistant/grammar/match.js';
import { normalise } from '../src/assistant/grammar/normalise.js';
import {
  loadCommandSettings,
  SettingSuggestions,
  together,
} from '../src/assistant/understanding/command-settings.js';

const settings = loadCommandSettings();
const follower = new Follower(compile(loadCommands('en')));
const suggestions = new SettingSuggestions(settings, follower);

describe('settings of this car', () => {
  const values = settings.catalogue.flatMap(({ name, values: all, amounts }) =>
    all.map((value) => ({ setting: name, value, amounts })),
  );

  it.each(values)('$setting = $value.name is set by one command', ({ setting, value, amounts }) => {
    const amount = amounts.at(0)?.max ?? undefined;
    const sentence = suggestions.sentenceOf({
      setting,
      value: value.name,
      ...(amount === undefined ? {} : { amount }),
    });
    expect(sentence).not.toBeNull();
    const meanings = follower.meanings(normalise(sentence ?? ''));
    expect(meanings).toHaveLength(1);
  });

  it('have a command of their own for every value', () => {
    const meanings = values.flatMap(({ setting, value }) => {
      const sentence = suggestions.sentenceOf({ setting, value: value.name, amount: 1 }) ?? '';
      return follower.meanings(normalise(sentence)).map((meaning) => JSON.stringify(meaning));
    });
    expect(new Set(meanings).size).toBe(meanings.length);
  });

  it('are offered for what no command says', () => {
    const offered = (text: string): unknown => suggestions.suggest(text).at(0)?.meaning;
    expect(offered('pop the liftgate')).toEqual({ intent: 'trunk.open', slots: {} });
    expect(offered('mood lighting to violet please')).toEqual({
      intent: 'light.ambient.color',
      slots: { color: 'purple' },
    });
    expect(offered('the thermostat to 23 degrees')).toEqual({
      intent: 'climate.temperature.set',
      slots: { celsius: 23 },
    });
    expect(offered("it's nippy in here")).toEqual({ intent: 'climate.temperature.raise', slots: {} });
  });

  it.each(['is the massager on', 'what a nice day', 'the thermostat', ''])(
    'are not offered for "%s"',
    (text) => {
      expect(suggestions.suggest(text)).toEqual([]);
    },
  );

  it('come between near sentences and far ones, one of an intent', () => {
    const suggestion = (intent: string, closeness: number): Parameters<typeof together>[0][number] => ({
      sentence: intent,
      meaning: { intent, slots: {} },
      closeness,
    });
    const near = [suggestion('a', 0.9), suggestion('b', 0.4), suggestion('c', 0.3)];
    const found = together(near, [suggestion('b', 0.6), suggestion('a', 0.6)], 2);
    expect(found.map(({ meaning, closeness }) => [meaning.intent, closeness])).toEqual([
      ['a', 0.9],
      ['b', 0.6],
    ]);
  });

  it.each([
    ['settings: { A: { names: [a], values: { x: { says: b } } } }', /settings\.A\.values\.x/],
    ['settings: { A: { names: [a], values: { x: {} } } }', /a text.*settings\.A\.values\.x\.say/],
    ['settings: { A: { names: a } }', /a list/],
    ['setting: {}', /the document\.setting /],
  ])('say what is wrong: %s', (text, message) => {
    const folder = mkdtempSync(join(tmpdir(), 'vigil-settings-'));
    writeFileSync(join(folder, 'en.yaml'), text);
    expect(() => loadCommandSettings('en', folder)).toThrow(message);
  });
});
