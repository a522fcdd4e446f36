import { describe, expect, it } from 'vitest';
import { initialDriver } from '../src/driver/memory.js';
import type { DriverInput } from '../src/driver/outputs.js';
import { loadPolicies, type Policy } from '../src/driver/policy/policy.js';
import { perform } from './70-support/person.js';
import { drive, feed, inOrder, policy } from './70-support/watch.js';

const eu = loadPolicies('eu-addw-2023-2590+eu-ddaw-2021-1341');
const asked = (t: number): DriverInput => ({ kind: 'policy', t, policies: eu });
const named = [
  { id: 'eu-addw-2023-2590', version: 1 },
  { id: 'eu-ddaw-2021-1341', version: 1 },
];
const eyesClosed = [{ fromMs: 40_000, forMs: 2000 }];
const lengthMs = 50_000;

describe('other policies', () => {
  it('are refused while the vehicle moves, or may move', () => {
    const moving = feed(inOrder([...drive(perform({ lengthMs: 20_000 }), 30), asked(10_000)]));
    expect(moving.outputs.filter(({ kind }) => kind.startsWith('policy'))).toMatchObject([
      { kind: 'policyRefused', t: 10_000, reason: 'moving', policies: named },
    ]);
    const unknown = feed(inOrder([...drive(perform({ lengthMs: 20_000 }), () => null), asked(10_000)]));
    expect(unknown.outputs.filter(({ kind }) => kind.startsWith('policy'))).toMatchObject([
      { kind: 'policyRefused', reason: 'speedUnknown' },
    ]);
    expect(moving.driver.machine.policies.map(({ id }) => id)).toEqual(['euroncap-2026']);
  });

  it('that contradict each other are refused', () => {
    const twice: DriverInput = { kind: 'policy', t: 10_000, policies: [policy, policy] };
    const { outputs } = feed(inOrder([...drive(perform({ lengthMs: 20_000 }), 0), twice]));
    expect(outputs.filter(({ kind }) => kind.startsWith('policy'))).toMatchObject([{ reason: 'conflict' }]);
  });

  it('are taken at standstill, and what was learnt about the driver holds', () => {
    const inputs = drive(perform({ lengthMs, closings: eyesClosed }), (t) => (t < 30_000 ? 0 : 80));
    const swapped = feed(inOrder([...inputs, asked(20_000)]));
    const kept = feed(inputs);
    expect(swapped.outputs.filter(({ kind }) => kind.startsWith('policy'))).toMatchObject([
      { kind: 'policyChanged', t: 20_000, policies: named },
    ]);
    expect(JSON.stringify(swapped.driver.view)).toBe(JSON.stringify(kept.driver.view));
    expect(swapped.states.map(({ state }) => state.kind)).toEqual(['calibrating', 'attentive']);
    // Closed eyes are no rule of the EU's, but of Euro NCAP's.
    expect(swapped.started).toEqual([]);
    expect(kept.started.map(({ rule }) => rule)).toEqual(['microsleep']);
  });

  it('end prompts in progress', () => {
    const { microsleep } = policy.rules;
    const anySpeed: Policy = {
      ...policy,
      rules: { microsleep: { ...microsleep!, values: { ...microsleep!.values, minSpeedKmh: 0 } } },
    };
    const inputs = drive(perform({ lengthMs, closings: [{ fromMs: 20_000, forMs: 2500 }] }), 0);
    const { started, ended } = feed(inOrder([...inputs, asked(21_500)]), initialDriver({ policy: anySpeed }));
    expect(started.map(({ rule }) => rule)).toEqual(['microsleep']);
    expect(ended).toMatchObject([
      { reason: 'policyChanged', alert: { rule: 'microsleep', endedMs: 21_500 } },
    ]);
  });

  it('may be several from the start', () => {
    const [first, ...alongside] = eu;
    const driver = initialDriver({ policy: first, alongside });
    expect(driver.machine.rules.map(({ key }) => key)).toEqual([
      'eu-addw-2023-2590/longDistraction',
      'eu-addw-2023-2590/notFunctional',
      'eu-ddaw-2021-1341/drowsy',
      'eu-ddaw-2021-1341/notFunctional',
    ]);
  });
});

