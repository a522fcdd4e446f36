import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import { messageOf, VigilError } from '../../runtime/errors.js';
import { signalsDir } from '../../runtime/paths.js';
import { usualWindows, type E2eWindows } from './e2e-state.js';
import {
  checksumNames,
  dataIdModes,
  defaultAlive,
  type AliveSpec,
  type ChecksumSpec,
  type CounterSpec,
  type DataId,
  type FrozenSpec,
  type RuleSpec,
  type ValidityRules,
} from './rules.js';

export function validityInvalid(file: string, where: string, expected: string, actual: unknown): VigilError {
  const plain = actual instanceof Map ? Object.fromEntries(actual as ReadonlyMap<string, unknown>) : actual;
  const shown = plain === undefined ? 'nothing' : JSON.stringify(plain);
  return new VigilError(
    'VALIDITY_INVALID',
    `${file}: ${where}: expected ${expected} but found ${shown}.`,
    'Correct the rules; their format is described in signals/validity/README.md.',
    { file, where, expected },
  );
}

type YamlMap = ReadonlyMap<unknown, unknown>;

/** Reads the members of one YAML mapping; every failure names the file and the place. */
class Section {
  constructor(
    private readonly file: string,
    readonly where: string,
    private readonly map: YamlMap,
  ) {}

  fail(expected: string, actual: unknown): never {
    throw validityInvalid(this.file, this.where, expected, actual);
  }

  only(...keys: readonly string[]): void {
    const unknown = [...this.map.keys()].find((key) => typeof key !== 'string' || !keys.includes(key));
    if (unknown !== undefined) this.fail(`only ${keys.join(', ')}`, unknown);
  }

  get(key: string): unknown {
    return this.map.get(key);
  }

  text(key: string): string {
    const value = this.map.get(key);
    return typeof value === 'string' && value !== '' ? value : this.fail(`a text for ${key}`, value);
  }

  /** A finite number that is not negative; `fallback` when absent. */
  number<T>(key: string, fallback: T): number | T {
    const value = this.map.get(key);
    if (value === undefined) return fallback;
    return typeof value === 'number' && Number.isFinite(value) && value >= 0
      ? value
      : this.fail(`a number that is not negative for ${key}`, value);
  }

  choice<T extends string>(key: string, choices: readonly T[], fallback?: T): T {
    const value = this.map.get(key) ?? fallback;
    return choices.find((choice) => choice === value) ?? this.fail(`one of ${choices.join(', ')}`, value);
  }

  list(key: string): readonly unknown[] {
    const value = this.map.get(key) ?? [];
    return Array.isArray(value) ? value : this.fail(`a list for ${key}`, value);
  }

  /** A name, or a list of one or two of them. */
  names(key: string): string[] {
    const value = this.map.get(key);
    if (value === undefined) return [];
    const list: unknown[] = Array.isArray(value) ? value : [value];
    if (list.length < 1 || list.length > 2)
      this.fail(`a signal, or its lower and its upper part, for ${key}`, value);
    return list.map((name) =>
      typeof name === 'string' && name !== '' ? name : this.fail(`names for ${key}`, name),
    );
  }

  section(key: string): Section | undefined {
    const value = this.map.get(key);
    if (value === undefined) return undefined;
    if (!(value instanceof Map)) this.fail(`a mapping for ${key}`, value);
    return new Section(this.file, `${this.where}: ${key}`, value as YamlMap);
  }

  sections(key: string): Section[] {
    return this.list(key).map((entry, i) => {
      const where = `${key} ${i + 1}`;
      if (!(entry instanceof Map)) throw validityInvalid(this.file, where, 'a mapping', entry);
      return new Section(this.file, where, entry as YamlMap);
    });
  }

  /** A mapping whose keys are identifiers. */
  byIdentifier<T>(key: string, read: (value: unknown) => T): Map<number, T> {
    const section = this.section(key);
    const result = new Map<number, T>();
    for (const [id, value] of section?.map ?? []) {
      if (typeof id !== 'number' || !Number.isInteger(id) || id < 0)
        this.fail(`identifiers as keys of ${key}`, id);
      result.set(id, read(value));
    }
    return result;
  }

  byte(value: unknown): number {
    return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 255
      ? value
      : this.fail('a byte', value);
  }

  /** 16 bytes, or one that stands for 16 equal ones. */
  sixteen(value: unknown): number[] {
    if (!Array.isArray(value)) return new Array<number>(16).fill(this.byte(value));
    return value.length === 16 ? value.map((byte) => this.byte(byte)) : this.fail('16 bytes', value);
  }

  signal(value: unknown): { message: string; signal: string } {
    const parts = typeof value === 'string' ? value.split('.') : [];
    if (parts.length !== 2 || parts.includes('')) this.fail('MESSAGE.SIGNAL', value);
    return { message: parts[0], signal: parts[1] };
  }
}

function readDataId(section: Section): DataId | undefined {
  const value = section.get('dataId');
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 0xffffffff) return value;
  return { attribute: (section.section('dataId') ?? section).text('attribute') };
}

