import { join } from 'node:path';
import { BehaviorSubject, Subject } from 'rxjs';
import { afterEach, describe, expect, it } from 'vitest';
import { SyntheticCabin } from '../hil/synthetic/cabin.js';
import { loadDialog } from '../src/assistant/dialog/turn.js';
import { watchedPaths } from '../src/assistant/dialog/watched-paths.js';
import type { AssistantOutput } from '../src/assistant/exchange.js';
import { Grammars } from '../src/assistant/grammars.js';
import { loadCommands } from '../src/assistant/grammar/load.js';
import { LiveAssistant } from '../src/assistant/live-assistant.js';
import { SilentVoice } from '../src/assistant/reply/voice.js';
import { assistantPaths } from '../src/assistant/publisher.js';
import { chunksOf } from '../src/audio/chunks.js';
import type { PcmChunk } from '../src/audio/pcm.js';
import type { PcmSource } from '../src/audio/pcm-source.js';
import { readSpeech } from '../src/audio/wav.js';
import { monotonicClock, type Clock } from '../src/runtime/clock.js';
import { packageRoot } from '../src/runtime/paths.js';
import type { SourceState } from '../src/runtime/sources/source-state.js';
import { VehicleStore } from '../src/vehicle/store.js';
import { loadTree } from '../src/vehicle/tree.js';

const tree = loadTree();
const config = loadDialog(tree);
const window = 'Vehicle.Cabin.Door.Row1.DriverSide.Window.Position';
const gaze = 'Vehicle.Driver.Vigil.Gaze.Zone';
const recording = join(packageRoot, 'test/fixtures/speech/open-my-window.wav');

class FakeMicrophone implements PcmSource {
  readonly address = 'fake';
  readonly chunks$ = new Subject<PcmChunk>();
  readonly state$ = new BehaviorSubject<SourceState>({ kind: 'up' });
  isClosed = false;

  counters(): ReturnType<PcmSource['counters']> {
    return { chunks: 0, samples: 0, losses: 0 };
  }

  clock(): ReturnType<PcmSource['clock']> {
    throw new Error('nobody asks');
  }

  close(): void {
    this.isClosed = true;
  }

  /** Half a second of silence, the recording, and silence again. */
  hear(samples: Float32Array, clock: Clock = monotonicClock): void {
    const sound = new Float32Array(samples.length + 32_000);
    sound.set(samples, 8000);
    for (const chunk of chunksOf({ rate: 16_000, samples: sound }, clock.now())) this.chunks$.next(chunk);
  }
}

async function until(isTrue: () => boolean): Promise<void> {
  for (let i = 0; i < 3000 && !isTrue(); i++) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(isTrue()).toBe(true);
}

describe('the assistant in a running vehicle', () => {
  const open: LiveAssistant[] = [];
  afterEach(() => open.splice(0).forEach((one) => one.close()));

  function live({
    gazeMs = null,
    clock = monotonicClock,
  }: { readonly gazeMs?: number | null; readonly clock?: Clock } = {}): {
    readonly store: VehicleStore;
    readonly cabin: SyntheticCabin;
    readonly microphone: FakeMicrophone;
    readonly assistant: LiveAssistant;
    readonly outputs: AssistantOutput[];
  } {
    const store = new VehicleStore({
      tree,
      onListenerError: (error) => {
        throw error;
      },
    });
    const microphone = new FakeMicrophone();
    const assistant = new LiveAssistant({
      store,
      assistant: { config, grammars: new Grammars(loadCommands()) },
      clock,
      voice: (events) => new SilentVoice(events),
      hearing: { microphones: new Map([['driver', microphone]]), model: 'tiny', wake: null, gazeMs },
    });
    open.push(assistant);
    const cabin = new SyntheticCabin(store, [...watchedPaths(config), gaze], { lagMs: 0 });
    const outputs: AssistantOutput[] = [];
    assistant.outputs$.subscribe((output) => outputs.push(output));
    return { store, cabin, microphone, assistant, outputs };
  }

  it('hears at the microphone, acts, sees it done and says so', async () => {
    const { cabin, microphone, assistant, outputs } = live();
    cabin.set('Vehicle.Speed', 50, monotonicClock.now());
    cabin.set(window, 0, monotonicClock.now());
    await until(() => microphone.chunks$.observed);
    assistant.press('driver');
    assistant.release('driver');
    microphone.hear(readSpeech(recording));
    await until(() => outputs.some(({ kind }) => kind === 'actuate'));
    expect(outputs.find(({ kind }) => kind === 'understood')).toMatchObject({
      meaning: { intent: 'window.open', slots: { window: 'mine' } },
      certainty: 'act',
    });
    cabin.tick(Infinity);
    await until(() => outputs.some(({ kind }) => kind === 'say'));
    expect(outputs.find(({ kind }) => kind === 'say')).toMatchObject({
      text: "The driver's window is open.",
    });
  });

  it('is heard although the button was pressed before it had ears', async () => {
    // Time stands still while the networks load: however long that takes, the microphone is still open.
    let offsetMs: number | null = null;
    const pressedMs = monotonicClock.now();
    const clock = { now: () => (offsetMs === null ? pressedMs : monotonicClock.now() - offsetMs) };
    const { microphone, assistant, outputs } = live({ clock });
    assistant.press('driver');
    await until(() => microphone.chunks$.observed);
    offsetMs = monotonicClock.now() - pressedMs;
    microphone.hear(readSpeech(recording), clock);
    await until(() => outputs.some(({ kind }) => kind === 'understood'));
  });

  it('hears who looks at the screen and speaks, where that is wanted', async () => {
    const { cabin, microphone, outputs } = live({ gazeMs: 300 });
    await until(() => microphone.chunks$.observed);
    cabin.set(gaze, 'INFOTAINMENT', monotonicClock.now());
    microphone.hear(readSpeech(recording));
    await until(() => outputs.some(({ kind }) => kind === 'understood'));
    expect(outputs.find(({ kind }) => kind === 'phase')).toMatchObject({ phase: 'listening' });
  });

  it('without its microphone says so once, is unavailable, and is back with it', async () => {
    const { store, microphone, outputs } = live();
    await until(() => microphone.chunks$.observed);
    for (const reason of ['unplugged', 'still unplugged']) {
      microphone.state$.next({ kind: 'down', reason });
      await until(() => store.get(assistantPaths.state).value === 'UNAVAILABLE');
    }
    expect(store.get(assistantPaths.reason).value).toBe('microphoneMissing: still unplugged');
    expect(outputs.flatMap((output) => (output.kind === 'say' ? [output.text] : []))).toEqual([
      'I cannot hear you: there is no microphone.',
    ]);
    microphone.state$.next({ kind: 'up' });
    microphone.hear(new Float32Array(16_000));
    await until(() => store.get(assistantPaths.state).value === 'IDLE');
  });

  it('closes its microphones and gives its signals back', () => {
    const { store, microphone, assistant } = live();
    assistant.close();
    expect(microphone.isClosed).toBe(true);
    expect(store.get(assistantPaths.state)).toMatchObject({ quality: 'unavailable' });
  });
});
