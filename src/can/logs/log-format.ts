import type { CanFrames } from '../frames.js';

/**
 * One log format: one file in this folder exports one of these, and `registry.ts` lists them. A format never looks
 * at a file's name to know what it is; it looks at its first bytes.
 */
export interface LogFormat {
  /** Short lower-case name, for example `blf`; what `vigil convert --to` takes. */
  readonly name: string;
  /** For people: "Vector binary logging format". */
  readonly title: string;
  /** Without the dot; used to choose a format for writing. */
  readonly extensions: readonly string[];
  /** How sure it is, 0 (no) to 1 (a magic number), from the first bytes of the decompressed file. */
  sniff(head: Uint8Array): number;
  /** Absent where we can't read it. */
  open?(source: LogSource, options: LogReadOptions): Promise<CanLog>;
  /** Absent where we can't write it. */
  create?(sink: LogSink, header: LogHeader): Promise<LogWriter>;
}

/** A file to read. Compressed ones (gzip, zstd) are decompressed on the way. */
export interface LogSource {
  readonly path: string;
  /** The first bytes, decompressed; at most 64 KiB. */
  readonly head: Uint8Array;
  /** All bytes from the start, decompressed, in pieces of about a megabyte. A piece may be overwritten by the next. */
  stream(): AsyncIterable<Uint8Array>;
  /**
   * What is wrong with the compression, known once a `stream()` has ended or `randomAccess()` has unpacked: the bytes
   * end early then. The registry adds it to the log's summary; a format need not look.
   */
  readonly damage?: string | null;
  /** Size of the file as it lies on the disk, and how much of it `stream()` has read so far; for showing progress. */
  readonly fileBytes?: number;
  readonly bytesRead?: number;
  /** Bytes at any place, for formats that need to seek; a compressed file is unpacked to a temporary one for it. */
  randomAccess(): Promise<RandomAccess>;
}

export interface RandomAccess {
  readonly size: number;
  /** Exactly `length` bytes, or fewer at the end of the file. */
  read(position: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

export interface LogSink {
  write(bytes: Uint8Array): Promise<void>;
  /** Overwrites bytes already written (headers with counts); undefined where the sink is compressed or a pipe. */
  patch?(position: number, bytes: Uint8Array): Promise<void>;
}

export interface LogReadOptions {
  /** Frames per batch, at most. Default 4096. */
  readonly batchFrames?: number;
}

export interface LogHeader {
  /**
   * Nanoseconds since 1970 (UTC) of the log's time 0; null when the log says only relative times. Frame times are
   * milliseconds from there, which keeps nanoseconds exact in a double for about 25 days (epoch milliseconds would
   * not).
   */
  readonly startNs: bigint | null;
  /** Name of each channel number where the format has names, for example `can0`. */
  readonly channelNames: readonly string[];
}

/** An open log: batches in file order, bounded memory however long it is. Iterate once. */
export interface CanLog extends AsyncIterable<CanFrames> {
  readonly header: LogHeader;
  /** Counts so far; final when the iteration has ended. */
  readonly summary: LogSummary;
}

export interface LogSummary {
  readonly frames: number;
  /** Records that are no CAN frames (markers, other buses), by kind. */
  readonly skipped: Readonly<Record<string, number>>;
  /** Lines or objects that could not be read. */
  readonly damaged: number;
  /** The first 20 of them. */
  readonly problems: readonly LogProblem[];
  /** The file ends in the middle of something; what is whole was read. */
  readonly cutOff: boolean;
  /** What a reader of the frames should know, though nothing was lost: "no time stamps". */
  readonly notes?: readonly string[];
}

export interface LogProblem {
  /** "line 12" or "byte 4096". */
  readonly place: string;
  /** What was expected and what came. */
  readonly text: string;
}

export interface LogWriter {
  /** Times are ms from `header.startNs`. */
  write(frames: CanFrames): Promise<void>;
  /** Ends the log; the sink stays open. */
  close(): Promise<void>;
  /** Frames left out because the format can't hold them, by kind: "error frame". */
  readonly leftOut?: Readonly<Record<string, number>>;
  /** Frames written with less than they held, by what is gone: "direction", "time below 1 us". */
  readonly reduced?: Readonly<Record<string, number>>;
}
