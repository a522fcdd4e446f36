import { invalidArgument } from '../../runtime/errors.js';
import type { Endpoint } from './byte-link.js';

/** Where a bus is. */
export type BusAddress =
  | { readonly kind: 'socketcan'; readonly interface: string }
  | { readonly kind: 'socketcand'; readonly host: string; readonly port: number; readonly interface: string }
  | { readonly kind: 'slcan'; readonly endpoint: Endpoint; readonly bitRate?: number };

const forms =
  'socketcan:INTERFACE, socketcand://HOST:PORT/INTERFACE, slcan:PATH or slcan://HOST:PORT (with ?bitrate=500000, ?baud=115200)';
const socketcandPort = 29536;

function wrong(text: string): Error {
  return invalidArgument('bus', `an address of the form ${forms}`, text);
}

function whole(text: string | null, address: string): number | undefined {
  if (text === null) return undefined;
  if (!/^\d{1,8}$/.test(text)) throw wrong(address);
  return Number(text);
}

function urlOf(text: string): URL {
  if (!URL.canParse(text)) throw wrong(text);
  return new URL(text);
}

function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1');
}

function slcanAddress(text: string): BusAddress {
  const question = text.indexOf('?');
  const options = new URLSearchParams(question < 0 ? '' : text.slice(question + 1));
  if ([...options.keys()].some((key) => key !== 'bitrate' && key !== 'baud')) throw wrong(text);
  const place = question < 0 ? text : text.slice(0, question);
  const bitRate = whole(options.get('bitrate'), text);
  const baud = whole(options.get('baud'), text);
  const rate = bitRate === undefined ? {} : { bitRate };
  if (place.startsWith('slcan://')) {
    const url = urlOf(place);
    if (url.port === '' || (url.pathname !== '/' && url.pathname !== '')) throw wrong(text);
    return { kind: 'slcan', endpoint: { kind: 'tcp', host: hostOf(url), port: Number(url.port) }, ...rate };
  }
  const path = place.slice('slcan:'.length);
  if (path === '') throw wrong(text);
  return {
    kind: 'slcan',
    endpoint: { kind: 'path', path, ...(baud === undefined ? {} : { baud }) },
    ...rate,
  };
}

/** @throws VigilError `INVALID_ARGUMENT` */
export function parseBusAddress(text: string): BusAddress {
  const socketcan = /^socketcan:([^\s/:]{1,15})$/.exec(text);
  if (socketcan !== null) return { kind: 'socketcan', interface: socketcan[1] };
  if (text.startsWith('socketcand://')) {
    const url = urlOf(text);
    const name = decodeURIComponent(url.pathname.slice(1));
    if (!/^[^\s/<>]{1,15}$/.test(name)) throw wrong(text);
    const port = url.port === '' ? socketcandPort : Number(url.port);
    return { kind: 'socketcand', host: hostOf(url), port, interface: name };
  }
  if (text.startsWith('slcan:')) return slcanAddress(text);
  throw wrong(text);
}
