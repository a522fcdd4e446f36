import type { Observable } from 'rxjs';
import type { CanFrames } from '../frames.js';

/** One frame to send. */
export interface CanFrame {
  /** 11 or 29 bits. */
  readonly id: number;
  /** Bits of `FrameFlag`: `extended`, `remote`, `fd`, `bitRateSwitch`, `errorStateIndicator`. */
  readonly flags: number;
  /** 0 to 8 bytes, 64 for CAN FD. Of a remote frame only the length counts. */
  readonly data: Uint8Array;
}

/** Fault confinement state of the controller (ISO 11898-1). */
export type ControllerState = 'active' | 'warning' | 'passive';

export type BusState =
  | { readonly kind: 'up'; readonly controller: ControllerState }
  /** Nothing was received for the time after which a bus counts as silent. */
  | { readonly kind: 'silent'; readonly controller: ControllerState }
  /** The controller took itself off the bus: nothing is received or sent. */
  | { readonly kind: 'bus-off' }
  /** Will come back by itself: the interface or the connection is looked for again. */
  | {
      readonly kind: 'down';
      readonly reason: 'interface-down' | 'interface-missing' | 'connection-lost';
    }
  | { readonly kind: 'closed' };

export interface BusCounters {
  /** Frames received that the filter lets through. */
  readonly received: number;
  /** Frames received and filtered in this process; what the kernel filters is not counted. */
  readonly filtered: number;
  /** Received frames that were pushed out because JavaScript did not take them in time. */
  readonly dropped: number;
  /** Frames that the kernel had no buffer for. */
  readonly kernelDropped: number;
  /** What was received and is no frame. */
  readonly malformed: number;
  readonly errorFrames: number;
  readonly busOffs: number;
  /** How often interface or connection went away. */
  readonly linkDowns: number;
  /** Since the newest frame; -1 before the first. */
  readonly lastRxAgeMs: number;
}

/** A message that is sent at absolute deadlines: start + n * period, so that lateness does not add up. */
export interface CyclicMessage {
  readonly id: number;
  readonly flags: number;
  /** One or more payloads of the same length, sent in turn: counters and checksums need no call a frame. */
  readonly payloads: readonly Uint8Array[];
  readonly periodMs: number;
  /** Ends by itself after so many frames; absent: until stopped. */
  readonly count?: number;
}

export interface CyclicCounters {
  readonly sent: number;
  /** Frames that could not be handed over; the next deadline stays. */
  readonly failed: number;
  /** Sent more than 1 ms after the deadline. */
  readonly late: number;
  /** Deadlines more than a period behind, not made up for. */
  readonly skipped: number;
  readonly maxLateMs: number;
  /** What the newest failure was; empty when there was none. */
  readonly lastError: string;
}

export interface CyclicSend {
  counters(): CyclicCounters;
  /**
   * New payloads from the next deadline on, the first of them first.
   * @throws VigilError `INVALID_ARGUMENT` when a length differs
   */
  update(payloads: readonly Uint8Array[]): void;
  /** No frame follows. Idempotent. */
  stop(): void;
  /** The final counters, when the count was reached, or after `stop` or the bus's `close`. */
  readonly done: Promise<CyclicCounters>;
}

/** A live CAN bus, whatever carries it. Times of frames are milliseconds on the clock given at opening. */
export interface CanBus {
  /** As `openBus` takes it, for example `socketcan:can0`. */
  readonly address: string;
  /** Batches at most every 10 ms; our own frames carry `FrameFlag.transmitted`. Completes when the bus closes. */
  readonly frames$: Observable<CanFrames>;
  /** The state now, and every change. Completes after `closed`. */
  readonly state$: Observable<BusState>;
  counters(): BusCounters;
  /**
   * Receive only these identifiers (keys as of `planKey`: J1939's by parameter group); all when absent. Error frames always come. The
   * kernel filters where it can: other traffic then costs nothing here.
   */
  setFilter(keys?: readonly number[]): void;
  /**
   * Resolves when the frame was handed over; that says nothing about its acknowledgement on the bus.
   * @throws VigilError `CAN_SEND_QUEUE_FULL`, `CAN_BUS_DOWN`, `CAN_BUS_CLOSED`, `CAN_FRAME_INVALID`, `CAN_SEND_FAILED`
   */
  send(frame: CanFrame): Promise<void>;
  /** @throws VigilError `INVALID_ARGUMENT`, `CAN_FRAME_INVALID`, `CAN_BUS_CLOSED` */
  startCyclic(message: CyclicMessage): CyclicSend;
  /** Idempotent. */
  close(): Promise<void>;
}

export interface BusOptions {
  /** Channel number of the received frames. Default 0. */
  readonly channel?: number;
  /** After so long without a frame the bus counts as silent. Default 1000. */
  readonly silentAfterMs?: number;
  /** Frames sent here appear among the received ones, marked as transmitted. Default true. */
  readonly receiveOwn?: boolean;
}
