import { join } from 'node:path';
import { documentOf, type Entry, type FileKind } from '../grammar/entry.js';
import { commandsDir } from '../grammar/load.js';
import type { Follower, Meaning } from '../grammar/match.js';
import { normalise } from '../grammar/normalise.js';
import type { AmountRange, Setting, SettingValue } from './catalogue.js';
import type { SettingChange } from './decision.js';
import type { Suggestion } from './nearest.js';
import { SettingsUnderstander } from './settings-understander.js';

/** What can be set, and the command that sets it: `{amount}` stands for the amount. By setting and value. */
export interface CommandSettings {
  readonly catalogue: readonly Setting[];
  readonly sentences: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

const settingsFiles: FileKind = { code: 'SETTINGS_INVALID', docs: 'docs/understanding.md' };

/**
 * `signals/commands/settings/LANGUAGE.yaml`.
 * @throws VigilError `SETTINGS_INVALID` naming the entry
 */
export function loadCommandSettings(
  language = 'en',
  folder = join(commandsDir, 'settings'),
): CommandSettings {
  const root = documentOf(join(folder, `${language}.yaml`), settingsFiles).only(['values', 'settings']);
  const general = new Map(root.children('values').map(([name, entry]) => [name, texts(entry)]));
  const settings = root.children('settings').map(([name, entry]) => settingOf(name, entry, general));
  return {
    catalogue: settings.map(({ setting }) => setting),
    sentences: new Map(settings.map(({ setting, sentences }) => [setting.name, sentences])),
  };
}

function settingOf(
  name: string,
  entry: Entry,
  general: ReadonlyMap<string, readonly string[]>,
): { setting: Setting; sentences: ReadonlyMap<string, string> } {
  entry.only(['names', 'amounts', 'values']);
  const amounts = entry.child('amounts');
  const values = entry.children('values').map(([value, fields]) => valueOf(value, fields, general));
  return {
    setting: {
      name,
      says: [...new Set([name, ...texts(entry.child('names'))])],
      values: values.map(({ value }) => value),
      amounts: amounts.absent ? [] : amounts.items().map(rangeOf),
      includes: [],
    },
    sentences: new Map(values.map(({ value, sentence }) => [value.name, sentence])),
  };
}

function valueOf(
  name: string,
  entry: Entry,
  general: ReadonlyMap<string, readonly string[]>,
): { value: SettingValue; sentence: string } {
  entry.only(['say', 'names', 'amount', 'not']);
  const { names, amount, not } = {
    names: entry.child('names'),
    amount: entry.child('amount'),
    not: entry.child('not'),
  };
  const own = names.absent ? [] : texts(names);
  const value = {
    name,
    own,
    says: [...new Set([name, ...own, ...(general.get(name) ?? [])])],
    requiresAmount: !amount.absent && amount.signal() === true,
    requiresConfirmation: true,
    antonym: not.absent ? null : not.text(),
  };
  return { value, sentence: entry.child('say').text() };
}

function rangeOf(entry: Entry): AmountRange {
  entry.only(['unit', 'min', 'max']);
  return {
    unit: String(entry.child('unit').signal()),
    min: entry.child('min').number(),
    max: entry.child('max').number(),
  };
}

function texts(entry: Entry): string[] {
  return entry.items().map((item) => item.text());
}

/** How near a suggestion from the catalogue is taken to be: behind a sentence of nearly the same words. */
const closeness = 0.6;

/**
 * Commands that set what was talked about, where what was said is no command: for "did you mean" only. Whatever the
 * catalogue understands, the command is the grammar's, and only those that the grammar understands are offered.
 */
export class SettingSuggestions {
  readonly #understander: SettingsUnderstander;

  constructor(
    private readonly settings: CommandSettings,
    private readonly follower: Follower,
  ) {
    this.#understander = new SettingsUnderstander(settings.catalogue);
  }

  /** Best first; none for a question, which wants no change. */
  suggest(text: string, limit = 3): Suggestion[] {
    const decision = this.#understander.understand(text);
    const changes =
      decision.kind === 'act' ? [decision.act] : decision.kind === 'ask' ? decision.candidates : [];
    return changes
      .flatMap((change) => {
        const sentence = this.sentenceOf(change);
        const meaning = sentence === null ? null : this.#meaning(sentence);
        return sentence === null || meaning === null ? [] : [{ sentence, meaning, closeness }];
      })
      .slice(0, limit);
  }

  /** Null where nothing was said to do with the setting, or the amount is not a number. */
  sentenceOf({ setting, value, amount }: SettingChange): string | null {
    const sentence = value === null ? undefined : this.settings.sentences.get(setting)?.get(value);
    if (sentence === undefined) return null;
    if (!sentence.includes('{amount}')) return sentence;
    return typeof amount === 'number' ? sentence.replace('{amount}', String(amount)) : null;
  }

  #meaning(sentence: string): Meaning | null {
    const meanings = this.follower.meanings(normalise(sentence));
    return meanings.length === 1 ? meanings[0] : null;
  }
}

/**
 * Suggestions of both kinds, best first, one of an intent: a sentence of nearly the same words, then what the catalogue
 * makes of it, then sentences that share a few telling words.
 */
export function together(
  near: readonly Suggestion[],
  settings: readonly Suggestion[],
  limit = 3,
): Suggestion[] {
  const intents = new Set<string>();
  return [...near, ...settings]
    .sort((a, b) => b.closeness - a.closeness)
    .filter(({ meaning }) => !intents.has(meaning.intent) && intents.add(meaning.intent))
    .slice(0, limit);
}
