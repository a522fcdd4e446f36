import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CompiledGrammar } from '../../src/assistant/speech/compiled-grammar.js';
import { SpeechRecogniser, type SpeechModel } from '../../src/assistant/speech/speech-recogniser.js';
import { compile } from '../../src/assistant/grammar/compile.js';
import { readCommands } from '../../src/assistant/grammar/load.js';
import { spokenStretch, VoiceActivity } from '../../src/audio/voice-activity.js';
import { readSpeech } from '../../src/audio/wav.js';
import { invalidArgument } from '../../src/runtime/errors.js';
import { requireModel, sha256Of } from '../../src/runtime/models.js';
import { buildDir, packageRoot } from '../../src/runtime/paths.js';
import { readCommandClips, readNoises, type CommandClip, type Noise } from './command-clips.js';
import { accuracyOver, grouped, isRight, type Accuracy, type Snr, type Trial } from './command-score.js';
import type { Evaluation, EvaluationInput } from './evaluation.js';
import { randomUniform } from '../demo/noise.js';
import { mixed } from './speech-mix.js';
import { TrialStore } from './trial-store.js';

/** Of the published table of the benchmark that the recordings come from. */
const benchmarkSnrs = [6, 9, 12, 15, 18, 21, 24];
const grammarFile = join(packageRoot, 'test', 'data', 'coffee-commands.yaml');
/** Results of other code are other results: count up when what is around the addon and the grammar changes. */
const revision = 3;

interface Plan {
  readonly model: SpeechModel;
  readonly snrs: readonly Snr[];
  readonly seeds: number;
  readonly limit: number | undefined;
}

function planOf({ options = {} }: EvaluationInput): Plan {
  const model = options['model'] ?? 'base';
  if (model !== 'tiny' && model !== 'base') throw invalidArgument('--model', 'tiny or base', model);
  const whole = (name: string): number | undefined => {
    const text = options[name];
    if (text === undefined) return undefined;
    if (!/^[1-9]\d*$/.test(text)) throw invalidArgument(`--${name}`, 'a whole number above 0', text);
    return Number(text);
  };
  const snrs = options['snr']?.split(',').map((text): Snr => {
    if (text === 'clean') return text;
    if (!/^-?\d+(\.\d+)?$/.test(text)) throw invalidArgument('--snr', 'dB or clean, with commas', text);
    return Number(text);
  });
  return {
    model,
    snrs: snrs ?? ['clean', ...benchmarkSnrs],
    seeds: whole('seeds') ?? 1,
    limit: whole('limit'),
  };
}

/** Hears clips one after the other: voice activity finds the speech, the recogniser the command. */
class Listener {
  readonly #voice = new VoiceActivity();
  readonly #recogniser: SpeechRecogniser;
  readonly #grammar: CompiledGrammar;

  constructor(
    private readonly model: SpeechModel,
    commands: string,
  ) {
    this.#recogniser = new SpeechRecogniser({ model, beam: 8 });
    this.#grammar = new CompiledGrammar(
      compile(readCommands(commands, grammarFile)),
      this.#recogniser.tokenizer,
    );
  }

  /** Audio that holds no speech for the voice activity is heard as a whole. */
  async hear(
    clip: CommandClip,
    audio: Float32Array,
  ): Promise<Pick<Trial, 'right' | 'llr' | 'said' | 'cpuMs'>> {
    this.#voice.reset();
    const { from, to } = spokenStretch(this.#voice.push(audio), audio.length) ?? {
      from: 0,
      to: audio.length,
    };
    const { hypotheses, llr, timings } = await this.#recogniser.recognise(
      audio.subarray(from, to),
      this.#grammar,
    );
    const best = hypotheses.at(0);
    return {
      right: isRight(clip, best?.meaning),
      llr,
      said: best?.text ?? '',
      cpuMs: timings.encodeCpuMs + timings.decodeCpuMs,
    };
  }

  /** Says what results depend on: the addon's code, the networks, the grammar's arcs. */
  version(): string {
    const parts = [
      readFileSync(join(buildDir, 'native', 'Release', 'speech.node')),
      ...['encoder', 'decoder', 'vocabulary'].map(
        (part) => requireModel(`moonshine_${this.model}_${part}`).sha256,
      ),
      requireModel('silero_vad').sha256,
      ...[this.#grammar.from, this.#grammar.to, this.#grammar.token].map(({ buffer }) => Buffer.from(buffer)),
    ];
    return sha256Of(
      Buffer.from([revision, ...parts.map((part) => sha256Of(Buffer.from(part)))].join(' ')),
    ).slice(0, 12);
  }

  close(): void {
    this.#recogniser.close();
  }
}

