import { parseDocument } from 'yaml';
import { VigilError } from '../runtime/errors.js';
import { checkValue, datatypes, numericRange } from './value.js';
import type { Datatype, Signal, SignalKind, SignalValue } from './value.js';

/** A leaf as a catalogue defines it, before it has a place in a tree. */
export type SignalDefinition = Omit<Signal, 'index'> & { readonly file: string };

/** VSS units in use; a unit outside this list is more often a typing error than a new unit. */
const units: readonly string[] = [
  ...['km/h', 'm/s', 'm/s^2', 'degrees', 'degrees/s', 'mm', 'm', 'km', 's', 'ms', 'h', 'percent', 'ratio'],
  ...['rpm', 'Nm', 'Celsius', 'l', 'kPa', 'V', 'A', 'bpm', 'cpm', 'lx', 'iso8601'],
];

const kinds: readonly SignalKind[] = ['sensor', 'actuator', 'attribute'];
const keys: readonly string[] = ['kind', 'datatype', 'unit', 'min', 'max', 'allowed', 'about'];
const pathShape = /^Vehicle(\.[A-Z][A-Za-z0-9]*)+$/;

/** `A.Row{1,2}.{X,Y}` -> `A.Row1.X`, `A.Row1.Y`, `A.Row2.X`, `A.Row2.Y`. */
export function expandPath(pattern: string): string[] {
  const match = /^([^{]*)\{([^{}]*)\}(.*)$/.exec(pattern);
  if (match === null) return [pattern];
  const [, head = '', alternatives = '', tail = ''] = match;
  return alternatives.split(',').flatMap((choice) => expandPath(`${head}${choice.trim()}${tail}`));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSignalValue(value: unknown): value is SignalValue {
  return typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string';
}

/** Reads one entry; every complaint names the file, the path as written and what was expected. */
class EntryReader {
  constructor(
    private readonly file: string,
    private readonly pattern: string,
    private readonly entry: Record<string, unknown>,
  ) {}

  fail(expected: string, actual: unknown): never {
    throw new VigilError(
      'SIGNAL_TREE_INVALID',
      `${this.file}: ${this.pattern}: expected ${expected} but found ${actual === undefined ? 'nothing' : JSON.stringify(actual)}.`,
      'Correct the catalogue; its format is described in signals/vss/README.md.',
      { file: this.file, path: this.pattern, expected },
    );
  }

  oneOf<T extends string>(key: string, choices: readonly T[]): T {
    const value = this.entry[key];
    const choice = choices.find((candidate) => candidate === value);
    return choice ?? this.fail(`one of ${choices.join(', ')} for ${key}`, value);
  }

  limit(key: 'min' | 'max', datatype: Datatype): number | undefined {
    const value = this.entry[key];
    if (value === undefined) return undefined;
    const range = numericRange(datatype);
    if (range === undefined) this.fail(`no ${key} for a ${datatype}`, value);
    const fits = typeof value === 'number' && value >= range.min && value <= range.max;
    if (!fits || (range.integer && !Number.isInteger(value))) this.fail(`a ${datatype} for ${key}`, value);
    return value;
  }

  allowed(signal: Omit<SignalDefinition, 'allowed'>): readonly SignalValue[] | undefined {
    const value = this.entry['allowed'];
    if (value === undefined) return undefined;
    const list: readonly unknown[] = Array.isArray(value) ? value : [];
    if (list.length === 0) this.fail('a list of values for allowed', value);
    if (new Set(list).size !== list.length) this.fail('different values in allowed', value);
    return list.map((item) => {
      const fits =
        isSignalValue(item) && checkValue({ ...signal, index: -1, allowed: undefined }, item) === undefined;
      return fits ? item : this.fail(`${signal.datatype} values in allowed`, item);
    });
  }

  definition(): Omit<SignalDefinition, 'path'> {
    for (const key of Object.keys(this.entry)) {
      if (!keys.includes(key)) this.fail(`only the keys ${keys.join(', ')}`, key);
    }
    const kind = this.oneOf('kind', kinds);
    const datatype = this.oneOf('datatype', datatypes);
    const unit = this.entry['unit'] === undefined ? undefined : this.oneOf('unit', units);
    if (unit !== undefined && datatype === 'boolean') this.fail('no unit for a boolean', unit);
    const [min, max] = [this.limit('min', datatype), this.limit('max', datatype)];
    if (min !== undefined && max !== undefined && min > max) this.fail('min not above max', [min, max]);
    const about = this.entry['about'];
    if (typeof about !== 'string' || about === '') this.fail('a description for about', about);
    const signal = { file: this.file, path: this.pattern, kind, datatype, unit, min, max, about };
    return { ...signal, allowed: this.allowed(signal) };
  }
}

/**
 * Parses one catalogue (format: signals/vss/README.md).
 * @param file only for messages.
 * @throws VigilError `SIGNAL_TREE_INVALID`.
 */
export function parseCatalogue(text: string, file: string): SignalDefinition[] {
  const document = parseDocument(text);
  const problem = document.errors.at(0);
  if (problem !== undefined) {
    throw new VigilError('SIGNAL_TREE_INVALID', `${file}: expected YAML: ${problem.message}`, '', { file });
  }
  const content: unknown = document.toJS();
  const root = new EntryReader(file, '(document)', {});
  if (!isRecord(content)) return root.fail('a mapping with catalogue and signals', content);
  const { signals } = content;
  if (typeof content['catalogue'] !== 'string') root.fail('a name for catalogue', content['catalogue']);
  if (!isRecord(signals)) return root.fail('a mapping of paths for signals', signals);
  return Object.entries(signals).flatMap(([pattern, entry]) => {
    const reader = new EntryReader(file, pattern, isRecord(entry) ? entry : {});
    if (!isRecord(entry)) reader.fail('a mapping', entry);
    const paths = expandPath(pattern);
    for (const path of paths) {
      if (!pathShape.test(path)) reader.fail('a path such as Vehicle.Cabin.DriverPosition', path);
    }
    const definition = reader.definition();
    return paths.map((path) => ({ ...definition, path }));
  });
}
