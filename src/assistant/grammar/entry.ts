import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { messageOf, VigilError } from '../../runtime/errors.js';
import type { SignalValue } from '../../vehicle/value.js';
import { parseTemplate, type Template } from './template.js';

/** Which error a file's mistakes are, and where its format is described. */
export interface FileKind {
  readonly code: string;
  readonly docs: string;
}

const commandFiles: FileKind = { code: 'COMMANDS_INVALID', docs: 'docs/commands-language.md' };

/** A value of a YAML document that knows where it stands. Every getter throws VigilError with the kind's code. */
export class Entry {
  constructor(
    private readonly value: unknown,
    readonly source: string,
    readonly where: string,
    private readonly kind: FileKind = commandFiles,
  ) {}

  get absent(): boolean {
    return this.value === undefined || this.value === null;
  }

  get isScalar(): boolean {
    return typeof this.value !== 'object';
  }

  get isList(): boolean {
    return Array.isArray(this.value);
  }

  only(names: readonly string[]): this {
    const extra = Object.keys(this.#mapping()).find((name) => !names.includes(name));
    if (extra !== undefined) throw this.#invalid(`${this.where}.${extra}`, names.join(', '), extra);
    return this;
  }

  child(name: string): Entry {
    return this.#at(this.#mapping()[name], `${this.where}.${name}`);
  }

  children(name: string): [string, Entry][] {
    const child = this.child(name);
    return child.absent ? [] : child.entries();
  }

  /** The entries of a mapping, in the order of the file. */
  entries(): [string, Entry][] {
    return Object.entries(this.#mapping()).map(([key, value]) => [
      key,
      this.#at(value, `${this.where}.${key}`),
    ]);
  }

  items(): Entry[] {
    if (!Array.isArray(this.value)) throw this.wrong('a list', this.value);
    return (this.value as unknown[]).map((item, i) => this.#at(item, `${this.where}[${i}]`));
  }

  text(): string {
    if (typeof this.value !== 'string' || this.value === '') throw this.wrong('a text', this.value);
    return this.value;
  }

  /** One of some words. */
  word<T extends string>(words: readonly T[]): T {
    const found = words.find((word) => word === this.value);
    if (found === undefined) throw this.wrong(`one of ${words.join(', ')}`, this.value);
    return found;
  }

  number(): number {
    if (typeof this.value !== 'number' || !Number.isFinite(this.value))
      throw this.wrong('a number', this.value);
    return this.value;
  }

  signal(): SignalValue {
    const { value } = this;
    if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number') return value;
    throw this.wrong('a text, a number, true or false', value);
  }

  template(): Template {
    return parseTemplate(String(this.signal()), `${this.source}, ${this.where}`);
  }

  /** One sentence or several. */
  templates(): Template[] {
    return Array.isArray(this.value) ? this.items().map((item) => item.template()) : [this.template()];
  }

  /** The error that this entry is not what it has to be. */
  wrong(expected: string, came: unknown): VigilError {
    return this.#invalid(this.where, expected, came);
  }

  #at(value: unknown, where: string): Entry {
    return new Entry(value, this.source, where, this.kind);
  }

  #invalid(where: string, expected: string, came: unknown): VigilError {
    const shown = came === undefined ? 'nothing' : typeof came === 'string' ? came : JSON.stringify(came);
    return new VigilError(
      this.kind.code,
      `Expected ${expected} for ${where} in ${this.source} but found ${shown}.`,
      `${this.kind.docs} describes these files.`,
      { source: this.source, where },
    );
  }

  #mapping(): Record<string, unknown> {
    if (typeof this.value !== 'object' || this.value === null || Array.isArray(this.value))
      throw this.wrong('a mapping', this.value);
    return this.value as Record<string, unknown>;
  }
}

/** A YAML file's document. @throws VigilError of the kind's code when it can't be read or parsed */
export function documentOf(file: string, kind: FileKind): Entry {
  try {
    return new Entry(parse(readFileSync(file, 'utf8'), { merge: true }), file, 'the document', kind);
  } catch (error) {
    throw new Entry(undefined, file, 'the document', kind).wrong('readable YAML', messageOf(error));
  }
}
