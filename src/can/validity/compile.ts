import { VigilError } from '../../runtime/errors.js';
import { firstBit, messageKey, requiredBytes, type DbcMessage, type DbcSignal } from '../dbc.js';
import { crc8J1850 } from './crc8.js';
import type { ChecksumName, ChecksumSpec, CounterSpec, RuleSpec, ValidityRules } from './rules.js';

/** The same values as `ChecksumKind` in native/can/checksum.h. */
const nativeKinds = {
  none: 0,
  sum: 1,
  nibbles: 2,
  ones: 3,
  xor: 4,
  crc8J1850: 5,
  crc8H2f: 6,
  hyundaiFd: 7,
  'e2e-p04': 8,
  'e2e-p05': 9,
  'e2e-p06': 10,
  'e2e-p07': 11,
  'e2e-p08': 12,
} as const;

/** One message's rule as words, in the order of `RuleWord` in native/can/validity.h. */
interface RuleWords {
  kind: number;
  seed: number;
  oddSeed: number;
  finalXor: number;
  addLength: number;
  coveredBytes: number;
  checksumLow: number;
  checksumHigh: number;
  counterLow: number;
  counterHigh: number;
  counterModulus: number;
  maxDelta: number;
  list: number;
  headerOffset: number;
  dataId: number;
  idField: number;
  idValue: number;
  length: number;
}

const noList = 0xffffffff;

function emptyWords(): RuleWords {
  return {
    kind: nativeKinds.none,
    seed: 0,
    oddSeed: 0,
    finalXor: 0,
    addLength: 0,
    coveredBytes: 0,
    checksumLow: 0,
    checksumHigh: 0,
    counterLow: 0,
    counterHigh: 0,
    counterModulus: 0,
    maxDelta: 1,
    list: noList,
    headerOffset: 0,
    dataId: 0,
    idField: 0,
    idValue: 0,
    length: 0,
  };
}

/** Rules for the messages of a decode plan, as the native checker takes them. */
export interface ValidityPlan {
  readonly messages: readonly DbcMessage[];
  readonly key: Uint32Array;
  readonly rules: Uint32Array;
  readonly resyncMs: Float64Array;
  readonly lists: Uint8Array;
  /** Per message: the rule that applies; undefined when none does. */
  readonly specs: readonly (RuleSpec | undefined)[];
}

type HeaderProfile = 'e2e-p04' | 'e2e-p05' | 'e2e-p06' | 'e2e-p07' | 'e2e-p08';
/** Counter values of the profiles with a header of their own; 0 stands for 2^32. */
const headerCounters: Readonly<Record<HeaderProfile, number>> = {
  'e2e-p04': 0x10000,
  'e2e-p05': 0x100,
  'e2e-p06': 0x100,
  'e2e-p07': 0,
  'e2e-p08': 0,
};

function isHeaderProfile(kind: ChecksumName): kind is HeaderProfile {
  return kind in headerCounters;
}

function refuse(rules: ValidityRules, message: DbcMessage | undefined, expected: string): never {
  throw new VigilError(
    'VALIDITY_INVALID',
    `${rules.name}: ${message === undefined ? 'rules' : message.name}: expected ${expected}.`,
    'Correct the validity rules, or name the DBC they are for.',
    { rules: rules.name, ...(message === undefined ? {} : { message: message.name }) },
  );
}

/** What a field needs of a DBC signal. */
type FieldPlace = Pick<DbcSignal, 'startBit' | 'length' | 'byteOrder'>;

/** A place written as in a DBC, `startBit|length@order`; undefined for the name of a signal. */
function placeOf(name: string, message: DbcMessage): FieldPlace | undefined {
  const parts = /^(\d+)\|(\d+)@([01])$/.exec(name);
  if (parts === null) return undefined;
  const place: FieldPlace = {
    startBit: Number(parts[1]),
    length: Number(parts[2]),
    byteOrder: parts[3] === '1' ? 'intel' : 'motorola',
  };
  return requiredBytes(place) <= message.length ? place : undefined;
}

function matches(signal: DbcSignal, name: string): boolean {
  return name.startsWith('*') ? signal.name.endsWith(name.slice(1)) : signal.name === name;
}

/** The signals of those names; undefined unless the message has each of them exactly once. */
function findSignals(message: DbcMessage, names: readonly string[]): FieldPlace[] | undefined {
  const found = names.map((name): readonly FieldPlace[] => {
    const place = placeOf(name, message);
    return place === undefined ? message.signals.filter((signal) => matches(signal, name)) : [place];
  });
  return found.every((list) => list.length === 1) ? found.map(([signal]) => signal) : undefined;
}

