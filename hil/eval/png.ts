import { inflateSync } from 'node:zlib';
import { VigilError, messageOf } from '../../src/runtime/errors.js';

/** 8-bit luma, row by row. */
export interface GreyImage {
  readonly width: number;
  readonly height: number;
  readonly luma: Uint8Array;
}

interface Header {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly channels: number;
  readonly palette: boolean;
}

const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const maxSide = 8192;

/** Samples per pixel by colour type (PNG specification, table 11.1). */
const channelsOf: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

export function isPng(bytes: Uint8Array): boolean {
  return signature.every((byte, i) => bytes[i] === byte);
}

/**
 * A PNG as luma (BT.601 of colours; transparency is ignored). All colour types and depths; not interlaced ones.
 * @throws VigilError `IMAGE_UNREADABLE`
 */
export function readPng(bytes: Uint8Array, source: string): GreyImage {
  try {
    return decode(bytes);
  } catch (error) {
    throw new VigilError(
      'IMAGE_UNREADABLE',
      `Expected a PNG that is not interlaced in ${source} but: ${messageOf(error)}.`,
      'Convert it, for example with `ffmpeg -i IN OUT.png`.',
      { source },
      { cause: error },
    );
  }
}

function decode(bytes: Uint8Array): GreyImage {
  if (!isPng(bytes)) throw new Error('it does not begin as one');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let header: Header | undefined;
  let palette = new Uint8Array(0);
  const data: Uint8Array[] = [];
  for (let at = signature.length; at + 12 <= bytes.length;) {
    const length = view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const body = bytes.subarray(at + 8, at + 8 + length);
    if (body.length < length) throw new Error(`its ${type} chunk is cut off`);
    if (type === 'IHDR') header = readHeader(body);
    else if (type === 'PLTE') palette = new Uint8Array(body);
    else if (type === 'IDAT') data.push(body);
    else if (type === 'IEND') break;
    at += length + 12;
  }
  if (header === undefined) throw new Error('it has no header');
  const { width, height, depth, channels } = header;
  const stride = Math.ceil((width * depth * channels) / 8);
  const rows = inflateSync(Buffer.concat(data), { maxOutputLength: (stride + 1) * height });
  if (rows.length !== (stride + 1) * height) throw new Error('it holds too few rows');
  unfilter(rows, stride, height, Math.max(1, (depth * channels) >> 3));
  return { width, height, luma: toLuma(rows, stride, header, palette) };
}

function readHeader(body: Uint8Array): Header {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const width = view.getUint32(0);
  const height = view.getUint32(4);
  const [depth, colour, , , interlace] = body.subarray(8);
  if (!(width >= 1 && height >= 1 && width <= maxSide && height <= maxSide))
    throw new Error(`its sides are ${width} x ${height}`);
  if (!Object.hasOwn(channelsOf, colour) || ![1, 2, 4, 8, 16].includes(depth))
    throw new Error(`its colour type is ${colour} with ${depth} bits`);
  if (interlace !== 0) throw new Error('it is interlaced');
  return { width, height, depth, channels: channelsOf[colour], palette: colour === 3 };
}

/** Undoes the row filters in place (PNG specification, section 9). */
function unfilter(rows: Uint8Array, stride: number, height: number, step: number): void {
  for (let y = 0; y < height; y++) {
    const start = y * (stride + 1) + 1;
    const filter = rows[start - 1];
    if (filter > 4) throw new Error(`row ${y} has filter ${filter}`);
    for (let i = 0; i < stride; i++) {
      const left = i >= step ? rows[start + i - step] : 0;
      const up = y > 0 ? rows[start + i - stride - 1] : 0;
      const corner = i >= step && y > 0 ? rows[start + i - stride - 1 - step] : 0;
      rows[start + i] += predicted(filter, left, up, corner);
    }
  }
}

function predicted(filter: number, left: number, up: number, corner: number): number {
  switch (filter) {
    case 1:
      return left;
    case 2:
      return up;
    case 3:
      return (left + up) >> 1;
    case 4: {
      const [a, b, c] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
      return a <= b && a <= c ? left : b <= c ? up : corner;
    }
    default:
      return 0;
  }
}

function toLuma(rows: Uint8Array, stride: number, header: Header, palette: Uint8Array): Uint8Array {
  const { width, height, depth, channels } = header;
  const luma = new Uint8Array(width * height);
  const highest = header.palette ? 255 : 2 ** Math.min(8, depth) - 1;
  for (let y = 0; y < height; y++) {
    const start = y * (stride + 1) + 1;
    for (let x = 0; x < width; x++) {
      const sample = (channel: number): number => {
        const bit = (x * channels + channel) * depth;
        const byte = rows[start + (bit >> 3)]; // of 16 bits the upper 8
        return depth >= 8 ? byte : (byte >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
      };
      luma[y * width + x] = header.palette
        ? grey(palette[3 * sample(0)], palette[3 * sample(0) + 1], palette[3 * sample(0) + 2])
        : channels < 3
          ? Math.round((sample(0) * 255) / highest)
          : grey(sample(0), sample(1), sample(2));
    }
  }
  return luma;
}

function grey(red: number, green: number, blue: number): number {
  return Math.round(0.299 * red + 0.587 * green + 0.114 * blue);
}
