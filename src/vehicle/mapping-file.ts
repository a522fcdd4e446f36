import { parseDocument } from 'yaml';
import { VigilError } from '../runtime/errors.js';
import { identity } from './transform.js';
import type { PlausibleRange, Transform } from './transform.js';
import type { SignalValue } from './value.js';

/** A value that a bus carries in parts, or switches that mean something together. */
export interface WeightedSignal {
  readonly signal: string;
  readonly weight: number;
}

/** One line of a mapping file, checked for shape only. */
export interface MappingEntry {
  readonly message: string;
  readonly signal: string;
  /** Further signals of the same message, each times its weight added to `signal` before the transform. */
  readonly add: readonly WeightedSignal[];
  readonly path: string;
  readonly maxAgeMs: number;
  /** Unit the DBC must state; absent where the file does not say. */
  readonly unit: string | undefined;
  readonly range: PlausibleRange | undefined;
  readonly transform: Transform;
}

export interface MappingFile {
  /** For messages to people. */
  readonly file: string;
  readonly name: string;
  readonly about: string;
  /** As written, relative to the mapping file; absent when the caller brings the DBC. */
  readonly dbc: string | undefined;
  /** Validity rules as written, relative to the mapping file; absent when nothing but silence is checked. */
  readonly validity: string | undefined;
  readonly entries: readonly MappingEntry[];
}

/** @param where `MESSAGE.SIGNAL -> PATH`, or the key of the file's head. */
export function mappingInvalid(file: string, where: string, expected: string, actual: unknown): VigilError {
  const plain = actual instanceof Map ? Object.fromEntries(actual as ReadonlyMap<string, unknown>) : actual;
  const shown = plain === undefined ? 'nothing' : JSON.stringify(plain);
  return new VigilError(
    'MAPPING_INVALID',
    `${file}: ${where}: expected ${expected} but found ${shown}.`,
    'Correct the mapping; its format is described in signals/mappings/README.md.',
    { file, where, expected },
  );
}

/** A YAML mapping, with numbers as keys where they were written as numbers. */
type YamlMap = ReadonlyMap<unknown, unknown>;

function isMap(value: unknown): value is YamlMap {
  return value instanceof Map;
}

class EntryReader {
  readonly where: string;

  constructor(
    private readonly file: string,
    private readonly entry: YamlMap,
  ) {
    this.where = `${String(entry.get('signal'))} -> ${String(entry.get('path'))}`;
  }

  fail(expected: string, actual: unknown): never {
    throw mappingInvalid(this.file, this.where, expected, actual);
  }

  onlyKeys(map: YamlMap, keys: readonly string[], what: string): void {
    const unknown = [...map.keys()].find((key) => typeof key !== 'string' || !keys.includes(key));
    if (unknown !== undefined) this.fail(`only ${keys.join(', ')} in ${what}`, unknown);
  }

  text(key: string): string {
    const value = this.entry.get(key);
    return typeof value === 'string' && value !== '' ? value : this.fail(`a text for ${key}`, value);
  }

  finite(value: unknown, what: string): number {
    return typeof value === 'number' && Number.isFinite(value)
      ? value
      : this.fail(`a number for ${what}`, value);
  }

  range(): PlausibleRange | undefined {
    const value = this.entry.get('range');
    if (value === undefined) return undefined;
    if (!Array.isArray(value) || value.length !== 2) return this.fail('[lowest, highest] for range', value);
    const [min, max] = [this.finite(value[0], 'range'), this.finite(value[1], 'range')];
    return min <= max ? { min, max } : this.fail('the lowest value first in range', value);
  }

