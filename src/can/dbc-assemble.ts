import {
  firstBit,
  requiredBytes,
  type AttributeValue,
  type DbcDatabase,
  type DbcMessage,
  type DbcSignal,
} from './dbc.js';
import {
  report,
  type DatabaseDraft,
  type MessageDraft,
  type SignalDraft,
  type SignalReference,
} from './dbc-draft.js';
import { independentSignalsKeys } from './dbc-statements.js';

/** Message drafts by identifier; every message of a doubled identifier gets what is said about it. */
type MessageIndex = ReadonlyMap<number, readonly MessageDraft[]>;

function indexMessages(draft: DatabaseDraft): MessageIndex {
  const index = new Map<number, MessageDraft[]>();
  for (const message of draft.messages) {
    const same = index.get(message.key);
    if (same === undefined) {
      index.set(message.key, [message]);
      continue;
    }
    report(
      draft,
      'warning',
      message.line,
      `expected each identifier once but ${message.name} has ${message.key}, as ${same[0].name} in line ` +
        `${same[0].line} has; frames are decoded as ${message.name}`,
    );
    same.push(message);
  }
  return index;
}

function reportDoubledNames(draft: DatabaseDraft): void {
  const lines = new Map<string, number>();
  for (const { name, line } of draft.messages) {
    const first = lines.get(name);
    if (first === undefined) lines.set(name, line);
    else
      report(draft, 'warning', line, `expected each message name once but ${name} is in line ${first} too`);
  }
}

function findSignals(
  draft: DatabaseDraft,
  index: MessageIndex,
  reference: SignalReference<unknown>,
): SignalDraft[] {
  const found = (index.get(reference.key) ?? [])
    .flatMap((message) => message.signals)
    .filter((signal) => signal.name === reference.signal);
  if (found.length === 0) {
    report(
      draft,
      'warning',
      reference.line,
      `expected a signal of the file but found ${reference.signal} of message ${reference.key}, which is not in it`,
    );
  }
  return found;
}

function resolveValues(draft: DatabaseDraft, index: MessageIndex): void {
  for (const reference of draft.signalValues) {
    const { value, line } = reference;
    const values = typeof value === 'string' ? draft.valueTables.get(value) : value;
    if (values === undefined) {
      report(draft, 'error', line, 'expected the name of a value table (VAL_TABLE_) of the file');
      continue;
    }
    for (const signal of findSignals(draft, index, reference)) signal.values = values;
  }
}

function resolveTypes(draft: DatabaseDraft, index: MessageIndex): void {
  for (const reference of draft.signalTypes) {
    const bits = reference.value === 'float32' ? 32 : 64;
    for (const signal of findSignals(draft, index, reference)) {
      if (signal.length === bits) signal.rawType = reference.value;
      else {
        report(
          draft,
          'error',
          reference.line,
          `expected ${bits} bits for the ${reference.value} signal ${signal.name} but it has ${signal.length}; ` +
            'it stays an integer',
        );
      }
    }
  }
}

/** `m<n>` refers to the message's only switch; with more than one, `SG_MUL_VAL_` must say which. */
function resolveSelectors(draft: DatabaseDraft, index: MessageIndex): void {
  for (const reference of draft.selectors) {
    for (const signal of findSignals(draft, index, reference)) signal.selector = reference.value;
  }
  for (const message of draft.messages) {
    const switches = message.signals.filter((signal) => signal.isSwitch);
    for (const signal of message.signals) {
      if (signal.selectedBy === undefined || signal.selector !== undefined) continue;
      const plain = switches.filter((candidate) => candidate.selectedBy === undefined);
      const owner = switches.length === 1 ? switches[0] : plain.length === 1 ? plain[0] : undefined;
      if (owner === undefined || owner === signal) continue;
      signal.selector = { switchName: owner.name, ranges: [[signal.selectedBy, signal.selectedBy]] };
    }
  }
}

function attach(
  draft: DatabaseDraft,
  index: MessageIndex,
): { comment: string; attributes: Map<string, AttributeValue> } {
  const network = { comment: '', attributes: new Map<string, AttributeValue>() };
  for (const { line, target, text } of draft.comments) {
    if (target.kind === 'network') network.comment = text;
    if (target.kind === 'message') for (const message of index.get(target.key) ?? []) message.comment = text;
    if (target.kind === 'signal') {
      const reference = { line, key: target.key, signal: target.signal, value: text };
      for (const signal of findSignals(draft, index, reference)) signal.comment = text;
    }
  }
  for (const { line, target, name, value } of draft.attributes) {
    if (target.kind === 'network') network.attributes.set(name, value);
    if (target.kind === 'message') {
      for (const message of index.get(target.key) ?? []) message.attributes.set(name, value);
    }
    if (target.kind === 'signal') {
      const reference = { line, key: target.key, signal: target.signal, value };
      for (const signal of findSignals(draft, index, reference)) signal.attributes.set(name, value);
    }
  }
  return network;
}

