import type { Interval } from './wilson.js';

/** Probability of at most `k` events when `mean` are expected. */
function cumulative(k: number, mean: number): number {
  let term = Math.exp(-mean);
  let sum = term;
  for (let i = 1; i <= k; i++) {
    term *= mean / i;
    sum += term;
  }
  return Math.min(1, sum);
}

/** The mean at which `probability(mean)` falls to `target`; it must decrease. */
function solve(target: number, probability: (mean: number) => number): number {
  let [low, high] = [0, 1];
  while (probability(high) > target) high *= 2;
  for (let i = 0; i < 100; i++) {
    const middle = (low + high) / 2;
    if (probability(middle) > target) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/**
 * Exact 95 % interval of a rate of rare events (Garwood 1936), per unit of `exposure`. With no events the upper
 * end is the one-sided bound, 3.0 over the exposure ("rule of three"); without exposure nothing is known.
 */
export function poissonRate(events: number, exposure: number): Interval {
  if (!(exposure > 0)) return { low: 0, high: Number.POSITIVE_INFINITY };
  if (events === 0) return { low: 0, high: -Math.log(0.05) / exposure };
  const high = solve(0.025, (mean) => cumulative(events, mean));
  const low = solve(0.975, (mean) => cumulative(events - 1, mean));
  return { low: low / exposure, high: high / exposure };
}
