import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { places } from '../src/assistant/action/place.js';
import type { DialogInput, DialogOutput } from '../src/assistant/dialog/exchange.js';
import { initialDialog, type DialogState } from '../src/assistant/dialog/state.js';
import { stepDialog } from '../src/assistant/dialog/step.js';
import { loadDialog } from '../src/assistant/dialog/turn.js';
import { loadTree } from '../src/vehicle/tree.js';
import type { SignalValue } from '../src/vehicle/value.js';

const config = loadDialog(loadTree());
const zones = fc.constantFrom(...places);

/** An input without its time. */
type Event = DialogInput extends infer Input ? (Input extends DialogInput ? Omit<Input, 't'> : never) : never;

const level = 'Vehicle.Driver.Vigil.AlertLevel';
const window = 'Vehicle.Cabin.Door.Row1.DriverSide.Window.Position';
const seat = 'Vehicle.Cabin.Seat.Row1.DriverSide.Position';

const value = (path: string, values: fc.Arbitrary<SignalValue>): fc.Arbitrary<Event> =>
  fc
    .tuple(values, fc.constantFrom('valid', 'valid', 'valid', 'stale', 'invalid'))
    .map(([value, quality]) => ({
      kind: 'value',
      sample: { path, value, t: 0, quality, reason: '', source: 'test' },
    }));

const vehicle: fc.Arbitrary<Event> = fc.oneof(
  value('Vehicle.Speed', fc.integer({ min: 0, max: 200 })),
  value(window, fc.constantFrom(0, 50, 100)),
  value(seat, fc.integer({ min: 0, max: 200 })),
  value('Vehicle.Cabin.HVAC.Station.Row1.Driver.Temperature', fc.constantFrom(16, 19, 21, 23)),
  value(level, fc.constantFrom('NONE', 'INFORM', 'WARN', 'ALARM')),
  value('Vehicle.Driver.Vigil.State', fc.constantFrom('ATTENTIVE', 'DROWSY', 'PHONE_USE', 'SLEEP')),
);

const meanings = fc.oneof(
  fc
    .constantFrom(
      ...['window.open', 'window.close', 'seat.forward', 'trunk.open', 'door.unlock', 'climate.tooCold'],
      ...['dialog.yes', 'dialog.no', 'dialog.undo', 'dialog.repeat', 'dialog.cancel', 'dialog.help'],
      ...['climate.temperature.set', 'status.speed', 'parking.on', 'nobody.knows.this'],
    )
    .map((intent) => ({ intent, slots: {} })),
  fc.constantFrom('driver', 'passenger').map((side) => ({ intent: 'dialog.correct.side', slots: { side } })),
  fc.constantFrom(16, 21, 90).map((celsius) => ({ intent: 'dialog.correct.celsius', slots: { celsius } })),
);

const heard = (certainties: readonly ('act' | 'confirm' | 'reject')[]): fc.Arbitrary<Event> =>
  fc
    .tuple(zones, fc.option(meanings, { nil: null }), fc.constantFrom(...certainties))
    .map(([zone, meaning, certainty]) => ({ kind: 'heard', zone, meaning, certainty }));

const dialog: fc.Arbitrary<Event> = fc.oneof(
  zones.map((zone): Event => ({ kind: 'wake', zone })),
  zones.map((zone): Event => ({ kind: 'speechStarted', zone })),
  fc.constantFrom(...['restBreak' as const]).map((what): Event => ({ kind: 'suggestion', what })),
  fc.integer({ min: 1, max: 12 }).map((id): Event => ({ kind: 'spoken', id })),
  fc.integer({ min: 1, max: 12 }).map((command): Event => ({ kind: 'actuationRefused', command })),
  fc.constant<Event>({ kind: 'tick' }),
);

/** Inputs in order of time, up to a few seconds apart. */
function inputs(certainties: readonly ('act' | 'confirm' | 'reject')[]): fc.Arbitrary<DialogInput[]> {
  const wakeAndSay = fc
    .tuple(zones, heard(certainties))
    .map(([zone, said]): Event[] => [{ kind: 'wake', zone }, { ...said, zone } as Event]);
  const events = fc.oneof(
    { weight: 3, arbitrary: wakeAndSay },
    { weight: 3, arbitrary: vehicle.map((event) => [event]) },
    { weight: 2, arbitrary: heard(certainties).map((event) => [event]) },
    { weight: 2, arbitrary: dialog.map((event) => [event]) },
  );
  return fc
    .array(fc.tuple(events, fc.integer({ min: 0, max: 4000 })), { minLength: 1, maxLength: 40 })
    .map((steps) => {
      let t = 0;
      return steps.flatMap(([some, waitMs]) => {
        t += waitMs;
        return some.map((event) => ({ ...event, t }));
      });
    });
}

interface Step {
  readonly before: DialogState;
  readonly input: DialogInput;
  readonly state: DialogState;
  readonly outputs: readonly DialogOutput[];
}

function run(all: readonly DialogInput[]): Step[] {
  let state = initialDialog;
  return all.map((input) => {
    const before = state;
    const { state: after, outputs } = stepDialog(before, input, config);
    state = after;
    return { before, input, state: after, outputs };
  });
}

const anything = inputs(['act', 'act', 'confirm', 'reject']);

function validAt(state: DialogState, path: string): SignalValue | undefined {
  const sample = state.samples[path] as DialogState['samples'][string] | undefined;
  return sample?.quality === 'valid' ? sample.value : undefined;
}

const unsafeMoving = ['trunk.open', 'door.unlock'];

