import { VigilError } from '../../runtime/errors.js';

/** "LOGG", the first four bytes of a file. */
export const fileSignature = Buffer.from('LOGG', 'latin1');
/** "LOBJ", the first four bytes of an object. */
export const objectSignature = Buffer.from('LOBJ', 'latin1');

/** Of the file header that every tool writes; what it says itself counts when reading. */
export const fileHeaderBytes = 144;
/** Signature, header size and version, object size, object type. */
export const baseHeaderBytes = 16;
/** Behind the base header of a container: method (u16), 6 unused, unpacked size (u32), 4 unused. */
export const containerHeaderBytes = 16;

export const objectType = { canMessage: 1, container: 10, canErrorExt: 73, canFdMessage: 100 } as const;
export const method = { none: 0, zlib: 2 } as const;

/** What the objects that hold no frame are called in a summary. */
const skippedNames: Readonly<Record<number, string>> = {
  3: 'overload frame',
  4: 'CAN statistics',
  5: 'application trigger',
  6: 'environment variable',
  7: 'environment variable',
  8: 'environment variable',
  9: 'environment variable',
  11: 'LIN message',
  31: 'CAN driver error',
  65: 'application text',
  71: 'Ethernet frame',
  72: 'system variable',
  74: 'CAN driver error',
  92: 'event comment',
  96: 'global marker',
  120: 'Ethernet frame',
};

export function skippedName(type: number): string {
  return skippedNames[type] ?? `object type ${type}`;
}

export interface BlfHeader {
  /** Where the first object begins. */
  readonly headerBytes: number;
  /** Bytes of the whole file; 0, or those of the header, when the logger did not get to closing the file. */
  readonly fileBytes: number;
  /** Null when the file says none. */
  readonly startNs: bigint | null;
}

/** A SYSTEMTIME of eight u16: year, month, day of week, day, hour, minute, second, ms. Taken as UTC. */
function readSystemTime(bytes: Buffer, at: number): bigint | null {
  const [year, month, , day, hour, minute, second, ms] = Array.from({ length: 8 }, (_, i) =>
    bytes.readUInt16LE(at + 2 * i),
  );
  if (year < 1970 || year > 9999 || month < 1 || month > 12 || day < 1 || day > 31) return null;
  return BigInt(Date.UTC(year, month - 1, day, hour, minute, second, ms)) * 1_000_000n;
}

function writeSystemTime(bytes: Buffer, at: number, ms: number): void {
  const time = new Date(ms);
  if (Number.isNaN(time.getTime()) || ms < 0) return;
  const fields = [
    time.getUTCFullYear(),
    time.getUTCMonth() + 1,
    time.getUTCDay(),
    time.getUTCDate(),
    time.getUTCHours(),
    time.getUTCMinutes(),
    time.getUTCSeconds(),
    time.getUTCMilliseconds(),
  ];
  fields.forEach((field, i) => bytes.writeUInt16LE(field, at + 2 * i));
}

/** @throws VigilError `LOG_HEADER_INVALID` */
export function readBlfHeader(head: Uint8Array, path: string): BlfHeader {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  const headerBytes = bytes.length >= 8 ? bytes.readUInt32LE(4) : 0;
  if (bytes.length < 72 || !bytes.subarray(0, 4).equals(fileSignature) || headerBytes < 72) {
    throw new VigilError(
      'LOG_HEADER_INVALID',
      `Expected a BLF header of at least 72 bytes that begins with LOGG at ${path} but found ${bytes.length} bytes ` +
        `beginning with ${bytes.subarray(0, 8).toString('hex')}.`,
      'Copy the file again from the logger.',
      { path },
    );
  }
  return {
    headerBytes,
    fileBytes: Number(bytes.readBigUInt64LE(16)),
    startNs: readSystemTime(bytes, 40),
  };
}

export interface BlfCounts {
  readonly fileBytes: number;
  /** What the file would take without compression. */
  readonly unpackedBytes: number;
  readonly objects: number;
  /** Milliseconds since 1970; null when the log has no such thing. */
  readonly startMs: number | null;
  readonly stopMs: number | null;
}

/** The 144 bytes at the beginning of a file; the counts are zero until the log is closed. */
export function encodeBlfHeader(counts: BlfCounts): Buffer {
  const bytes = Buffer.alloc(fileHeaderBytes);
  bytes.set(fileSignature, 0);
  bytes.writeUInt32LE(fileHeaderBytes, 4);
  // Application 0 is "unknown"; the format's version is the one that CAN FD came with.
  bytes.set([0, 0, 0, 0, 2, 6, 8, 1], 8);
  bytes.writeBigUInt64LE(BigInt(counts.fileBytes), 16);
  bytes.writeBigUInt64LE(BigInt(counts.unpackedBytes), 24);
  bytes.writeUInt32LE(counts.objects >>> 0, 32);
  if (counts.startMs !== null) writeSystemTime(bytes, 40, counts.startMs);
  if (counts.stopMs !== null) writeSystemTime(bytes, 56, counts.stopMs);
  return bytes;
}
