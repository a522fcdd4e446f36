/** What a DBC file says, as data. The parser makes it; the decode plan, the encoder and the tools read it. */

/** Intel: bit 0 is the least significant bit of byte 0. Motorola: the most significant bit comes first. */
export type ByteOrder = 'intel' | 'motorola';

export type RawType = 'unsigned' | 'signed' | 'float32' | 'float64';

/** A value of a `BA_` line: number for INT, HEX, FLOAT and ENUM by index, text for STRING and ENUM by name. */
export type AttributeValue = number | string;

export type Attributes = ReadonlyMap<string, AttributeValue>;

/** A multiplexed signal is present when the raw value of `switchName` lies in one of `ranges` (inclusive). */
export interface MultiplexSelector {
  readonly switchName: string;
  readonly ranges: readonly (readonly [low: bigint, high: bigint])[];
}

export interface DbcSignal {
  readonly name: string;
  /** As written in the file: least significant bit (Intel) or most significant bit (Motorola, sawtooth numbering). */
  readonly startBit: number;
  /** Bits, 1 to 64. */
  readonly length: number;
  readonly byteOrder: ByteOrder;
  readonly rawType: RawType;
  /** physical = raw * factor + offset */
  readonly factor: number;
  readonly offset: number;
  /** Physical range; both absent when the file says `[0|0]`, which means that no range was given. */
  readonly minimum?: number;
  readonly maximum?: number;
  readonly unit: string;
  readonly receivers: readonly string[];
  /** Raw value to its name. */
  readonly values: ReadonlyMap<bigint, string>;
  /** True when other signals of the message depend on this one's raw value. */
  readonly isSwitch: boolean;
  /** Absent when the signal is in every frame of the message. */
  readonly selector?: MultiplexSelector;
  readonly comment: string;
  readonly attributes: Attributes;
}

export interface DbcMessage {
  readonly name: string;
  /** 11 or 29 bits, without the extended flag. */
  readonly id: number;
  readonly extended: boolean;
  /** Payload bytes. */
  readonly length: number;
  /** Sending node, empty when none is named. */
  readonly sender: string;
  readonly signals: readonly DbcSignal[];
  /** Nominal period from `GenMsgCycleTime`, ms; absent when there is none or it is 0. */
  readonly cycleTimeMs?: number;
  readonly comment: string;
  readonly attributes: Attributes;
}

export interface DbcDatabase {
  /** File name for messages to people; empty when parsed from memory. */
  readonly file: string;
  readonly version: string;
  readonly nodes: readonly string[];
  /** In file order. Of messages with the same identifier the last one is decoded. */
  readonly messages: readonly DbcMessage[];
  readonly valueTables: ReadonlyMap<string, ReadonlyMap<bigint, string>>;
  readonly attributes: Attributes;
  readonly comment: string;
}

/** `error`: the line was left out. `warning`: the line counts, but something about it is odd. */
export interface DbcProblem {
  readonly severity: 'error' | 'warning';
  readonly file: string;
  readonly line: number;
  /** What was expected and what came; one sentence. */
  readonly message: string;
}

/** `file:line: severity: message`, the shape editors turn into a link. */
export function describeProblem(problem: DbcProblem): string {
  return `${problem.file}:${problem.line}: ${problem.severity}: ${problem.message}`;
}

/** The message of that name; undefined when there is none. */
export function messageByName(database: DbcDatabase, name: string): DbcMessage | undefined {
  return database.messages.find((message) => message.name === name);
}

/** The signal of that name; undefined when there is none. */
export function signalByName(message: DbcMessage, name: string): DbcSignal | undefined {
  return message.signals.find((signal) => signal.name === name);
}

/**
 * One number for an identifier and its kind: bit 31 is set for 29-bit identifiers, as in the DBC file itself, so
 * that a standard and an extended identifier of the same value stay apart.
 */
export function messageKey(id: number, extended: boolean): number {
  return extended ? (id | 0x80000000) >>> 0 : id;
}

/** Payload bytes a frame must have for the signal's last bit to be in it. */
export function requiredBytes(signal: Pick<DbcSignal, 'startBit' | 'length' | 'byteOrder'>): number {
  return ((firstBit(signal) + signal.length - 1) >> 3) + 1;
}

/**
 * Position of the signal's first bit in reading order: counted from the least significant bit of byte 0 (Intel)
 * or from the most significant bit of byte 0 (Motorola). The signal takes the `length` positions from there.
 */
export function firstBit(signal: Pick<DbcSignal, 'startBit' | 'byteOrder'>): number {
  if (signal.byteOrder === 'intel') return signal.startBit;
  return (signal.startBit & ~7) | (7 - (signal.startBit & 7));
}

/** Messages by `messageKey`; of a doubled identifier the last one, as cantools takes it too. */
export function messagesByKey(database: DbcDatabase): Map<number, DbcMessage> {
  return new Map(database.messages.map((message) => [messageKey(message.id, message.extended), message]));
}
