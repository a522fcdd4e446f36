import type { CanFrame } from './can-bus.js';

export interface ReceivedFrame extends CanFrame {
  /** The other end's stamp in ms on a clock of its own; absent where the protocol has none. */
  readonly stampMs?: number;
}

/** What the text of the other end said. */
export type ProtocolEvent =
  | { readonly kind: 'frame'; readonly frame: ReceivedFrame }
  | { readonly kind: 'ready' }
  | { readonly kind: 'refused'; readonly text: string }
  | { readonly kind: 'malformed'; readonly text: string };

/**
 * A text protocol's side of one connection: a state machine without clock or socket. A new connection gets a new
 * one.
 */
export interface TextProtocol {
  /** What to send when the connection is there. */
  greeting(): string;
  /** Takes text as it comes, cut anywhere; `reply` sends. */
  feed(text: string, reply: (text: string) => void): ProtocolEvent[];
  /** @throws VigilError `CAN_FRAME_INVALID` for what the protocol cannot carry */
  encode(frame: CanFrame): string;
  /** What to send before the connection is closed. */
  farewell(): string;
}
