import { describe, expect, it } from 'vitest';
import { valid } from '../src/driver/measured.js';
import type { DriverFacts } from '../src/driver/policy/facts.js';
import { away, closed, run } from './70-support/policy-run.js';

const drowsyFrom =
  (fromMs: number, toMs = Number.POSITIVE_INFINITY) =>
  (t: number): Partial<DriverFacts> =>
    t >= fromMs && t < toMs ? { perclosShort: valid(0.2), perclosLong: valid(0.12) } : {};

describe('a prompt', () => {
  it('grows while it is not answered, by the steps of its rule', () => {
    const { started, changed } = run((t) => away(t, 5000, 8000, { area3Ms: Math.max(0, t - 5000) }), {
      policies: 'eu-addw-2023-2590',
      untilMs: 20_000,
    });
    expect(started).toHaveLength(1);
    expect(started[0]).toMatchObject({
      startedMs: 8500,
      level: 'warning',
      modalities: ['visual', 'audible'],
    });
    expect(changed.map(({ t, change, alert }) => [t, change, alert.level, alert.modalities.length])).toEqual([
      [10_500, 'escalated', 'warning', 3],
    ]);
  });

  it('does not grow any more once its state is over', () => {
    const looks = (t: number): Partial<DriverFacts> =>
      t < 5000 ? {} : t < 9000 ? away(t, 5000, 8000, { area3Ms: t - 5000 }) : { forwardSinceMs: null };
    const { changed, ended } = run(looks, { policies: 'eu-addw-2023-2590', untilMs: 20_000 });
    expect(changed).toEqual([]);
    expect(ended).toMatchObject([{ t: 11_000, reason: 'stateOver' }]);
  });

  it('of fatigue grows until it is acknowledged, and comes back as a reminder', () => {
    const options = { policies: 'eu-ddaw-2021-1341', untilMs: 1_100_000, stepMs: 500 };
    const ignored = run(drowsyFrom(70_000), options);
    expect(ignored.started).toHaveLength(1);
    expect(ignored.changed.map(({ t, alert }) => [t, alert.level])).toEqual([
      [80_000, 'warning'],
      [100_000, 'urgent'],
    ]);
    const answered = run(drowsyFrom(70_000), { ...options, acknowledgeMs: [90_000] });
    expect(answered.ended[0]).toMatchObject({ t: 90_000, reason: 'acknowledged' });
    expect(answered.started.map(({ startedMs }) => startedMs)).toEqual([70_000, 990_000]);
    expect(answered.suggestions.map(({ t }) => t)).toEqual([70_000, 990_000]);
  });

  it('of the next drowsiness does not wait for the reminder of the last', () => {
    const twice = (t: number): Partial<DriverFacts> =>
      t < 200_000 ? drowsyFrom(70_000, 120_000)(t) : drowsyFrom(200_000)(t);
    const { started } = run(twice, { untilMs: 260_000, stepMs: 500, acknowledgeMs: [80_000] });
    expect(started.map(({ startedMs }) => startedMs)).toEqual([70_000, 200_000]);
  });

  it('carries the suggestion of a rest break with policy, rule and clause', () => {
    const { outputs } = run(drowsyFrom(70_000), { untilMs: 80_000 });
    expect(outputs.find(({ kind }) => kind === 'suggestion')).toMatchObject({
      what: 'restBreak',
      because: { alertId: 'drowsy-1', policy: 'euroncap-2026', rule: 'drowsy' },
    });
  });
});

describe('an acknowledgement', () => {
  it('ends the prompt of a distraction and suppresses the next ones for a while', () => {
    const looks = (t: number): Partial<DriverFacts> => {
      if (t < 20_000) return away(t, 5000, 5000);
      return t < 50_000 ? away(t, 25_000, 5000) : away(t, 50_000, 5000);
    };
    const { started, ended, states } = run(looks, { untilMs: 60_000, acknowledgeMs: [8500] });
    expect(ended[0]).toMatchObject({ t: 8500, reason: 'acknowledged', alert: { acknowledgedMs: 8500 } });
    expect(started.map(({ startedMs }) => startedMs)).toEqual([8000, 53_000]);
    // The state is the driver's all the same.
    expect(states.filter(({ state }) => state.kind === 'longDistraction')).toHaveLength(3);
  });

  it.each([
    ['microsleep', (t: number) => closed(t, 25_000, 2000)],
    ['sleep', (t: number) => closed(t, 25_000, 4000)],
    ['unresponsive', (t: number) => closed(t, 25_000, 7000)],
    ['unresponsive', (t: number) => away(t, 25_000, 7000)],
  ] as const)('never keeps %s quiet', (rule, later) => {
    const looks = (t: number): Partial<DriverFacts> => (t < 20_000 ? away(t, 5000, 5000) : later(t));
    const { started } = run(looks, { untilMs: 40_000, acknowledgeMs: [8500] });
    expect(started.map((alert) => alert.rule)).toContain(rule);
  });

  it('of closed eyes stops the growth and nothing else', () => {
    const eyes = (t: number): Partial<DriverFacts> => closed(t, 5000, 2800);
    const { changed, ended } = run(eyes, { untilMs: 12_000, acknowledgeMs: [6500] });
    expect(changed.map(({ change }) => change)).toEqual(['acknowledged']);
    expect(ended).toMatchObject([
      { reason: 'driverBack', alert: { rule: 'microsleep', acknowledgedMs: 6500 } },
    ]);
  });
});

describe('switching prompts off', () => {
  it('holds distraction back, never closed eyes', () => {
    const facts = (t: number): Partial<DriverFacts> =>
      t < 15_000 ? away(t, 5000, 5000) : closed(t, 20_000, 2000);
    const { started } = run(facts, { untilMs: 30_000, enabled: () => false });
    expect(started.map(({ rule }) => rule)).toEqual(['microsleep']);
  });

  it('ends the prompt in progress', () => {
    const { ended } = run((t) => away(t, 5000, 4500), { untilMs: 20_000, enabled: (t) => t < 9000 });
    expect(ended).toMatchObject([{ t: 9000, reason: 'switchedOff' }]);
  });
});
