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

/** From left, top, right and bottom; null when they are no window within the picture. */
export function seatWindow(shares: readonly number[]): SeatWindow | null {
  if (shares.length !== 4 || !shares.every((share) => share >= 0 && share <= 1)) return null;
  const [left, top, right, bottom] = shares;
  return left < right && top < bottom ? { left, top, right, bottom } : null;
}
