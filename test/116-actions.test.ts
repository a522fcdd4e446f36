import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadActions } from '../src/assistant/action/load-actions.js';
import { planOf, type PlanOptions } from '../src/assistant/action/plan.js';
import { placeGroups, places, type Place } from '../src/assistant/action/place.js';
import { loadSafety } from '../src/assistant/action/safety.js';
import { loadCommands } from '../src/assistant/grammar/load.js';
import { loadReplies } from '../src/assistant/reply/replies.js';
import { answer, stateSentences } from '../src/assistant/reply/wording.js';
import type { Quality } from '../src/vehicle/quality.js';
import { loadTree, requireSignal } from '../src/vehicle/tree.js';
import { checkValue, type SignalValue } from '../src/vehicle/value.js';

const tree = loadTree();
const actions = loadActions(tree);
const safety = loadSafety(tree);
const replies = loadReplies('en');
const commands = loadCommands('en');

function options(values: Record<string, SignalValue | readonly [SignalValue, Quality]> = {}): PlanOptions {
  const samples = Object.entries(values).map(([path, entry]) => {
    const [value, quality] = Array.isArray(entry)
      ? (entry as readonly [SignalValue, Quality])
      : [entry as SignalValue, 'valid' as const];
    return [path, { path, value, t: 0, quality, reason: '', source: 'test' }] as const;
  });
  return {
    actions,
    safety,
    view: { tree, samples: Object.fromEntries(samples) },
    destinations: {},
    replaced: {},
  };
}

const plan = (
  intent: string,
  slots: Record<string, SignalValue>,
  values: Parameters<typeof options>[0],
  speaker: Place = 'driver',
): ReturnType<typeof planOf> => planOf({ intent, slots, speaker }, options(values));

/** Path to value of what a plan moves. */
function moves(result: ReturnType<typeof planOf>): Record<string, SignalValue> {
  if (result.kind !== 'effects' && result.kind !== 'destination') return {};
  return Object.fromEntries(result.effects.map(({ path, value }) => [path, value]));
}

const window = (place: string): string => `Vehicle.Cabin.Door.${place}.Window.Position`;
const station = (place: string): string => `Vehicle.Cabin.HVAC.Station.${place}.Temperature`;

describe('every intent', () => {
  const talk = ['help', 'cancel', 'undo', 'repeat', 'yes', 'no'].map((name) => `dialog.${name}`);

  it('is mapped, is about the dialog itself, or is named as what this car cannot do', () => {
    const homeless = commands.intents
      .map(({ name }) => name)
      .filter((name) => !actions.intents.has(name) && !actions.unsupported.has(name))
      .filter((name) => !talk.includes(name) && !name.startsWith('dialog.correct.'));
    expect(homeless).toEqual([]);
  });

  it('that is mapped can be said', () => {
    const names = new Set(commands.intents.map(({ name }) => name));
    const unknown = [...actions.intents.keys(), ...actions.unsupported].filter((name) => !names.has(name));
    expect(unknown).toEqual([]);
  });

  it('has words for all that it moves and answers', () => {
    for (const [name, { action }] of actions.intents) {
      if (action.kind === 'effects') {
        for (const { path, seen } of action.effects)
          expect(Object.keys(replies.things)).toContain(seen.kind === 'target' ? path : seen.path);
      }
      if (action.kind === 'read') expect(Object.keys(replies.answers)).toContain(name);
    }
    for (const { reason } of safety) expect(Object.keys(replies.refusals)).toContain(reason);
  });
});

describe('files of the assistant', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'vigil-actions-')), 'actions.yaml');
  const reading = (text: string): (() => unknown) => {
    writeFileSync(file, text);
    return () => loadActions(tree, file);
  };

  it('name the entry that is wrong', () => {
    expect(reading('intents: { a: { do: [{ path: Vehicle.Speed, to: 3 }] } }\nunsupported: []')).toThrow(
      /Expected an actuator for .*intents\.a\.do\[0\]\.path .* found Vehicle\.Speed, a sensor/,
    );
    expect(reading('intents: { a: { do: [{ path: Vehicle.Nothing, to: 3 }] } }\nunsupported: []')).toThrow(
      /Vehicle\.Nothing/,
    );
    expect(reading('intents: { a: { dew: 1 } }\nunsupported: []')).toThrow(/found dew/);
    expect(reading('intents: { a: { destination: home } }\nunsupported: [a]')).toThrow(/without an action/);
  });
});