function readChecksum(section: Section): ChecksumSpec {
  section.only(
    ...['kind', 'signal', 'dataId', 'dataIdMode', 'dataIdSignal', 'constant', 'constantOf', 'list', 'listOf'],
    ...['offset', 'bytes'],
  );
  const list = section.get('list');
  return {
    kind: section.choice('kind', checksumNames),
    signals: section.names('signal'),
    dataId: readDataId(section),
    dataIdMode: section.choice('dataIdMode', dataIdModes, 'both'),
    dataIdSignal: section.names('dataIdSignal').at(0),
    constant: section.number('constant', undefined),
    constantOf: section.byIdentifier('constantOf', (value) => section.byte(value)),
    list: list === undefined ? undefined : section.sixteen(list),
    listOf: section.byIdentifier('listOf', (value) => section.sixteen(value)),
    offset: section.number('offset', 0),
    bytes: section.number('bytes', 0),
  };
}

function readCounter(section: Section): CounterSpec {
  section.only('signal', 'values', 'maxDelta');
  return {
    signals: section.names('signal'),
    values: section.number('values', undefined),
    maxDelta: section.number('maxDelta', undefined),
  };
}

function readWindows(section: Section | undefined): E2eWindows | undefined {
  if (section === undefined) return undefined;
  const names = Object.keys(usualWindows) as (keyof E2eWindows)[];
  section.only(...names);
  const windows: Record<keyof E2eWindows, number> = { ...usualWindows };
  for (const name of names) windows[name] = section.number(name, usualWindows[name]);
  return windows;
}

function readRule(section: Section): RuleSpec {
  section.only('messages', 'ifPresent', 'checksum', 'counter', 'repeats', 'stateMachine');
  const named = (key: string): (string | number)[] =>
    section
      .list(key)
      .map((entry) =>
        typeof entry === 'string' || typeof entry === 'number'
          ? entry
          : section.fail('names or identifiers of messages', entry),
      );
  const required = section.get('ifPresent') === undefined;
  if (!required && section.get('messages') !== undefined)
    section.fail('messages or ifPresent, not both', 'both');
  const messages = section.get('messages') === 'all' ? 'all' : named(required ? 'messages' : 'ifPresent');
  if (messages.length === 0) section.fail('all, or a list of messages', undefined);
  const [checksum, counter] = [section.section('checksum'), section.section('counter')];
  if (checksum === undefined && counter === undefined)
    section.fail('a checksum, a counter or both', undefined);
  return {
    messages,
    required,
    checksum: checksum && readChecksum(checksum),
    counter: counter && readCounter(counter),
    repeats: section.number('repeats', 3),
    stateMachine: readWindows(section.section('stateMachine')),
  };
}

function readFrozen(section: Section): FrozenSpec {
  section.only('signal', 'against', 'moved', 'forMs');
  const against = section.list('against').map((entry) => section.signal(entry));
  if (against.length === 0) section.fail('signals to compare with under against', undefined);
  return {
    ...section.signal(section.get('signal')),
    against,
    moved: section.number('moved', undefined) ?? section.fail('a number for moved', undefined),
    forMs: section.number('forMs', 500),
  };
}

function readAlive(section: Section | undefined): AliveSpec {
  if (section === undefined) return defaultAlive;
  section.only('periods', 'atLeastMs', 'busSilentMs');
  return {
    periods: section.number('periods', defaultAlive.periods),
    atLeastMs: section.number('atLeastMs', defaultAlive.atLeastMs),
    busSilentMs: section.number('busSilentMs', defaultAlive.busSilentMs),
  };
}

/**
 * Parses a validity file (format: signals/validity/README.md) and checks its shape; its names are checked against
 * a database by `compileValidity`.
 * @param file only for messages
 * @throws VigilError `VALIDITY_INVALID`
 */
export function parseValidity(text: string, file: string): ValidityRules {
  const document = parseDocument(text);
  const problem = document.errors.at(0);
  if (problem !== undefined) throw validityInvalid(file, 'document', 'YAML', problem.message);
  const content: unknown = document.toJS({ mapAsMap: true });
  if (!(content instanceof Map)) throw validityInvalid(file, 'document', 'a mapping', content);
  const head = new Section(file, 'document', content as YamlMap);
  head.only('validity', 'about', 'rules', 'frozen', 'alive');
  return {
    name: head.text('validity'),
    about: head.text('about'),
    rules: head.sections('rules').map(readRule),
    frozen: head.sections('frozen').map(readFrozen),
    alive: readAlive(head.section('alive')),
  };
}

/** @throws VigilError `FILE_UNREADABLE`, `VALIDITY_INVALID` */
export function readValidity(file: string): ValidityRules {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new VigilError(
      'FILE_UNREADABLE',
      `Expected readable validity rules at ${file} but reading failed: ${messageOf(error)}.`,
      'Check the path and its permissions.',
      { file },
      { cause: error },
    );
  }
  return parseValidity(text, file);
}

/** The validity files we ship. */
export function standardValidityFile(name: string): string {
  return join(signalsDir, 'validity', `${name}.yaml`);
}
