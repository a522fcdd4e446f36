import { messageByName, signalByName } from '../can/dbc.js';
import type { DbcDatabase, DbcSignal } from '../can/dbc.js';
import { VigilError } from '../runtime/errors.js';
import type { MappingEntry, MappingFile } from './mapping-file.js';
import { compileEntry, whereOf } from './mapping.js';
import { interval, raw, reaches, scaled, stated, sum, type Interval } from './signal-interval.js';
import type { SignalTree } from './tree.js';
import { convertUnit } from './units.js';
import { numericRange } from './value.js';
import type { Signal } from './value.js';

/**
 * `error`: the mapping cannot work, or gives wrong values. `warning`: it works, and some values the bus may carry will
 * be stored as invalid. `note`: worth knowing.
 */
export interface MappingFinding {
  readonly severity: 'error' | 'warning' | 'note';
  /** `MESSAGE.SIGNAL -> PATH`. */
  readonly where: string;
  readonly text: string;
}

export interface MappingReport {
  readonly mapping: string;
  readonly entries: number;
  readonly findings: readonly MappingFinding[];
  /** Signals of the DBC that no entry reads, by message, in the DBC's order. */
  readonly unmapped: readonly { readonly message: string; readonly signals: readonly string[] }[];
}

type Note = (severity: MappingFinding['severity'], text: string) => void;

function dbcSignals(entry: MappingEntry, dbc: DbcDatabase): { signal: DbcSignal; weight: number }[] {
  const message = messageByName(dbc, entry.message);
  const parts = [{ signal: entry.signal, weight: 1 }, ...entry.add];
  return parts.flatMap(({ signal: name, weight }) => {
    const signal = message && signalByName(message, name);
    return signal === undefined ? [] : [{ signal, weight }];
  });
}

/** Without the dust that sums in doubles leave. */
function shown({ min, max }: Interval): string {
  return `${Number(min.toPrecision(12))} to ${Number(max.toPrecision(12))}`;
}

function near(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-6 * Math.max(Math.abs(a), Math.abs(b));
}

/**
 * Whether a linear transform carries the DBC's unit into the path's. A change of sign is a matter of which way
 * is positive; the weights below `add` may stand for a sum or, with the factor, for a mean.
 */
function checkUnit(entry: MappingEntry, from: string, signal: Signal, note: Note): void {
  if (entry.transform.type !== 'linear' || signal.unit === undefined) return;
  if (from === '') {
    note('note', `the DBC states no unit; ${signal.path} is in ${signal.unit}`);
    return;
  }
  const { factor, offset } = entry.transform;
  const conversion = convertUnit(from, signal.unit);
  switch (conversion.kind) {
    case 'unknown':
      note('warning', `cannot compare the units ${from} and ${signal.unit}: ${conversion.unit} is not known`);
      return;
    case 'different':
      note('error', `the DBC's unit ${from} (${conversion.from}) is not ${signal.unit} (${conversion.to})`);
      return;
    case 'linear': {
      const weights = entry.add.reduce((total, { weight }) => total + weight, 1);
      const fits = [factor, factor * weights].some((given) => near(Math.abs(given), conversion.factor));
      if (!fits)
        note(
          'error',
          `expected a factor of ${conversion.factor} from ${from} to ${signal.unit} but found ${factor}`,
        );
      const wanted = conversion.offset;
      if (wanted !== 0 && Math.abs(offset - wanted) > 1e-3)
        note('error', `expected an offset of ${wanted} from ${from} to ${signal.unit} but found ${offset}`);
    }
  }
}

/** What a signal can hold: its data type, narrowed by its own limits. */
function capacityOf(signal: Signal): Interval {
  const range = numericRange(signal.datatype);
  return interval(
    Math.max(range?.min ?? -Infinity, signal.min ?? -Infinity),
    Math.min(range?.max ?? Infinity, signal.max ?? Infinity),
  );
}

