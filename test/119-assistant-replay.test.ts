import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRecording } from '../hil/recording/reader.js';
import { RecordingWriter } from '../hil/recording/writer.js';
import { assistantMessages } from '../hil/replay/assistant-lines.js';
import { outputLine } from '../hil/replay/json-lines.js';
import type { ReplayOptions } from '../hil/replay/options.js';
import { runReplay } from '../hil/replay/session.js';
import type { AssistantOutput } from '../src/assistant/exchange.js';
import { readSpeech } from '../src/audio/wav.js';
import type { GraphOutput } from '../src/fusion.js';
import { packageRoot } from '../src/runtime/paths.js';

const fixtures = join(packageRoot, 'test', 'fixtures');
const folder = mkdtempSync(join(tmpdir(), 'vigil-talk-'));
const talk = join(folder, 'talk.mcap');
const lengthMs = 8000;
const blockMs = 20;

/** Sound of the drive's length: silence, and speech from some times on; 16-bit samples. */
function soundtrack(spoken: readonly (readonly [fromMs: number, file: string])[]): Int16Array {
  const sound = new Int16Array(lengthMs * 16);
  for (const [fromMs, file] of spoken)
    readSpeech(join(fixtures, 'speech', `${file}.wav`)).forEach((value, i) => {
      sound[fromMs * 16 + i] = Math.round(32_767 * value);
    });
  return sound;
}

/** The drive of a rendered driver, whose eyes fall shut at 4 s, with what is said beside it. */
async function record(path: string, sound: Int16Array): Promise<void> {
  const source = await openRecording(join(fixtures, 'face', 'drive.mcap'));
  const { camera, mapping, vehicle } = source.metadata;
  const writer = await RecordingWriter.create(path, { camera, mapping, vehicle, dbc: await source.dbc() });
  for await (const message of source.messages()) {
    if (message.kind === 'camera') await writer.addCamera(message);
    if (message.kind === 'can') await writer.addCan(message.frames);
  }
  for (let t = blockMs; t <= lengthMs; t += blockMs) {
    const samples = sound.slice((t - blockMs) * 16, t * 16);
    await writer.addAudio({ t, sampleRateHz: 16_000, channels: 1, samples });
  }
  await writer.close();
  await source.close();
}

const listening = { assistant: { model: 'tiny', pressMs: [1200], wakeHead: null, gazeMs: null } } as const;

async function run(options: Partial<ReplayOptions>): Promise<GraphOutput[]> {
  const outputs: GraphOutput[] = [];
  await runReplay(
    { path: talk, speed: 'max', fromMs: 0, toMs: Infinity, policy: 'euroncap-2026', ...options },
    {
      start: () => undefined,
      post: (batch) => outputs.push(...batch.outputs),
      ready: () => Promise.resolve(),
    },
    new AbortController().signal,
  );
  return outputs;
}

function spokenOf(outputs: readonly GraphOutput[]): AssistantOutput[] {
  return outputs.flatMap((output) => (output.kind === 'assistant' ? [output.output] : []));
}

/** What happened, without the scores: times, what was heard, said and moved. */
function story(outputs: readonly GraphOutput[]): string[] {
  return spokenOf(outputs)
    .flatMap(assistantMessages)
    .map(({ t, message }) => {
      const { kind, name, detail } = message as { kind: string; name: string; detail: string };
      return `${(t / 1000).toFixed(2)} ${kind} ${name}: ${detail}`;
    });
}

let outputs: GraphOutput[] = [];
beforeAll(async () => {
  await record(talk, soundtrack([[1600, 'open-my-window']]));
  outputs = await run(listening);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true }));

describe('a recorded drive with somebody who speaks', () => {
  it('hears, acts and answers; the alert of the driver who nods off cuts the answer off, and it comes again', () => {
    expect(story(outputs)).toEqual([
      '1.20 dialog listening: driver',
      '3.23 utterance window.open: "Open my window.": window.open window=mine (act)',
      '3.23 command Vehicle.Cabin.Door.Row1.DriverSide.Window.Position: 100',
      '3.23 dialog following: driver',
      "3.73 reply reply: The driver's window is open.",
      '5.00 reply cutOff: Falls silent.',
      '5.00 reply alert: Wake up!',
      "6.53 reply reply: The driver's window is open.",
    ]);
    const alert = outputs.findIndex(({ kind }) => kind === 'alertStarted');
    const hushed = outputs.findIndex(({ kind }, i) => kind === 'assistant' && i > alert);
    expect(outputs[hushed]).toMatchObject({ t: outputs[alert].t, output: { kind: 'hush' } });
  });

  it('is the same, byte for byte, the second time', async () => {
    const again = await run(listening);
    expect(again.map(outputLine).join('\n')).toBe(outputs.map(outputLine).join('\n'));
  }, 120_000);

  it('tells the same of the driver as a replay that does not listen', async () => {
    const ofDriver = (some: readonly GraphOutput[]): string =>
      some
        .filter(({ kind }) => kind !== 'assistant' && kind !== 'vehicle')
        .map(outputLine)
        .join('\n');
    expect(ofDriver(await run({}))).toBe(ofDriver(outputs));
  }, 120_000);

  it('without sound says once that nobody can be heard', async () => {
    const path = join(fixtures, 'face', 'drive.mcap');
    const said = spokenOf(await run({ path, toMs: 3000, ...listening }));
    expect(said.flatMap((output) => (output.kind === 'say' ? [output.text] : []))).toEqual([
      'I cannot hear you: there is no microphone.',
    ]);
  }, 120_000);
});