function packField(signal: FieldPlace | undefined): number {
  if (signal === undefined) return 0;
  return firstBit(signal) | (signal.length << 16) | (signal.byteOrder === 'motorola' ? 1 << 24 : 0);
}

function idBytes(id: number): number[] {
  return [id & 0xff, (id >> 8) & 0xff, (id >> 16) & 0xff, (id >> 24) & 0xff];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function dataIdOf(rules: ValidityRules, message: DbcMessage, { dataId }: ChecksumSpec): number {
  if (typeof dataId === 'number') return dataId;
  if (dataId === undefined) return refuse(rules, message, 'a dataId for its E2E profile');
  const value = message.attributes.get(dataId.attribute);
  return typeof value === 'number'
    ? value
    : refuse(rules, message, `a number in the attribute ${dataId.attribute} of the DBC`);
}

/** Profile 1 puts the Data ID before the payload: the CRC's state after it is the start value. */
function profile1Words(rules: ValidityRules, message: DbcMessage, spec: ChecksumSpec): Partial<RuleWords> {
  const id = dataIdOf(rules, message, spec);
  const [low, high] = idBytes(id);
  const before = { both: [low, high], alternating: [low], low: [low], nibble: [low, 0] }[spec.dataIdMode];
  const seed = crc8J1850(0, before);
  const oddSeed = spec.dataIdMode === 'alternating' ? crc8J1850(0, [high]) : seed;
  if (spec.dataIdMode !== 'nibble') return { kind: nativeKinds.crc8J1850, seed, oddSeed };
  const [carrier] = findSignals(message, [spec.dataIdSignal ?? '']) ?? [
    refuse(rules, message, 'a signal for the half byte of the Data ID (dataIdSignal)'),
  ];
  return { kind: nativeKinds.crc8J1850, seed, oddSeed, idField: packField(carrier), idValue: high & 0xf };
}

function checksumWords(
  rules: ValidityRules,
  message: DbcMessage,
  spec: ChecksumSpec,
  addList: (list: readonly number[]) => number,
): Partial<RuleWords> {
  const id = message.id;
  const nibbles = idBytes(id).flatMap((byte) => [byte & 0xf, byte >> 4]);
  const same = (kind: number, seed: number, more: Partial<RuleWords> = {}): Partial<RuleWords> => ({
    kind,
    seed: seed >>> 0,
    oddSeed: seed >>> 0,
    coveredBytes: spec.bytes,
    ...more,
  });
  const constant = spec.constantOf.get(id) ?? spec.constant;
  const list = spec.listOf.get(id) ?? spec.list;
  switch (spec.kind) {
    case 'toyota':
      return same(nativeKinds.sum, sum(idBytes(id)), { addLength: 1 });
    case 'subaru':
    case 'tesla':
      return same(nativeKinds.sum, sum(idBytes(id)));
    case 'subaru-preglobal':
      return same(nativeKinds.sum, 0);
    case 'honda':
      return same(nativeKinds.nibbles, 8 + (message.extended ? 3 : 0) - sum(nibbles));
    case 'psa':
      return same(nativeKinds.nibbles, constant ?? refuse(rules, message, 'a constant'));
    case 'hyundai-nibbles':
      return same(nativeKinds.nibbles, 0);
    case 'hyundai-ones':
      return same(nativeKinds.ones, 9);
    case 'hyundai-fd':
      return same(nativeKinds.hyundaiFd, 0);
    case 'vw-pq':
      return same(nativeKinds.xor, 0);
    case 'chrysler':
      return same(nativeKinds.crc8J1850, 0xff, { finalXor: 0xff });
    case 'giorgio':
      return same(nativeKinds.crc8J1850, 0, { finalXor: constant ?? refuse(rules, message, 'a constant') });
    case 'vw-mqb':
      return same(nativeKinds.crc8H2f, 0xff, {
        finalXor: 0xff,
        list: list === undefined ? noList : addList(list),
      });
    case 'e2e-p02':
    case 'e2e-p22':
      return same(nativeKinds.crc8H2f, 0xff, {
        finalXor: 0xff,
        list: addList(list ?? refuse(rules, message, 'a list of 16 Data IDs')),
      });
    case 'e2e-p01':
    case 'e2e-p11':
      return profile1Words(rules, message, spec);
    case 'e2e-p04':
    case 'e2e-p05':
    case 'e2e-p06':
    case 'e2e-p07':
    case 'e2e-p08':
      return {
        kind: nativeKinds[spec.kind],
        headerOffset: spec.offset,
        dataId: dataIdOf(rules, message, spec),
        counterModulus: headerCounters[spec.kind],
      };
  }
}

function counterWords(
  rules: ValidityRules,
  message: DbcMessage,
  spec: CounterSpec,
  signals: readonly FieldPlace[],
  checksum: ChecksumName | undefined,
): Partial<RuleWords> {
  const bits = sum(signals.map(({ length }) => length));
  const own = bits < 32 ? 2 ** bits : 0;
  const usual = checksum === 'e2e-p01' || checksum === 'e2e-p11' ? 15 : own;
  const counterModulus = spec.values ?? usual;
  if (own !== 0 && counterModulus > own)
    return refuse(rules, message, `at most ${own} values of its counter`);
  return {
    counterLow: packField(signals.at(0)),
    counterHigh: packField(signals.at(1)),
    counterModulus,
    // Half the range at most: a step back must never pass as frames lost.
    maxDelta: spec.maxDelta ?? Math.max(1, Math.min(5, Math.floor((counterModulus || 1024) / 2) - 1)),
  };
}

/** The rule as it applies to one message; undefined when the message has not the signals it needs. */
function wordsOf(
  rules: ValidityRules,
  message: DbcMessage,
  rule: RuleSpec,
  addList: (list: readonly number[]) => number,
): RuleWords | undefined {
  const { checksum, counter } = rule;
  if (checksum?.kind === 'vw-mqb' && !checksum.listOf.has(message.id) && checksum.list === undefined)
    return undefined;
  const header = checksum !== undefined && isHeaderProfile(checksum.kind);
  const fields = checksum === undefined || header ? [] : findSignals(message, checksum.signals);
  if (fields === undefined) return undefined;
  if (checksum !== undefined && !header && fields.length === 0)
    return refuse(rules, message, 'a signal for its checksum');
  const counters = counter === undefined || header ? [] : findSignals(message, counter.signals);
  if (counters === undefined && (checksum === undefined || rule.messages !== 'all')) return undefined;
  const words = emptyWords();
  if (checksum !== undefined) {
    Object.assign(words, checksumWords(rules, message, checksum, addList), {
      checksumLow: packField(fields.at(0)),
      checksumHigh: packField(fields.at(1)),
      // Profiles 4, 6, 7 and 8 send the length themselves, and may vary it.
      length: header && checksum.kind !== 'e2e-p05' ? 0 : message.length,
    });
  }
  if (counter !== undefined && counters !== undefined && counters.length > 0) {
    Object.assign(words, counterWords(rules, message, counter, counters, checksum?.kind));
  } else if (header) {
    words.maxDelta = counter?.maxDelta ?? 5;
  }
  return words;
}

function selects(rule: RuleSpec, message: DbcMessage): boolean {
  return (
    rule.messages === 'all' || rule.messages.some((name) => name === message.name || name === message.id)
  );
}

function checkNames(rules: ValidityRules, messages: readonly DbcMessage[]): void {
  for (const rule of rules.rules) {
    if (rule.messages === 'all' || !rule.required) continue;
    for (const name of rule.messages) {
      if (!messages.some((message) => message.name === name || message.id === name))
        refuse(rules, undefined, `a message ${name} in the DBC`);
    }
  }
}

/**
 * Compiles rules for the messages of a decode plan. Of the rules that name a message the first counts.
 * @param messages in the order of the decode plan
 * @throws VigilError `VALIDITY_INVALID` when a rule names what the DBC has not, or contradicts it
 */
export function compileValidity(rules: ValidityRules, messages: readonly DbcMessage[]): ValidityPlan {
  checkNames(rules, messages);
  const lists: number[] = [];
  const addList = (list: readonly number[]): number => lists.push(...list) / 16 - 1;
  const specs: (RuleSpec | undefined)[] = [];
  const words = messages.map((message) => {
    for (const rule of rules.rules.filter((candidate) => selects(candidate, message))) {
      const found = wordsOf(rules, message, rule, addList);
      if (found !== undefined) {
        specs.push(rule);
        return Object.values(found) as number[];
      }
      if (rule.messages !== 'all') refuse(rules, message, 'the signals that the rule names, each once');
    }
    specs.push(undefined);
    return Object.values(emptyWords()) as number[];
  });
  const { periods } = rules.alive;
  return {
    messages,
    key: Uint32Array.from(messages, ({ id, extended }) => messageKey(id, extended)),
    rules: Uint32Array.from(words.flat()),
    resyncMs: Float64Array.from(messages, ({ cycleTimeMs }) => periods * (cycleTimeMs ?? 100)),
    lists: Uint8Array.from(lists),
    specs,
  };
}
