import type { Socket } from 'node:net';
import { BehaviorSubject, type Observable } from 'rxjs';
import type { Clock } from '../clock.js';
import { BackOff } from './back-off.js';
import { connectTo, type SocketEndpoint } from './endpoint.js';
import type { SourceState } from './source-state.js';

/** What reads a connection's bytes. Returning a text ends the connection with it as the reason. */
export interface SocketReader {
  /** A connection is there: whatever was half read of the last one is void. */
  begin(): void;
  /** @param arrivalMs on the clock given */
  read(bytes: Buffer, arrivalMs: number): string | undefined;
}

/** Without a byte for so long the other end counts as gone, ms. */
const silentAfterMs = 2000;

/**
 * Keeps a connection to a program that sends something: connects, reads, and connects anew with growing pauses when the
 * connection ends, stays silent or sends nonsense. It does not keep the process alive. Close it.
 */
export class SocketSource {
  readonly state$: Observable<SourceState>;
  readonly #state = new BehaviorSubject<SourceState>({ kind: 'starting' });
  readonly #backOff = new BackOff();
  #socket: Socket | undefined;
  #retry: NodeJS.Timeout | undefined;
  #upSinceMs: number | undefined;
  #lastError = '';

  constructor(
    private readonly endpoint: SocketEndpoint,
    private readonly reader: SocketReader,
    private readonly clock: Clock,
  ) {
    this.state$ = this.#state.asObservable();
    this.#connect();
  }

  get state(): SourceState {
    return this.#state.value;
  }

  /** Idempotent. */
  close(): void {
    if (this.#state.value.kind === 'closed') return;
    clearTimeout(this.#retry);
    this.#state.next({ kind: 'closed' });
    this.#state.complete();
    this.#socket?.destroy();
  }

  #connect(): void {
    const socket = connectTo(this.endpoint);
    this.#socket = socket;
    this.#upSinceMs = undefined;
    this.#lastError = 'the other end closed the connection';
    socket.unref();
    socket.setTimeout(silentAfterMs);
    socket.once('connect', () => this.reader.begin());
    socket.on('timeout', () => this.#end(socket, `nothing came for ${silentAfterMs / 1000} s`));
    socket.on('error', (error) => (this.#lastError = error.message));
    socket.on('data', (bytes: Buffer) => this.#take(socket, bytes));
    socket.once('close', () => this.#lost());
  }

  #take(socket: Socket, bytes: Buffer): void {
    if (socket.destroyed) return;
    const now = this.clock.now();
    const fault = this.reader.read(bytes, now);
    if (fault !== undefined) {
      this.#end(socket, fault);
      return;
    }
    if (this.#state.value.kind === 'up') return;
    this.#upSinceMs = now;
    this.#state.next({ kind: 'up' });
  }

  #end(socket: Socket, reason: string): void {
    this.#lastError = reason;
    socket.destroy();
  }

  #lost(): void {
    if (this.#state.value.kind === 'closed') return;
    const upMs = this.#upSinceMs === undefined ? 0 : this.clock.now() - this.#upSinceMs;
    this.#state.next({ kind: 'down', reason: this.#lastError });
    this.#retry = setTimeout(() => this.#connect(), this.#backOff.failed(upMs));
    this.#retry.unref();
  }
}
