import { spawnSync } from 'node:child_process';
import { closeSync, constants, openSync, statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { ReadStream, WriteStream } from 'node:tty';
import { VigilError, messageOf } from '../../runtime/errors.js';

/** Where a text protocol's bytes come from and go to. */
export type Endpoint =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  /** A unix socket or a serial device; which of them the file itself says. */
  | { readonly kind: 'path'; readonly path: string; readonly baud?: number };

/** An open connection. `onEnd` is called once, whoever ended it. */
export interface ByteLink {
  write(bytes: string): Promise<void>;
  close(): void;
}

export interface LinkEvents {
  onData(text: string): void;
  onEnd(reason: string): void;
}

export function endpointText(endpoint: Endpoint): string {
  return endpoint.kind === 'tcp' ? `${endpoint.host}:${endpoint.port}` : endpoint.path;
}

function unreachable(endpoint: Endpoint, cause: unknown): VigilError {
  return new VigilError(
    'CAN_BUS_UNREACHABLE',
    `Expected something to answer at ${endpointText(endpoint)} but: ${messageOf(cause)}.`,
    'Check the address, and that the other end runs.',
    {},
    { cause },
  );
}

function write(stream: Socket | WriteStream, bytes: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(bytes, 'latin1', (error) => {
      if (error == null) resolve();
      else
        reject(
          new VigilError(
            'CAN_SEND_FAILED',
            `Expected to send but: ${error.message}.`,
            '',
            {},
            { cause: error },
          ),
        );
    });
  });
}

function openSocket(socket: Socket, endpoint: Endpoint, events: LinkEvents): Promise<ByteLink> {
  return new Promise((resolve, reject) => {
    let reason = 'the other end closed the connection';
    socket.setNoDelay(true);
    socket.setEncoding('latin1');
    socket.once('error', (error) => {
      reject(unreachable(endpoint, error));
    });
    socket.once('connect', () => {
      socket.on('error', (error) => {
        reason = error.message;
      });
      socket.on('data', (text: string) => {
        events.onData(text);
      });
      socket.once('close', () => {
        events.onEnd(reason);
      });
      resolve({
        write: (bytes) => write(socket, bytes),
        close: () => {
          socket.destroySoon();
        },
      });
    });
  });
}

/** A serial device in raw mode. A USB adapter ignores the baud rate; a real serial line needs it. */
function openSerial(path: string, baud: number | undefined, events: LinkEvents): ByteLink {
  if (baud !== undefined) {
    const { status, stderr } = spawnSync('stty', ['-F', path, String(baud), 'raw', '-echo'], {
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`stty: ${stderr.trim()}`);
  }
  const flags = constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK;
  const input = openSync(path, flags);
  let output: number;
  try {
    output = openSync(path, flags);
  } catch (error) {
    closeSync(input);
    throw error;
  }
  const reader = new ReadStream(input);
  const writer = new WriteStream(output);
  reader.setRawMode(true);
  reader.setEncoding('latin1');
  let ended = false;
  const end = (reason: string): void => {
    if (ended) return;
    ended = true;
    reader.destroy();
    writer.destroy();
    events.onEnd(reason);
  };
  reader.on('data', (text: string) => {
    events.onData(text);
  });
  reader.on('error', (error: Error) => {
    end(error.message);
  });
  writer.on('error', (error: Error) => {
    end(error.message);
  });
  reader.on('end', () => {
    end('the device went away');
  });
  return {
    write: (bytes) => write(writer, bytes),
    close: () => {
      end('closed');
    },
  };
}

/** @throws VigilError `CAN_BUS_UNREACHABLE` */
export async function openLink(endpoint: Endpoint, events: LinkEvents): Promise<ByteLink> {
  if (endpoint.kind === 'tcp') {
    return openSocket(connect(endpoint.port, endpoint.host), endpoint, events);
  }
  let isSocket: boolean;
  try {
    isSocket = statSync(endpoint.path).isSocket();
    if (!isSocket) return openSerial(endpoint.path, endpoint.baud, events);
  } catch (error) {
    throw unreachable(endpoint, error);
  }
  return openSocket(connect(endpoint.path), endpoint, events);
}