function checkRange(
  entry: MappingEntry,
  parts: readonly { signal: DbcSignal; weight: number }[],
  signal: Signal,
  note: Note,
): void {
  const { transform, range } = entry;
  if (transform.type !== 'linear') return;
  const whole = numericRange(signal.datatype)?.integer ?? false;
  const capacity = capacityOf(signal);
  const holds = `${signal.path} holds ${shown(capacity)}`;
  if (range !== undefined) {
    if (!reaches(capacity, range, whole)) note('error', `range [${range.min}, ${range.max}], but ${holds}`);
    return;
  }
  const through = (of: (signal: DbcSignal) => Interval): Interval =>
    scaled(
      sum(parts.map((part) => scaled(of(part.signal), part.weight, 0))),
      transform.factor,
      transform.offset,
    );
  const said = through(stated);
  if (!reaches(capacity, said, whole)) {
    note('error', `the DBC says ${shown(said)} after the transform, but ${holds}`);
    return;
  }
  const possible = through(raw);
  if (!reaches(capacity, possible, whole)) note('warning', `its bits reach ${shown(possible)}, but ${holds}`);
}

/** Keys of an enum and limits of a threshold that the signal never shows, and names that the enum leaves out. */
function checkMeaning(
  entry: MappingEntry,
  parts: readonly { signal: DbcSignal; weight: number }[],
  note: Note,
): void {
  const { transform } = entry;
  if (transform.type === 'linear') return;
  const possible = sum(parts.map((part) => scaled(raw(part.signal), part.weight, 0)));
  if (transform.type === 'threshold') {
    const { limit } = transform;
    if (limit > possible.max || limit <= possible.min)
      note('error', `a threshold of ${limit} decides nothing: the signal holds ${shown(possible)}`);
    return;
  }
  for (const key of transform.values.keys()) {
    if (key < possible.min || key > possible.max)
      note('error', `the key ${key} never comes: the signal holds ${shown(possible)}`);
  }
  if (parts.length !== 1) return;
  const [{ signal }] = parts;
  const left = [...signal.values].filter(
    ([value]) => !transform.values.has(Number(value) * signal.factor + signal.offset),
  );
  if (left.length > 0)
    note('note', `stored as invalid: ${left.map(([value, name]) => `${value} ${name}`).join(', ')}`);
}

function checkEntry(
  mapping: MappingFile,
  entry: MappingEntry,
  tree: SignalTree,
  dbc: DbcDatabase,
  note: Note,
): void {
  try {
    compileEntry(mapping.file, entry, tree, dbc);
  } catch (error) {
    if (!(error instanceof VigilError) || error.code !== 'MAPPING_INVALID') throw error;
    const prefix = `${mapping.file}: ${whereOf(entry)}: `;
    note('error', error.message.startsWith(prefix) ? error.message.slice(prefix.length) : error.message);
    return;
  }
  const signal = tree.byPath.get(entry.path);
  const parts = dbcSignals(entry, dbc);
  if (signal === undefined || parts.length === 0) return;
  for (const unit of new Set(parts.map((part) => part.signal.unit))) checkUnit(entry, unit, signal, note);
  checkRange(entry, parts, signal, note);
  checkMeaning(entry, parts, note);
}

function unmappedOf(mapping: MappingFile, dbc: DbcDatabase): MappingReport['unmapped'] {
  const used = new Set(
    mapping.entries.flatMap(({ message, signal, add }) =>
      [signal, ...add.map((part) => part.signal)].map((name) => `${message}.${name}`),
    ),
  );
  return dbc.messages.flatMap((message) => {
    const signals = message.signals
      .map(({ name }) => name)
      .filter((name) => !used.has(`${message.name}.${name}`));
    return signals.length === 0 ? [] : [{ message: message.name, signals }];
  });
}

/**
 * Everything that is wrong or doubtful about a mapping, where `compileMapping` stops at the first. Pure.
 */
export function checkMapping(mapping: MappingFile, tree: SignalTree, dbc: DbcDatabase): MappingReport {
  const findings: MappingFinding[] = [];
  const paths = new Set<string>();
  for (const entry of mapping.entries) {
    const where = whereOf(entry);
    const note: Note = (severity, text) => findings.push({ severity, where, text });
    if (paths.has(entry.path)) note('error', `${entry.path} is mapped more than once`);
    paths.add(entry.path);
    checkEntry(mapping, entry, tree, dbc, note);
  }
  return {
    mapping: mapping.name,
    entries: mapping.entries.length,
    findings,
    unmapped: unmappedOf(mapping, dbc),
  };
}
