import { constants, inflateSync } from 'node:zlib';
import { messageOf, nativeCall, VigilError } from '../../runtime/errors.js';
import { canAddon } from '../can-addon.js';
import { blockHeaderBytes, number64, type Mf4BlockHead, type Mf4File } from './mf4-blocks.js';

const pieceBytes = 1024 * 1024;
/** The standard allows 4 MiB unpacked; a greater size is damage. */
const maximumUnpackedBytes = 64 * 1024 * 1024;
/** Original type, packing and its parameter, sizes unpacked and packed. */
const packedHeaderBytes = 24;
const transposed = 1;
/** Of MDF 4.2 and later: values of a channel together (column-oriented), and lists of those. */
const columnOriented: readonly string[] = ['DV', 'DI', 'LD'];
/** Of MDF 4.3: by number of the packing, those with and without transposition. */
const laterPackings: Readonly<Record<number, string>> = {
  2: 'Zstandard',
  3: 'Zstandard',
  4: 'LZ4',
  5: 'LZ4',
};

function unsupported(position: number, what: string): VigilError {
  return new VigilError(
    'LOG_UNSUPPORTED',
    `Expected MDF 4.1 data (records, packed by deflate or not) but the file has ${what} at byte ${position}.`,
    'Save the file as MDF 4.11 with the tool that wrote it, or with asammdf, and read that.',
  );
}

export interface Mf4DataOptions {
  /**
   * Position of the last ##DT block of a file that its logger did not finish: its length was never filled in, and it
   * reaches to the end of the file.
   */
  readonly openBlock: number | null;
}

/**
 * The bytes behind a link to data, however they are split (##DL), packed (##DZ) or listed (##HL), in pieces of about a
 * megabyte. What can't be read goes into the file's problems and ends it.
 * @throws VigilError `LOG_UNSUPPORTED` for what later versions of the standard have
 */
export async function* mf4Data(
  file: Mf4File,
  position: number,
  kind: 'DT' | 'SD',
  options: Mf4DataOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const head = await file.head(position, [kind, 'DZ', 'DL', 'HL', ...columnOriented]);
  if (head === null) return;
  if (columnOriented.includes(head.id)) {
    throw unsupported(position, `column-oriented data (##${head.id}, MDF 4.2)`);
  }
  if (head.id === 'HL') {
    const list = head.links.length > 0 ? head.links[0] : 0;
    const first = await file.head(list, ['DL']);
    if (first !== null) yield* listed(file, first, kind, options);
  } else if (head.id === 'DL') {
    yield* listed(file, head, kind, options);
  } else {
    yield* oneBlock(file, head, options);
  }
}

async function* listed(
  file: Mf4File,
  first: Mf4BlockHead,
  kind: 'DT' | 'SD',
  options: Mf4DataOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const seen = new Set<number>();
  for (let list: Mf4BlockHead | null = first; list !== null;) {
    if (seen.has(list.position)) {
      file.problems.damage(
        list.position,
        'expected the end of a list of data and found a block that was in it',
      );
      return;
    }
    seen.add(list.position);
    for (const link of list.links.slice(1)) {
      if (link === 0) continue;
      const head = await file.head(link, [kind, 'DZ']);
      if (head === null) return;
      if (!(yield* oneBlock(file, head, options))) return;
    }
    const next: number = list.links.length > 0 ? list.links[0] : 0;
    list = await file.head(next, ['DL']);
  }
}

/** False when what follows would not fit behind it. */
async function* oneBlock(
  file: Mf4File,
  head: Mf4BlockHead,
  options: Mf4DataOptions,
): AsyncGenerator<Uint8Array, boolean, undefined> {
  const start = head.position + blockHeaderBytes + head.links.length * 8;
  if (head.id === 'DZ') {
    const bytes = await unpacked(file, head, start);
    if (bytes === null) return false;
    yield bytes;
    return true;
  }
  const open = head.position === options.openBlock;
  const end = open ? file.size : head.position + head.length;
  for (let at = start; at < end; at += pieceBytes) {
    const wanted = Math.min(pieceBytes, end - at);
    const piece = await file.read(at, wanted);
    yield piece;
    if (piece.length < wanted) {
      file.problems.cut(
        head.position,
        `expected ${end - start} bytes in ##${head.id} and found the end of the file`,
      );
      return false;
    }
  }
  return true;
}

async function unpacked(file: Mf4File, head: Mf4BlockHead, start: number): Promise<Uint8Array | null> {
  const sizes = await file.read(start, packedHeaderBytes);
  if (sizes.length < packedHeaderBytes) {
    file.problems.cut(head.position, 'expected the sizes of ##DZ and found the end of the file');
    return null;
  }
  const how = sizes[2];
  const columns = sizes.readUInt32LE(4);
  const unpackedBytes = number64(sizes, 8);
  const packedBytes = number64(sizes, 16);
  const later = laterPackings[how] as string | undefined;
  if (later !== undefined) throw unsupported(head.position, `data packed by ${later} (MDF 4.3)`);
  if (how > transposed || unpackedBytes > maximumUnpackedBytes || packedBytes > maximumUnpackedBytes) {
    file.problems.damage(
      head.position,
      `expected ##DZ packed by deflate and found method ${how}, ${packedBytes} bytes for ${unpackedBytes}`,
    );
    return null;
  }
  const packed = await file.read(start + packedHeaderBytes, packedBytes);
  const whole = packed.length === packedBytes;
  if (!whole) file.problems.cut(head.position, 'expected the rest of ##DZ and found the end of the file');
  // The beginning of transposed data is some bytes of every record: no record is whole.
  if (!whole && how === transposed) return null;
  try {
    const bytes = inflateSync(packed, {
      maxOutputLength: Math.max(unpackedBytes, 1),
      chunkSize: Math.max(unpackedBytes + 1, 64),
      finishFlush: whole ? constants.Z_FINISH : constants.Z_SYNC_FLUSH,
    });
    if (whole && bytes.length !== unpackedBytes) {
      file.problems.damage(
        head.position,
        `expected ${unpackedBytes} bytes in ##DZ and found ${bytes.length}`,
      );
      return null;
    }
    if (how !== transposed) return bytes;
    const out = new Uint8Array(bytes.length);
    nativeCall(() => canAddon().Mf4Records.untranspose(bytes, columns, out));
    return out;
  } catch (error) {
    file.problems.damage(head.position, `expected ##DZ that can be unpacked but: ${messageOf(error)}`);
    return null;
  }
}
