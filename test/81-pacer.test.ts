import { describe, expect, it } from 'vitest';
import { Pacer } from '../hil/replay/pacer.js';

/** A clock that only sleeping, and what a test says, moves on; every sleep takes `overshoot` longer than asked. */
function virtualTime(overshoot: number): {
  clock: { now: () => number };
  sleep: (ms: number) => Promise<void>;
  pass: (ms: number) => void;
} {
  let now = 1000;
  return {
    clock: { now: () => now },
    sleep: (ms) => {
      now += ms + overshoot;
      return Promise.resolve();
    },
    pass: (ms) => (now += ms),
  };
}

describe('pacer', () => {
  it('does not let the error of one wait into the next: 2000 late wake-ups end no later than one', async () => {
    const time = virtualTime(3);
    const pacer = new Pacer(1, time.clock, time.sleep);
    for (let i = 0; i <= 2000; i++) await pacer.until(i * 100);
    expect(time.clock.now() - 1000).toBeGreaterThanOrEqual(200_000 - 1);
    expect(time.clock.now() - 1000).toBeLessThanOrEqual(200_003);
    expect(pacer.lastLatenessMs).toBeLessThanOrEqual(3);
  });

  it('catches up after a long pause instead of shifting the rest', async () => {
    const time = virtualTime(0);
    const pacer = new Pacer(1, time.clock, time.sleep);
    await pacer.until(0);
    time.pass(500);
    await pacer.until(100);
    expect(pacer.lastLatenessMs).toBe(400);
    await pacer.until(1000);
    expect(pacer.lastLatenessMs).toBe(0);
    expect(time.clock.now()).toBe(2000);
  });

  it('runs faster or slower than the clock', async () => {
    const time = virtualTime(0);
    const pacer = new Pacer(4, time.clock, time.sleep);
    await pacer.until(50);
    await pacer.until(4050);
    expect(time.clock.now()).toBe(2000);
  });
});
