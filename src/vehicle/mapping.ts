import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { loadDbc } from '../can/dbc-parser.js';
import { messageByName, signalByName } from '../can/dbc.js';
import type { DbcDatabase, DbcSignal } from '../can/dbc.js';
import { readValidity } from '../can/validity/rules-file.js';
import { noRules, type ValidityRules } from '../can/validity/rules.js';
import type { Admission } from '../can/validity/monitor.js';
import { messageOf, VigilError } from '../runtime/errors.js';
import { signalsDir } from '../runtime/paths.js';
import { mappingInvalid, parseMapping } from './mapping-file.js';
import type { MappingEntry, MappingFile, WeightedSignal } from './mapping-file.js';
import type { ProvidedSignal, SignalSource } from './source.js';
import type { VehicleStore } from './store.js';
import { compileTransform, Refusal } from './transform.js';
import type { Converter, Transform } from './transform.js';
import { requireSignal } from './tree.js';
import type { SignalTree } from './tree.js';
import { checkValue, numericRange } from './value.js';
import type { Signal } from './value.js';

/**
 * What a mapping needs of decoded frames: one object per DBC message, row i of every column is one frame, rows
 * in order of time. `DecodedMessage` of the CAN decoder is one.
 */
export interface DecodedColumns {
  readonly message: { readonly name: string };
  /** Drive clock, ms. */
  readonly t: Float64Array;
  /** Physical values; NaN where a frame holds none (another multiplexer value, too short a frame). */
  column(signal: string): Float64Array;
}

/** Where one DBC signal goes. */
export interface MappingRoute {
  readonly signal: string;
  /** Added to it before conversion. */
  readonly add: readonly WeightedSignal[];
  readonly path: string;
  /** In some frames of its message only: NaN says nothing then, where otherwise it is a fault. */
  readonly multiplexed: boolean;
  readonly convert: Converter;
}

/** A mapping checked against its tree and DBC, ready to run. Immutable. */
export interface VehicleMapping {
  readonly name: string;
  readonly about: string;
  /** DBC message name to its routes, in the order of the file. */
  readonly routes: ReadonlyMap<string, readonly MappingRoute[]>;
  readonly provided: readonly ProvidedSignal[];
  /** What the bus checks before a value counts. */
  readonly validity: ValidityRules;
}

/** The mapping files we ship. */
export function standardMappingFile(name: string): string {
  return join(signalsDir, 'mappings', `${name}.yaml`);
}

/** How an entry is called in messages. */
export function whereOf(entry: MappingEntry): string {
  return `${entry.message}.${entry.signal} -> ${entry.path}`;
}

function checkTransform(file: string, entry: MappingEntry, transform: Transform, signal: Signal): void {
  const fail = (expected: string, actual: unknown): never => {
    throw mappingInvalid(file, whereOf(entry), expected, actual);
  };
  switch (transform.type) {
    case 'linear':
      if (numericRange(signal.datatype) === undefined)
        fail(`an enum or threshold for a ${signal.datatype}`, 'a number');
      return;
    case 'threshold':
      if (signal.datatype !== 'boolean') fail('threshold for boolean paths only', signal.datatype);
      return;
    case 'enum':
      for (const value of transform.values.values()) {
        const violation = checkValue(signal, value);
        if (violation !== undefined) fail(`${violation.expected} below enum`, value);
      }
  }
}

/** The signals of an entry, the first one first. */
function findInDbc(file: string, entry: MappingEntry, dbc: DbcDatabase): DbcSignal[] {
  const fail = (expected: string, actual: unknown): never => {
    throw mappingInvalid(file, whereOf(entry), expected, actual);
  };
  const origin = dbc.file === '' ? 'the DBC' : dbc.file;
  const message = messageByName(dbc, entry.message) ?? fail(`a message of ${origin}`, entry.message);
  const names = (): string => message.signals.map(({ name }) => name).join(', ');
  const named = (name: string): DbcSignal => signalByName(message, name) ?? fail(`one of ${names()}`, name);
  const signal = named(entry.signal);
  const parts = [signal, ...entry.add.map((added) => named(added.signal))];
  for (const { unit } of parts) {
    if (entry.unit !== undefined && unit !== entry.unit)
      fail(`the unit that ${origin} states, ${unit}`, entry.unit);
  }
  const period = message.cycleTimeMs;
  if (period !== undefined && entry.maxAgeMs <= period)
    fail(`a maxAgeMs above the period of ${period} ms`, entry.maxAgeMs);
  return parts;
}

