import { deflateSync } from 'node:zlib';

export interface PngParts {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly colour: number;
  /** Bytes of every row as they are before filtering. */
  readonly rows: readonly (readonly number[])[];
  readonly filter: number;
  /** What stands for the filter in the file, if not `filter`. */
  readonly filterByte?: number;
  readonly palette?: readonly number[];
  readonly interlace?: number;
  /** Instead of the compressed rows. */
  readonly data?: Uint8Array;
}

/** A PNG written by the specification's formulas, one filter for all rows; checksums are left empty. */
export function encodePng(parts: PngParts): Uint8Array {
  const { width, height, depth, colour, rows, filter } = parts;
  const channels =
    new Map([
      [2, 3],
      [4, 2],
      [6, 4],
    ]).get(colour) ?? 1;
  const step = Math.max(1, (depth * channels) >> 3);
  const filtered = rows.flatMap((row, y) => [
    parts.filterByte ?? filter,
    ...row.map((value, i) => {
      const left = i >= step ? row[i - step] : 0;
      const up = y > 0 ? rows[y - 1][i] : 0;
      const corner = i >= step && y > 0 ? rows[y - 1][i - step] : 0;
      return (value - [0, left, up, Math.floor((left + up) / 2), paeth(left, up, corner)][filter]) & 255;
    }),
  ]);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, colour, 0, 0, parts.interlace ?? 0], 8);
  return Buffer.concat([
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    chunk('IHDR', header),
    ...(parts.palette === undefined ? [] : [chunk('PLTE', Uint8Array.from(parts.palette))]),
    chunk('IDAT', parts.data ?? deflateSync(Uint8Array.from(filtered))),
    chunk('IEND', new Uint8Array(0)),
  ]);
}

function chunk(type: string, body: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, Buffer.from(type, 'latin1'), body, Buffer.alloc(4)]);
}

function paeth(left: number, up: number, corner: number): number {
  const estimate = left + up - corner;
  const [a, b, c] = [left, up, corner].map((value) => Math.abs(estimate - value));
  return a <= b && a <= c ? left : b <= c ? up : corner;
}
