import { rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import type { SocketEndpoint } from '../../src/runtime/sources/endpoint.js';

/** A reader this far behind loses what follows, bytes: a real device does not wait either. */
const longestBacklog = 4 * 1024 * 1024;

/** Sends the same to everybody who is connected; whoever does not keep up loses pieces. */
export class SocketServer {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #skipped = 0;

  private constructor(private readonly endpoint: SocketEndpoint) {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.resume();
      socket.on('error', () => socket.destroy());
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  static async listen(endpoint: SocketEndpoint): Promise<SocketServer> {
    const server = new SocketServer(endpoint);
    await server.#listen();
    return server;
  }

  /** Where it listens; with port 0 the one that was given. */
  get address(): string {
    const bound = this.#server.address();
    if (bound === null || typeof bound === 'string') return `unix:${bound ?? ''}`;
    return `tcp://127.0.0.1:${bound.port}`;
  }

  get connected(): number {
    return this.#sockets.size;
  }

  /** Pieces that somebody did not get. */
  get skipped(): number {
    return this.#skipped;
  }

  send(bytes: Uint8Array | string): void {
    for (const socket of this.#sockets) {
      if (socket.writableLength > longestBacklog) this.#skipped += 1;
      else socket.write(bytes);
    }
  }

  /** As a cable that is pulled. */
  disconnect(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.disconnect();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #listen(): Promise<void> {
    const { endpoint } = this;
    if (endpoint.kind === 'unix') rmSync(endpoint.path, { force: true });
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      const ready = (): void => resolve();
      if (endpoint.kind === 'unix') this.#server.listen(endpoint.path, ready);
      else this.#server.listen(endpoint.port, endpoint.host, ready);
    });
  }
}
