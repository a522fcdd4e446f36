/**
 * Where in the image the driver's face belongs, in shares of its width and height, as the camera delivers it
 * (before any mirroring is undone).
 */
export interface SeatWindow {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** In the order that the addon wants. */
export function seatShares({ left, top, right, bottom }: SeatWindow): Float64Array {
  return Float64Array.of(left, top, right, bottom);
}
