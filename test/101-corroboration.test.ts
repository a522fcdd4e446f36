import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  corroborationMeasures,
  initialCorroboration,
  stepCorroboration,
  type Corroboration,
  type CorroborationReasons,
  type CorroborationFrame,
} from '../src/driver/corroboration/corroboration.js';
import type { Measured } from '../src/driver/measured.js';

const fps = 30;

function play(lengthMs: number, frame: (t: number) => CorroborationFrame, rate = fps): Corroboration {
  let state = initialCorroboration;
  for (let i = 0; (i * 1000) / rate < lengthMs; i++) {
    const t = (i * 1000) / rate;
    state = stepCorroboration(state, t, frame(t));
  }
  return state;
}

const level = { pitchDeg: 0, rollDeg: 0 };
const mouth = (opening: (t: number) => number) => (t: number) => ({ mouthOpening: opening(t), head: level });
const pitch = (deg: (t: number) => number) => (t: number) => ({
  mouthOpening: 0.02,
  head: { pitchDeg: deg(t), rollDeg: 0 },
});

/** Down over `downMs`, held, up over `upMs`. */
function dip(
  t: number,
  fromMs: number,
  depthDeg: number,
  downMs: number,
  heldMs: number,
  upMs: number,
): number {
  const s = t - fromMs;
  if (s <= 0 || s >= downMs + heldMs + upMs) return 0;
  if (s < downMs) return (-depthDeg * s) / downMs;
  return s < downMs + heldMs ? -depthDeg : -depthDeg * (1 - (s - downMs - heldMs) / upMs);
}

const seen = { mouth: null, head: null };
const word = <T>(measured: Measured<T>): T | string =>
  measured.quality === 'valid' ? measured.value : measured.reason;

/** Values, or why there are none. */
function measured(state: Corroboration, reasons: CorroborationReasons = seen) {
  const { yawns, nods, speaking, headResting } = corroborationMeasures(state, reasons);
  return {
    yawns: word(yawns),
    nods: word(nods),
    speaking: word(speaking),
    headResting: word(headResting),
  };
}

describe('yawns', () => {
  it('are mouths wide open for 1.5 s and more', () => {
    const yawn = (forMs: number) => mouth((t) => (t > 2000 && t < 2000 + forMs ? 0.7 : 0.05));
    expect(measured(play(8000, yawn(2500))).yawns).toBe(1);
    expect(measured(play(8000, yawn(1200))).yawns).toBe(0);
    expect(
      measured(
        play(
          8000,
          mouth((t) => (t > 2000 ? 0.45 : 0.05)),
        ),
      ).yawns,
    ).toBe(0);
  });

  it('go on over a dip and a hole, and count once', () => {
    const state = play(9000, (t) => ({
      mouthOpening:
        t > 3000 && t < 3300 ? null : t > 2000 && t < 5000 ? 0.5 + 0.2 * Math.sin(t / 300) ** 2 : 0,
      head: level,
    }));
    expect(state.events.filter(({ kind }) => kind === 'yawn')).toHaveLength(1);
  });
});