/** Checks one entry and compiles it. @throws VigilError `MAPPING_INVALID`. */
export function compileEntry(
  file: string,
  entry: MappingEntry,
  tree: SignalTree,
  dbc: DbcDatabase,
): MappingRoute {
  const { path, range, transform, add } = entry;
  const signal = tree.byPath.get(path);
  if (signal === undefined) throw mappingInvalid(file, whereOf(entry), 'the path of a signal', path);
  checkTransform(file, entry, transform, signal);
  const parts = findInDbc(file, entry, dbc);
  const multiplexed = parts.some(({ selector }) => selector !== undefined);
  const convert = compileTransform(transform, signal, range);
  return { signal: entry.signal, add, path, multiplexed, convert };
}

/**
 * Checks a mapping against the tree and the DBC and compiles it.
 * @throws VigilError `MAPPING_INVALID` naming the file, the entry, what was expected and what came.
 */
export function compileMapping(
  mapping: MappingFile,
  tree: SignalTree,
  dbc: DbcDatabase,
  validity = noRules,
): VehicleMapping {
  const routes = new Map<string, MappingRoute[]>();
  const paths = new Set<string>();
  for (const entry of mapping.entries) {
    const { message, path } = entry;
    const route = compileEntry(mapping.file, entry, tree, dbc);
    if (paths.has(path)) throw mappingInvalid(mapping.file, whereOf(entry), 'each path once', path);
    paths.add(path);
    const list = routes.get(message);
    if (list === undefined) routes.set(message, [route]);
    else list.push(route);
  }
  const provided = mapping.entries.map(({ path, maxAgeMs }) => ({ path, maxAgeMs }));
  return { name: mapping.name, about: mapping.about, routes, provided, validity };
}

/** @throws VigilError `FILE_UNREADABLE`, `MAPPING_INVALID`. */
export function readMapping(file: string): MappingFile {
  try {
    return parseMapping(readFileSync(file, 'utf8'), file);
  } catch (error) {
    if (error instanceof VigilError) throw error;
    throw new VigilError(
      'FILE_UNREADABLE',
      `Expected a readable mapping at ${file} but reading failed: ${messageOf(error)}.`,
      'Check the path and its permissions.',
      { file },
      { cause: error },
    );
  }
}

/** The DBC file a mapping names, as an absolute path. @throws VigilError `MAPPING_INVALID` when it names none. */
export function dbcFileOf(mapping: MappingFile): string {
  if (mapping.dbc !== undefined) return resolve(dirname(mapping.file), mapping.dbc);
  throw mappingInvalid(mapping.file, 'dbc', 'the DBC file, in the mapping or from the caller', undefined);
}

/**
 * Reads and compiles a mapping.
 * @param dbc the vehicle's DBC; read from where the mapping says when left out.
 * @throws VigilError as `readMapping`, `readValidity`, `loadDbc` and `compileMapping`.
 */
export function loadMapping(file: string, tree: SignalTree, dbc?: DbcDatabase): VehicleMapping {
  const mapping = readMapping(file);
  const validity =
    mapping.validity === undefined ? noRules : readValidity(resolve(dirname(file), mapping.validity));
  return compileMapping(mapping, tree, dbc ?? loadDbc(dbcFileOf(mapping)).database, validity);
}

/** Registers the mapping as the source `can:NAME` of its paths. @throws as `VehicleStore.provide`. */
export function connectMapping(store: VehicleStore, mapping: VehicleMapping): SignalSource {
  for (const { path } of mapping.provided) requireSignal(store.tree, path);
  return store.provide(`can:${mapping.name}`, mapping.provided);
}

