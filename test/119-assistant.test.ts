import { describe, expect, it } from 'vitest';
import { SyntheticCabin } from '../hil/synthetic/cabin.js';
import { SyntheticVoice } from '../hil/synthetic/voice.js';
import { Assistant } from '../src/assistant/assistant.js';
import { watchedPaths } from '../src/assistant/dialog/watched-paths.js';
import { loadDialog } from '../src/assistant/dialog/turn.js';
import type { AssistantInput, AssistantOutput, HeardSpeech } from '../src/assistant/exchange.js';
import { Grammars } from '../src/assistant/grammars.js';
import { loadCommands } from '../src/assistant/grammar/load.js';
import type { Meaning } from '../src/assistant/grammar/match.js';
import { assistantPaths } from '../src/assistant/publisher.js';
import { VehicleStore } from '../src/vehicle/store.js';
import { loadTree } from '../src/vehicle/tree.js';

const tree = loadTree();
const config = loadDialog(tree);
const commands = loadCommands('en');
const window = 'Vehicle.Cabin.Door.Row1.DriverSide.Window.Position';

class Bench {
  readonly store = new VehicleStore({
    tree,
    onListenerError: (error) => {
      throw error;
    },
  });
  readonly assistant = new Assistant(this.store, { config, grammars: new Grammars(commands) });
  readonly cabin = new SyntheticCabin(this.store, watchedPaths(config));
  readonly voice = new SyntheticVoice();
  readonly outputs: AssistantOutput[] = [];
  t = 0;

  take(input: AssistantInput): void {
    this.assistant.take(input);
    this.flush();
  }

  flush(): void {
    const outputs = this.assistant.outputs();
    this.outputs.push(...outputs);
    for (const output of outputs) this.voice.take(output);
  }

  until(end: number): void {
    for (; this.t < end; this.t += 50) {
      const spoken = this.voice.due(this.t);
      if (spoken !== null) this.take(spoken);
      this.cabin.tick(this.t);
      this.take({ kind: 'tick', t: this.t });
    }
  }

  said(): string[] {
    return this.outputs.flatMap((output) => (output.kind === 'say' ? [output.text] : []));
  }

  moved(): string[] {
    return this.outputs.flatMap((output) =>
      output.kind === 'actuate' ? output.requests.map(({ path, value }) => `${path} = ${value}`) : [],
    );
  }

  value(path: string): unknown {
    const { value, quality } = this.store.get(path);
    return quality === 'valid' ? value : quality;
  }
}

function speech(
  text: string,
  meaning: Meaning | null,
  certainty: HeardSpeech['certainty'],
  freeText = text,
): HeardSpeech {
  const hypothesis = meaning === null ? [] : [{ meaning, words: text.split(' '), text, logProb: -1 }];
  return { hypotheses: hypothesis, freeText, llr: meaning === null ? null : 1, certainty };
}

const openMine: Meaning = { intent: 'window.open', slots: { window: 'mine' } };

