import { connect, type Socket } from 'node:net';
import { invalidArgument } from '../errors.js';

/** Where another program listens. */
export type SocketEndpoint =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

const forms = 'unix:/path/to/socket or tcp://host:port';

/** @throws VigilError `INVALID_ARGUMENT` */
export function parseSocketEndpoint(address: string): SocketEndpoint {
  if (/^unix:\/./.test(address)) return { kind: 'unix', path: address.slice('unix:'.length) };
  const url = address.startsWith('tcp://') && URL.canParse(address) ? new URL(address) : null;
  if (url === null || url.port === '' || url.hostname === '')
    throw invalidArgument('the address', forms, address);
  return { kind: 'tcp', host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(url.port) };
}

export function connectTo(endpoint: SocketEndpoint): Socket {
  return endpoint.kind === 'tcp' ? connect(endpoint.port, endpoint.host) : connect(endpoint.path);
}
