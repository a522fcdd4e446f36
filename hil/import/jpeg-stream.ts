import { VigilError } from '../../src/runtime/errors.js';

const marker = { startOfImage: 0xd8, endOfImage: 0xd9, startOfScan: 0xda } as const;
const endOfImage = Buffer.of(0xff, marker.endOfImage);

/** Longest JPEG that is waited for; 8K pictures at the best quality stay below it. */
const longestJpeg = 64 * 1024 * 1024;

/**
 * Where the first JPEG in `bytes` ends, or -1 while it is not all there. Header segments have lengths and may hold
 * anything; after the start of scan no 0xFF is followed by the end marker but at the end (ITU-T T.81, B.1.1.5).
 */
export function jpegEnd(bytes: Buffer): number {
  if (bytes.length >= 2 && (bytes[0] !== 0xff || bytes[1] !== marker.startOfImage)) {
    throw new VigilError(
      'VIDEO_UNREADABLE',
      'Expected ffmpeg to send JPEG pictures but it sent something else.',
    );
  }
  let at = 2;
  while (at + 4 <= bytes.length) {
    const code = bytes[at + 1];
    at += 2 + bytes.readUInt16BE(at + 2);
    if (code !== marker.startOfScan) continue;
    const end = bytes.indexOf(endOfImage, at);
    return end < 0 ? -1 : end + 2;
  }
  return -1;
}

/** Cuts a stream of JPEG pictures, one right after the other, into pictures. */
export async function* splitJpegs(stream: AsyncIterable<Buffer>): AsyncGenerator<Uint8Array, void, void> {
  let parts: Buffer[] = [];
  let held = 0;
  for await (const part of stream) {
    parts.push(part);
    held += part.length;
    // The end marker may be split between the last two parts.
    const seam = Buffer.concat([parts.at(-2)?.subarray(-1) ?? Buffer.alloc(0), part]);
    if (!seam.includes(endOfImage)) {
      if (held > longestJpeg)
        throw new VigilError('VIDEO_UNREADABLE', 'Expected a picture of at most 64 MiB.');
      continue;
    }
    let bytes = Buffer.concat(parts);
    for (let end = jpegEnd(bytes); end > 0; end = bytes.length >= 2 ? jpegEnd(bytes) : -1) {
      // A copy, so that a picture does not keep its neighbours in memory.
      yield Uint8Array.from(bytes.subarray(0, end));
      bytes = bytes.subarray(end);
    }
    parts = [bytes];
    held = bytes.length;
  }
}

/**
 * Size of a JPEG picture from its frame header.
 * @throws VigilError `VIDEO_UNREADABLE`
 */
export function jpegSize(jpeg: Uint8Array): { width: number; height: number } {
  const view = new DataView(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength);
  for (let at = 2; at + 9 <= jpeg.length; at += 2 + view.getUint16(at + 2)) {
    const code = jpeg[at + 1];
    // SOF0 to SOF15 but not DHT (C4), JPG (C8) and DAC (CC).
    if (code < 0xc0 || code > 0xcf || code === 0xc4 || code === 0xc8 || code === 0xcc) continue;
    return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
  }
  throw new VigilError('VIDEO_UNREADABLE', 'Expected a JPEG picture but it has no frame header.');
}
