/** Bytes that a native parser has not used up: what more is appended to. Those from `start` to `end` are held. */
export class UnparsedBytes {
  bytes: Uint8Array = new Uint8Array(256 * 1024);
  start = 0;
  end = 0;

  append(piece: Uint8Array): void {
    const held = this.end - this.start;
    if (held + piece.length > this.bytes.length) {
      const larger = new Uint8Array((held + piece.length) * 2);
      larger.set(this.bytes.subarray(this.start, this.end));
      this.bytes = larger;
    } else {
      this.bytes.copyWithin(0, this.start, this.end);
    }
    this.start = 0;
    this.end = held;
    this.bytes.set(piece, held);
    this.end += piece.length;
  }

  clear(): void {
    this.start = this.end = 0;
  }
}
