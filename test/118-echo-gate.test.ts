import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  defaultEchoRules as rules,
  echoStart,
  ownVoice,
  reference,
  stepEcho,
  type EchoState,
} from '../src/assistant/listening/echo-gate.js';

const frame = 32;

/** Frames of one level; whether each was taken for echo. */
function frames(
  state: EchoState,
  from: number,
  ms: number,
  db: (t: number) => number,
  referenceDb?: (t: number) => number,
): { state: EchoState; echoes: boolean[] } {
  const echoes: boolean[] = [];
  for (let t = from + frame; t <= from + ms; t += frame) {
    if (referenceDb !== undefined) state = reference(state, t, referenceDb(t), rules);
    const step = stepEcho(state, t, db(t), frame, rules);
    state = step.state;
    echoes.push(step.isEcho);
  }
  return { state, echoes };
}

describe('echo gate', () => {
  it('lets everything pass while the own voice is silent', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -100, max: 0, noNaN: true })), (levels) => {
        let state = echoStart;
        levels.forEach((db, i) => {
          const step = stepEcho(state, i * frame, db, frame, rules);
          expect(step.isEcho).toBe(false);
          state = step.state;
        });
      }),
    );
  });

  it('takes the own voice for echo, at any coupling, and learns it', () => {
    fc.assert(
      fc.property(fc.integer({ min: -40, max: 0 }), fc.boolean(), (coupling, hasReference) => {
        const level = (t: number): number => -20 + 4 * Math.sin(t / 90);
        const { state, echoes } = frames(
          ownVoice(echoStart, 0, true),
          0,
          4000,
          (t) => level(t) + coupling,
          hasReference ? level : undefined,
        );
        expect(echoes.every(Boolean)).toBe(true);
        // Speech 10 dB above the loudest echo is heard by then.
        expect(stepEcho(state, 4032, -16 + coupling + 10, frame, rules).isEcho).toBe(false);
      }),
    );
  });

  it('hears the driver within a reply, and the reply is echo again afterwards', () => {
    const reply = (t: number): number => -22 + 3 * Math.sin(t / 70);
    const started = frames(ownVoice(echoStart, 0, true), 0, 2000, (t) => reply(t) - 12, reply);
    const driver = frames(started.state, 2000, 800, () => -14, reply);
    expect(driver.echoes.filter(Boolean).length).toBeLessThan(3);
    const after = frames(driver.state, 2800, 800, (t) => reply(t) - 12, reply);
    expect(after.echoes.every(Boolean)).toBe(true);
  });

  it('holds for the tail and no longer', () => {
    const loud = frames(ownVoice(echoStart, 0, true), 0, 1000, () => -30);
    const over = ownVoice(loud.state, 1000, false);
    expect(stepEcho(over, 1000 + rules.tailMs, -30, frame, rules).isEcho).toBe(true);
    expect(stepEcho(over, 1001 + rules.tailMs, -30, frame, rules).isEcho).toBe(false);
  });
});
