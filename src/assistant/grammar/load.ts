import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { messageOf, VigilError } from '../../runtime/errors.js';
import { signalsDir } from '../../runtime/paths.js';
import type { SignalValue } from '../../vehicle/value.js';
import { idleState, type CommandList, type CommandSet, type Intent, type ListValue } from './command-file.js';
import { parseTemplate, type Template } from './template.js';

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
  for (const part of parts) {
    for (const [name, list] of part.lists) put(lists, name, list, 'list');
    for (const [name, rule] of part.rules) put(rules, name, rule, 'rule');
    for (const intent of part.intents) {
      if (intents.some(({ name }) => name === intent.name)) throw twice('intent', intent.name);
      intents.push(intent);
    }
  }
  return { language, lists, rules, intents };
}

/** One file's text. @param source named in errors */
export function readCommands(text: string, source: string, language = 'en'): CommandSet {
  let parsed: unknown;
  try {
    parsed = parse(text);
  } catch (error) {
    throw invalid(source, 'the document', 'YAML', messageOf(error));
  }
  const root = new Entry(parsed, source, 'the document').only(['lists', 'rules', 'intents']);
  return {
    language,
    lists: new Map(root.children('lists').map(([name, entry]) => [name, listOf(entry)])),
    rules: new Map(root.children('rules').map(([name, entry]) => [name, entry.template()])),
    intents: root.children('intents').map(([name, entry]) => intentOf(name, entry)),
  };
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
    if (!(step > 0) || to < from) throw invalid(entry.source, entry.where, 'from <= to and step > 0', '');
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

/** A value of the document that knows where it stands. */
class Entry {
  constructor(
    private readonly value: unknown,
    readonly source: string,
    readonly where: string,
  ) {}

  get absent(): boolean {
    return this.value === undefined || this.value === null;
  }

  get isScalar(): boolean {
    return typeof this.value !== 'object';
  }

  only(names: readonly string[]): this {
    const extra = Object.keys(this.#mapping()).find((name) => !names.includes(name));
    if (extra !== undefined) throw invalid(this.source, `${this.where}.${extra}`, names.join(', '), extra);
    return this;
  }

  child(name: string): Entry {
    return new Entry(this.#mapping()[name], this.source, `${this.where}.${name}`);
  }

  children(name: string): [string, Entry][] {
    const child = this.child(name);
    if (child.absent) return [];
    return Object.entries(child.#mapping()).map(([key, value]) => [
      key,
      new Entry(value, this.source, `${child.where}.${key}`),
    ]);
  }

  items(): Entry[] {
    if (!Array.isArray(this.value)) throw invalid(this.source, this.where, 'a list', this.value);
    return (this.value as unknown[]).map((item, i) => new Entry(item, this.source, `${this.where}[${i}]`));
  }

  text(): string {
    if (typeof this.value !== 'string' || this.value === '')
      throw invalid(this.source, this.where, 'a text', this.value);
    return this.value;
  }

  number(): number {
    if (typeof this.value !== 'number' || !Number.isFinite(this.value))
      throw invalid(this.source, this.where, 'a number', this.value);
    return this.value;
  }

  signal(): SignalValue {
    const { value } = this;
    if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number') return value;
    throw invalid(this.source, this.where, 'a text, a number, true or false', value);
  }

  template(): Template {
    return parseTemplate(String(this.signal()), `${this.source}, ${this.where}`);
  }

  /** One sentence or several. */
  templates(): Template[] {
    return Array.isArray(this.value) ? this.items().map((item) => item.template()) : [this.template()];
  }

  #mapping(): Record<string, unknown> {
    if (typeof this.value !== 'object' || this.value === null || Array.isArray(this.value))
      throw invalid(this.source, this.where, 'a mapping', this.value);
    return this.value as Record<string, unknown>;
  }
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

function invalid(source: string, where: string, expected: string, came: unknown): VigilError {
  const shown = came === undefined ? 'nothing' : typeof came === 'string' ? came : JSON.stringify(came);
  return new VigilError(
    'COMMANDS_INVALID',
    `Expected ${expected} for ${where} in ${source} but found ${shown}.`,
    'docs/commands-language.md describes command files.',
    { source, where },
  );
}
