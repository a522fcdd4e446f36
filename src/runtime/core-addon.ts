import { loadAddon } from './native.js';

/** What native/core/addon.cc exports. Nothing else may load core.node. */
export interface CoreAddon {
  OnnxSession: new (
    libraryPath: string,
    modelPath: string,
    threads: number,
    warmUpRuns: number,
  ) => {
    inputs(): TensorInfo[];
    outputs(): TensorInfo[];
    runtimeVersion(): string;
    run(inputs: Uint8Array[], outputs: Uint8Array[]): void;
  };
  Histogram: new () => { record(milliseconds: number): void; read(): LatencySnapshot };
  ZstdStream: new () => {
    /** progress: bytes consumed, bytes produced, 1 between two frames. */
    decompress(input: Uint8Array, start: number, output: Uint8Array, progress: Uint32Array): void;
  };
  Heartbeat: new (
    periodMs: number,
    limitMs: number,
    watchdogPath: string,
    watchdogEvery: number,
    unitPath: string,
  ) => {
    alive(): void;
    counters(): { beats: number; missed: number; stalls: number; unsent: number; ageMs: number };
    close(): void;
  };
  sendDatagram(path: string, text: string): void;
  zstdCompress(data: Uint8Array, level: number): Uint8Array;
  zstdDecompress(data: Uint8Array, size: number): Uint8Array;
}

export interface TensorInfo {
  readonly name: string;
  readonly type: 'float32' | 'float64' | 'int64' | 'int32' | 'int8' | 'uint8' | 'bool';
  readonly shape: readonly number[];
}

/** Percentiles are upper bounds of their bucket: at most 1.6 % above the true value, never below it. */
export interface LatencySnapshot {
  readonly count: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
  readonly meanMs: number;
}

let addon: CoreAddon | undefined;

export function coreAddon(): CoreAddon {
  addon ??= loadAddon('core') as CoreAddon;
  return addon;
}
