import { FrameBatchBuilder } from '../../src/can/frame-batch.js';
import { FrameFlag, type CanFrames } from '../../src/can/frames.js';
import type { DbcMessage } from '../../src/can/dbc.js';

/** Payloads as frames of one message, 1 ms apart. */
export function framesOf(
  message: Pick<DbcMessage, 'id' | 'extended'>,
  payloads: readonly Uint8Array[],
): CanFrames {
  const builder = new FrameBatchBuilder();
  payloads.forEach((payload, i) => {
    const flags = (message.extended ? FrameFlag.extended : 0) | (payload.length > 8 ? FrameFlag.fd : 0);
    builder.add(i, message.id, payload, flags);
  });
  return builder.take();
}

export function bytesOf(hexadecimal: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hexadecimal, 'hex'));
}

/** The 64 bits of a double as hexadecimal; every NaN reads the same. */
export function doubleBits(value: number): string {
  const buffer = Buffer.alloc(8);
  buffer.writeDoubleBE(Number.isNaN(value) ? NaN : value);
  return buffer.toString('hex');
}
