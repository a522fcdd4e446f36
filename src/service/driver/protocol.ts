import type { MessagePort } from 'node:worker_threads';
import type { GraphOutput } from '../../fusion.js';
import type { HeartbeatOptions } from '../../runtime/heartbeat.js';
import type { VigilConfig } from '../config/schema.js';
import type { Failure } from '../failure.js';
import type { DriverStatus } from './status.js';

/** What the driver's thread is started with. */
export interface DriverWorkerData {
  readonly config: VigilConfig;
  readonly heartbeat: HeartbeatOptions;
}

export type ToDriver =
  /** Another store to be tied to this one; it provides what is below `branch`. */
  | {
      readonly kind: 'link';
      readonly name: string;
      readonly port: MessagePort;
      readonly branch: string | null;
    }
  | { readonly kind: 'acknowledge' }
  | { readonly kind: 'policies'; readonly id: number; readonly names: readonly string[] }
  | { readonly kind: 'status'; readonly id: number }
  | { readonly kind: 'close' };

export type FromDriver =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | { readonly kind: 'outputs'; readonly outputs: readonly GraphOutput[] }
  | { readonly kind: 'error'; readonly failure: Failure; readonly where: string }
  | { readonly kind: 'status'; readonly id: number; readonly status: DriverStatus }
  | { readonly kind: 'policies'; readonly id: number; readonly failure: Failure | null };
