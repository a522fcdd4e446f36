import type { CanFrames } from '../../src/can/frames.js';
import { VigilError } from '../../src/runtime/errors.js';
import type { AudioBlock, CameraFrame, Output } from './message.js';
import type { MessageCounts, RecordingHeader, WriterOptions } from './writer.js';

/** What the recorder's worker is sent and what it answers. Only plain data crosses. */

export type RecorderInput =
  | ({ readonly kind: 'camera' } & CameraFrame)
  | ({ readonly kind: 'audio' } & AudioBlock)
  | { readonly kind: 'can'; readonly frames: CanFrames }
  | ({ readonly kind: 'output' } & Output);

export type InputKind = RecorderInput['kind'];

export type ToWorker =
  | {
      readonly type: 'open';
      readonly path: string;
      readonly header: RecordingHeader;
      readonly options: WriterOptions;
    }
  | { readonly type: 'write'; readonly input: RecorderInput; readonly bytes: number }
  | { readonly type: 'close'; readonly counters: Readonly<Record<string, number>> };

/** A VigilError on its way between threads. */
export interface ErrorRecord {
  readonly code: string;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
}

export type FromWorker =
  | { readonly type: 'opened' }
  /** One input is done with; `error` says that it did not fit and was left out. */
  | { readonly type: 'done'; readonly bytes: number; readonly error: ErrorRecord | null }
  | { readonly type: 'closed'; readonly counts: MessageCounts }
  /** Nothing more will be written. */
  | { readonly type: 'failed'; readonly error: ErrorRecord };

export function errorRecord(error: unknown): ErrorRecord {
  if (error instanceof VigilError)
    return { code: error.code, message: error.message, details: error.details };
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: 'RECORDER_FAILED', message: `The recorder's worker failed: ${message}`, details: {} };
}

export function errorFromRecord({ code, message, details }: ErrorRecord): VigilError {
  return new VigilError(code, message, '', details);
}
