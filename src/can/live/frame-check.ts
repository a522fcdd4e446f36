import { VigilError } from '../../runtime/errors.js';
import { FrameFlag } from '../frames.js';
import type { CanFrame } from './can-bus.js';

/** The payload lengths that CAN FD has; the index is the length code. */
export const fdLengths: readonly number[] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 20, 24, 32, 48, 64];

function refuse(expected: string, received: string): never {
  throw new VigilError('CAN_FRAME_INVALID', `Expected ${expected} but received ${received}.`);
}

/** @throws VigilError `CAN_FRAME_INVALID` when no bus could carry the frame */
export function checkFrame({ id, flags, data }: CanFrame): void {
  const highest = (flags & FrameFlag.extended) !== 0 ? 0x1fffffff : 0x7ff;
  if (!Number.isInteger(id) || id < 0 || id > highest) {
    refuse(`an identifier from 0 to 0x${highest.toString(16)}`, String(id));
  }
  if ((flags & FrameFlag.error) !== 0) refuse('a frame to send', 'an error frame');
  if ((flags & FrameFlag.fd) === 0) {
    if (data.length > 8) refuse('at most 8 bytes', `${data.length} (CAN FD needs FrameFlag.fd)`);
    if ((flags & (FrameFlag.bitRateSwitch | FrameFlag.errorStateIndicator)) !== 0) {
      refuse('flags of a classic frame', 'flags that only CAN FD has');
    }
    return;
  }
  if ((flags & FrameFlag.remote) !== 0)
    refuse('a frame with data', 'a remote frame, which CAN FD does not have');
  if (!fdLengths.includes(data.length))
    refuse(`a length of ${fdLengths.join(', ')} bytes`, String(data.length));
}

/** The payloads of a cyclic message are at least one and all of one length. */
export function checkPayloads(payloads: readonly Uint8Array[], length = payloads.at(0)?.length): number {
  if (length === undefined || payloads.length === 0) {
    throw new VigilError('INVALID_ARGUMENT', 'Expected one payload or more but received none.');
  }
  const other = payloads.find((payload) => payload.length !== length);
  if (other !== undefined) {
    throw new VigilError(
      'INVALID_ARGUMENT',
      `Expected payloads of ${length} bytes but received one of ${other.length}.`,
    );
  }
  return length;
}