/** Whether what was heard was said where, and while, somebody is listened to. */
function isHeardOpenly(
  { phase }: DialogState,
  input: DialogInput,
): input is Extract<DialogInput, { kind: 'heard' }> {
  return (
    input.kind === 'heard' &&
    input.certainty === 'act' &&
    phase.kind !== 'idle' &&
    phase.untilMs > input.t &&
    phase.zone === input.zone
  );
}

describe('a dialog', () => {
  it('does the same with the same inputs, and leaves the state that it was given alone', () => {
    fc.assert(
      fc.property(anything, (all) => {
        const first = run(all);
        const kept = JSON.stringify(first.map(({ before }) => before));
        expect(run(all)).toEqual(first);
        expect(JSON.stringify(first.map(({ before }) => before))).toBe(kept);
      }),
      { numRuns: 100 },
    );
  });

  it('comes to rest by itself, whatever happened and whatever goes on', () => {
    fc.assert(
      fc.property(anything, (all) => {
        const end = all[all.length - 1].t;
        const ticks = Array.from({ length: 900 }, (_, i): DialogInput => ({
          kind: 'tick',
          t: end + i * 100,
        }));
        // A driver who stays tired would be offered a rest area again; nothing is known of this one.
        const calm = ['Vehicle.Driver.Vigil.State', 'Vehicle.Driver.Vigil.Kss'].map((path): DialogInput => ({
          kind: 'value',
          t: end,
          sample: { path, value: undefined, t: end, quality: 'unavailable', reason: '', source: 'test' },
        }));
        const { state } = run([...all, ...calm, ...ticks]).at(-1)!;
        expect(state.phase).toEqual({ kind: 'idle' });
        expect([state.microphone, state.speaking, state.running, state.isDucked]).toEqual([
          null,
          null,
          [],
          false,
        ]);
      }),
      { numRuns: 60 },
    );
  });

  it('moves nothing for what was rejected', () => {
    fc.assert(
      fc.property(inputs(['reject']), (all) => {
        expect(run(all).flatMap(({ outputs }) => outputs.filter(({ kind }) => kind === 'actuate'))).toEqual(
          [],
        );
      }),
      { numRuns: 200 },
    );
  });

  it('moves something for an unsure command only after a sure yes', () => {
    fc.assert(
      fc.property(inputs(['confirm']), (all) => {
        expect(run(all).flatMap(({ outputs }) => outputs.filter(({ kind }) => kind === 'actuate'))).toEqual(
          [],
        );
      }),
      { numRuns: 200 },
    );
  });

  it('never asks for what is unsafe at that moment, and says why not', () => {
    let refused = 0;
    fc.assert(
      fc.property(anything, (all) => {
        for (const { before, input, state, outputs } of run(all)) {
          const speed = validAt(state, 'Vehicle.Speed');
          const kmh = typeof speed === 'number' ? speed : Infinity;
          if (kmh > 3 && isHeardOpenly(before, input) && unsafeMoving.includes(input.meaning?.intent ?? '')) {
            expect(outputs).toContainEqual({ kind: 'earcon', t: state.t, name: 'failed' });
            expect(outputs.filter(({ kind }) => kind === 'actuate')).toEqual([]);
            // What it says has no text of its own for "done", so a distracted driver hears all of it as well.
            const says = [...(state.speaking === null ? [] : [state.speaking]), ...state.waiting];
            expect(says.some(({ text }) => text.startsWith('I cannot'))).toBe(true);
            refused += 1;
          }
          for (const output of outputs) {
            if (output.kind === 'say' && output.text.startsWith('I cannot')) {
              expect(output.text).toMatch(
                /while|too fast|do not know how fast|only the driver|must be|see whether/,
              );
              refused += 1;
            }
            if (output.kind !== 'actuate') continue;
            for (const { path, value: asked } of output.requests) {
              if (path === seat || path.includes('Trunk')) expect(kmh).toBeLessThanOrEqual(3);
              if (path.endsWith('IsLocked') && asked === false) expect(kmh).toBeLessThanOrEqual(3);
              const now = validAt(state, path);
              if (path === window && Number(asked) > Number(now ?? 0)) expect(kmh).toBeLessThanOrEqual(120);
            }
          }
        }
      }),
      { numRuns: 400, seed: 5 },
    );
    expect(refused).toBeGreaterThan(20);
  });
});

describe('arbitration', () => {
  const order = ['NONE', 'INFORM', 'WARN', 'ALARM'];
  const rank = (state: DialogState): number => order.indexOf(String(validAt(state, level) ?? ''));

  it('never delays an alert', () => {
    fc.assert(
      fc.property(anything, (all) => {
        for (const { before, state, outputs, input } of run(all)) {
          if (input.kind !== 'value' || rank(state) <= Math.max(0, rank(before))) continue;
          const { speaking } = before;
          const justSaid = speaking?.priority === 'alert' && speaking.sinceMs === state.t;
          const says = outputs.filter((output) => output.kind === 'say' && output.priority === 'alert');
          expect(justSaid || says.length === 1).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('lets one voice speak at a time, and nothing but alerts during a warning', () => {
    fc.assert(
      fc.property(anything, (all) => {
        let speaking: number | null = null;
        for (const { outputs, state, input } of run(all)) {
          if (input.kind === 'spoken' && input.id === speaking) speaking = null;
          for (const output of outputs) {
            if (output.kind === 'hush') {
              expect(output.id).toBe(speaking);
              speaking = null;
            }
            if (output.kind !== 'say') continue;
            expect(speaking).toBeNull();
            speaking = output.id;
            if (rank(state) >= 2) expect(output.priority).toBe('alert');
          }
          expect(state.speaking?.id ?? null).toBe(speaking);
        }
      }),
      { numRuns: 300 },
    );
  });
});
