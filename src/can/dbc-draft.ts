import type {
  AttributeValue,
  ByteOrder,
  DbcAttributeDefinition,
  DbcEnvironmentVariable,
  DbcProblem,
  DbcRelation,
  DbcSignalGroup,
  MultiplexSelector,
  RawType,
} from './dbc.js';

/**
 * What statements fill while files are read. Sections may come in any order, so whatever refers to a message or a
 * signal is kept as a reference and resolved at the end (see dbc-assemble.ts). A `line` here counts through all files
 * read into the draft, imported ones first; `sources` says which file it lies in.
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
  senders: readonly string[];
  readonly groups: DbcSignalGroup[];
  comment: string;
  readonly attributes: Map<string, AttributeValue>;
}

/** What a `CM_` or `BA_` line points at. */
export type Target =
  | { readonly kind: 'network' }
  | { readonly kind: 'message'; readonly key: number }
  | { readonly kind: 'signal'; readonly key: number; readonly signal: string }
  | { readonly kind: 'node'; readonly name: string }
  | { readonly kind: 'environment'; readonly name: string };

/** Something said about a message elsewhere in the file. */
export interface MessageReference<T> {
  readonly line: number;
  readonly key: number;
  readonly value: T;
}

/** Something said about a signal elsewhere in the file. */
export interface SignalReference<T> extends MessageReference<T> {
  readonly signal: string;
}

export type EnvironmentDraft = Omit<
  DbcEnvironmentVariable,
  'dataBytes' | 'values' | 'comment' | 'attributes'
>;

export interface DefaultDraft {
  readonly line: number;
  readonly value: AttributeValue;
}

export interface DatabaseDraft {
  /** The file that was asked for. */
  readonly file: string;
  /** Files read so far with the line their first line counts as; ascending. */
  readonly sources: { readonly file: string; readonly firstLine: number }[];
  readonly problems: { readonly severity: DbcProblem['severity']; readonly line: number; message: string }[];
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
  readonly senders: MessageReference<readonly string[]>[];
  readonly groups: MessageReference<DbcSignalGroup>[];
  readonly comments: { readonly line: number; readonly target: Target; readonly text: string }[];
  readonly attributes: {
    readonly line: number;
    readonly target: Target;
    readonly name: string;
    readonly value: AttributeValue;
  }[];
  readonly attributeDefinitions: Map<string, DbcAttributeDefinition>;
  readonly attributeDefaults: Map<string, DefaultDraft>;
  readonly relationDefinitions: Map<string, DbcAttributeDefinition>;
  readonly relationDefaults: Map<string, DefaultDraft>;
  readonly relations: { readonly line: number; readonly relation: DbcRelation }[];
  readonly environment: Map<string, EnvironmentDraft>;
  readonly environmentBytes: Map<string, number>;
  readonly environmentValues: Map<string, ReadonlyMap<bigint, string>>;
  bitTiming: readonly number[] | undefined;
}

export function emptyDraft(file: string): DatabaseDraft {
  return {
    file,
    sources: [],
    problems: [],
    version: '',
    nodes: [],
    messages: [],
    openMessage: 'none',
    valueTables: new Map(),
    signalValues: [],
    signalTypes: [],
    selectors: [],
    senders: [],
    groups: [],
    comments: [],
    attributes: [],
    attributeDefinitions: new Map(),
    attributeDefaults: new Map(),
    relationDefinitions: new Map(),
    relationDefaults: new Map(),
    relations: [],
    environment: new Map(),
    environmentBytes: new Map(),
    environmentValues: new Map(),
    bitTiming: undefined,
  };
}

export function report(
  draft: DatabaseDraft,
  severity: DbcProblem['severity'],
  line: number,
  message: string,
): void {
  draft.problems.push({ severity, line, message });
}

/** File and line in it of a line of the draft. */
export function placeOf(draft: DatabaseDraft, line: number): { file: string; line: number } {
  const source = draft.sources.findLast(({ firstLine }) => firstLine <= line);
  if (source === undefined) return { file: draft.file, line };
  return { file: source.file, line: line - source.firstLine + 1 };
}

/** `line 3`, or `line 3 of other.dbc` when that is not the file that `from` lies in. */
export function lineText(draft: DatabaseDraft, line: number, from: number): string {
  const place = placeOf(draft, line);
  const other = place.file !== placeOf(draft, from).file;
  return `line ${place.line}${other ? ` of ${place.file}` : ''}`;
}
