import { VigilError, messageOf } from '../../src/runtime/errors.js';
import type { ReplayBatch, ReplayReport, ReplayStart } from './report.js';

/** From the driver's thread. */
export type FromWorker =
  | { readonly kind: 'start'; readonly start: ReplayStart }
  | { readonly kind: 'batch'; readonly batch: ReplayBatch }
  | { readonly kind: 'done'; readonly report: ReplayReport }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };

/** To the driver's thread: a batch was used up; stop in good order. */
export type ToWorker = { readonly kind: 'used' } | { readonly kind: 'stop' };

/** Errors lose their class when they cross threads. */
export function toFailure(error: unknown): FromWorker {
  return {
    kind: 'failed',
    code: error instanceof VigilError ? error.code : 'REPLAY_FAILED',
    message:
      error instanceof VigilError || !(error instanceof Error)
        ? messageOf(error)
        : (error.stack ?? error.message),
  };
}
