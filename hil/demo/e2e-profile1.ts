/**
 * The protection of the demo vehicle's messages: AUTOSAR E2E profile 1 in variant 1A (checksum in byte 0, counter
 * in the low half of byte 1, both bytes of the Data ID in the checksum).
 */

/** The counter runs from 0 to 14; 15 means "invalid" in the profile. */
export const counterValues = 15;

const polynomial = 0x1d;

const table = Uint8Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 0x80) === 0 ? crc << 1 : (crc << 1) ^ polynomial;
  return crc & 0xff;
});

/** CRC-8 with SAE J1850's polynomial, start and final XOR 0, over the Data ID (low, high) and bytes 1 to the end. */
export function profile1Checksum(dataId: number, payload: Uint8Array): number {
  let crc = table[dataId & 0xff];
  crc = table[crc ^ (dataId >> 8)];
  for (let i = 1; i < payload.length; i++) crc = table[crc ^ payload[i]];
  return crc;
}
