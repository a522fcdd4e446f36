import type { CanFrames } from '../../src/can/frames.js';
import type { OutputTypeName } from './schemas.js';

/**
 * What goes into a recording and comes out of it. `t` is ms on the drive's clock and is the message's place in
 * the recording: no message holds anything from after its `t`, so that a replay in this order is causal.
 */

export interface CameraFrame {
  /** When the frame was taken. */
  readonly t: number;
  /** Running number given by the source. */
  readonly sequence: number;
  readonly format: 'jpeg';
  readonly data: Uint8Array;
}

export interface AudioBlock {
  /** When the block's last sample was taken: the block was complete then. */
  readonly t: number;
  readonly sampleRateHz: number;
  readonly channels: number;
  /** Interleaved 16-bit samples. */
  readonly samples: Int16Array;
}

export interface Output {
  readonly t: number;
  readonly topic: string;
  readonly typeName: OutputTypeName;
  /** Plain object with the fields of `typeName` in signals/proto, in camelCase. */
  readonly message: object;
}

export interface RecordedCamera extends CameraFrame {
  readonly kind: 'camera';
}

export interface RecordedAudio extends AudioBlock {
  readonly kind: 'audio';
}

export interface RecordedCan {
  readonly kind: 'can';
  /** Stamp of the batch's last frame. */
  readonly t: number;
  readonly frames: CanFrames;
}

/** Anything on another topic; `Recording.decode` turns `data` into an object. */
export interface RecordedOutput {
  readonly kind: 'output';
  readonly t: number;
  readonly topic: string;
  /** Full name of the protobuf message. */
  readonly typeName: string;
  readonly data: Uint8Array;
}

export type RecordedMessage = RecordedCamera | RecordedAudio | RecordedCan | RecordedOutput;

/** The topics of the inputs; outputs are named by who writes them. */
export const topics = { camera: 'camera', audio: 'audio', can: 'can' } as const;

/** Start of an audio block's first sample, ms. */
export function audioStart(block: AudioBlock): number {
  return block.t - (block.samples.length / block.channels / block.sampleRateHz) * 1000;
}
