import { VigilError } from '../../runtime/errors.js';
import type { Citation, ConfidenceMark, Parameter } from './rule.js';

const marks: readonly string[] = ['P', 'Q', 'S', 'M', 'E'];

/** A parsed mapping with the file and the path that name it in complaints. */
export class Entry {
  constructor(
    readonly fields: Readonly<Record<string, unknown>>,
    readonly source: string,
    /** Dotted path within the file; empty for the document. */
    readonly where: string,
  ) {}

  static of(value: unknown, source: string, where: string): Entry {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw invalidEntry(source, where === '' ? 'the document' : where, 'a mapping', value);
    }
    return new Entry(value as Record<string, unknown>, source, where);
  }

  path(name: string): string {
    return this.where === '' ? name : `${this.where}.${name}`;
  }

  wrong(name: string, expected: string): VigilError {
    return invalidEntry(this.source, this.path(name), expected, this.fields[name]);
  }

  entry(name: string): Entry {
    return Entry.of(this.fields[name], this.source, this.path(name));
  }

  /** An absent list is empty. */
  entries(name: string): Entry[] {
    const list = this.fields[name] ?? [];
    if (!Array.isArray(list)) throw this.wrong(name, 'a list');
    return list.map((item, i) => Entry.of(item, this.source, this.path(`${name}[${i}]`)));
  }

  only(allowed: readonly string[]): void {
    const extra = Object.keys(this.fields).find((key) => !allowed.includes(key));
    if (extra !== undefined) {
      throw invalidEntry(this.source, this.path(extra), 'no entry of this name', 'one');
    }
  }

  text(name: string): string {
    const value = this.fields[name];
    if (typeof value !== 'string' || value === '') throw this.wrong(name, 'a non-empty string');
    return value;
  }

  integer(name: string): number {
    const value = this.fields[name];
    if (typeof value !== 'number' || !Number.isInteger(value)) throw this.wrong(name, 'an integer');
    return value;
  }

  number(name: string, unit: string, min: number, max: number): number {
    const value = this.fields[name];
    if (typeof value === 'number' && value >= min && value <= max) return value;
    throw this.wrong(name, `a number from ${min} to ${max} ${unit}`);
  }

  /** An absent flag is false. */
  flag(name: string): boolean {
    const value = this.fields[name] ?? false;
    if (typeof value !== 'boolean') throw this.wrong(name, 'true or false');
    return value;
  }

  word<Word extends string>(name: string, words: readonly Word[], absent?: Word): Word {
    const value = this.fields[name] ?? absent;
    const word = words.find((one) => one === value);
    if (word === undefined) throw this.wrong(name, `one of ${words.join(', ')}`);
    return word;
  }

  words<Word extends string>(name: string, words: readonly Word[]): Word[] {
    const list = this.fields[name];
    if (!Array.isArray(list) || list.length === 0)
      throw this.wrong(name, `a list of some of ${words.join(', ')}`);
    return list.map((value: unknown) => {
      const word = words.find((one) => one === value);
      if (word === undefined) throw this.wrong(name, `a list of some of ${words.join(', ')}`);
      return word;
    });
  }

  citation(): Citation {
    const { clause, mark } = this.fields;
    if (typeof clause !== 'string' || clause === '') {
      throw this.wrong('clause', 'the text the value comes from');
    }
    if (typeof mark !== 'string' || !marks.includes(mark)) {
      throw this.wrong('mark', `one of ${marks.join(', ')}`);
    }
    return { clause, mark: mark as ConfidenceMark };
  }

  parameter(unit: string, min: number, max: number): Parameter {
    this.only(['value', 'unit', 'clause', 'mark']);
    const value = this.number('value', unit, min, max);
    if (this.fields['unit'] !== unit) throw this.wrong('unit', unit);
    return { value, unit, ...this.citation() };
  }
}

export function invalidEntry(source: string, where: string, expected: string, came: unknown): VigilError {
  const shown = came === undefined ? 'nothing' : typeof came === 'string' ? came : JSON.stringify(came);
  return new VigilError(
    'POLICY_INVALID',
    `Expected ${expected} for ${where} in ${source} but found ${shown}.`,
    'Correct the policy file; docs/policies.md lists every rule, parameter, unit and range.',
    { source, where },
  );
}
