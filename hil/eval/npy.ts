import { VigilError } from '../../src/runtime/errors.js';

export interface NpyArray {
  readonly shape: readonly number[];
  readonly values: Float64Array;
}

const magic = Buffer.from('\x93NUMPY', 'latin1');

const readers: Readonly<
  Record<string, { bytes: number; read: (data: Buffer, offset: number) => number } | undefined>
> = {
  '<f8': { bytes: 8, read: (data, offset) => data.readDoubleLE(offset) },
  '<f4': { bytes: 4, read: (data, offset) => data.readFloatLE(offset) },
  '<i8': { bytes: 8, read: (data, offset) => Number(data.readBigInt64LE(offset)) },
  '<i4': { bytes: 4, read: (data, offset) => data.readInt32LE(offset) },
};

/**
 * NumPy's file format (NEP 1), versions 1 to 3: little-endian numbers in C order.
 * @param name of the file, for errors
 * @throws VigilError `NPY_INVALID`
 */
export function readNpy(file: Buffer, name: string): NpyArray {
  const wide = file.length > 6 && file[6] > 1;
  const start = wide ? 12 : 10;
  if (file.length < start || !file.subarray(0, 6).equals(magic))
    throw invalid(name, 'a NumPy file', `${file.length} other bytes`);
  const end = start + (wide ? file.readUInt32LE(8) : file.readUInt16LE(8));
  const header = file.subarray(start, end).toString('latin1');
  const kind = /'descr':\s*'([^']*)'/.exec(header)?.[1] ?? '';
  const reader = readers[kind];
  const shapeText = /'shape':\s*\(([\d,\s]*)\)/.exec(header)?.[1];
  if (reader === undefined || shapeText === undefined || !/'fortran_order':\s*False/.test(header))
    throw invalid(name, 'little-endian numbers in C order', header.trim());
  const shape = shapeText.split(',').flatMap((part) => (part.trim() === '' ? [] : [Number(part)]));
  const count = shape.reduce((product, size) => product * size, 1);
  if (file.length - end !== count * reader.bytes)
    throw invalid(name, `${count * reader.bytes} bytes of numbers`, `${file.length - end}`);
  return {
    shape,
    values: Float64Array.from({ length: count }, (_, i) => reader.read(file, end + i * reader.bytes)),
  };
}

function invalid(name: string, expected: string, actual: string): VigilError {
  return new VigilError(
    'NPY_INVALID',
    `Expected ${expected} in ${name} but found ${actual}.`,
    'Fetch the file again.',
    {
      name,
    },
  );
}
