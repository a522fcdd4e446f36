import { loadAddon } from '../../runtime/native.js';

export interface NativeLiveOptions {
  readonly interface?: string;
  readonly descriptor?: number;
  readonly receiveOwn?: boolean;
  readonly ringFrames: number;
  readonly wakePeriodMs?: number;
  readonly silentAfterMs?: number;
  readonly channel: number;
  readonly clockOffsetMs: number;
  readonly fifoPriority?: number;
}

/** `state`: link | controller << 4 | silent << 8; the columns are absent when only the state changed. */
export type NativeOnWake = (
  state: number,
  t?: Float64Array,
  id?: Uint32Array,
  flags?: Uint8Array,
  channel?: Uint8Array,
  length?: Uint8Array,
  offset?: Uint32Array,
  data?: Uint8Array,
) => void;

export interface NativeLiveCounters {
  readonly received: number;
  readonly filtered: number;
  readonly dropped: number;
  readonly kernelDropped: number;
  readonly malformed: number;
  readonly errorFrames: number;
  readonly busOffs: number;
  readonly linkDowns: number;
  readonly reopened: number;
  readonly hardwareStamped: number;
  readonly softwareStamped: number;
  readonly reads: number;
  readonly wakeUps: number;
  readonly lastRxAgeMs: number;
}

export interface NativeCyclicCounters {
  readonly sent: number;
  readonly failed: number;
  readonly late: number;
  readonly skipped: number;
  readonly maxLateMs: number;
  readonly finished: boolean;
  readonly lastError: string;
}

/** What native/can/addon_live.cc exports. */
export interface NativeLiveCan {
  send(id: number, flags: number, data: Uint8Array): void;
  setFilter(keys?: Uint32Array): void;
  counters(): NativeLiveCounters;
  startCyclic(
    id: number,
    flags: number,
    length: number,
    payloads: Uint8Array,
    periodMs: number,
    count: number,
  ): number;
  updateCyclic(handle: number, payloads: Uint8Array): boolean;
  stopCyclic(handle: number): boolean;
  cyclicCounters(handle: number): NativeCyclicCounters | undefined;
  close(): void;
}

interface LiveAddon {
  readonly LiveCan: new (options: NativeLiveOptions, onWake: NativeOnWake) => NativeLiveCan;
  /** Two ends of a connection that carries a `struct canfd_frame` a datagram; the caller closes both. */
  createFrameChannel(): [number, number];
}

/** @throws VigilError `NATIVE_NOT_BUILT` or `NATIVE_LOAD_FAILED` */
export function liveAddon(): LiveAddon {
  return loadAddon('can') as LiveAddon;
}
