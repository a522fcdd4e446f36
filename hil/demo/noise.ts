/** Uniform numbers in [0, 1) from a 32-bit state (mulberry32): small, fast, the same on every machine. */
export function randomUniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 15), z | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Bell-shaped noise of the given standard deviation: the sum of three uniform numbers, never beyond 3 sigma. */
export function randomBell(uniform: () => number, sigma: number): number {
  // Three uniform numbers on [-1, 1] have a variance of 1 together.
  return sigma * (2 * (uniform() + uniform() + uniform()) - 3);
}