describe('nods', () => {
  it('are heads that sink by 12 to 45 degrees and jerk up', () => {
    const nod = (depthDeg: number, upMs: number) => pitch((t) => dip(t, 3000, depthDeg, 900, 300, upMs));
    expect(measured(play(9000, nod(18, 300))).nods).toBe(1);
    expect(measured(play(9000, nod(7, 300))).nods).toBe(0);
    expect(measured(play(9000, nod(18, 2500))).nods).toBe(0);
    expect(measured(play(9000, nod(60, 300))).nods).toBe(0);
  });

  it('are not looks down that last', () => {
    expect(
      measured(
        play(
          20_000,
          pitch((t) => dip(t, 3000, 20, 400, 8000, 300)),
        ),
      ).nods,
    ).toBe(0);
  });

  it('keep to their depth whatever the slow drift of posture', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -20, max: 20, noNaN: true }),
        fc.double({ min: 13.5, max: 40, noNaN: true }),
        (offset, depth) => {
          const state = play(
            9000,
            pitch((t) => offset + dip(t, 4000, depth, 800, 200, 300)),
          );
          expect(measured(state).nods).toBe(1);
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('speaking', () => {
  const lips = (hz: number, size = 0.08) =>
    mouth((t) => 0.1 + size * Math.sin((2 * Math.PI * hz * t) / 1000));

  it('is lips that move two to seven times a second', () => {
    for (const hz of [2.5, 4, 6]) expect(measured(play(4000, lips(hz))).speaking).toBe(true);
    for (const hz of [0.5, 1.2]) expect(measured(play(4000, lips(hz))).speaking).toBe(false);
    expect(measured(play(4000, lips(4, 0.005))).speaking).toBe(false);
  });

  it('is unknown without frames enough', () => {
    expect(measured(play(4000, lips(4), 10)).speaking).toBe('tooLittleMeasured');
    expect(measured(play(1000, lips(4))).speaking).toBe('tooLittleMeasured');
    expect(measured(play(4000, () => ({ mouthOpening: null, head: null }))).speaking).toBe(
      'tooLittleMeasured',
    );
  });
});

describe('a resting head', () => {
  const rest = (pitchDeg: number, rollDeg: number, wobbleDeg: number) => (t: number) => ({
    mouthOpening: 0,
    head: { pitchDeg: pitchDeg + wobbleDeg * Math.sin(t / 200), rollDeg },
  });

  it('lies far from upright, and still', () => {
    expect(measured(play(6000, rest(0, 22, 0.5))).headResting).toBe(true);
    expect(measured(play(6000, rest(-28, 0, 0.5))).headResting).toBe(true);
    expect(measured(play(6000, rest(-28, 0, 4))).headResting).toBe(false);
    expect(measured(play(6000, rest(0, 5, 0.2))).headResting).toBe(false);
    expect(measured(play(3000, rest(0, 22, 0.2))).headResting).toBe(false);
  });
});

describe('corroboration', () => {
  it('forgets after ten minutes', () => {
    const state = play(
      612_000,
      mouth((t) => (t > 1000 && t < 4000 ? 0.7 : 0.05)),
      5,
    );
    expect(state.events).toEqual([]);
  });

  it('says why it says nothing: a covered mouth, a head out of sight', () => {
    const state = play(
      8000,
      mouth((t) => (t > 2000 && t < 4500 ? 0.7 : 0.05)),
    );
    expect(measured(state)).toMatchObject({ yawns: 1, nods: 0, headResting: false });
    expect(measured(state, { mouth: 'lowerFaceCovered', head: null })).toMatchObject({
      yawns: 'lowerFaceCovered',
      nods: 0,
    });
    expect(measured(initialCorroboration, { mouth: 'noFace', head: 'noFace' })).toEqual({
      yawns: 0,
      nods: 0,
      speaking: 'noFace',
      headResting: 'noFace',
    });
  });

  it('is bounded and never throws, whatever comes', () => {
    const value = fc.oneof(fc.constant(null), fc.double({ min: -90, max: 90, noNaN: true }));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 2000 }), value, value), { maxLength: 200 }),
        (steps) => {
          let state = initialCorroboration;
          let t = 0;
          for (const [elapsed, opening, pitchDeg] of steps) {
            t += elapsed;
            const head = pitchDeg === null ? null : { pitchDeg, rollDeg: 0 };
            state = stepCorroboration(state, t, { mouthOpening: opening, head });
            for (const { startMs, endMs } of state.events) expect(startMs).toBeLessThanOrEqual(endMs);
          }
          expect(state.lips.length).toBeLessThanOrEqual(2000);
          corroborationMeasures(state, seen);
        },
      ),
      { numRuns: 60 },
    );
  });
});
