import type { AttributeValue, DbcProblem, MultiplexSelector, RawType, ByteOrder } from './dbc.js';

/**
 * What statements fill while a file is read. Sections may come in any order, so whatever refers to a message or
 * a signal is kept as a reference and resolved at the end (see dbc-assemble.ts).
 */
export interface SignalDraft {
  readonly line: number;
  readonly name: string;
  readonly startBit: number;
  readonly length: number;
  readonly byteOrder: ByteOrder;
  readonly signed: boolean;
  readonly factor: number;
  readonly offset: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly unit: string;
  readonly receivers: readonly string[];
  readonly isSwitch: boolean;
  /** The number of `m<number>`. */
  readonly selectedBy: bigint | undefined;
  rawType: RawType;
  values: ReadonlyMap<bigint, string>;
  selector: MultiplexSelector | undefined;
  comment: string;
  readonly attributes: Map<string, AttributeValue>;
}

export interface MessageDraft {
  readonly line: number;
  /** As in the file: bit 31 marks a 29-bit identifier. */
  readonly key: number;
  readonly name: string;
  readonly length: number;
  readonly sender: string;
  readonly signals: SignalDraft[];
  comment: string;
  readonly attributes: Map<string, AttributeValue>;
}

/** What a `CM_` or `BA_` line points at. */
export type Target =
  | { readonly kind: 'network' }
  | { readonly kind: 'message'; readonly key: number }
  | { readonly kind: 'signal'; readonly key: number; readonly signal: string }
  | { readonly kind: 'other' };

export interface AttributeDefinition {
  /** `BU_`, `BO_`, `SG_`, `EV_` or empty for the network. */
  readonly object: string;
  readonly type: string;
  readonly choices: readonly string[];
}

/** Something said about a signal elsewhere in the file. */
export interface SignalReference<T> {
  readonly line: number;
  readonly key: number;
  readonly signal: string;
  readonly value: T;
}

export interface DatabaseDraft {
  readonly file: string;
  readonly problems: DbcProblem[];
  version: string;
  readonly nodes: string[];
  readonly messages: MessageDraft[];
  /** Where the next `SG_` goes; `malformed` when its `BO_` was left out, so that its signals go with it. */
  openMessage: MessageDraft | 'none' | 'malformed';
  readonly valueTables: Map<string, ReadonlyMap<bigint, string>>;
  /** A string is the name of a value table. */
  readonly signalValues: SignalReference<ReadonlyMap<bigint, string> | string>[];
  readonly signalTypes: SignalReference<RawType>[];
  readonly selectors: SignalReference<MultiplexSelector>[];
  readonly comments: { readonly line: number; readonly target: Target; readonly text: string }[];
  readonly attributes: {
    readonly line: number;
    readonly target: Target;
    readonly name: string;
    readonly value: AttributeValue;
  }[];
  readonly attributeDefinitions: Map<string, AttributeDefinition>;
  readonly attributeDefaults: Map<string, AttributeValue>;
}

export function emptyDraft(file: string): DatabaseDraft {
  return {
    file,
    problems: [],
    version: '',
    nodes: [],
    messages: [],
    openMessage: 'none',
    valueTables: new Map(),
    signalValues: [],
    signalTypes: [],
    selectors: [],
    comments: [],
    attributes: [],
    attributeDefinitions: new Map(),
    attributeDefaults: new Map(),
  };
}

export function report(
  draft: DatabaseDraft,
  severity: DbcProblem['severity'],
  line: number,
  message: string,
): void {
  draft.problems.push({ severity, file: draft.file, line, message });
}