/** Clip, condition and seed choose the noise and where it is cut. */
function noisy(
  speech: Float32Array,
  noises: readonly Noise[],
  snr: number,
  seed: number,
): { audio: Float32Array; noise: string } {
  const random = randomUniform(seed);
  const noise = noises[Math.floor(random() * noises.length)];
  return { audio: mixed(speech, noise.samples, snr, random), noise: noise.name };
}

async function runTrials(input: EvaluationInput, plan: Plan): Promise<{ trials: Trial[]; missing: number }> {
  const { clips: all, missing } = readCommandClips(input.dataDir);
  const clips = all.slice(0, plan.limit);
  const noises = plan.snrs.some((snr) => snr !== 'clean') ? readNoises(input.dataDir) : [];
  const commands = readFileSync(grammarFile, 'utf8');
  const listener = new Listener(plan.model, commands);
  const store = new TrialStore<Trial>(
    join(buildDir, 'eval', `commands-${plan.model}-${listener.version()}.jsonl`),
  );
  const trials: Trial[] = [];
  try {
    for (const [number, clip] of clips.entries()) {
      let speech: Float32Array | undefined;
      for (const snr of plan.snrs) {
        for (let seed = 1; seed <= (snr === 'clean' ? 1 : plan.seeds); seed++) {
          const key = JSON.stringify([clip.name, snr, seed, noises.map(({ name }) => name)]);
          let trial = store.get(key);
          if (trial === undefined) {
            speech ??= readSpeech(clip.path);
            const { audio, noise } =
              snr === 'clean'
                ? { audio: speech, noise: null }
                : noisy(speech, noises, snr, 1_000_003 * (seed + 100 * snr) + hashOf(clip.name));
            trial = { clip: clip.name, snr, seed, noise, ...(await listener.hear(clip, audio)) };
            store.put(key, trial);
          }
          trials.push(trial);
        }
      }
      const right = trials.filter((trial) => trial.right).length;
      input.progress(
        `${number + 1} of ${clips.length} recordings, ${right} of ${trials.length} trials right`,
      );
    }
  } finally {
    listener.close();
  }
  return { trials, missing };
}

function hashOf(text: string): number {
  return Number.parseInt(sha256Of(Buffer.from(text)).slice(0, 7), 16);
}

/** Spoken orders of many people, clean and with noise, through the grammar: intent and every slot right or not. */
export const commands: Evaluation = {
  name: 'commands',
  about: 'recorded commands through the grammar, clean and at 6 to 24 dB (--limit, --snr, --seeds, --model)',
  run: async (input) => {
    const plan = planOf(input);
    const { trials, missing } = await runTrials(input, plan);
    const inNoise = trials.filter(({ snr }) => snr !== 'clean' && benchmarkSnrs.includes(snr));
    const headline = accuracyOver(inNoise.length > 0 ? inNoise : trials);
    const bySnr = new Map(
      [...grouped(trials, ({ snr }) => snr)].map(([snr, list]) => [snr, accuracyOver(list)]),
    );
    const byNoise = new Map(
      [...grouped(inNoise, ({ noise }) => noise ?? '')].map(([noise, list]) => [noise, accuracyOver(list)]),
    );
    const n = new Set(trials.map(({ clip }) => clip)).size;
    const cpu = trials.map(({ cpuMs }) => cpuMs).sort((a, b) => a - b);
    const json = {
      accuracy: headline.accuracy,
      n,
      low: headline.low,
      high: headline.high,
      trials: headline.trials,
      unit: 'recording; interval by resampling recordings',
      conditions: plan.snrs.filter((snr) => inNoise.length === 0 || snr !== 'clean'),
      clean: bySnr.get('clean')?.accuracy ?? null,
      bySnr: Object.fromEntries(bySnr),
      byNoise: Object.fromEntries(byNoise),
      model: plan.model,
      labelsWithoutRecording: missing,
      medianCpuMs: cpu[cpu.length >> 1],
      wrong: trials.filter(({ right }) => !right),
    };
    return { json, text: report(plan, n, headline, bySnr, byNoise, missing) };
  },
};

function report(
  plan: Plan,
  n: number,
  headline: Accuracy,
  bySnr: ReadonlyMap<Snr, Accuracy>,
  byNoise: ReadonlyMap<string, Accuracy>,
  missing: number,
): string {
  const line = (name: string, { accuracy, low, high, trials }: Accuracy): string =>
    `${name.padEnd(32)} ${(100 * accuracy).toFixed(1)} % [${(100 * low).toFixed(1)}, ${(100 * high).toFixed(1)}]  ${trials} trials`;
  return [
    line(`Moonshine ${plan.model}, mean in noise`, headline),
    ...[...bySnr].map(([snr, accuracy]) => line(snr === 'clean' ? 'clean' : `${snr} dB`, accuracy)),
    ...[...byNoise].map(([noise, accuracy]) => line(noise, accuracy)),
    `${n} recordings (${missing} labels without one); right: intent and every slot; 95 % by resampling recordings.`,
  ].join('\n');
}
