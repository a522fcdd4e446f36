import { afterEach, describe, expect, it } from 'vitest';
import { DialogHost } from '../src/assistant/dialog/dialog-host.js';
import type { DialogOutput } from '../src/assistant/dialog/exchange.js';
import { loadDialog } from '../src/assistant/dialog/turn.js';
import { ProcessVoice, type VoiceProgram } from '../src/assistant/reply/voice.js';
import { VehicleStore } from '../src/vehicle/store.js';
import { loadTree } from '../src/vehicle/tree.js';

const tree = loadTree();
const config = loadDialog(tree);
const ac = 'Vehicle.Cabin.HVAC.IsAirConditioningActive';

function fail(error: unknown): never {
  throw error;
}

describe('a dialog at a vehicle store', () => {
  const outputs: DialogOutput[] = [];
  const store = new VehicleStore({ tree, onListenerError: fail });
  const host = new DialogHost(store, config, (output) => outputs.push(output));
  const said = (): string[] => outputs.flatMap((output) => (output.kind === 'say' ? [output.text] : []));
  const ask = (t: number, intent: string): void => {
    outputs.length = 0;
    host.send({ kind: 'wake', t, zone: 'driver' });
    host.send({ kind: 'heard', t, zone: 'driver', meaning: { intent, slots: {} }, certainty: 'act' });
  };

  it('says that nobody owns an actuator', () => {
    ask(0, 'climate.ac.on');
    expect(said()).toEqual(['Sorry, the air conditioning cannot be controlled at the moment.']);
  });

  it('tells what happened when the owner has shown it, be it at once or later', () => {
    const source = store.provide('climate', [{ path: ac, maxAgeMs: Infinity }]);
    source.write(ac, 1000, false);
    const asked: unknown[] = [];
    const claim = store.provideActuator(ac, 'climate', ({ value, t }) => {
      asked.push(value);
      if (value === true) source.write(ac, t, true);
    });
    ask(2000, 'climate.ac.on');
    expect(asked).toEqual([true]);
    expect(said()).toEqual(['The air conditioning is on.']);

    ask(10_000, 'climate.ac.off');
    expect(said()).toEqual([]);
    source.write(ac, 10_400, false);
    expect(said()).toEqual(['The air conditioning is off.']);

    ask(20_000, 'climate.ac.on');
    source.write(ac, 20_100, false);
    ask(30_000, 'climate.ac.off');
    expect(said()).toContain('The air conditioning is already off.');
    claim.release();
  });
});

describe('a voice', () => {
  const voices: ProcessVoice[] = [];
  afterEach(() => voices.splice(0).forEach((voice) => voice.close()));

  /** Says things one after the other; resolves with what was reported once all have ended. */
  function spoken(
    program: VoiceProgram,
    ids: readonly number[],
    during: (voice: ProcessVoice) => void = () => undefined,
  ): Promise<string[]> {
    return new Promise((resolve) => {
      const events: string[] = [];
      let at = 0;
      const voice = new ProcessVoice(program, {
        onMissing: () => events.push('missing'),
        onEnd: (id) => {
          events.push(`end ${id}`);
          at += 1;
          if (at < ids.length) voice.say(ids[at], 'hello', 50);
          else resolve(events);
        },
      });
      voices.push(voice);
      voice.say(ids[0], 'hello', 50);
      during(voice);
    });
  }

  it('reports the end of what it says', async () => {
    const reader = { command: 'cat', arguments: () => [] };
    expect(await spoken(reader, [1, 2])).toEqual(['end 1', 'end 2']);
  });

  it('that is missing is told once, and keeps nobody waiting', async () => {
    const nobody = { command: 'no-such-voice', arguments: () => [] };
    expect(await spoken(nobody, [1, 2, 3])).toEqual(['missing', 'end 1', 'end 2', 'end 3']);
  });

  it('that finds no loudspeaker is missing, although its program ends as if all were well', async () => {
    const script = 'cat > /dev/null; echo "error: No such file or directory" >&2';
    const mute = { command: 'sh', arguments: () => ['-c', script] };
    expect(await spoken(mute, [1, 2])).toEqual(['missing', 'end 1', 'end 2']);
  });

  it('that is cut off is silent at once', async () => {
    const endless = { command: 'sleep', arguments: () => ['60'] };
    expect(await spoken(endless, [7], (voice) => voice.hush(7))).toEqual(['end 7']);
  });
});