  transform(): Transform {
    const value = this.entry.get('transform');
    if (value === undefined) return identity;
    if (!isMap(value) || value.size !== 1)
      return this.fail('one of linear, threshold, enum for transform', value);
    const [[type, argument]] = value.entries() as Iterable<[unknown, unknown]> as [[unknown, unknown]];
    if (type === 'threshold') return { type, limit: this.finite(argument, 'threshold') };
    if (type !== 'linear' && type !== 'enum')
      return this.fail('one of linear, threshold, enum for transform', type);
    if (!isMap(argument)) return this.fail(`a mapping below ${type}`, argument);
    if (type === 'linear') {
      this.onlyKeys(argument, ['factor', 'offset'], 'linear');
      const factor = this.finite(argument.get('factor'), 'factor');
      if (factor === 0) this.fail('a factor other than 0', factor);
      return { type, factor, offset: this.finite(argument.get('offset'), 'offset') };
    }
    return { type, values: this.enumValues(argument) };
  }

  private enumValues(map: YamlMap): ReadonlyMap<number, SignalValue> {
    if (map.size === 0) this.fail('at least one value below enum', undefined);
    return new Map(
      [...map].map(([key, value]) => {
        const fits = typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string';
        return [
          this.finite(key, 'a key of enum'),
          fits ? value : this.fail('plain values below enum', value),
        ];
      }),
    );
  }

  add(): readonly WeightedSignal[] {
    const value = this.entry.get('add');
    if (value === undefined) return [];
    if (!isMap(value) || value.size === 0) return this.fail('signals with their weights below add', value);
    return [...value].map(([signal, weight]) => ({
      signal: typeof signal === 'string' ? signal : this.fail('names of signals below add', signal),
      weight: this.finite(weight, 'a weight below add'),
    }));
  }

  read(): MappingEntry {
    this.onlyKeys(
      this.entry,
      ['signal', 'add', 'path', 'maxAgeMs', 'unit', 'range', 'transform'],
      'an entry',
    );
    const names = this.text('signal').split('.');
    const [message, signal] = names;
    if (names.length !== 2 || message === '' || signal === '')
      this.fail('MESSAGE.SIGNAL for signal', names.join('.'));
    const maxAgeMs = this.finite(this.entry.get('maxAgeMs'), 'maxAgeMs');
    if (maxAgeMs <= 0) this.fail('a positive number of ms for maxAgeMs', maxAgeMs);
    const unit = this.entry.has('unit') ? this.text('unit') : undefined;
    const [range, transform] = [this.range(), this.transform()];
    if (range !== undefined && transform.type !== 'linear')
      this.fail('no range beside an enum or threshold', range);
    const add = this.add();
    return { message, signal, add, path: this.text('path'), maxAgeMs, unit, range, transform };
  }
}

/**
 * Parses a mapping file (format: signals/mappings/README.md) and checks its shape, not yet its names.
 * @param file only for messages and for the place of the DBC.
 * @throws VigilError `MAPPING_INVALID`.
 */
export function parseMapping(text: string, file: string): MappingFile {
  const document = parseDocument(text);
  const problem = document.errors.at(0);
  if (problem !== undefined) throw mappingInvalid(file, 'document', 'YAML', problem.message);
  const content: unknown = document.toJS({ mapAsMap: true });
  if (!isMap(content)) throw mappingInvalid(file, 'document', 'a mapping', content);
  const head = (key: string): string | undefined => {
    const value = content.get(key);
    if (value === undefined || (typeof value === 'string' && value !== '')) return value;
    throw mappingInvalid(file, key, 'a text', value);
  };
  const [name, about, dbc, validity] = [head('mapping'), head('about'), head('dbc'), head('validity')];
  if (name === undefined) throw mappingInvalid(file, 'mapping', 'a name', undefined);
  const signals = content.get('signals');
  if (!Array.isArray(signals) || signals.length === 0)
    throw mappingInvalid(file, 'signals', 'a list of entries', signals);
  const entries = signals.map((entry: unknown) => {
    if (!isMap(entry)) throw mappingInvalid(file, 'signals', 'a mapping per entry', entry);
    return new EntryReader(file, entry).read();
  });
  return { file, name, about: about ?? '', dbc, validity, entries };
}