describe('places', () => {
  it('"mine" is where the speaker sits; rows and sides follow the driver\'s side', () => {
    const parked = { 'Vehicle.Speed': 0 };
    expect(moves(plan('window.open', { window: 'mine' }, parked, 'rearRight'))).toEqual({
      [window('Row2.PassengerSide')]: 100,
    });
    const rhd = { ...parked, 'Vehicle.Cabin.DriverPosition': 'RIGHT' };
    expect(moves(plan('window.open', { window: 'rearRight' }, rhd))).toEqual({
      [window('Row2.DriverSide')]: 100,
    });
    expect(moves(plan('window.open', { window: 'frontLeft' }, rhd))).toEqual({
      [window('Row1.PassengerSide')]: 100,
    });
    expect(moves(plan('climate.temperature.set', { celsius: 21 }, {}, 'passenger'))).toEqual({
      [station('Row1.Passenger')]: 21,
    });
  });

  it('all places at once, and none where it cannot be', () => {
    const closed = Object.fromEntries(
      ['Row1.DriverSide', 'Row1.PassengerSide', 'Row2.DriverSide', 'Row2.PassengerSide'].map((place) => [
        window(place),
        0,
      ]),
    );
    const all = plan('window.openAll', {}, { ...closed, 'Vehicle.Speed': 30 });
    expect(Object.keys(moves(all))).toHaveLength(placeGroups.all.length);
    expect(plan('seat.massage.on', {}, {}, 'rearLeft').kind).toBe('unsupported');
  });
});

describe('steps', () => {
  it('start from what is known and stop at the limits', () => {
    const at = (celsius: number): Record<string, SignalValue> => ({ [station('Row1.Driver')]: celsius });
    expect(moves(plan('climate.temperature.raise', {}, at(21)))).toEqual(at(22));
    expect(moves(plan('climate.tooCold', {}, at(27)))).toEqual(at(28));
    expect(plan('climate.temperature.raise', {}, at(28)).kind).toBe('atLimit');
    expect(plan('climate.temperature.raise', {}, {}).kind).toBe('unknownNow');
    const stale = { [station('Row1.Driver')]: [21, 'stale'] as const };
    expect(plan('climate.temperature.raise', {}, stale).kind).toBe('unknownNow');
  });
});

describe('what is seen', () => {
  it('is near enough for a window, not for a temperature or a place', () => {
    const at = station('Row1.Driver');
    expect(plan('climate.temperature.set', { celsius: 28 }, { [at]: 27.5 }).kind).toBe('effects');
    const parked = { 'Vehicle.Speed': 0, [window('Row1.DriverSide')]: 99 };
    expect(plan('window.open', {}, parked).kind).toBe('already');
    const [latitude, longitude] = ['Latitude', 'Longitude'].map(
      (name) => `Vehicle.Cabin.Infotainment.Navigation.DestinationSet.${name}`,
    );
    const near = { name: 'home', latitudeDeg: 48.501, longitudeDeg: 9.5, distanceKm: null };
    const result = planOf(
      { intent: 'navigation.home', slots: {}, speaker: 'driver' },
      { ...options({ [latitude]: 48.5, [longitude]: 9.5 }), destinations: { home: near } },
    );
    expect(moves(result)).toEqual({ [latitude]: 48.501, [longitude]: 9.5 });
  });
});

