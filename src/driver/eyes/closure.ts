/**
 * How far the lids are closed, relative to this driver: 0 wide open, 1 as closed as this driver's eyes get.
 * closure = (open - openness) / (open - closed), limited to 0 and 1.
 *
 * `open` comes from the openness baseline; `closed` is floor x open, with a floor learnt from this driver's
 * blinks, because landmarks of closed lids never coincide (measured: 0.17 of open at the median, 0.37 at worst).
 */
export const floorParameters = {
  /** Before any blink was seen. */
  prior: 0.15,
  min: 0.05,
  max: 0.4,
  /** The floor approaches a deeper blink quickly and a shallower one slowly: a camera frame often misses the deepest instant of a blink, never overshoots it. */
  downRate: 0.3,
  upRate: 0.1,
} as const;

/** @param openness finite @param open the baseline, > 0 @param floor closed over open, 0 to 1 exclusive */
export function closureRatio(openness: number, open: number, floor: number): number {
  const closure = (open - openness) / (open * (1 - floor));
  return Math.min(1, Math.max(0, closure));
}

/** Openness over the baseline at which the closure reaches `closure`. Inverse of `closureRatio` with open = 1. */
export function ratioAtClosure(closure: number, floor: number): number {
  return 1 - closure * (1 - floor);
}

/** The floor after a blink whose smallest openness was `minRatio` of the baseline. */
export function learnFloor(floor: number, minRatio: number): number {
  const p = floorParameters;
  const rate = minRatio < floor ? p.downRate : p.upRate;
  return Math.min(p.max, Math.max(p.min, floor + rate * (minRatio - floor)));
}
