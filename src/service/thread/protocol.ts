import type { MessagePort } from 'node:worker_threads';
import type { Failure } from './failure.js';

/** To a part of the service that runs in a thread of its own. `Command` is plain data. */
export type ToThread<Command> =
  | { readonly kind: 'command'; readonly command: Command }
  | { readonly kind: 'ask'; readonly id: number; readonly command: Command }
  /** Another store to be tied to the part's; it provides what is below `branch`. */
  | {
      readonly kind: 'link';
      readonly name: string;
      readonly port: MessagePort;
      readonly branch: string | null;
    }
  | { readonly kind: 'close' };

/** From it. */
export type FromThread<Event> =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | { readonly kind: 'events'; readonly events: readonly Event[] }
  /** Something went wrong that it survives. */
  | { readonly kind: 'error'; readonly failure: Failure; readonly where: string }
  | {
      readonly kind: 'answer';
      readonly id: number;
      readonly value: unknown;
      readonly failure: Failure | null;
    };
