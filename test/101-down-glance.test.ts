import { describe, expect, it } from 'vitest';
import { downGlanceParameters, initialDownGlance, stepDownGlance } from '../src/driver/eyes/down-glance.js';
import { blinking, perform } from './70-support/person.js';
import { drive, feed } from './70-support/watch.js';

const fromMs = 15_000;

/** Lids come down to a share of the open eye while the head pitches down. */
function lower(toRatio: number | undefined, pitchDeg: number, forMs = 2600) {
  const closing = { fromMs, forMs, ...(toRatio === undefined ? {} : { toRatio }) };
  return perform({
    lengthMs: 24_000,
    closings: [...blinking(fromMs), closing],
    turns: [{ fromMs: fromMs - 100, forMs: forMs + 300, pitchDeg }],
  });
}

const rules = (observations: ReturnType<typeof perform>): string[] =>
  feed(drive(observations, 80)).started.map(({ rule }) => rule);

describe('lids that follow the eyes down', () => {
  it('are a glance while the head goes down as well', () => {
    for (const ratio of [0.38, 0.42, 0.5]) expect(rules(lower(ratio, -12))).toEqual([]);
  });

  it('are a closure when the head stays', () => {
    expect(rules(lower(0.42, 0))).toContain('microsleep');
  });

  it('are a closure when they shut, however the head sinks', () => {
    for (const pitchDeg of [0, -8, -20]) expect(rules(lower(undefined, pitchDeg))).toContain('microsleep');
  });

  it('do not hide blinks on the way', () => {
    const observations = perform({
      lengthMs: 30_000,
      closings: blinking(30_000),
      turns: [{ fromMs: 10_000, forMs: 12_000, pitchDeg: -9 }],
    });
    const { measures } = feed(drive(observations));
    expect(measures.at(-1)?.blinks.count).toEqual({ quality: 'valid', value: blinking(30_000).length });
  });
});

describe('stepDownGlance', () => {
  const eyes = { open: 0.28, floor: 0.15 };

  it('gives the openness as it came without a head or a baseline', () => {
    for (const frame of [
      { ...eyes, pitchDeg: null, openness: 0.1 },
      { ...eyes, pitchDeg: -30, openness: 0.1, open: null },
      { ...eyes, pitchDeg: Number.NaN, openness: 0.1 },
    ])
      expect(stepDownGlance(initialDownGlance, 0, frame).openness).toBe(0.1);
  });

  it('adds what the glance hides, never more than the open eye, until the head is back', () => {
    let { state } = stepDownGlance(initialDownGlance, 0, { ...eyes, pitchDeg: 0, openness: 0.28 });
    const at = (t: number, pitchDeg: number, openness: number): number | null => {
      const step = stepDownGlance(state, t, { ...eyes, pitchDeg, openness });
      ({ state } = step);
      return step.openness;
    };
    expect(at(40, -10, 0.14)).toBeCloseTo(0.14 + downGlanceParameters.hiddenShare * 0.28, 10);
    expect(at(80, -10, 0.2)).toBe(0.28);
    expect(at(120, -2, 0.14)).toBe(0.14);
    expect(at(160, -10, 0.05)).toBe(0.05);
  });
});
