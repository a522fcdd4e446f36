/** What a DBC file says, as data. The parser makes it; the decode plan, the encoder and the tools read it. */

/** Intel: bit 0 is the least significant bit of byte 0. Motorola: the most significant bit comes first. */
export type ByteOrder = 'intel' | 'motorola';

/** How the bits of a signal are read: `SIG_VALTYPE_` names the floating ones. */
export type RawType = 'unsigned' | 'signed' | 'float32' | 'float64';

/**
 * A value of a `BA_` line: number for INT, HEX, FLOAT and ENUM by index, text for STRING and ENUM by name. A whole
 * number that a double cannot hold (a start value of 64 bits) is a bigint.
 */
export type AttributeValue = number | bigint | string;

/** Without defaults; `attributeValue` in dbc-attributes.ts applies them. */
export type Attributes = ReadonlyMap<string, AttributeValue>;

export type AttributeType = 'INT' | 'HEX' | 'FLOAT' | 'STRING' | 'ENUM';

/** What an attribute belongs to; the last three are relations between a node and something (`BA_DEF_REL_`). */
export type AttributeOwner =
  | 'network'
  | 'node'
  | 'message'
  | 'signal'
  | 'environment'
  | 'node-message'
  | 'node-signal'
  | 'node-environment';

export interface DbcAttributeDefinition {
  readonly owner: AttributeOwner;
  readonly type: AttributeType;
  /** Both absent for STRING and ENUM. */
  readonly minimum?: number;
  readonly maximum?: number;
  /** Names of an ENUM by index; empty for the other types. */
  readonly choices: readonly string[];
  readonly defaultValue?: AttributeValue;
}

/** An attribute's value for a pair: how a node handles a message, a signal or an environment variable. */
export interface DbcRelation {
  readonly attribute: string;
  readonly node: string;
  readonly target:
    | { readonly kind: 'message'; readonly key: number }
    | { readonly kind: 'signal'; readonly key: number; readonly signal: string }
    | { readonly kind: 'environment'; readonly name: string };
  readonly value: AttributeValue;
}

/** An environment variable (`EV_`) of a simulation; nothing on the bus carries it. Kept for writing back. */
export interface DbcEnvironmentVariable {
  readonly name: string;
  /** 0 integer, 1 float, 2 text; as in the file. */
  readonly type: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly unit: string;
  readonly initial: number;
  readonly index: number;
  readonly access: string;
  readonly nodes: readonly string[];
  /** Size in bytes when it holds data (`ENVVAR_DATA_`). */
  readonly dataBytes?: number;
  readonly values: ReadonlyMap<bigint, string>;
  readonly comment: string;
  readonly attributes: Attributes;
}

export interface DbcSignalGroup {
  readonly name: string;
  readonly repetitions: number;
  readonly signals: readonly string[];
}

export interface DbcNodeDetail {
  readonly comment: string;
  readonly attributes: Attributes;
}

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
  /** Raw value before the first one is set, from `GenSigStartValue`; absent when the file gives none. */
  readonly startRaw?: number | bigint;
  /** Suspect parameter number of J1939, from the attribute `SPN`. */
  readonly spn?: number;
  readonly comment: string;
  readonly attributes: Attributes;
}

/** `J1939PG`: frames are matched by parameter group number instead of identifier (see j1939.ts). */
export type FrameFormat = 'StandardCAN' | 'ExtendedCAN' | 'StandardCAN_FD' | 'ExtendedCAN_FD' | 'J1939PG';

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
  /** Further nodes that may send it (`BO_TX_BU_`); absent when the file names none. */
  readonly senders?: readonly string[];
  readonly signalGroups?: readonly DbcSignalGroup[];
  /** Nominal period from `GenMsgCycleTime`, ms; absent when there is none or it is 0. */
  readonly cycleTimeMs?: number;
  /** Name of the send type from `GenMsgSendType`, as the file spells it (`Cyclic`, `OnChange`, ...). */
  readonly sendType?: string;
  /** From `VFrameFormat`, or `J1939PG` when the whole file says J1939; absent when the file says nothing. */
  readonly frameFormat?: FrameFormat;
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
  /** Nodes that have a comment or attributes. */
  readonly nodeDetails: ReadonlyMap<string, DbcNodeDetail>;
  readonly attributeDefinitions: ReadonlyMap<string, DbcAttributeDefinition>;
  readonly relationDefinitions: ReadonlyMap<string, DbcAttributeDefinition>;
  readonly relations: readonly DbcRelation[];
  readonly environmentVariables: readonly DbcEnvironmentVariable[];
  /** Signals in no message (`VECTOR__INDEPENDENT_SIG_MSG`), kept for writing back. */
  readonly independentSignals: readonly DbcSignal[];
  /** `BS_`: baud rate and the two bit timing registers; absent in all but old files. */
  readonly bitTiming?: readonly number[];
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
