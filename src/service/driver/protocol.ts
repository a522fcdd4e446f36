import type { GraphOutput } from '../../fusion.js';
import type { HeartbeatOptions } from '../../runtime/heartbeat.js';
import type { VigilConfig } from '../config/schema.js';

/** What the driver's thread is started with. */
export interface DriverData {
  readonly config: VigilConfig;
  readonly heartbeat: HeartbeatOptions;
}

export type DriverCommand =
  | { readonly kind: 'acknowledge' }
  | { readonly kind: 'policies'; readonly names: readonly string[] }
  /** Answered by a `DriverStatus`. */
  | { readonly kind: 'status' };

export type DriverEvent = GraphOutput;
