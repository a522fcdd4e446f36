import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { loadDialog } from '../src/assistant/dialog/turn.js';
import type { AssistantOutput } from '../src/assistant/exchange.js';
import { Grammars } from '../src/assistant/grammars.js';
import { loadCommands } from '../src/assistant/grammar/load.js';
import { LiveAssistant } from '../src/assistant/live-assistant.js';
import { assistantPaths } from '../src/assistant/publisher.js';
import { PlayedVoice, type PlayerProgram } from '../src/assistant/reply/played-voice.js';
import { ProcessVoice, type VoiceEvents, type VoiceProgram } from '../src/assistant/reply/voice.js';
import { waveStart } from '../src/assistant/reply/wave-stream.js';
import type { PcmChunk } from '../src/audio/pcm.js';
import { monotonicClock } from '../src/runtime/clock.js';
import { VehicleStore } from '../src/vehicle/store.js';
import { loadTree } from '../src/vehicle/tree.js';

const tree = loadTree();
const folder = mkdtempSync(join(tmpdir(), 'vigil-voice-'));
afterAll(() => rmSync(folder, { recursive: true }));

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function until(isTrue: () => boolean): Promise<void> {
  for (let i = 0; i < 1000 && !isTrue(); i++) await wait(10);
  expect(isTrue()).toBe(true);
}

/** A program that goes on "speaking", by writing the time to a file every few ms, until it is killed. */
function endlessVoice(file: string): VoiceProgram {
  const script = `const fs=require('fs');setInterval(()=>fs.appendFileSync(${JSON.stringify(file)},Date.now()+' '),4)`;
  return { command: process.execPath, arguments: () => ['-e', script] };
}

function lastTime(file: string): number {
  try {
    return Number(readFileSync(file, 'utf8').trim().split(' ').at(-1));
  } catch {
    return Number.NaN;
  }
}

function live(voice: (events: VoiceEvents) => ProcessVoice): {
  readonly assistant: LiveAssistant;
  readonly outputs: AssistantOutput[];
  readonly store: VehicleStore;
} {
  const store = new VehicleStore({
    tree,
    onListenerError: (error) => {
      throw error;
    },
  });
  const parts = { config: loadDialog(tree), grammars: new Grammars(loadCommands()) };
  const assistant = new LiveAssistant({ store, assistant: parts, clock: monotonicClock, voice });
  const outputs: AssistantOutput[] = [];
  assistant.outputs$.subscribe((output) => outputs.push(output));
  return { assistant, outputs, store };
}

const ask = (assistant: LiveAssistant): void =>
  assistant.take({
    kind: 'typed',
    t: monotonicClock.now(),
    zone: 'driver',
    text: 'which commands are there',
  });

describe('a voice that is spoken into', () => {
  it('is silent within 200 ms', async () => {
    const file = join(folder, 'spoken');
    const { assistant } = live((events) => new ProcessVoice(endlessVoice(file), events));
    ask(assistant);
    await until(() => lastTime(file) > 0);
    const atMs = Date.now();
    assistant.take({ kind: 'speechStarted', t: monotonicClock.now(), zone: 'driver' });
    await wait(400);
    expect(lastTime(file) - atMs).toBeLessThan(200);
    assistant.close();
  });

  it('falls silent for good when the assistant is closed', async () => {
    const file = join(folder, 'closed');
    const { assistant } = live((events) => new ProcessVoice(endlessVoice(file), events));
    ask(assistant);
    await until(() => lastTime(file) > 0);
    const atMs = Date.now();
    assistant.close();
    await wait(400);
    expect(lastTime(file) - atMs).toBeLessThan(200);
  });

  it('that is missing is told once, and answers are written', async () => {
    const nobody = { command: 'no-such-voice', arguments: () => [] };
    const { assistant, outputs, store } = live((events) => new ProcessVoice(nobody, events));
    ask(assistant);
    await until(() => store.get(assistantPaths.reason).value !== '' && assistant.state.speaking === null);
    ask(assistant);
    await until(() => outputs.filter(({ kind }) => kind === 'say').length >= 3);
    await until(() => assistant.state.speaking === null);
    const said = outputs.flatMap((output) => (output.kind === 'say' ? [output.text.slice(0, 20)] : []));
    expect(said).toEqual(['You can ask for clim', 'My voice is missing;', 'You can ask for clim']);
    expect(store.get(assistantPaths.reason).value).toMatch(/^voiceMissing: .*no-such-voice/);
    assistant.close();
  });
});

