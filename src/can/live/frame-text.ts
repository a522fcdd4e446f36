import { VigilError } from '../../runtime/errors.js';
import { FrameFlag } from '../frames.js';
import type { CanFrame } from './can-bus.js';
import { checkFrame } from './frame-check.js';

const forms = '123#DEADBEEF, 18DAF110#0102, 123#R4, 123##1AABB (CAN FD, flags 1: bit rate switch)';

function malformed(text: string, why: string): VigilError {
  return new VigilError(
    'CAN_FRAME_INVALID',
    `Expected a frame as cansend takes it but received ${JSON.stringify(text)}: ${why}.`,
    `Forms: ${forms}.`,
  );
}

/** Pairs of hexadecimal digits; dots between bytes are allowed. Undefined when it is something else. */
export function hexBytes(text: string): Uint8Array | undefined {
  const digits = text.replaceAll('.', '');
  if (digits.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(digits)) return undefined;
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) =>
    Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16),
  );
}

/**
 * Reads a frame in the form of `cansend`: three digits are an 11-bit identifier, eight a 29-bit one.
 * @throws VigilError `CAN_FRAME_INVALID`
 */
export function parseFrameText(text: string): CanFrame {
  const match = /^([0-9a-f]+)#(#([0-9a-f]))?(.*)$/i.exec(text);
  if (match === null) throw malformed(text, 'no # after an identifier');
  const [, idText, , fdFlags, rest] = match;
  const isFd = text.includes('##');
  if (idText.length !== 3 && idText.length !== 8) {
    throw malformed(text, `an identifier has 3 or 8 digits, this has ${idText.length}`);
  }
  let flags = idText.length === 8 ? FrameFlag.extended : 0;
  let data: Uint8Array | undefined;
  if (!isFd && /^r[0-8]?$/i.test(rest)) {
    flags |= FrameFlag.remote;
    data = new Uint8Array(Number(rest.slice(1)));
  } else {
    data = hexBytes(rest);
  }
  if (data === undefined) throw malformed(text, 'the payload is no pairs of hexadecimal digits');
  if (isFd) {
    const bits = Number.parseInt(fdFlags, 16);
    flags |= FrameFlag.fd;
    if ((bits & 1) !== 0) flags |= FrameFlag.bitRateSwitch;
    if ((bits & 2) !== 0) flags |= FrameFlag.errorStateIndicator;
  }
  const frame: CanFrame = { id: Number.parseInt(idText, 16), flags, data };
  checkFrame(frame);
  return frame;
}
