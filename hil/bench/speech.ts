import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CompiledGrammar } from '../../src/assistant/speech/compiled-grammar.js';
import {
  SpeechRecogniser,
  type Recognised,
  type SpeechModel,
} from '../../src/assistant/speech/speech-recogniser.js';
import { compile } from '../../src/assistant/grammar/compile.js';
import { readCommands } from '../../src/assistant/grammar/load.js';
import { speechRate } from '../../src/audio/resampler.js';
import { VoiceActivity, voiceFrame } from '../../src/audio/voice-activity.js';
import { readSpeech } from '../../src/audio/wav.js';
import { packageRoot } from '../../src/runtime/paths.js';
import type { BenchRow } from './row.js';

const rounds = 12;
/** Budgets of the speech chain, ms of CPU on one core with the tiny model. */
const stepLimits = { one: 5, seven: 12 };
const addedMemoryLimit = 180;
const megabyte = 2 ** 20;

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

/** The recording over and over, so many seconds of it. */
function cut(samples: Float32Array, seconds: number): Float32Array {
  return Float32Array.from({ length: seconds * speechRate }, (_, i) => samples[i % samples.length]);
}

async function repeated(ask: () => Promise<Recognised>): Promise<Recognised[]> {
  await ask();
  const results: Recognised[] = [];
  for (let i = 0; i < rounds; i++) results.push(await ask());
  return results;
}

function perStep(results: readonly Recognised[]): number {
  return median(results.map(({ timings }) => timings.decodeCpuMs / timings.steps));
}

async function recognition(model: SpeechModel, speech: Float32Array): Promise<BenchRow[]> {
  const before = process.memoryUsage.rss();
  const recogniser = new SpeechRecogniser({ model, beam: 8 });
  try {
    await recogniser.load();
    const file = join(packageRoot, 'test', 'data', 'coffee-commands.yaml');
    const grammar = new CompiledGrammar(
      compile(readCommands(readFileSync(file, 'utf8'), file)),
      recogniser.tokenizer,
    );
    const free = await repeated(() => recogniser.recognise(speech, null));
    const beam = await repeated(() => recogniser.recognise(speech, grammar));
    const [two, five] = [2, 5].map((seconds) => cut(speech, seconds));
    const encode = async (samples: Float32Array): Promise<number> =>
      median(
        (await repeated(() => recogniser.recognise(samples, null))).map(({ timings }) => timings.encodeCpuMs),
      );
    const rows = median(beam.map(({ timings }) => timings.rows / timings.steps));
    const added = (process.memoryUsage.rss() - before) / megabyte;
    const limited = (limit: number): { limit?: number } => (model === 'tiny' ? { limit } : {});
    return [
      {
        name: `${model}: a step of 1 row`,
        value: perStep(free),
        unit: 'ms',
        ...limited(stepLimits.one),
        note: 'CPU',
      },
      {
        name: `${model}: a step of the beam`,
        value: perStep(beam),
        unit: 'ms',
        ...limited(stepLimits.seven),
        note: `CPU; ${rows.toFixed(1)} rows a step; coffee grammar`,
      },
      { name: `${model}: encoder, 2 s`, value: await encode(two), unit: 'ms', note: 'CPU' },
      { name: `${model}: encoder, 5 s`, value: await encode(five), unit: 'ms', note: 'CPU' },
      {
        name: `${model}: one order, all`,
        value: median(beam.map(({ timings }) => timings.encodeCpuMs + timings.decodeCpuMs)),
        unit: 'ms',
        note: `CPU; ${(speech.length / speechRate).toFixed(1)} s of speech`,
      },
      {
        name: `${model}: memory added`,
        value: added,
        unit: 'MB',
        ...limited(addedMemoryLimit),
        note: 'resident',
      },
    ];
  } finally {
    recogniser.close();
  }
}

/** Processor time of 20 s of sound, which is on this thread, for each frame of 32 ms. */
function voiceActivity(speech: Float32Array): BenchRow {
  const voice = new VoiceActivity();
  const sound = cut(speech, 20);
  voice.push(sound.subarray(0, speechRate));
  const { user, system } = process.cpuUsage();
  const frames = voice.push(sound).length;
  const used = process.cpuUsage({ user, system });
  return {
    name: 'voice activity, a frame of 32 ms',
    value: (used.user + used.system) / 1000 / frames,
    unit: 'ms',
    note: `CPU; ${frames} frames of ${voiceFrame} samples`,
  };
}

/** What listening and recognising cost. Steps of the beam hold up to 8 commands and the free sentence. */
export async function run(): Promise<BenchRow[]> {
  const speech = readSpeech(join(packageRoot, 'test', 'fixtures', 'speech', 'latte.wav'));
  return [
    voiceActivity(speech),
    ...(await recognition('tiny', speech)),
    ...(await recognition('base', speech)),
  ];
}
