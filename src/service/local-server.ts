import { chmodSync, existsSync, rmSync } from 'node:fs';
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { messageOf, VigilError } from '../runtime/errors.js';

/** Where only this machine can ask: a Unix socket, or a port of the loopback. */
export type LocalAddress =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'loopback'; readonly host: string; readonly port: number };

export interface LocalAnswer {
  readonly type: 'application/json' | 'text/plain; version=0.0.4';
  readonly body: string;
}

/** `GET /status` and the like; what is not here is answered with 404. */
export type LocalRoutes = Readonly<Record<string, () => Promise<LocalAnswer>>>;

/** @param address `unix:/path`, or `http://127.0.0.1:port` */
export function parseLocalAddress(address: string): LocalAddress {
  if (address.startsWith('unix:')) return { kind: 'unix', path: address.slice('unix:'.length) };
  const { hostname, port } = new URL(address);
  return { kind: 'loopback', host: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port) };
}

/** A small HTTP server that only this machine reaches. A Unix socket is for its owner and group alone. */
export class LocalServer {
  readonly #server: Server;

  private constructor(
    private readonly address: LocalAddress,
    routes: LocalRoutes,
  ) {
    this.#server = createServer((asked, answer) => void serve(routes, asked, answer));
    this.#server.unref();
  }

  /** @throws VigilError `ADDRESS_IN_USE`, `LISTEN_FAILED` */
  static async listen(address: LocalAddress, routes: LocalRoutes): Promise<LocalServer> {
    if (address.kind === 'unix') await removeStale(address.path);
    const server = new LocalServer(address, routes);
    await server.#listen();
    return server;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #listen(): Promise<void> {
    const { address } = this;
    try {
      await new Promise<void>((resolve, reject) => {
        this.#server.once('error', reject);
        const ready = (): void => resolve();
        if (address.kind === 'unix') this.#server.listen(address.path, ready);
        else this.#server.listen(address.port, address.host, ready);
      });
    } catch (error) {
      throw new VigilError(
        'LISTEN_FAILED',
        `Expected to listen at ${shown(address)} but: ${messageOf(error)}.`,
        'Check that the folder exists and may be written to, or that nobody else uses the port.',
      );
    }
    if (address.kind === 'unix') chmodSync(address.path, 0o660);
  }
}

/** Asks a server on a Unix socket. @throws VigilError `SERVICE_NOT_RUNNING`, `SERVICE_REFUSED` */
export async function askLocal(path: string, what: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath: path, path: what, timeout: 5000 }, (answer) => {
      let body = '';
      answer.setEncoding('utf8');
      answer.on('data', (text: string) => (body += text));
      answer.once('end', () => {
        if (answer.statusCode === 200) resolve(body);
        else reject(new VigilError('SERVICE_REFUSED', `Expected an answer to ${what} but: ${body.trim()}`));
      });
    });
    asked.once('timeout', () => asked.destroy(new Error('no answer within 5 s')));
    asked.once('error', (error) => {
      reject(
        new VigilError(
          'SERVICE_NOT_RUNNING',
          `Expected the service to answer at ${path} but: ${error.message}.`,
          'Is it running (systemctl status vigil), and is this its controlSocket?',
        ),
      );
    });
    asked.end();
  });
}

/** What a killed service left behind; a socket that somebody answers is not ours to take. */
async function removeStale(path: string): Promise<void> {
  if (!existsSync(path)) return;
  const isAlive = await new Promise<boolean>((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
  if (isAlive) {
    throw new VigilError(
      'ADDRESS_IN_USE',
      `Expected ${path} to be free but somebody listens there.`,
      'Another Vigil with this controlSocket is running; give one of them another.',
    );
  }
  rmSync(path);
}

async function serve(routes: LocalRoutes, asked: IncomingMessage, answer: ServerResponse): Promise<void> {
  const route = asked.method === 'GET' ? routes[asked.url ?? ''] : undefined;
  if (route === undefined) {
    answer.writeHead(404, { 'content-type': 'text/plain' });
    answer.end(`known are ${Object.keys(routes).join(', ')}\n`);
    return;
  }
  try {
    const { type, body } = await route();
    answer.writeHead(200, { 'content-type': type });
    answer.end(body);
  } catch (error) {
    answer.writeHead(500, { 'content-type': 'text/plain' });
    answer.end(`${messageOf(error)}\n`);
  }
}

function shown(address: LocalAddress): string {
  return address.kind === 'unix' ? address.path : `http://${address.host}:${address.port}`;
}
