import { writeSync } from 'node:fs';
import type { Observable } from 'rxjs';
import { FrameFlag, type CanFrames } from '../../src/can/frames.js';
import type { CanFrame } from '../../src/can/live/can-bus.js';

const extendedBit = 0x80000000;
const remoteBit = 0x40000000;
const errorBit = 0x20000000;

/** The kernel's form of a frame (struct can_frame, struct canfd_frame), in this machine's byte order. */
export function wireBytes({ id, flags, data }: CanFrame): Uint8Array {
  const fd = (flags & FrameFlag.fd) !== 0;
  const bytes = new Uint8Array(fd ? 72 : 16);
  let canId = id;
  if ((flags & FrameFlag.extended) !== 0) canId += extendedBit;
  if ((flags & FrameFlag.remote) !== 0) canId += remoteBit;
  if ((flags & FrameFlag.error) !== 0) canId += errorBit;
  new Uint32Array(bytes.buffer)[0] = canId;
  bytes[4] = data.length;
  if ((flags & FrameFlag.bitRateSwitch) !== 0) bytes[5] |= 1;
  if ((flags & FrameFlag.errorStateIndicator) !== 0) bytes[5] |= 2;
  if ((flags & FrameFlag.remote) === 0) bytes.set(data, 8);
  return bytes;
}

export function writeFrame(descriptor: number, frame: CanFrame): void {
  writeSync(descriptor, wireBytes(frame));
}

/** The rows of a batch as single frames. */
export function framesOfBatch(batch: CanFrames): CanFrame[] {
  return Array.from({ length: batch.count }, (_, row) => ({
    id: batch.id[row],
    flags: batch.flags[row],
    data: batch.data.slice(batch.offset[row], batch.offset[row] + batch.length[row]),
  }));
}

/** Waits until `count` frames came; fails after a while with what did come. */
export function nextFrames(
  frames$: Observable<CanFrames>,
  count: number,
  timeoutMs = 5000,
): Promise<CanFrame[]> {
  return new Promise((resolve, reject) => {
    const frames: CanFrame[] = [];
    const subscription = frames$.subscribe((batch) => {
      frames.push(...framesOfBatch(batch));
      if (frames.length < count) return;
      clearTimeout(timer);
      subscription.unsubscribe();
      resolve(frames);
    });
    const timer = setTimeout(() => {
      subscription.unsubscribe();
      reject(new Error(`${frames.length} of ${count} frames came`));
    }, timeoutMs);
  });
}

/** Waits until a value fits. */
export function nextValue<T>(
  values$: Observable<T>,
  fits: (value: T) => boolean,
  timeoutMs = 5000,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const seen: T[] = [];
    const timer = setTimeout(() => {
      subscription.unsubscribe();
      reject(new Error(`only ${JSON.stringify(seen)} came`));
    }, timeoutMs);
    const subscription = values$.subscribe((value) => {
      seen.push(value);
      if (!fits(value)) return;
      clearTimeout(timer);
      setImmediate(() => {
        subscription.unsubscribe();
      });
      resolve(value);
    });
  });
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
