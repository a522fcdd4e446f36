import { crc8J1850 } from './crc8.js';

/**
 * AUTOSAR E2E profile 1 in variant 1A, for senders that build frames one by one: checksum in byte 0, counter in the
 * low half of byte 1, both bytes of the Data ID in the checksum. Receivers check it natively; this is a second,
 * independent reading of the same rule.
 */

/** The counter runs from 0 to 14; 15 means "invalid" in the profile. */
export const counterValues = 15;

/** CRC-8 with SAE J1850's polynomial, start and final XOR 0, over the Data ID (low, high) and bytes 1 to the end. */
export function profile1Checksum(dataId: number, payload: Uint8Array): number {
  return crc8J1850(crc8J1850(0, [dataId & 0xff, dataId >> 8]), payload.subarray(1));
}
