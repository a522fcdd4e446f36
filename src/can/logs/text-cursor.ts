const digitOf = new Int8Array(256).fill(-1);
for (let value = 0; value < 16; value++) {
  digitOf[value.toString(16).charCodeAt(0)] = value;
  digitOf[value.toString(16).toUpperCase().charCodeAt(0)] = value;
}
const tenTo = [1e9, 1e8, 1e7, 1e6, 1e5, 1e4, 1e3, 1e2, 1e1, 1];
const [blank, tab, dot, minus] = [0x20, 0x09, 0x2e, 0x2d];

/**
 * Walks over the bytes of one line without making strings of them. A method that finds something else than it looks
 * for leaves `at` where it was and says so.
 */
export class TextCursor {
  bytes: Uint8Array = new Uint8Array();
  at = 0;
  /** One past the line's last byte. */
  end = 0;
  /** Digits that the last number had. */
  digits = 0;
  /** What `time()` has read: whole seconds (or another unit) and the fraction in 1e-9 of it. */
  whole = 0;
  fraction = 0;

  get atEnd(): boolean {
    return this.at >= this.end;
  }

  /** The byte here; -1 at the end. */
  get byte(): number {
    return this.at < this.end ? this.bytes[this.at] : -1;
  }

  /** False when there was none. */
  blanks(): boolean {
    const start = this.at;
    const { bytes, end } = this;
    let at = start;
    while (at < end && (bytes[at] === blank || bytes[at] === tab)) at += 1;
    this.at = at;
    return at > start;
  }

  /** Moves over `code` (one ASCII character). */
  take(code: number): boolean {
    if (this.at >= this.end || this.bytes[this.at] !== code) return false;
    this.at += 1;
    return true;
  }

  /** Moves over `text` (ASCII, lower case), in whatever case it stands there. */
  takeText(text: string): boolean {
    if (this.at + text.length > this.end) return false;
    for (let i = 0; i < text.length; i++) {
      const code = this.bytes[this.at + i];
      const lower = code >= 0x41 && code <= 0x5a ? code | 0x20 : code;
      if (lower !== text.charCodeAt(i)) return false;
    }
    this.at += text.length;
    return true;
  }

  /** A whole number of at most 15 digits; -1 when there is none. @param base 10 or 16 */
  number(base: number): number {
    const { bytes, end } = this;
    let at = this.at;
    let value = 0;
    for (; at < end; at++) {
      const digit = digitOf[bytes[at]];
      if (digit < 0 || digit >= base) break;
      value = value * base + digit;
    }
    this.digits = at - this.at;
    if (this.digits === 0 || this.digits > (base === 10 ? 15 : 8)) return -1;
    this.at = at;
    return value;
  }

  /**
   * A decimal fraction of at most 15 digits before and 9 after the point (more are cut) into `whole` and `fraction`;
   * for a negative one both are negative.
   */
  time(): boolean {
    const start = this.at;
    const negative = this.take(minus);
    const whole = this.number(10);
    if (whole < 0) {
      this.at = start;
      return false;
    }
    let fraction = 0;
    if (this.at < this.end && this.bytes[this.at] === dot) {
      const { bytes, end } = this;
      let at = this.at + 1;
      let digits = 0;
      for (; at < end; at++) {
        const digit = digitOf[bytes[at]];
        if (digit < 0 || digit > 9) break;
        if (digits === 9) continue;
        fraction = fraction * 10 + digit;
        digits += 1;
      }
      this.at = at;
      fraction *= tenTo[digits];
    }
    this.whole = negative ? -whole : whole;
    this.fraction = negative ? -fraction : fraction;
    return true;
  }

  /** Two hexadecimal digits; -1 when they are not there. */
  hexByte(): number {
    if (this.at + 1 >= this.end) return -1;
    const high = digitOf[this.bytes[this.at]];
    const low = digitOf[this.bytes[this.at + 1]];
    if ((high | low) < 0) return -1;
    this.at += 2;
    return (high << 4) | low;
  }

  /** Moves to the next blank or the end and gives what lies between; for what is rare. */
  word(): string {
    const start = this.at;
    while (this.at < this.end && this.bytes[this.at] !== blank && this.bytes[this.at] !== tab) this.at += 1;
    return this.text(start, this.at);
  }

  /** Characters of the line as they are shown to people. */
  text(start: number, end: number): string {
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset + start, end - start).toString('latin1');
  }

  /** True when a blank or the end of the line is here. */
  atBreak(): boolean {
    if (this.at >= this.end) return true;
    const code = this.bytes[this.at];
    return code === blank || code === tab;
  }
}
