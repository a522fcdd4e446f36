/** One picture of a camera server. */
export interface Picture {
  /** On the server's own monotonic clock, ms. */
  readonly stampMs: number;
  /** Valid during the call only. */
  readonly jpeg: Uint8Array;
}

/** Length of the JPEG (u32, little endian), then the stamp in ms (f64, little endian). */
const headerBytes = 12;
/** No cabin camera's JPEG is larger; what claims to be is no picture. */
const largestJpeg = 8 * 1024 * 1024;

/** What a camera server writes for a picture: header and JPEG. */
export function encodePicture({ stampMs, jpeg }: Picture): Uint8Array {
  const bytes = new Uint8Array(headerBytes + jpeg.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, jpeg.length, true);
  view.setFloat64(4, stampMs, true);
  bytes.set(jpeg, headerBytes);
  return bytes;
}

/** Cuts a stream of bytes, in pieces of any size, into pictures. */
export class PictureReader {
  #held: Uint8Array = new Uint8Array(64 * 1024);
  #count = 0;

  constructor(private readonly deliver: (picture: Picture, arrivalMs: number) => void) {}

  /** Forgets what was half read. */
  reset(): void {
    this.#count = 0;
  }

  /** Returns what is wrong with the stream; undefined when nothing is. */
  read(bytes: Uint8Array, arrivalMs: number): string | undefined {
    this.#hold(bytes);
    let at = 0;
    let fault: string | undefined;
    while (fault === undefined && this.#count - at >= headerBytes) {
      const view = new DataView(this.#held.buffer, at, headerBytes);
      const size = view.getUint32(0, true);
      const stampMs = view.getFloat64(4, true);
      fault = faultOf(size, stampMs);
      if (fault !== undefined || this.#count - at < headerBytes + size) break;
      const jpeg = this.#held.subarray(at + headerBytes, at + headerBytes + size);
      fault = jpeg[0] === 0xff && jpeg[1] === 0xd8 ? undefined : 'a picture is no JPEG';
      if (fault === undefined) this.deliver({ stampMs, jpeg }, arrivalMs);
      at += headerBytes + size;
    }
    this.#held.copyWithin(0, at, this.#count);
    this.#count -= at;
    return fault;
  }

  #hold(bytes: Uint8Array): void {
    const needed = this.#count + bytes.length;
    if (needed > this.#held.length) {
      const larger = new Uint8Array(Math.max(needed, this.#held.length * 2));
      larger.set(this.#held.subarray(0, this.#count));
      this.#held = larger;
    }
    this.#held.set(bytes, this.#count);
    this.#count = needed;
  }
}

function faultOf(size: number, stampMs: number): string | undefined {
  if (size < 4 || size > largestJpeg) return `a picture claims ${size} bytes`;
  return Number.isFinite(stampMs) ? undefined : 'a picture has no time stamp';
}
