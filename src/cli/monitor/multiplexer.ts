import { requiredBytes, type DbcMessage, type DbcSignal } from '../../can/dbc.js';
import { readBits } from '../../can/encode.js';

/** The signal's bits in a payload, unsigned; undefined when the payload is too short for them. */
export function rawBitsIn(payload: Uint8Array, signal: DbcSignal): bigint | undefined {
  return payload.length < requiredBytes(signal) ? undefined : readBits(payload, signal);
}

/** The value that one switch of a message has in a frame. */
export interface SwitchValue {
  readonly name: string;
  readonly raw: bigint;
}

/**
 * Tells the layouts of a multiplexed message apart: the values of all switches that are in a frame, the outer ones
 * first. Cascaded switches count only where their own selector holds.
 */
export class Multiplexer {
  readonly #switches: readonly DbcSignal[];

  constructor(message: DbcMessage) {
    this.#switches = outerFirst(message.signals.filter(({ isSwitch }) => isSwitch));
  }

  get isMultiplexed(): boolean {
    return this.#switches.length > 0;
  }

  read(payload: Uint8Array): readonly SwitchValue[] {
    const values = new Map<string, bigint>();
    for (const signal of this.#switches) {
      const { selector } = signal;
      if (selector !== undefined) {
        const owner = values.get(selector.switchName);
        if (owner === undefined || !selector.ranges.some(([low, high]) => owner >= low && owner <= high))
          continue;
      }
      const raw = rawBitsIn(payload, signal);
      if (raw !== undefined) values.set(signal.name, raw);
    }
    return [...values].map(([name, raw]) => ({ name, raw }));
  }
}

function outerFirst(switches: readonly DbcSignal[]): DbcSignal[] {
  const ordered: DbcSignal[] = [];
  const add = (signal: DbcSignal, depth: number): void => {
    if (ordered.includes(signal) || depth > switches.length) return;
    const owner = switches.find(({ name }) => name === signal.selector?.switchName);
    if (owner !== undefined) add(owner, depth + 1);
    ordered.push(signal);
  };
  for (const signal of switches) add(signal, 0);
  return ordered;
}
