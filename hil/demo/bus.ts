import { randomUniform } from './noise.js';

/** When the demo vehicle's messages are on its bus. Milliseconds. */

export interface BusMessage {
  readonly id: number;
  /** Payload bytes. */
  readonly length: number;
  readonly periodMs: number;
}

export interface Transmission<M extends BusMessage> {
  /** End of the frame, as a receiver stamps it; whole microseconds. */
  readonly t: number;
  readonly message: M;
  /** How many of this message came before. */
  readonly count: number;
}

export interface BusOptions {
  readonly startMs: number;
  readonly durationMs: number;
  readonly seed: number;
  /** A sender wakes up within this share of its period around the nominal instant. */
  readonly jitterShare: number;
}

const bitsPerMs = 500;

/**
 * A classic frame on a 500 kbit/s bus: 47 bits around the payload, and one stuff bit in ten as an average (at
 * worst it is one in five).
 */
export function frameMs(payloadBytes: number): number {
  return (1.1 * (47 + 8 * payloadBytes)) / bitsPerMs;
}

interface Request<M> {
  readonly due: number;
  readonly message: M;
  readonly count: number;
}

/** Senders work by absolute deadlines: jitter never adds up. Each starts at its own phase. */
function requestsOf<M extends BusMessage>(message: M, index: number, options: BusOptions): Request<M>[] {
  const { startMs, durationMs, seed, jitterShare } = options;
  const { id, periodMs } = message;
  const uniform = randomUniform(Math.imul(seed, 0x9e3779b1) ^ id);
  const phase = (1 + 1.37 * index) % periodMs;
  const requests: Request<M>[] = [];
  for (let count = 0; phase + count * periodMs < durationMs - periodMs * jitterShare - 1; count++) {
    const jitter = (2 * uniform() - 1) * jitterShare * periodMs;
    requests.push({ due: startMs + phase + count * periodMs + jitter, message, count });
  }
  return requests;
}

/**
 * All frames of the drive, in order. One frame at a time is on the bus; when it gets free, the lowest identifier
 * among those waiting goes first.
 */
export function schedule<M extends BusMessage>(
  messages: readonly M[],
  options: BusOptions,
): Transmission<M>[] {
  const requests = messages
    .flatMap((message, index) => requestsOf(message, index, options))
    .sort((a, b) => a.due - b.due || a.message.id - b.message.id);
  const sent: Transmission<M>[] = [];
  const waiting: Request<M>[] = [];
  let free = -Infinity;
  for (let next = 0; next < requests.length || waiting.length > 0;) {
    if (waiting.length === 0) free = Math.max(free, requests[next].due);
    while (next < requests.length && requests[next].due <= free) waiting.push(requests[next++]);
    waiting.sort((a, b) => a.message.id - b.message.id || a.count - b.count);
    const [{ message, count }] = waiting.splice(0, 1);
    free += frameMs(message.length);
    sent.push({ t: Math.round(free * 1000) / 1000, message, count });
  }
  return sent;
}
