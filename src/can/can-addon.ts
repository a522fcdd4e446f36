import { loadAddon } from '../runtime/native.js';

/** What native/can/addon.cc exports; arguments are described there. Nothing but this folder uses it. */
export interface NativeDecodePlan {
  decode(
    count: number,
    t: Float64Array,
    id: Uint32Array,
    flags: Uint8Array,
    channel: Uint8Array,
    length: Uint8Array,
    offset: Uint32Array,
    data: Uint8Array,
    rows: Uint32Array,
    truncated: Uint32Array,
    passed: Uint32Array,
    times?: Float64Array,
    values?: Float64Array,
  ): [times: Float64Array, values: Float64Array];
  latest(
    count: number,
    t: Float64Array,
    id: Uint32Array,
    flags: Uint8Array,
    channel: Uint8Array,
    length: Uint8Array,
    offset: Uint32Array,
    data: Uint8Array,
    seen: Uint32Array,
    truncated: Uint32Array,
    passed: Uint32Array,
    times: Float64Array,
    values: Float64Array,
    verdicts?: Uint8Array,
  ): void;
}

export interface NativeCandumpSummary {
  readonly lines: number;
  readonly malformed: number;
  readonly endsMidLine: boolean;
  readonly problems: readonly { readonly line: number; readonly message: string; readonly text: string }[];
  readonly channels: readonly { readonly channel: number; readonly name: string }[];
}

/** The columns that every native log parser appends frames to, and how far it came; see native/can/addon_columns.h. */
export type ColumnArguments = readonly [
  t: Float64Array,
  id: Uint32Array,
  flags: Uint8Array,
  channel: Uint8Array,
  length: Uint8Array,
  offset: Uint32Array,
  data: Uint8Array,
  progress: Uint32Array,
];

export interface NativeCandumpParser {
  parse(text: Uint8Array, start: number, end: number, last: boolean, ...columns: ColumnArguments): void;
  summary(): NativeCandumpSummary;
}

/** See native/can/addon_blf.cc. */
export interface NativeBlfParser {
  parse(bytes: Uint8Array, start: number, end: number, place: number, ...columns: ColumnArguments): void;
  resynchronise(): void;
  summary(): {
    readonly damaged: number;
    readonly requests: number;
    readonly problems: readonly { readonly place: number; readonly text: string }[];
    readonly skipped: readonly { readonly type: number; readonly count: number }[];
  };
}

export interface NativeValidityPlan {
  check(
    count: number,
    t: Float64Array,
    id: Uint32Array,
    flags: Uint8Array,
    channel: Uint8Array,
    length: Uint8Array,
    offset: Uint32Array,
    data: Uint8Array,
    verdicts: Uint8Array,
    rows?: Uint8Array,
    counts?: Uint32Array,
  ): void;
  protect(message: number, payload: Uint8Array, counter: number): void;
  reset(): void;
}

/** See native/can/addon_mf4.cc. */
export interface NativeMf4Records {
  parse(bytes: Uint8Array, start: number, end: number, last: boolean, ...columns: ColumnArguments): void;
  append(sequence: number, bytes: Uint8Array, last: boolean): void;
  summary(): {
    readonly damaged: number;
    readonly broken: boolean;
    readonly problems: readonly { readonly record: number; readonly text: string }[];
    readonly counts: readonly number[];
  };
}

export interface NativeMf4RecordsClass {
  new (groups: Float64Array, recordIdBytes: number, sequences: number, inOrder: boolean): NativeMf4Records;
  untranspose(transposed: Uint8Array, columns: number, out: Uint8Array): void;
}

export interface CanAddon {
  readonly DecodePlan: new (
    key: Uint32Array,
    messageBytes: Uint16Array,
    signalStart: Uint32Array,
    firstBit: Uint16Array,
    bitLength: Uint8Array,
    kind: Uint8Array,
    factor: Float64Array,
    offset: Float64Array,
    switchIndex: Int32Array,
    rangeStart: Uint32Array,
    rangeLow: BigInt64Array,
    rangeHigh: BigInt64Array,
    channel: number,
  ) => NativeDecodePlan;
  readonly CandumpParser: new (epochSeconds?: number, deltas?: boolean) => NativeCandumpParser;
  readonly ValidityPlan: new (
    key: Uint32Array,
    rules: Uint32Array,
    resyncMs: Float64Array,
    lists: Uint8Array,
    channel: number,
  ) => NativeValidityPlan;
  readonly BlfParser: new () => NativeBlfParser;
  readonly Mf4Records: NativeMf4RecordsClass;
}

let loaded: CanAddon | undefined;

/** @throws VigilError `NATIVE_NOT_BUILT` or `NATIVE_LOAD_FAILED` */
export function canAddon(): CanAddon {
  loaded ??= loadAddon('can') as CanAddon;
  return loaded;
}
