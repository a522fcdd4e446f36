import { describe, expect, it } from 'vitest';
import { perform } from './70-support/person.js';
import { drive, feed } from './70-support/watch.js';

describe('a driver whose head sinks after the eyes have shut', () => {
  it('nods off, although the lids read less shut from above', () => {
    // As filmed: shut for 0.2 s, then the head goes down by 13 degrees and the lids read over a third of the open eye.
    const closings = [
      { fromMs: 30_000, forMs: 1300, toRatio: 0.36 },
      { fromMs: 30_000, forMs: 250, toRatio: 0.16 },
    ];
    const turns = [{ fromMs: 30_200, forMs: 1000, pitchDeg: -13 }];
    const watched = feed(drive(perform({ lengthMs: 40_000, closings, turns }), 80));
    expect(watched.started.map(({ rule }) => rule)).toEqual(['microsleep']);
  });
});