/** What is wrong with a signal so that no value of it could be right; undefined when it is sound. */
function signalFault(message: MessageDraft, signal: SignalDraft): string | undefined {
  if (message.signals.find((other) => other.name === signal.name) !== signal) {
    return `expected each signal name once in ${message.name} but found a second ${signal.name}`;
  }
  if (firstBit(signal) + signal.length > message.length * 8) {
    return (
      `expected ${signal.name} within the ${message.length} bytes of ${message.name} but its bits reach into ` +
      `byte ${requiredBytes(signal) - 1}`
    );
  }
  if (signal.factor === 0) return `expected a factor other than 0 for ${signal.name}`;
  if (signal.selectedBy !== undefined && signal.selector === undefined) {
    return `expected one switch (M) in ${message.name} for the multiplexed ${signal.name}`;
  }
  if (signal.selector !== undefined) return selectorFault(message, signal);
  return undefined;
}

function selectorFault(message: MessageDraft, signal: SignalDraft): string | undefined {
  const visited = new Set<SignalDraft>([signal]);
  let current = signal;
  while (current.selector !== undefined) {
    const name = current.selector.switchName;
    const owner = message.signals.find((candidate) => candidate.name === name);
    if (owner === undefined) return `expected the switch ${name} of ${signal.name} in ${message.name}`;
    if (visited.has(owner)) return `expected the switches of ${signal.name} to end but they go in a circle`;
    if (owner.rawType !== 'unsigned' && owner.rawType !== 'signed') {
      return `expected an integer as switch of ${signal.name} but ${name} is ${owner.rawType}`;
    }
    visited.add(owner);
    current = owner;
  }
  return undefined;
}

/** Names over 32 characters are cut where they are defined, and whole in an attribute of their own. */
function longName(short: string, attributes: ReadonlyMap<string, AttributeValue>, attribute: string): string {
  const long = attributes.get(attribute);
  return typeof long === 'string' && long !== '' ? long : short;
}

function signalName(draft: SignalDraft): string {
  return longName(draft.name, draft.attributes, 'SystemSignalLongSymbol');
}

function finishSignal(
  draft: SignalDraft,
  switches: ReadonlySet<string>,
  names: ReadonlyMap<string, string>,
): DbcSignal {
  const ranged = draft.minimum !== 0 || draft.maximum !== 0;
  const { selector } = draft;
  return {
    name: signalName(draft),
    startBit: draft.startBit,
    length: draft.length,
    byteOrder: draft.byteOrder,
    rawType: draft.rawType,
    factor: draft.factor,
    offset: draft.offset,
    ...(ranged ? { minimum: draft.minimum, maximum: draft.maximum } : {}),
    unit: draft.unit,
    receivers: draft.receivers,
    values: draft.values,
    isSwitch: draft.isSwitch || switches.has(draft.name),
    ...(selector === undefined
      ? {}
      : { selector: { ...selector, switchName: names.get(selector.switchName)! } }),
    comment: draft.comment,
    attributes: draft.attributes,
  };
}

/** Removes unsound signals until no fault is left: a signal whose switch was removed goes too. */
function soundSignals(draft: DatabaseDraft, message: MessageDraft): SignalDraft[] {
  let signals = message.signals;
  for (;;) {
    const view = { ...message, signals };
    const sound = signals.filter((signal) => {
      const fault = signalFault(view, signal);
      if (fault !== undefined) report(draft, 'error', signal.line, fault);
      return fault === undefined;
    });
    if (sound.length === signals.length) return sound;
    signals = sound;
  }
}

function finishMessage(draft: DatabaseDraft, message: MessageDraft): DbcMessage {
  const signals = soundSignals(draft, message);
  const switches = new Set(signals.flatMap((signal) => signal.selector?.switchName ?? []));
  const names = new Map(signals.map((signal) => [signal.name, signalName(signal)]));
  const cycleTime =
    message.attributes.get('GenMsgCycleTime') ?? draft.attributeDefaults.get('GenMsgCycleTime');
  return {
    name: longName(message.name, message.attributes, 'SystemMessageLongSymbol'),
    id: message.key & 0x1fffffff,
    extended: message.key > 0x7ff,
    length: message.length,
    sender: message.sender,
    signals: signals.map((signal) => finishSignal(signal, switches, names)),
    ...(typeof cycleTime === 'number' && cycleTime > 0 ? { cycleTimeMs: cycleTime } : {}),
    comment: message.comment,
    attributes: message.attributes,
  };
}

/** Resolves what the sections say about each other and checks that every signal can be decoded. */
export function assemble(draft: DatabaseDraft): DbcDatabase {
  const index = indexMessages(draft);
  reportDoubledNames(draft);
  resolveValues(draft, index);
  resolveTypes(draft, index);
  resolveSelectors(draft, index);
  const network = attach(draft, index);
  return {
    file: draft.file,
    version: draft.version,
    nodes: draft.nodes,
    messages: draft.messages
      .filter((message) => !independentSignalsKeys.has(message.key))
      .map((message) => finishMessage(draft, message)),
    valueTables: draft.valueTables,
    attributes: network.attributes,
    comment: network.comment,
  };
}