describe('a journey', () => {
  const turns = [{ fromMs: 40_000, forMs: 4000, yawDeg: -32, pitchDeg: -20 }];
  const inputs = drive(perform({ lengthMs, turns }), 60);
  const off: DriverInput = { kind: 'enable', t: 10_000, enabled: false };

  it('begins with everything switched on', () => {
    const silent = feed(inOrder([...inputs, off]));
    expect(silent.started).toEqual([]);
    const anew = feed(inOrder([...inputs, off, { kind: 'journey', t: 20_000 }]));
    expect(anew.outputs.filter(({ kind }) => kind === 'enabledChanged')).toEqual([
      { kind: 'enabledChanged', t: 10_000, enabled: false, because: 'driver' },
      { kind: 'enabledChanged', t: 20_000, enabled: true, because: 'journey' },
    ]);
    expect(anew.started.map(({ rule }) => rule)).toEqual(['longDistraction']);
  });

  it('begins with another driver and no driving behind, at a known standstill only', () => {
    const stop = (t: number): number | null => (t < 20_000 ? 90 : t < 30_000 ? 0 : 90);
    const film = perform({ lengthMs });
    const at = (t: number, speed: number | ((time: number) => number | null)) =>
      feed(inOrder([...drive(film, speed), { kind: 'journey', t }]));
    const anew = at(25_000, stop);
    const drivenMs = (watched: ReturnType<typeof feed>): number => watched.driver.trip.task.drivingMs;
    expect(drivenMs(anew)).toBeLessThan(20_500);
    expect(anew.states.map(({ t, state }) => [state.kind, t >= 25_000]).slice(-2)).toEqual([
      ['calibrating', true],
      ['attentive', true],
    ]);
    const learnt = anew.measures.find(({ t }) => t > 25_000)!;
    expect(learnt.calibration).toBeLessThan(1);
    expect(learnt.kss.quality).not.toBe('valid');
    // While it moves, or may, the driver is the one it was.
    for (const [t, speed] of [
      [15_000, stop],
      [25_000, () => null],
    ] as const) {
      const same = at(t, speed);
      expect(same.states.map(({ state }) => state.kind)).toEqual(['calibrating', 'attentive']);
      expect(drivenMs(same)).toBeGreaterThan(39_000);
    }
  });

  it('forgets how the last trip was driven, for rules as well', () => {
    const stop = (t: number): number => (t < 40_000 ? 90 : t < 45_000 ? 0 : 90);
    const inputs2 = drive(perform({ lengthMs }), stop);
    const drowsy = ({ driver }: ReturnType<typeof feed>): number => {
      const i = driver.machine.rules.findIndex(({ rule }) => rule.name === 'drowsy');
      return driver.machine.memory[i].drivenMs;
    };
    expect(drowsy(feed(inputs2))).toBeGreaterThan(44_000);
    expect(drowsy(feed(inOrder([...inputs2, { kind: 'journey', t: 42_000 }])))).toBeLessThan(6000);
  });

  it('begins without suppression', () => {
    const twice = [{ fromMs: 20_000, forMs: 4000, yawDeg: -32, pitchDeg: -20 }, ...turns];
    const looks = drive(perform({ lengthMs, turns: twice }), 60);
    const answered: DriverInput = { kind: 'acknowledge', t: 23_500 };
    const suppressed = feed(inOrder([...looks, answered]));
    expect(suppressed.started).toHaveLength(1);
    expect(suppressed.ended[0].reason).toBe('acknowledged');
    const anew = feed(inOrder([...looks, answered, { kind: 'journey', t: 30_000 }]));
    expect(anew.started).toHaveLength(2);
  });
});
