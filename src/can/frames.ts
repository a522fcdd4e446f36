/**
 * A batch of CAN frames as columns; row i of every column is frame i. This is what crosses between threads,
 * into the decoder and into a recording: never one object per frame.
 */
export interface CanFrames {
  readonly count: number;
  /** Milliseconds on the drive's clock (for a log: as stamped, in ms). */
  readonly t: Float64Array;
  /** Identifier without flags: 11 or 29 bits. */
  readonly id: Uint32Array;
  /** Bits of `FrameFlag`. */
  readonly flags: Uint8Array;
  /** Channel number, 0 for `can0`. */
  readonly channel: Uint8Array;
  /** Payload bytes of each frame, 0 to 64. */
  readonly length: Uint8Array;
  /** Start of each frame's payload in `data`. */
  readonly offset: Uint32Array;
  /** Payloads, one after the other. */
  readonly data: Uint8Array;
}

export const FrameFlag = {
  extended: 1,
  remote: 2,
  error: 4,
  fd: 8,
  bitRateSwitch: 16,
  errorStateIndicator: 32,
  /** Sent by us rather than received. */
  transmitted: 64,
} as const;