describe('answers', () => {
  it('say a figure only when it is fresh', () => {
    const path = 'Vehicle.Powertrain.Range';
    const say = (values: Parameters<typeof options>[0]): string => {
      const result = plan('status.range', {}, values);
      return result.kind === 'read' ? answer('status.range', result.facts, replies) : '';
    };
    expect(say({ [path]: 412_300 })).toBe('You can go another 412 kilometres.');
    expect(say({ [path]: [412_300, 'stale'] })).toBe(
      'I do not know the range at the moment: the last value is too old.',
    );
    expect(say({ [path]: [412_300, 'invalid'] })).not.toContain('412');
    expect(say({})).toBe('I do not know the range at the moment.');
  });

  it('take the lowest of several, and none when one is unknown', () => {
    const tyre = (side: string, row: number): string =>
      `Vehicle.Chassis.Axle.Row${row}.Wheel.${side}.Tire.Pressure`;
    const full = {
      [tyre('Left', 1)]: 240,
      [tyre('Right', 1)]: 210,
      [tyre('Left', 2)]: 250,
      [tyre('Right', 2)]: 250,
    };
    const result = plan('status.tyres', {}, full);
    expect(result.kind === 'read' && result.facts['pressure']).toEqual({ value: 2.1 });
    const partial = plan('status.tyres', {}, { ...full, [tyre('Right', 2)]: [0, 'invalid'] });
    expect(partial.kind === 'read' && partial.facts['pressure'].value).toBeNull();
  });
});

describe('wording', () => {
  it('joins places, and says the value that was seen', () => {
    const all = plan('window.closeAll', {}, { 'Vehicle.Speed': 0 });
    if (all.kind !== 'effects') throw new Error('expected effects');
    expect(stateSentences(all.effects, () => 0, replies)).toBe('All windows are closed.');
    expect(stateSentences(all.effects.slice(0, 1), () => 40, replies)).toBe(
      "The driver's window is 40 percent open.",
    );
  });
});

describe('safety', () => {
  const speeds = fc.oneof(
    fc.constant(null),
    fc.double({ min: -40, max: 260, noNaN: true }).map((kmh): SignalValue => kmh),
  );
  const slots = fc.record(
    {
      window: fc.constantFrom('mine', ...places),
      side: fc.constantFrom('mine', 'driver', 'passenger'),
      percent: fc.integer({ min: -20, max: 140 }),
      celsius: fc.double({ min: -50, max: 90, noNaN: true }),
      level5: fc.integer({ min: 0, max: 9 }),
    },
    { requiredKeys: [] },
  );

  it('lets nothing out that the tree or a rule forbids, whatever is asked for at whatever speed', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...actions.intents.keys()),
        slots,
        speeds,
        fc.constantFrom(...places),
        (intent, said, speed, speaker) => {
          const values: Record<string, SignalValue> = speed === null ? {} : { 'Vehicle.Speed': speed };
          const result = plan(intent, said, values, speaker);
          if (result.kind !== 'effects') return;
          const kmh = speed === null ? Infinity : Math.abs(Number(speed));
          for (const { path, value } of result.effects) {
            expect(checkValue(requireSignal(tree, path), value)).toBeUndefined();
            if (kmh > 3) {
              expect(path).not.toMatch(/Seat\.Row1\.DriverSide\.(Position|Height|Backrest\.Recline)/);
              expect(path).not.toMatch(/Trunk/);
              if (path.endsWith('IsLocked')) expect(value).toBe(true);
            }
            if (kmh > 120 && path.endsWith('Window.Position')) expect(value).toBe(0);
            if (speaker !== 'driver') expect(path).not.toMatch(/^Vehicle\.(ADAS|Body\.Lights)/);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('gives every refusal a reason that can be said', () => {
    const unsafe = plan('window.open', {}, { 'Vehicle.Speed': 150, [window('Row1.DriverSide')]: 0 });
    expect(unsafe.kind === 'unsafe' && unsafe.rule.name).toBe('windowAtSpeed');
    const locked = { 'Vehicle.Speed': 0, 'Vehicle.Cabin.IsWindowChildLockEngaged': true };
    expect(plan('window.open', { window: 'rearLeft' }, locked).kind).toBe('unsafe');
    expect(plan('window.close', { window: 'rearLeft' }, locked).kind).not.toBe('unsafe');
    const stale = { ...locked, 'Vehicle.Cabin.IsWindowChildLockEngaged': [false, 'stale'] as const };
    expect(plan('window.open', { window: 'rearLeft' }, stale).kind).toBe('unsafe');
  });
});
