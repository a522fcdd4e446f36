import { InvalidArgumentError } from 'commander';
import { seatWindow, type SeatWindow } from '../../src/camera/seat-window.js';

/** "0.4,0,1,1" as a window of the picture. */
export function seatOf(text: string): SeatWindow {
  const seat = seatWindow(text.split(',').map((share) => (share.trim() === '' ? Number.NaN : Number(share))));
  if (seat !== null) return seat;
  throw new InvalidArgumentError('Expected left,top,right,bottom from 0 to 1 with commas between.');
}