describe('the assistant', () => {
  it('acts on what fits, asks about what may be meant, and tells what it took an utterance for', () => {
    const bench = new Bench();
    bench.cabin.set('Vehicle.Speed', 50, 0);
    bench.cabin.set(window, 0, 0);
    bench.until(1000);
    bench.take({ kind: 'wake', t: 1000, zone: 'driver', how: 'phrase' });
    bench.take({ kind: 'heard', t: 2000, zone: 'driver', speech: speech('open my window', openMine, 'act') });
    bench.until(6000);
    expect(bench.moved()).toEqual([`${window} = 100`]);
    expect(bench.said()).toEqual(["The driver's window is open."]);
    expect(bench.outputs).toContainEqual({
      kind: 'understood',
      t: 2000,
      zone: 'driver',
      text: 'open my window',
      meaning: openMine,
      certainty: 'act',
      by: 'grammar',
      llr: 1,
    });
  });

  it('never acts on a free transcript: it asks for the nearest command, and acts on a yes', () => {
    const bench = new Bench();
    bench.cabin.set('Vehicle.Speed', 50, 0);
    bench.cabin.set(window, 0, 0);
    bench.take({ kind: 'wake', t: 1000, zone: 'driver', how: 'button' });
    const heard = speech('open the window', openMine, 'reject', 'could you open up my window thing');
    bench.take({ kind: 'heard', t: 2000, zone: 'driver', speech: heard });
    expect(bench.moved()).toEqual([]);
    expect(bench.said()).toEqual(["Did you mean: open the driver's window?"]);
    expect(bench.outputs.find(({ kind }) => kind === 'understood')).toMatchObject({
      certainty: 'confirm',
      by: 'nearest',
      text: 'could you open up my window thing',
    });
    bench.until(5000);
    const yes = speech('yes', { intent: 'dialog.yes', slots: {} }, 'act');
    bench.take({ kind: 'heard', t: 6000, zone: 'driver', speech: yes });
    expect(bench.moved()).toEqual([`${window} = 100`]);
  });

  it('passes over what people say to each other after a command', () => {
    const bench = new Bench();
    bench.take({ kind: 'typed', t: 1000, zone: 'driver', text: 'how fast am i going' });
    bench.until(4000);
    const chat = speech('', null, 'reject', 'could you open up my window thing');
    bench.take({ kind: 'heard', t: 5000, zone: 'driver', speech: chat });
    expect(bench.outputs.at(-1)).toMatchObject({ kind: 'ignored', why: 'rejected' });
    expect(bench.said()).toHaveLength(1);
  });

  it('knows places, contacts and stations by the names the vehicle gives them, and forgets them', () => {
    const bench = new Bench();
    const latitude = 'Vehicle.Cabin.Infotainment.Navigation.DestinationSet.Latitude';
    const drive = (t: number): void =>
      bench.take({ kind: 'typed', t, zone: 'driver', text: 'navigate to Lake View' });
    drive(1000);
    expect(bench.moved()).toEqual([]);
    const lake = { name: 'Lake View', latitudeDeg: 48, longitudeDeg: 9, distanceKm: 12 };
    bench.take({ kind: 'destinations', t: 2000, destinations: { lake } });
    drive(3000);
    expect(bench.moved()[0]).toBe(`${latitude} = 48`);
    bench.take({ kind: 'destinations', t: 20_000, destinations: {} });
    drive(21_000);
    expect(bench.outputs.filter(({ kind }) => kind === 'understood').at(-1)).not.toMatchObject({
      by: 'grammar',
    });
    bench.take({ kind: 'names', t: 30_000, source: 'contacts', values: [{ value: 'anna', say: ['Anna'] }] });
    bench.take({ kind: 'typed', t: 31_000, zone: 'driver', text: 'call Anna' });
    expect(bench.outputs.filter(({ kind }) => kind === 'understood').at(-1)).toMatchObject({
      meaning: { intent: 'phone.call', slots: { contact: 'anna' } },
    });
  });
});

