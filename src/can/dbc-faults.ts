import { firstBit, requiredBytes } from './dbc.js';
import { report, type DatabaseDraft, type MessageDraft, type SignalDraft } from './dbc-draft.js';
import { independentSignalsKeys } from './dbc-read-messages.js';

/** What is wrong with a signal so that no value of it could be right; undefined when it is sound. */
function signalFault(message: MessageDraft, signal: SignalDraft): string | undefined {
  if (message.signals.find((other) => other.name === signal.name) !== signal) {
    return `expected each signal name once in ${message.name} but found a second ${signal.name}`;
  }
  const anywhere = independentSignalsKeys.has(message.key);
  if (!anywhere && firstBit(signal) + signal.length > message.length * 8) {
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

/** Removes unsound signals until no fault is left: a signal whose switch was removed goes too. */
export function soundSignals(draft: DatabaseDraft, message: MessageDraft): SignalDraft[] {
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

/** The bits of the payload that a signal takes: bit n of byte b is 2^(8b + n). */
function payloadBits({ startBit, length, byteOrder }: SignalDraft): bigint {
  const run = (1n << BigInt(length)) - 1n;
  if (byteOrder === 'intel') return run << BigInt(startBit);
  let bits = 0n;
  const first = firstBit({ startBit, byteOrder });
  for (let position = first; position < first + length; position++) {
    bits |= 1n << BigInt((position & ~7) | (7 - (position & 7)));
  }
  return bits;
}

/** Whether some values of the switches have both signals in one frame. */
function meet(message: MessageDraft, a: SignalDraft, b: SignalDraft): boolean {
  const conditions = (signal: SignalDraft) => {
    const all = new Map<string, readonly (readonly [bigint, bigint])[]>();
    for (let current: SignalDraft | undefined = signal; current?.selector !== undefined;) {
      const { switchName, ranges }: NonNullable<SignalDraft['selector']> = current.selector;
      all.set(switchName, ranges);
      current = message.signals.find(({ name }) => name === switchName);
    }
    return all;
  };
  const others = conditions(b);
  for (const [name, ranges] of conditions(a)) {
    const other = others.get(name);
    if (other === undefined) continue;
    const common = ranges.some(([low, high]) => other.some((range) => low <= range[1] && range[0] <= high));
    if (!common) return false;
  }
  return true;
}

/** Two signals on the same bits are both decoded, but one of them may be a mistake. */
export function reportOverlaps(
  draft: DatabaseDraft,
  message: MessageDraft,
  signals: readonly SignalDraft[],
): void {
  const bits = signals.map(payloadBits);
  signals.forEach((signal, i) => {
    const other = signals.find(
      (candidate, k) => k < i && (bits[i] & bits[k]) !== 0n && meet(message, signal, candidate),
    );
    if (other === undefined) return;
    const text = `expected bits of its own for ${signal.name} of ${message.name} but ${other.name} has some of them`;
    report(draft, 'warning', signal.line, text);
  });
}
