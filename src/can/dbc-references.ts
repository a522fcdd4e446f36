import { independentSignalsKeys } from './dbc-read-messages.js';
import {
  lineText,
  report,
  type DatabaseDraft,
  type MessageDraft,
  type MessageReference,
  type SignalDraft,
  type SignalReference,
} from './dbc-draft.js';

/** Message drafts by identifier; every message of a doubled identifier gets what is said about it. */
export type MessageIndex = ReadonlyMap<number, readonly MessageDraft[]>;

export function indexMessages(draft: DatabaseDraft): MessageIndex {
  const index = new Map<number, MessageDraft[]>();
  for (const message of draft.messages) {
    const same = index.get(message.key);
    if (same === undefined || independentSignalsKeys.has(message.key)) {
      index.set(message.key, [...(same ?? []), message]);
      continue;
    }
    report(
      draft,
      'warning',
      message.line,
      `expected each identifier once but ${message.name} has ${message.key}, as ${same[0].name} in ` +
        `${lineText(draft, same[0].line, message.line)} has; frames are decoded as ${message.name}`,
    );
    same.push(message);
  }
  return index;
}

export function reportDoubledNames(draft: DatabaseDraft): void {
  const lines = new Map<string, number>();
  for (const { name, line } of draft.messages) {
    const first = lines.get(name);
    if (first === undefined) lines.set(name, line);
    else {
      const other = lineText(draft, first, line);
      report(draft, 'warning', line, `expected each message name once but ${name} is in ${other} too`);
    }
  }
}

export function findSignals(
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

/** Senders and signal groups go to the messages they name. */
function resolveMessageParts(draft: DatabaseDraft, index: MessageIndex): void {
  const find = ({ line, key }: MessageReference<unknown>, what: string): readonly MessageDraft[] => {
    const found = index.get(key) ?? [];
    if (found.length === 0) {
      report(
        draft,
        'warning',
        line,
        `expected the ${what} of a message of the file but found message ${key}`,
      );
    }
    return found;
  };
  for (const reference of draft.senders) {
    for (const message of find(reference, 'senders')) message.senders = reference.value;
  }
  for (const reference of draft.groups) {
    const { name, signals } = reference.value;
    for (const message of find(reference, 'signal group')) {
      const missing = signals.filter((signal) => !message.signals.some((known) => known.name === signal));
      if (missing.length > 0) {
        const text = `expected signals of ${message.name} in its group ${name} but found ${missing.join(', ')}`;
        report(draft, 'warning', reference.line, text);
      }
      // Said twice, as of two messages with one identifier: one group with all members.
      const same = message.groups.findIndex((group) => group.name === name);
      if (same < 0) message.groups.push(reference.value);
      else {
        const before = message.groups[same].signals;
        message.groups[same] = { ...reference.value, signals: [...before, ...signals] };
      }
    }
  }
}

/** Brings what sections say about messages and signals to them. */
export function resolveReferences(draft: DatabaseDraft, index: MessageIndex): void {
  resolveValues(draft, index);
  resolveTypes(draft, index);
  resolveSelectors(draft, index);
  resolveMessageParts(draft, index);
}
