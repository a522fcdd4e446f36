const lengths = [0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 20, 24, 32, 48, 64];

/** Bytes that a data length code (0 to 15) stands for in a CAN FD frame (ISO 11898-1). */
export function lengthOfCode(code: number): number {
  return lengths[code];
}

/** The least data length code whose frame holds that many bytes. */
export function codeOfLength(length: number): number {
  return lengths.findIndex((held) => held >= length);
}