/** Decides, frame by frame, what may reach the store; `VehicleBus` makes one from its validity rules. */
export interface RowGuard {
  /** Prepares the rows of one message of a batch. */
  rows(decoded: DecodedColumns): RowJudge;
  /** A value that must not be used: `t` is the time of the frame that carried it. */
  refuse(path: string, t: number, reason: string): void;
}

export interface RowJudge {
  /** Called once per row, in order of time across messages, before its values are written. */
  admit(row: number): Admission;
  /** Called for each value of an admitted row: the reason why this signal's value is wrong, if it is. */
  fault(signal: string, row: number): string | undefined;
}

interface BoundRoute {
  readonly route: MappingRoute;
  readonly column: Float64Array;
  readonly added: readonly {
    readonly signal: string;
    readonly column: Float64Array;
    readonly weight: number;
  }[];
}

/** Why one of the signals behind a value is wrong in this row, if one is. */
function faultOf(judge: RowJudge | undefined, { route, added }: BoundRoute, row: number): string | undefined {
  if (judge === undefined) return undefined;
  let reason = judge.fault(route.signal, row);
  for (const { signal } of added) reason ??= judge.fault(signal, row);
  return reason;
}

interface Cursor {
  readonly t: Float64Array;
  readonly bound: readonly BoundRoute[];
  readonly judge: RowJudge | undefined;
  row: number;
}

function writeRow(source: SignalSource, { t, bound, row, judge }: Cursor, guard: RowGuard | undefined): void {
  const admission = judge?.admit(row) ?? 'use';
  if (admission === 'skip') return;
  for (const one of bound) {
    const { route, column, added } = one;
    let physical = column[row];
    for (const part of added) physical += part.column[row] * part.weight;
    if (route.multiplexed && Number.isNaN(physical)) continue;
    const reason = admission === 'use' ? faultOf(judge, one, row) : admission.reason;
    if (reason !== undefined) {
      guard?.refuse(route.path, t[row], reason);
      continue;
    }
    const value = route.convert(physical);
    if (value instanceof Refusal) source.invalidate(route.path, t[row], value.reason, value.value);
    else source.write(route.path, t[row], value);
  }
}

/** The cursor whose next row is earliest; of equal ones the first in the batch. Nothing when all are done. */
function earliest(cursors: readonly Cursor[]): Cursor | undefined {
  let best: Cursor | undefined;
  for (const cursor of cursors) {
    if (cursor.row >= cursor.t.length) continue;
    if (best === undefined || cursor.t[cursor.row] < best.t[best.row]) best = cursor;
  }
  return best;
}

/**
 * Writes a decoded batch into the store: one write per frame and mapped path, in order of time across messages.
 * Messages without a mapping are passed over.
 * @param source from `connectMapping` with the same mapping.
 * @param guard judges each frame first; without it every frame counts
 * @returns the number of frames of mapped messages.
 * @throws what `column` throws for a signal it does not know, before anything is written.
 */
export function applyDecoded(
  source: SignalSource,
  mapping: VehicleMapping,
  batch: Iterable<DecodedColumns>,
  guard?: RowGuard,
): number {
  const cursors: Cursor[] = [];
  for (const decoded of batch) {
    const routes = mapping.routes.get(decoded.message.name);
    if (routes === undefined) continue;
    const bound = routes.map((route) => ({
      route,
      column: decoded.column(route.signal),
      added: route.add.map(({ signal, weight }) => ({ signal, column: decoded.column(signal), weight })),
    }));
    cursors.push({ t: decoded.t, bound, judge: guard?.rows(decoded), row: 0 });
  }
  let frames = 0;
  for (let next = earliest(cursors); next !== undefined; next = earliest(cursors)) {
    writeRow(source, next, guard);
    next.row += 1;
    frames += 1;
  }
  return frames;
}
