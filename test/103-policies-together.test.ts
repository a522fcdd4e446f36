import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { valid } from '../src/driver/measured.js';
import type { DriverFacts } from '../src/driver/policy/facts.js';
import { away, closed, run } from './70-support/policy-run.js';

const eu = 'eu-addw-2023-2590+eu-ddaw-2021-1341';
const all = `euroncap-2026+${eu}`;

describe('policies in force together', () => {
  it('ADDW and DDAW each tell of their own', () => {
    const facts = (t: number): Partial<DriverFacts> => ({
      ...away(t, 100_000, 4500, { area3Ms: Math.max(0, Math.min(4500, t - 100_000)) }),
      ...(t > 70_000 && t < 130_000 ? { perclosShort: valid(0.2), perclosLong: valid(0.2) } : {}),
    });
    const { started } = run(facts, { policies: eu, untilMs: 140_000 });
    expect(started.map(({ policy, rule, startedMs }) => [policy.id, rule, startedMs])).toEqual([
      ['eu-ddaw-2021-1341', 'drowsy', 70_050],
      ['eu-addw-2023-2590', 'longDistraction', 103_500],
    ]);
  });

  it('give one prompt for one cause, which names them all', () => {
    const facts = (t: number): Partial<DriverFacts> =>
      away(t, 5000, 5000, { area3Ms: Math.max(0, t - 5000) });
    const { started, changed, mostAtOnce } = run(facts, { policies: all, untilMs: 20_000 });
    expect(started.map(({ policy, startedMs }) => [policy.id, startedMs])).toEqual([['euroncap-2026', 8000]]);
    const joined = changed.filter(({ change }) => change === 'joined');
    expect(joined.map(({ t, alert }) => [t, alert.alsoBy.map(({ policy }) => policy.id)])).toEqual([
      [8500, ['eu-addw-2023-2590']],
    ]);
    expect(mostAtOnce).toBe(1);
  });

  it('make way for the more urgent', () => {
    const facts = (t: number): Partial<DriverFacts> =>
      t < 9000 ? away(t, 5000, 5000, { area3Ms: t - 5000 }) : closed(t, 9000, 1500);
    const { started, ended, mostAtOnce } = run(facts, { policies: all, untilMs: 20_000 });
    expect(started.map(({ rule }) => rule)).toEqual(['longDistraction', 'microsleep']);
    expect(ended[0]).toMatchObject({ reason: 'escalated', alert: { rule: 'longDistraction' } });
    expect(mostAtOnce).toBe(1);
  });

  const stretch = fc.record({
    what: fc.constantFrom('ahead', 'away', 'below', 'closed', 'drowsy', 'unseen', 'phone'),
    forMs: fc.integer({ min: 200, max: 9000 }),
    speedKmh: fc.constantFrom(null, 0, 15, 18, 30, 48, 60, 90),
    acknowledged: fc.boolean(),
  });

  interface Placed {
    readonly fromMs: number;
    readonly toMs: number;
    readonly what: string;
    readonly speedKmh: number | null;
  }

  function factsOf(stretches: readonly Placed[]): (t: number) => Partial<DriverFacts> {
    return (t) => {
      const now = stretches.find(({ fromMs, toMs }) => t >= fromMs && t < toMs);
      if (now === undefined) return { speedKmh: 60, forwardSinceMs: stretches.at(-1)?.toMs ?? 0 };
      const { fromMs, what, speedKmh } = now;
      const look = (more = {}): Partial<DriverFacts> => away(t, fromMs, 1e9, more);
      switch (what) {
        case 'away':
          return { speedKmh, ...look() };
        case 'below':
          return { speedKmh, ...look({ area3Ms: t - fromMs }) };
        case 'closed':
          return { speedKmh, ...closed(t, fromMs, 1e9) };
        case 'phone':
          return { speedKmh, ...look(), phoneSinceMs: fromMs };
        case 'drowsy':
          return { speedKmh, perclosShort: valid(0.3), perclosLong: valid(0.3), forwardSinceMs: fromMs };
        case 'unseen':
          return { speedKmh, lastObservationMs: fromMs, lastMeasuredMs: fromMs, forwardSinceMs: null };
        default:
          return { speedKmh, forwardSinceMs: fromMs };
      }
    };
  }

  it('keep their promises whatever the driver does', () => {
    fc.assert(
      fc.property(fc.array(stretch, { minLength: 1, maxLength: 12 }), (raw) => {
        let fromMs = 65_000;
        const acknowledgeMs: number[] = [];
        const stretches = raw.map(({ what, forMs, speedKmh, acknowledged }): Placed => {
          const placed = { fromMs, toMs: fromMs + forMs, what, speedKmh };
          if (acknowledged) acknowledgeMs.push(fromMs + forMs / 2);
          fromMs += forMs;
          return placed;
        });
        const options = { policies: all, untilMs: fromMs + 10_000, stepMs: 100, acknowledgeMs };
        const once = run(factsOf(stretches), options);
        expect(once.mostAtOnce).toBeLessThanOrEqual(1);
        // Ten seconds awake and ahead end everything.
        expect(once.active).toEqual([]);
        expect(once.ended.map(({ alert }) => alert.id).toSorted()).toEqual(
          once.started.map(({ id }) => id).toSorted(),
        );
        expect(new Set(once.started.map(({ id }) => id)).size).toBe(once.started.length);
        const again = run(factsOf(stretches), options);
        expect(JSON.stringify(again.outputs)).toBe(JSON.stringify(once.outputs));
      }),
      { numRuns: 60 },
    );
  });

  it('raise closed eyes at any speed from the gate on, whatever was acknowledged before', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1100, max: 8000 }),
        fc.constantFrom(null, 21, 60, 130),
        fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 5 }),
        (forMs, speedKmh, acknowledge) => {
          const facts = (t: number): Partial<DriverFacts> => ({
            ...(t < 12_000 ? away(t, 5000, 4000) : closed(t, 12_000, forMs)),
            speedKmh,
          });
          const { started } = run(facts, {
            policies: all,
            untilMs: 25_000,
            acknowledgeMs: acknowledge.toSorted((a, b) => a - b),
          });
          const rules = started.map(({ rule }) => rule);
          expect(rules).toContain('microsleep');
          expect(rules.includes('sleep')).toBe(forMs > 3000);
          expect(rules.includes('unresponsive')).toBe(forMs > 6000);
        },
      ),
      { numRuns: 60 },
    );
  });
});