describe('what the assistant publishes', () => {
  it('is unavailable before anything was said, then the last turn', () => {
    const bench = new Bench();
    bench.cabin.set('Vehicle.Speed', 50, 0);
    expect(bench.value(assistantPaths.state)).toBe('unavailable');
    bench.until(1000);
    expect(bench.value(assistantPaths.state)).toBe('IDLE');
    expect(bench.value(assistantPaths.utterance)).toBe('unavailable');
    bench.take({ kind: 'wake', t: 1000, zone: 'driver', how: 'phrase' });
    expect(bench.value(assistantPaths.state)).toBe('LISTENING');
    bench.take({ kind: 'speechEnded', t: 1900, zone: 'driver' });
    expect(bench.value(assistantPaths.state)).toBe('THINKING');
    const how = speech('how fast are we', { intent: 'status.speed', slots: {} }, 'act');
    bench.take({ kind: 'heard', t: 2000, zone: 'driver', speech: how });
    expect(bench.value(assistantPaths.state)).toBe('SPEAKING');
    expect(bench.value(assistantPaths.utterance)).toBe('how fast are we');
    expect(bench.value(assistantPaths.intent)).toBe('status.speed');
    expect(bench.value(assistantPaths.reply)).toBe('You are driving 50 kilometres per hour.');
    const nothing = speech('', null, 'reject', 'the weather in spain');
    bench.take({ kind: 'wake', t: 9000, zone: 'driver', how: 'phrase' });
    bench.take({ kind: 'heard', t: 9500, zone: 'driver', speech: nothing });
    expect(bench.store.get(assistantPaths.intent)).toMatchObject({
      quality: 'unavailable',
      reason: 'notUnderstood',
    });
  });

  it('goes stale when the assistant stops', () => {
    const bench = new Bench();
    bench.until(1000);
    bench.store.expire(1400);
    expect(bench.value(assistantPaths.state)).toBe('IDLE');
    bench.store.expire(1600);
    expect(bench.value(assistantPaths.state)).toBe('stale');
  });

  it('says once what is missing, and that nothing can be heard', () => {
    const bench = new Bench();
    bench.until(500);
    const lost: AssistantInput = { kind: 'part', t: 500, part: 'microphone', missing: 'no such device' };
    bench.take(lost);
    bench.until(8000);
    bench.take({ ...lost, t: 8000 });
    bench.until(9000);
    expect(bench.said()).toEqual(['I cannot hear you: there is no microphone.']);
    expect(bench.value(assistantPaths.state)).toBe('UNAVAILABLE');
    expect(bench.value(assistantPaths.reason)).toBe('microphoneMissing: no such device');
    expect(bench.store.get(assistantPaths.utterance).reason).toBe('microphoneMissing: no such device');
    bench.take({ kind: 'wake', t: 9000, zone: 'driver', how: 'button' });
    expect(bench.outputs.at(-1)).toMatchObject({ kind: 'ignored', why: 'notListening' });
    bench.take({ kind: 'part', t: 10_000, part: 'microphone', missing: null });
    expect(bench.value(assistantPaths.state)).toBe('IDLE');
    expect(bench.value(assistantPaths.reason)).toBe('');
  });

  it('without a voice answers in writing, and says so once', () => {
    const bench = new Bench();
    bench.take({ kind: 'part', t: 100, part: 'voice', missing: 'espeak-ng: not found' });
    bench.until(1000);
    expect(bench.said()).toEqual(['My voice is missing; I answer in writing.']);
    expect(bench.value(assistantPaths.state)).toBe('SPEAKING');
    bench.until(6000);
    expect(bench.value(assistantPaths.state)).toBe('IDLE');
    expect(bench.value(assistantPaths.reason)).toBe('voiceMissing: espeak-ng: not found');
  });

  it('can be switched off: the microphone closes, alerts are still spoken, and rest is advised, not offered', () => {
    const bench = new Bench();
    const restStop = { name: 'Rest Area', latitudeDeg: 48, longitudeDeg: 9, distanceKm: 12 };
    bench.cabin.set('Vehicle.Speed', 100, 0);
    bench.take({ kind: 'destinations', t: 0, destinations: { restStop } });
    bench.take({ kind: 'wake', t: 100, zone: 'driver', how: 'phrase' });
    const off = { path: assistantPaths.isEnabled, value: false, t: 200, requester: 'test' };
    bench.store.actuate(off);
    bench.flush();
    expect(bench.outputs.at(-2)).toMatchObject({ kind: 'duck', on: false });
    expect(bench.outputs.some(({ kind }) => kind === 'closeMicrophone')).toBe(true);
    bench.until(1000);
    expect(bench.value(assistantPaths.state)).toBe('OFF');
    bench.take({ kind: 'wake', t: 1000, zone: 'driver', how: 'phrase' });
    expect(bench.value(assistantPaths.state)).toBe('OFF');
    bench.cabin.set('Vehicle.Driver.Vigil.State', 'MICROSLEEP', 1100);
    bench.cabin.set('Vehicle.Driver.Vigil.AlertLevel', 'ALARM', 1100);
    bench.until(4000);
    bench.cabin.set('Vehicle.Driver.Vigil.AlertLevel', 'NONE', 4000);
    bench.take({ kind: 'suggestion', t: 4000, what: 'restBreak' });
    bench.until(9000);
    expect(bench.said()).toEqual(['Wake up!', 'You seem tired. Please take a break soon.']);
  });

  it('speaks louder when asked to', () => {
    const bench = new Bench();
    bench.until(100);
    bench.take({ kind: 'typed', t: 200, zone: 'driver', text: 'speak louder' });
    bench.until(1000);
    expect(bench.value(assistantPaths.volume)).toBe(80);
    expect(bench.said()).toEqual(['My volume is at 80 percent.']);
  });

  it('belongs to one assistant', () => {
    const bench = new Bench();
    expect(() => new Assistant(bench.store, { config, grammars: new Grammars(commands) })).toThrow(
      /provided by assistant/,
    );
    bench.assistant.close();
    expect(bench.store.get(assistantPaths.state)).toMatchObject({
      quality: 'unavailable',
      reason: 'the assistant was closed',
    });
  });
});
