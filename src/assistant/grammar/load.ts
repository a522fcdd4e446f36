import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { messageOf, VigilError } from '../../runtime/errors.js';
import { signalsDir } from '../../runtime/paths.js';
import { idleState, type CommandList, type CommandSet, type Intent, type ListValue } from './command-file.js';
import { Entry } from './entry.js';
import type { Template } from './template.js';

/** Where command files live. */
export const commandsDir = join(signalsDir, 'commands');

/**
 * Reads every YAML file of a language's folder.
 * @throws VigilError `COMMANDS_UNREADABLE`, `COMMANDS_INVALID` (naming file and entry) or `TEMPLATE_INVALID`
 */
export function loadCommands(language = 'en', folder = join(commandsDir, language)): CommandSet {
  let files: string[];
  try {
    files = readdirSync(folder).filter((file) => file.endsWith('.yaml'));
  } catch (error) {
    throw new VigilError(
      'COMMANDS_UNREADABLE',
      `Expected command files in ${folder} but reading it failed: ${messageOf(error)}.`,
      'Restore the folder from the package, or name another language.',
      { folder },
      { cause: error },
    );
  }
  const parts = files.sort().map((file) => {
    const path = join(folder, file);
    return readCommands(readFileSync(path, 'utf8'), path, language);
  });
  return joined(language, parts);
}

/** Several files as one; a name in two of them is an error. */
export function joined(language: string, parts: readonly CommandSet[]): CommandSet {
  const lists = new Map<string, CommandList>();
  const rules = new Map<string, Template>();
  const intents: Intent[] = [];
  let around: Template | null = null;
  for (const part of parts) {
    if (around !== null && part.around !== null) throw twice('piece around sentences', 'around');
    around ??= part.around;
    for (const [name, list] of part.lists) put(lists, name, list, 'list');
    for (const [name, rule] of part.rules) put(rules, name, rule, 'rule');
    for (const intent of part.intents) {
      if (intents.some(({ name }) => name === intent.name)) throw twice('intent', intent.name);
      intents.push(intent);
    }
  }
  return { language, lists, rules, intents, around };
}

/** One file's text. @param source named in errors */
export function readCommands(text: string, source: string, language = 'en'): CommandSet {
  let parsed: unknown;
  try {
    parsed = parse(text);
  } catch (error) {
    throw new Entry(undefined, source, 'the document').wrong('YAML', messageOf(error));
  }
  const root = new Entry(parsed, source, 'the document').only(['lists', 'rules', 'intents', 'around']);
  const around = root.child('around');
  return {
    language,
    lists: new Map(root.children('lists').map(([name, entry]) => [name, listOf(entry)])),
    rules: new Map(root.children('rules').map(([name, entry]) => [name, anyOf(entry.templates())])),
    intents: root.children('intents').map(([name, entry]) => intentOf(name, entry)),
    around: around.absent ? null : around.template(),
  };
}

function anyOf(options: readonly Template[]): Template {
  return options.length === 1 ? options[0] : { kind: 'choice', options };
}

function intentOf(name: string, entry: Entry): Intent {
  const fields = entry.only(['about', 'say', 'slots', 'states']);
  const slots = fields.children('slots').map(([slot, value]) => [slot, value.signal()] as const);
  const states = fields.child('states');
  return {
    name,
    about: fields.child('about').text(),
    say: fields.child('say').templates(),
    slots: Object.fromEntries(slots),
    states: states.absent ? [idleState] : states.items().map((state) => state.text()),
  };
}

function listOf(entry: Entry): CommandList {
  const fields = entry.only(['values', 'range', 'dynamic']);
  const range = fields.child('range');
  if (!range.absent) {
    const limits = range.only(['from', 'to', 'step']);
    const [from, to, step] = ['from', 'to', 'step'].map((name) => limits.child(name).number());
    if (!(step > 0) || to < from) throw entry.wrong('from <= to and step > 0', '');
    return { kind: 'range', from, to, step };
  }
  const dynamic = fields.child('dynamic');
  if (!dynamic.absent) return { kind: 'dynamic', source: dynamic.text() };
  return { kind: 'values', values: fields.child('values').items().map(valueOf) };
}

/** `jazz`, which is said as it is written, or `{value, say}`. */
function valueOf(entry: Entry): ListValue {
  if (entry.isScalar) return { value: entry.signal(), say: [entry.template()] };
  const fields = entry.only(['value', 'say']);
  return { value: fields.child('value').signal(), say: fields.child('say').templates() };
}

function put<T>(into: Map<string, T>, name: string, value: T, what: string): void {
  if (into.has(name)) throw twice(what, name);
  into.set(name, value);
}

function twice(what: string, name: string): VigilError {
  return new VigilError(
    'COMMANDS_INVALID',
    `Expected one ${what} named ${name} but found two.`,
    'Names are shared by all files of a language: rename one.',
  );
}
