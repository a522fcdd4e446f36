import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A bus in a box: whoever is connected receives what the others send. The far end of our clients in tests. */
export interface Hub {
  readonly port: number;
  /** What clients sent, as text, in order. */
  readonly received: string[];
  /** Sends text to every client that has finished its handshake. */
  broadcast(text: string): void;
  dropClients(): void;
  close(): Promise<void>;
}

interface Client {
  readonly socket: Socket;
  raw: boolean;
}

async function listen(server: Server, at: { port: number; host: string } | { path: string }): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(at, resolve);
  });
}

function hub(server: Server, clients: Set<Client>, received: string[]): Hub {
  const address = server.address() as AddressInfo | string;
  return {
    port: typeof address === 'string' ? 0 : address.port,
    received,
    broadcast: (text) => {
      for (const { socket, raw } of clients) if (raw) socket.write(text, 'latin1');
    },
    dropClients: () => {
      for (const { socket } of clients) socket.destroy();
    },
    close: () =>
      new Promise((resolve) => {
        for (const { socket } of clients) socket.destroy();
        server.close(() => {
          resolve();
        });
      }),
  };
}

/** Serves the raw mode of the socketcand protocol for the interface `vcan0` on a port of its own. */
export async function socketcandHub(port = 0): Promise<Hub> {
  const clients = new Set<Client>();
  const received: string[] = [];
  let stampMicros = 1_700_000_000_000_000;
  const server = createServer((socket) => {
    const client: Client = { socket, raw: false };
    clients.add(client);
    socket.setEncoding('latin1');
    socket.on('error', () => undefined);
    socket.on('close', () => clients.delete(client));
    socket.write('< hi >');
    let rest = '';
    socket.on('data', (text: string) => {
      rest += text;
      for (let end = rest.indexOf('>'); end >= 0; end = rest.indexOf('>')) {
        const element = rest.slice(0, end + 1).trim();
        rest = rest.slice(end + 1);
        received.push(element);
        const [, word, ...operands] = element.split(/\s+/);
        if (word === 'open')
          socket.write(operands[0] === 'vcan0' ? '< ok >' : '< error could not open bus >');
        else if (word === 'rawmode') {
          socket.write('< ok >');
          client.raw = true;
        } else if (word === 'send') {
          const bytes = operands.slice(2, -1).map((byte) => byte.padStart(2, '0').toUpperCase());
          stampMicros += 1000;
          const stamp = `${Math.floor(stampMicros / 1e6)}.${String(stampMicros % 1e6).padStart(6, '0')}`;
          for (const other of clients) {
            if (other !== client && other.raw)
              other.socket.write(`< frame ${operands[0]} ${stamp} ${bytes.join('')} >`);
          }
        }
      }
    });
  });
  await listen(server, { port, host: '127.0.0.1' });
  return hub(server, clients, received);
}

/** Serves slcan adapters that hang on one bus, on a port of its own or on a unix socket. */
export async function slcanHub(path?: string): Promise<Hub> {
  const clients = new Set<Client>();
  const received: string[] = [];
  const server = createServer((socket) => {
    const client: Client = { socket, raw: false };
    clients.add(client);
    socket.setEncoding('latin1');
    socket.on('error', () => undefined);
    socket.on('close', () => clients.delete(client));
    let rest = '';
    socket.on('data', (text: string) => {
      const lines = (rest + text).split('\r');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        received.push(line);
        if (line === 'O') client.raw = true;
        else if (line === 'C') client.raw = false;
        else if (/^[trdbTRDB]/.test(line)) {
          for (const other of clients) if (other !== client && other.raw) other.socket.write(`${line}\r`);
          socket.write(line < 'a' ? 'Z\r' : 'z\r');
          continue;
        }
        socket.write('\r');
      }
    });
  });
  await listen(server, path === undefined ? { port: 0, host: '127.0.0.1' } : { path });
  return hub(server, clients, received);
}