/** 16-bit mono WAVE whose lengths nobody knew, as a program writes it to a pipe. */
function wave(samples: readonly number[], rate: number): Buffer {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0).toString();
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(2 * rate, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(0x7fff_f000, 40);
  const data = Buffer.alloc(2 * samples.length);
  samples.forEach((value, i) => data.writeInt16LE(value, 2 * i));
  return Buffer.concat([header, data]);
}

describe('a WAVE in a pipe', () => {
  it('tells its rate and where the samples begin, as soon as that is there', () => {
    const bytes = wave([1, 2, 3], 22_050);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: bytes.length }), (length) => {
        const start = waveStart(bytes.subarray(0, length));
        expect(start).toEqual(length < 44 ? null : { rate: 22_050, dataAt: 44 });
      }),
    );
  });

  it('is no other file, and neither stereo nor of 8 bits', () => {
    expect(waveStart(Buffer.from('this is text, no sound'))).toBe('invalid');
    for (const [at, value] of [
      [22, 2],
      [34, 8],
    ] as const) {
      const bytes = wave([], 22_050);
      bytes.writeUInt16LE(value, at);
      expect(waveStart(bytes)).toBe('invalid');
    }
  });
});

describe('a voice that is played', () => {
  const samples = Array.from({ length: 4000 }, (_, i) => Math.round(9000 * Math.sin(i / 9)) + 0);

  /** Speaks once; what was told, and what reached the player. */
  async function play(
    player: PlayerProgram,
    cutAfterMs: number | null,
  ): Promise<{ sound: PcmChunk[]; events: string[] }> {
    const file = join(folder, 'wave');
    const { writeFileSync } = await import('node:fs');
    writeFileSync(file, wave(samples, 8000));
    const sound: PcmChunk[] = [];
    const events: string[] = [];
    const voice = new PlayedVoice({ command: 'cat', arguments: () => [file] }, player, monotonicClock, {
      onEnd: (id) => events.push(`end ${id}`),
      onMissing: (reason) => events.push(`missing ${reason}`),
      onSound: (chunk) => sound.push(chunk),
    });
    voice.say(3, 'hello', 70);
    if (cutAfterMs !== null) {
      await until(() => sound.length > 0);
      await wait(cutAfterMs);
      voice.hush(3);
    }
    await until(() => events.some((event) => event.startsWith('end')));
    voice.close();
    return { sound, events };
  }

  it('tells the sound that goes to the loudspeaker, all of it and in its time', async () => {
    const played = join(folder, 'played');
    const toFile = { command: 'sh', arguments: () => ['-c', `cat > ${played}`] };
    const { sound, events } = await play(toFile, null);
    expect(events).toEqual(['end 3']);
    const told = sound.flatMap((chunk) => [...chunk.samples].map((value) => Math.round(value * 32_768)));
    expect(told).toEqual(samples);
    expect(readFileSync(played)).toEqual(wave(samples, 8000).subarray(44));
    for (const [i, { t, rate }] of sound.entries()) {
      expect(rate).toBe(8000);
      if (i > 0) expect(t).toBeCloseTo(sound[i - 1].t + (1000 * sound[i - 1].samples.length) / 8000, 6);
    }
  });

  it('is not written far ahead, so that little is left to be heard when it is cut off', async () => {
    const toNowhere = { command: 'sh', arguments: () => ['-c', 'cat > /dev/null'] };
    const { sound, events } = await play(toNowhere, 0);
    expect(events).toEqual(['end 3']);
    const toldMs = sound.reduce((sum, chunk) => sum + (1000 * chunk.samples.length) / 8000, 0);
    expect(toldMs).toBeLessThan(500);
  });

  it('without a player is missing', async () => {
    const { events } = await play({ command: 'no-such-player', arguments: () => [] }, null);
    expect(events).toEqual([expect.stringMatching(/^missing .*no-such-player/), 'end 3']);
  });
});
